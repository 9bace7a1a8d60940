package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what the Go tool wrote into this program.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"` // of the revision
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Say which build this is", Args: cobra.NoArgs}
	cmd.RunE = a.run(func(context.Context, []string) error {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return exitf(exitError, "this program holds no build information")
		}
		b := buildOf(info)
		return a.print(b, b.write)
	})
	return a.jsonFlag(cmd)
}

func buildOf(info *debug.BuildInfo) build {
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	return build{
		Version: cmp.Or(info.Main.Version, "(devel)"), Revision: set["vcs.revision"], Time: set["vcs.time"],
		Modified: set["vcs.modified"] == "true", Go: info.GoVersion, Platform: set["GOOS"] + "/" + set["GOARCH"],
	}
}

func (b build) write(w io.Writer) {
	fmt.Fprintf(w, "babelreel %s\n", b.Version)
	if b.Revision != "" {
		modified := ""
		if b.Modified {
			modified = ", modified"
		}
		fmt.Fprintf(w, "revision  %s (%s%s)\n", short(b.Revision), b.Time, modified)
	}
	fmt.Fprintf(w, "built     %s for %s\n", b.Go, b.Platform)
}
