package workers

import (
	"context"

	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/internal/demofilm"
	"github.com/babelreel/babelreel/media"
)

// MakeDemoFilm makes the demo film at out with the engine at url: see demofilm.Make.
func MakeDemoFilm(ctx context.Context, url, token, portrait, out string) error {
	tools, err := media.Find()
	if err != nil {
		return err
	}
	return demofilm.Make(ctx, tools, openai.New(url, token), portrait, out)
}
