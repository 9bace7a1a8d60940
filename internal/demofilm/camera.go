package demofilm

import (
	"image"
	"image/draw"
	"io"
	"math"
)

// framing is what a shot shows.
type framing int

// The framings.
const (
	wide framing = iota // the portrait from the waist up, slowly nearer
	dawn                // mountains at sunrise
	near                // the face, slowly nearer
)

// view is a part of the portrait: its centre and width as shares of the
// portrait's width, so that one set serves portraits of every size.
type view struct{ x, y, width float64 }

// moves are where the camera starts and ends. They suit a portrait with the face
// a little left of the middle in the upper third, as that of NASA's astronaut.
var moves = map[framing][2]view{
	wide: {{0.50, 0.29, 1.00}, {0.47, 0.27, 0.86}},
	near: {{0.45, 0.25, 0.64}, {0.45, 0.24, 0.56}},
}

// camera films the portrait.
type camera struct {
	canvas
	pixels []float32 // red, green, blue of each pixel
	size   image.Point
	rows   []float32 // the portrait's rows at our width, used again for each frame
}

func newCamera(portrait image.Image, size canvas) *camera {
	b := portrait.Bounds()
	rgba := image.NewRGBA(image.Rectangle{Max: b.Size()})
	draw.Draw(rgba, rgba.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(rgba, rgba.Bounds(), portrait, b.Min, draw.Over)
	c := &camera{canvas: size, size: b.Size(), pixels: make([]float32, 3*b.Dx()*b.Dy()), rows: make([]float32, 3*size.width*b.Dy())}
	for i := range b.Dx() * b.Dy() {
		for k := range 3 {
			c.pixels[3*i+k] = float32(rgba.Pix[4*i+k])
		}
	}
	return c
}

// film writes a shot of so many frames as raw RGB.
func (c *camera) film(w io.Writer, f framing, frames int64) error {
	out := make([]byte, 3*c.width*c.height)
	for n := range frames {
		t := ease(float64(n) / float64(max(1, frames-1)))
		from, to := moves[f][0], moves[f][1]
		c.shoot(out, view{mix(from.x, to.x, t), mix(from.y, to.y, t), mix(from.width, to.width, t)})
		if _, err := w.Write(out); err != nil {
			return err
		}
	}
	return nil
}

// shoot draws the part v of the portrait, at any place and size between pixels:
// a move in whole pixels would tremble.
func (c *camera) shoot(out []byte, v view) {
	width, height := c.width, c.height
	scale := v.width * float64(c.size.X) / float64(width) // portrait pixels for one of ours
	left := v.x*float64(c.size.X) - scale*float64(width)/2
	top := v.y*float64(c.size.X) - scale*float64(height)/2
	left = clamp(left, float64(c.size.X)-scale*float64(width))
	top = clamp(top, float64(c.size.Y)-scale*float64(height))

	columns, lines := cubic(width, left, scale, c.size.X), cubic(height, top, scale, c.size.Y)
	first, last := lines[0].at[0], lines[height-1].at[3]
	for y := first; y <= last; y++ {
		row := c.pixels[3*y*c.size.X:]
		for x, w := range columns {
			for k := range 3 {
				c.rows[3*(y*width+x)+k] = row[3*w.at[0]+k]*w.w[0] + row[3*w.at[1]+k]*w.w[1] + row[3*w.at[2]+k]*w.w[2] + row[3*w.at[3]+k]*w.w[3]
			}
		}
	}
	for y, w := range lines {
		a, b, d, e := c.rows[3*w.at[0]*width:], c.rows[3*w.at[1]*width:], c.rows[3*w.at[2]*width:], c.rows[3*w.at[3]*width:]
		line := out[3*y*width : 3*(y+1)*width]
		for i := range line {
			line[i] = toByte(a[i]*w.w[0] + b[i]*w.w[1] + d[i]*w.w[2] + e[i]*w.w[3])
		}
	}
}

// weights say of which four pixels, and of how much of each, one is made.
type weights struct {
	at [4]int
	w  [4]float32
}

// cubic is the weights of n pixels that start at from and are scale apart, by
// the Catmull-Rom spline, in a row of size pixels.
func cubic(n int, from, scale float64, size int) []weights {
	out := make([]weights, n)
	for i := range out {
		at := from + (float64(i)+0.5)*scale - 0.5
		whole := math.Floor(at)
		t := at - whole
		for k := range 4 {
			out[i].at[k] = min(max(int(whole)-1+k, 0), size-1)
		}
		out[i].w = [4]float32{
			float32(((-t+2)*t - 1) * t / 2), float32(((3*t-5)*t*t + 2) / 2),
			float32(((-3*t+4)*t + 1) * t / 2), float32((t - 1) * t * t / 2),
		}
	}
	return out
}

// ease is t with a soft start and end.
func ease(t float64) float64 { return t * t * (3 - 2*t) }

func mix(a, b, t float64) float64 { return a + (b-a)*t }

// clamp keeps v between 0 and limit, and at half of a limit below 0: a view that
// is larger than the portrait is centred on it.
func clamp(v, limit float64) float64 {
	if limit < 0 {
		return limit / 2
	}
	return min(max(v, 0), limit)
}

func toByte(v float32) byte { return byte(min(max(v+0.5, 0), 255)) }
