package contract_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

var grow = flag.Bool("grow", false, "add what the types have gained to testdata; it cannot take anything away")

// crossing is one value of everything that stands in histories or in the store.
func crossing() []any {
	return []any{
		// Workflows, updates, signals and queries.
		new(contract.TitleIn), new(contract.TitleOut), new(contract.LanguageIn), new(contract.LanguageOut),
		new(contract.Decide), new(contract.Retry), new(contract.AddLanguage), new(contract.Receipt),
		new(contract.SourceRevised), new(contract.Status),
		// Activities.
		new(contract.Order), new(contract.Admission), new(contract.IngestIn), new(contract.Work), new(contract.Made),
		new(contract.Planned), new(contract.Batch), new(contract.PackageIn), new(contract.BriefIn), new(gate.Subject),
		new(contract.DecisionIn), new(contract.DecisionOut),
		// Documents.
		new(contract.Ingested), new(contract.Shots), new(contract.SpeechRegions), new(contract.LanguagePlan),
		new(contract.Premix), new(contract.Mix), new(contract.Picture), new(contract.Master), new(contract.Manifest),
		new(script.DialogueList), new(script.Translation), new(script.DubScript), new(script.Takes), new(script.EditSet),
	}
}

// TestCompatibility decodes what earlier releases wrote. A failure means that a
// running job, or a stored document, could no longer be read: give the field its
// old name and type back. A field that is new is added with
//
//	go test ./contract -run TestCompatibility -grow
func TestCompatibility(t *testing.T) {
	if *grow {
		growAll(t)
	}
	known := map[string]bool{}
	for _, v := range crossing() {
		name := reflect.TypeOf(v).Elem().Name()
		known[name+".json"] = true
		t.Run(name, func(t *testing.T) {
			golden, err := os.ReadFile(file(name))
			require.NoError(t, err, "a type that is new is added with -grow")

			require.NoError(t, strict(golden, v), "fields are never renamed, retyped or removed")
			require.Empty(t, holes(reflect.ValueOf(v).Elem(), name), "fields that are new are added with -grow")
			again, err := json.Marshal(v)
			require.NoError(t, err)
			require.JSONEq(t, string(golden), string(again), "and nothing is lost on the way")
		})
	}

	files, err := filepath.Glob(file("*"))
	require.NoError(t, err)
	for _, name := range files {
		require.True(t, known[filepath.Base(name)], "%s: the type is gone, but jobs that hold it are not", name)
	}
}

func file(name string) string { return filepath.Join("testdata", name+".json") }

// strict decodes data into v and fails on a field that v does not know.
func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// growAll fills in what the files in testdata do not have. It stops at a file
// that no longer decodes.
func growAll(t *testing.T) {
	t.Helper()
	for _, v := range crossing() {
		name := reflect.TypeOf(v).Elem().Name()
		golden, err := os.ReadFile(file(name))
		if err == nil {
			require.NoError(t, strict(golden, v), name)
		}
		fill(reflect.ValueOf(v).Elem(), "x")
		grown, err := json.MarshalIndent(v, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file(name), append(grown, '\n'), 0o600))
	}
}

// holes names the exported fields in v, however deep, that are zero.
func holes(v reflect.Value, path string) []string {
	switch {
	case v.IsZero(), (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0:
		return []string{path}
	case v.Type() == reflect.TypeFor[time.Time]():
		return nil
	}
	var found []string
	switch v.Kind() {
	case reflect.Pointer:
		found = holes(v.Elem(), path)
	case reflect.Slice:
		found = holes(v.Index(0), path+"[0]")
	case reflect.Map:
		keys := v.MapKeys()
		found = append(holes(keys[0], path+" key"), holes(v.MapIndex(keys[0]), path+" value")...)
	case reflect.Struct:
		for i := range v.NumField() {
			found = append(found, holes(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
	default:
	}
	return found
}

// fill sets what is zero in v, however deep, to a value that tells its name.
func fill(v reflect.Value, name string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if v.IsZero() {
			v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem(), name)
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		fill(v.Index(0), name)
	case reflect.Map:
		if v.Len() == 0 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, name)
			fill(value, name)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fill(v.Field(i), tag)
		}
	case reflect.String:
		if v.IsZero() {
			v.SetString(name)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		if v.IsZero() {
			v.SetInt(7)
		}
	case reflect.Float64:
		if v.IsZero() {
			v.SetFloat(1.5)
		}
	default:
		panic("no sample for " + name + ", a " + v.Kind().String())
	}
}
