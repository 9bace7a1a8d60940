package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
)

// manifestName is the file that tells what a delivery holds. It is written
// last: a directory without it is no delivery.
const manifestName = "manifest.json"

// delivered is one language as deliver prints it.
type delivered struct {
	Language string   `json:"language"`
	Dir      string   `json:"dir"`
	Manifest string   `json:"manifest"` // hash
	Files    []string `json:"files"`
	Bytes    int64    `json:"bytes"`
	Labels   []string `json:"labels"`
	Was      bool     `json:"wasThere"` // the same delivery stood there, whole
}

// handedOver is what deliver prints.
type handedOver struct {
	Job       string      `json:"job"`
	Delivered []delivered `json:"delivered"`
	Missing   []string    `json:"missing"` // languages of the order that are not delivered yet
}

func (a *app) deliverCommand() *cobra.Command {
	var out, language string
	cmd := &cobra.Command{
		Use:   "deliver JOB --out DIR",
		Short: "Hand over what was delivered: every file, proven by its hash",
		Long: "Hand over what was delivered, into DIR/LANGUAGE: every file proven by its hash, and\n" +
			"manifest.json last. A directory that holds something else is left alone.",
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&out, "out", "", "`directory` to put the languages into")
	cmd.Flags().StringVar(&language, "lang", "", "`language` (default: all of the order)")
	cmd.RunE = a.run(func(ctx context.Context, args []string) error {
		if out == "" {
			return usagef("--out: name the directory to put the languages into")
		}
		return a.deliver(ctx, args[0], out, language)
	})
	return a.jsonFlag(cmd)
}

func (a *app) deliver(ctx context.Context, job, out, language string) (err error) {
	blobs, err := a.blobs()
	if err != nil {
		return err
	}
	db, err := a.records(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	languages := []string{language}
	if language == "" {
		if languages, err = ordered(ctx, db, job); err != nil {
			return err
		}
	}
	done := handedOver{Job: job, Delivered: []delivered{}, Missing: []string{}}
	for _, language := range languages {
		d, ok, err := db.Delivery(ctx, job, language)
		if err != nil {
			return err
		}
		if !ok {
			done.Missing = append(done.Missing, language)
			continue
		}
		got, err := handOver(ctx, blobs, d, out)
		if err != nil {
			return fmt.Errorf("%s: %w", language, err)
		}
		done.Delivered = append(done.Delivered, got)
	}
	if len(done.Delivered) == 0 {
		return exitf(exitNotFound, "job %s: nothing is delivered yet in %s; `babelreel explain %s` says what it waits for", job, strings.Join(languages, ", "), job)
	}
	if err := a.print(done, done.write); err != nil {
		return err
	}
	if len(done.Missing) > 0 {
		return exitf(exitFailed, "job %s: not delivered yet: %s", job, strings.Join(done.Missing, ", "))
	}
	return nil
}

// ordered lists the languages of a job.
func ordered(ctx context.Context, jobs store.Jobs, job string) ([]string, error) {
	j, ok, err := jobs.Job(ctx, job)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, exitf(exitNotFound, "there is no job %s in the records; run this where `babelreel up` keeps its data, or name it with --data", job)
	}
	var order contract.Order
	if err := json.Unmarshal(j.Order, &order); err != nil {
		return nil, fault.New(fault.Broken, "records", "order of job %s: %w", job, err)
	}
	return order.Languages, nil
}

// handOver makes the directory out/LANGUAGE hold delivery d and nothing else.
func handOver(ctx context.Context, blobs store.Blobs, d store.Delivery, out string) (delivered, error) {
	data, err := readBlob(ctx, blobs, d.Manifest)
	if err != nil {
		return delivered{}, err
	}
	var m contract.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return delivered{}, fault.New(fault.Broken, "manifest", "parse %s: %w", short(d.Manifest), err)
	}
	if err := checkNames(d.Language, m.Files); err != nil {
		return delivered{}, err
	}
	target := filepath.Join(out, d.Language)
	got := delivered{Language: d.Language, Dir: target, Manifest: d.Manifest, Labels: m.Labels}
	for _, f := range m.Files {
		got.Files = append(got.Files, f.Name)
		got.Bytes += f.Blob.Bytes
	}
	got.Files = append(got.Files, manifestName)
	if got.Was, err = occupied(ctx, target, d.Manifest, m.Files); err != nil || got.Was {
		return got, err
	}
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // deliveries are for others to read
		return got, err
	}
	return got, fill(ctx, blobs, m.Files, data, out, target)
}

// fill writes the delivery beside target and then gives it that name.
func fill(ctx context.Context, blobs store.Blobs, files []contract.Delivered, manifest []byte, out, target string) error {
	tmp, err := os.MkdirTemp(out, ".deliver-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()     // gone already when all went well
	if err := os.Chmod(tmp, 0o755); err != nil { //nolint:gosec // as above
		return err
	}
	for _, f := range files {
		if err := copyBlob(ctx, blobs, f.Blob, filepath.Join(tmp, f.Name)); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if err := writeFile(filepath.Join(tmp, manifestName), func(w io.Writer) error { _, err := w.Write(manifest); return err }); err != nil {
		return err
	}
	if err := syncDir(tmp); err != nil {
		return err
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) { // it is empty, or was a moment ago
		return err
	}
	if err := os.Rename(tmp, target); err != nil {
		return err
	}
	return syncDir(out)
}

// checkNames refuses a manifest whose files would not all lie in its directory.
func checkNames(language string, files []contract.Delivered) error {
	seen := []string{manifestName}
	for _, name := range append([]string{language}, names(files)...) {
		if name == "" || name == "." || name == ".." || filepath.Base(name) != name || !filepath.IsLocal(name) {
			return fault.New(fault.Broken, "manifest", "%q is no name for a file of a delivery", name)
		}
	}
	for _, name := range names(files) {
		if slices.Contains(seen, name) {
			return fault.New(fault.Broken, "manifest", "names %q twice", name)
		}
		seen = append(seen, name)
	}
	return nil
}

func names(files []contract.Delivered) []string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f.Name
	}
	return list
}

// occupied reports whether the directory target holds exactly this delivery. A
// target that is absent or empty is free; anything else is refused.
func occupied(ctx context.Context, target, manifest string, files []contract.Delivered) (bool, error) {
	entries, err := os.ReadDir(target)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	refuse := func(why string) (bool, error) {
		return false, exitf(exitError, "%s holds %s and is left as it is; name another --out, or move it away", target, why)
	}
	if sum, err := hashFile(ctx, filepath.Join(target, manifestName)); err != nil || sum != manifest {
		return refuse("something else")
	}
	for _, f := range files {
		if sum, err := hashFile(ctx, filepath.Join(target, f.Name)); err != nil || sum != f.Blob.SHA256 {
			return refuse("this delivery with " + f.Name + " changed or missing")
		}
	}
	return true, nil
}

func hashFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, untilDone{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func (h handedOver) write(w io.Writer) {
	for _, d := range h.Delivered {
		was := ""
		if d.Was {
			was = ", was there already"
		}
		fmt.Fprintf(w, "%s: %s, %d bytes in %s%s\n", d.Language, plural(len(d.Files), "file"), d.Bytes, d.Dir, was)
		for _, name := range d.Files {
			fmt.Fprintf(w, "  %s\n", name)
		}
		for _, label := range d.Labels {
			fmt.Fprintf(w, "  label: %s\n", oneLine(label))
		}
	}
}
