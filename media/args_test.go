package media_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/media"
)

var update = flag.Bool("update", false, "write testdata/commands.golden anew")

// A change of any argument shows in the golden file, for a person to judge.
func TestCommands(t *testing.T) {
	const golden = "testdata/commands.golden"
	var b strings.Builder
	commands := media.Commands()
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		fmt.Fprintf(&b, "%s\n\t%s\n", name, strings.Join(commands[name], "\n\t"))
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}

	want, err := os.ReadFile(golden)

	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// Every input is behind the whitelists and a forced demuxer, whatever the call.
func TestEveryInputIsHardened(t *testing.T) {
	for name, args := range media.Commands() {
		t.Run(name, func(t *testing.T) {
			rest := args
			for {
				at := slices.Index(rest, "-i")
				if at < 0 {
					break
				}
				before := rest[:at]
				require.Contains(t, before, "-protocol_whitelist")
				require.Contains(t, before, "-format_whitelist")
				require.Contains(t, before, "-f")
				require.Regexp(t, "^(file|pipe):", rest[at+1], "a name is never taken for an address")
				rest = rest[at+2:]
			}
		})
	}
	require.Contains(t, media.Commands()["hardened head"], "-nostdin")
}
