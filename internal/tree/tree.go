// Package tree holds the rules of this repository that no linter knows: they
// look at the files themselves, whatever language they are in.
package tree

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// MaxLines is the length that a Go file may have, tests apart: what a reader
// takes in at one sitting.
const MaxLines = 300

// Finding is one breach of a rule.
type Finding struct {
	Path string // of the file or directory, with slashes, from the root
	Line int    // from 1; 0 for the whole of it
	Text string // what is wrong, and what to do
}

// String is the finding as compilers write theirs.
func (f Finding) String() string {
	if f.Line == 0 {
		return f.Path + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Text)
}

// Check holds the files to every rule and returns what breaks them, sorted by
// path and line. Binary files pass. A file that is listed but gone is no error.
func Check(root fs.FS, files []string) ([]Finding, error) {
	c := checker{packages: map[string]bool{}}
	for _, name := range files {
		data, err := fs.ReadFile(root, name)
		if err != nil {
			if _, gone := fs.Stat(root, name); gone != nil {
				continue // deleted, and git does not know yet
			}
			return nil, err
		}
		if bytes.IndexByte(data, 0) >= 0 {
			continue
		}
		c.file(name, string(data))
	}
	c.links()
	for dir, commented := range c.packages {
		if !commented {
			c.add(dir, 0, "the package has no comment: say what it gives its callers")
		}
	}
	slices.SortFunc(c.found, func(a, b Finding) int {
		if a.Path != b.Path {
			return strings.Compare(a.Path, b.Path)
		}
		return a.Line - b.Line
	})
	return c.found, nil
}

// checker is one run of Check.
type checker struct {
	found    []Finding
	packages map[string]bool // by directory: whether a file has a package comment
	targets  []string        // of the Makefile
	calls    []call          // of make, in documents
}

// call is a document that tells the reader to call make.
type call struct {
	path   string
	line   int
	target string
}

func (c *checker) add(path string, line int, text string) {
	c.found = append(c.found, Finding{Path: path, Line: line, Text: text})
}

// The patterns are put together from pieces where they would match themselves.
var (
	machinePath = regexp.MustCompile(`(^|[\s"'=:(\x60])/(` + `work|root|home)/`)
	registry    = regexp.MustCompile(strings.Join([]string{
		`\bpypi\.` + `org\b`, `\bpythonhosted\.` + `org\b`, `\bregistry\.npmjs\.` + `org\b`, `\bproxy\.golang\.` + `org\b`,
		`\bsum\.golang\.` + `org\b`, `\b(deb|security|ftp)\.debian\.` + `org\b`, `\bmaven\.` + `org\b`,
		`\bmaven\.apache\.` + `org\b`, `\bcrates\.` + `io\b`,
	}, "|"))
	skip      = regexp.MustCompile(`\b[tbf]\.` + `Skip(f|Now)?\(|\bpytest\.` + `(mark\.)?skip`)
	target    = regexp.MustCompile(`^([a-z][a-z0-9-]*):`)
	makeCall  = regexp.MustCompile("(?:`|^(?:\\$ )?)make ([a-z][a-z0-9-]*)")
	generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
)

// file holds one file to the rules.
func (c *checker) file(name, text string) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	isGo := path.Ext(name) == ".go"
	isDoc := path.Ext(name) == ".md"

	fenced := false
	for i, line := range lines {
		n := i + 1
		if machinePath.MatchString(line) {
			c.add(name, n, "an absolute path of one machine: make it relative")
		}
		if registry.MatchString(line) {
			c.add(name, n, "the address of a package registry: name the package, the client knows where it is")
		}
		if skip.MatchString(line) {
			c.add(name, n, "a test that may be skipped: let it run, or remove it")
		}
		switch {
		case name == "Makefile":
			if m := target.FindStringSubmatch(line); m != nil {
				c.targets = append(c.targets, m[1])
			}
		case isDoc && strings.HasPrefix(line, "```"):
			fenced = !fenced
		case isDoc:
			c.document(name, n, line, fenced)
		}
	}
	if isGo && !strings.HasSuffix(name, "_test.go") && !generated.MatchString(text) {
		if len(lines) > MaxLines {
			c.add(name, 0, fmt.Sprintf("%d lines, at most %d: split it by what it holds", len(lines), MaxLines))
		}
		c.packageComment(name, text)
	}
}

// document notes the calls of make in one line of a document. Outside of code
// blocks they stand in backquotes; "make sure" is prose.
func (c *checker) document(name string, n int, line string, fenced bool) {
	for _, m := range makeCall.FindAllStringSubmatch(strings.TrimSpace(line), -1) {
		if fenced || strings.HasPrefix(m[0], "`") {
			c.calls = append(c.calls, call{name, n, m[1]})
		}
	}
}

// packageComment notes whether a Go file brings the comment of its package.
func (c *checker) packageComment(name, text string) {
	dir := path.Dir(name)
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		c.add(name, 0, err.Error())
		return
	}
	c.packages[dir] = c.packages[dir] || file.Doc != nil
}

// links reports the calls of make that lead nowhere.
func (c *checker) links() {
	for _, call := range c.calls {
		if !slices.Contains(c.targets, call.target) {
			c.add(call.path, call.line, fmt.Sprintf("the Makefile has no target %q", call.target))
		}
	}
}
