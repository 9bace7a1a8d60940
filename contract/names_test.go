package contract_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// On replay the SDK compares only what follows the last dot of an activity's
// name, so a dot would let two activities pass for one.
func TestActivityNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range contract.ActivityNames() {
		require.Regexp(t, `^[A-Z][A-Za-z]+$`, name)
		require.False(t, seen[name], "%s stands twice", name)
		seen[name] = true
	}
}

// Every activity is in the list, under the name of its variable, so that tests
// of completeness cannot overlook one.
func TestActivityNamesAreComplete(t *testing.T) {
	source, err := parser.ParseFile(token.NewFileSet(), "activities.go", nil, 0)
	require.NoError(t, err)
	declared := map[string]string{}
	ast.Inspect(source, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		value, ok := spec.Values[0].(*ast.CompositeLit)
		if !ok {
			return true
		}
		if _, generic := value.Type.(*ast.IndexListExpr); !generic {
			return true
		}
		name, err := strconv.Unquote(value.Elts[0].(*ast.KeyValueExpr).Value.(*ast.BasicLit).Value)
		require.NoError(t, err)
		declared[name] = spec.Names[0].Name
		return true
	})

	require.Len(t, declared, len(contract.ActivityNames()))
	for _, name := range contract.ActivityNames() {
		require.Equal(t, name, declared[name])
	}
}

// The ledger must fit what SQL visibility has room for.
func TestAttributes(t *testing.T) {
	room := map[string]int{"Keyword": 10, "Int": 3, "Datetime": 3}
	seen := map[string]bool{}
	for _, a := range contract.Attributes() {
		room[a.Type]--
		require.GreaterOrEqual(t, room[a.Type], 0, "no room for another %s", a.Type)
		require.Regexp(t, `^[A-Za-z][A-Za-z0-9]+$`, a.Name)
		require.False(t, seen[a.Name], "%s stands twice", a.Name)
		seen[a.Name] = true
	}
	for _, key := range []interface {
		GetName() string
		GetReflectType() reflect.Type
	}{
		contract.AttrJob, contract.AttrCustomer, contract.AttrSeries, contract.AttrTitle, contract.AttrLanguage,
		contract.AttrReviewState, contract.AttrReviewGate, contract.AttrCriticals, contract.AttrWaiting, contract.AttrDue,
	} {
		require.True(t, seen[key.GetName()], "%s is not in the ledger", key.GetName())
		delete(seen, key.GetName())
	}
	require.Empty(t, seen, "every attribute of the ledger is a key")
}

// Names stand in histories, bookmarks and search queries: they are added, never changed.
func TestNamesAreFixed(t *testing.T) {
	require.Equal(t, []string{"flow", "media", "cpu", "gpu", "net"}, contract.Queues())
	require.Equal(t, []string{"LocalizeTitle", "LocalizeLanguage"}, []string{contract.LocalizeTitle, contract.LocalizeLanguage})
	require.Equal(t, []string{"decide", "retry", "addLanguage", "sourceRevised", "babelreelStatus"}, []string{
		contract.UpdateDecide, contract.UpdateRetry, contract.UpdateAddLanguage, contract.SignalSourceRevised, contract.QueryStatus,
	})
	require.Equal(t, []gate.Name{"dialogue", "translation", "subtitles", "premix", "final"}, gate.Names())
	require.Equal(t, []contract.StageName{
		"ingest", "shots", "speech", "dialogue", "plan", "translate", "subtitles", "dub-script", "takes", "premix", "mix", "hear", "picture", "master", "package",
	}, []contract.StageName{
		contract.StageIngest, contract.StageShots, contract.StageSpeech, contract.StageDialogue, contract.StagePlan, contract.StageTranslate,
		contract.StageSubtitles, contract.StageDubScript, contract.StageTakes, contract.StagePremix, contract.StageMix, contract.StageHear,
		contract.StagePicture, contract.StageMaster, contract.StagePackage,
	})
	require.Equal(t, "title-film-7", contract.TitleID("film-7"))
	require.Equal(t, "title-film-7:pt-BR", contract.LanguageID("film-7", "pt-BR"))
}

func TestOrderWants(t *testing.T) {
	o := contract.Order{Services: []contract.Service{contract.Subtitles, contract.Dub}}

	require.True(t, o.Wants(contract.Dub))
	require.False(t, o.Wants(contract.LipSync))
	require.False(t, contract.Order{}.Wants(contract.Subtitles), "nothing is ordered unasked")
	require.Equal(t, []contract.Service{"subs", "dub", "lipsync"}, contract.Services())
}
