package demofilm

import (
	"context"
	"image"

	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/media"
)

// MakeSmall is Make with a sixteenth of the pixels, for tests.
func MakeSmall(ctx context.Context, tools *media.Tools, e engine.Engine, portrait, out string) error {
	return produce(ctx, tools, e, portrait, out, canvas{320, 180})
}

// FrameBytes is the size of one picture.
const FrameBytes = 3 * 1280 * 720

// DrawDawn draws one frame of the landscape.
func DrawDawn(out []byte) { drawDawn(out, hd, 10, 0.5) }

// NewCamera returns what draws one frame of the portrait.
func NewCamera(i image.Image) func([]byte) {
	c := newCamera(i, hd)
	return func(out []byte) { c.shoot(out, moves[wide][0]) }
}
