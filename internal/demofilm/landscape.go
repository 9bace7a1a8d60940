package demofilm

import (
	"io"
	"math"
)

// ridge is one chain of mountains.
type ridge struct {
	height, rough float64    // of the crest over the foot of the picture, and how much it varies, in pixels of 720
	speed         float64    // the same, a frame, as the camera travels
	color         [3]float64 // at sunrise
}

// ridges are the chains from far to near: paler and slower the farther.
var ridges = [...]ridge{
	{330, 70, 0.15, [3]float64{122, 96, 128}},
	{240, 80, 0.35, [3]float64{74, 58, 92}},
	{140, 70, 0.80, [3]float64{34, 28, 52}},
}

// filmDawn writes a sunrise over mountains of so many frames as raw RGB.
func filmDawn(w io.Writer, size canvas, frames int64) error {
	out := make([]byte, 3*size.width*size.height)
	for n := range frames {
		drawDawn(out, size, float64(n), float64(n)/float64(max(1, frames-1)))
		if _, err := w.Write(out); err != nil {
			return err
		}
	}
	return nil
}

// drawDawn draws frame n; t runs from 0 to 1 as the sun comes up.
func drawDawn(out []byte, size canvas, n, t float64) {
	const height = 720.0
	px := height / float64(size.height) // what one pixel is of the 720 that all is measured in
	sunX, sunY := 0.64*float64(size.width)*px, mix(0.60, 0.44, t)*height
	light := mix(0.72, 1.0, ease(t))
	var crest [len(ridges)][]float64
	for i, r := range ridges {
		crest[i] = make([]float64, size.width)
		for x := range crest[i] {
			at := (float64(x)*px + n*r.speed + float64(i)*517) / 190
			crest[i][x] = height - r.height - r.rough*(0.6*math.Sin(at)+0.3*math.Sin(2.3*at+1)+0.14*math.Sin(5.7*at+2))
		}
	}
	for row := range size.height {
		y := float64(row) * px
		v := min(1, y/height/0.62)
		sky := blend([3]float64{58, 84, 150}, [3]float64{246, 166, 110}, v)
		for x := range size.width {
			c := sky
			dx, dy := float64(x)*px-sunX, y-sunY
			d2 := dx*dx + dy*dy
			glow := 1 / (1 + d2/(210*210))
			for k, warm := range [3]float64{120, 96, 50} {
				c[k] = min(255, (c[k]+glow*warm)*light)
			}
			if d2 < 46*46 {
				c = blend(c, [3]float64{255, 244, 214}, min(1, (46-math.Sqrt(d2))/2))
			}
			for i, r := range ridges {
				// A crest one pixel soft, and haze that lightens each chain towards its foot.
				if below := y - crest[i][x]; below > 0 {
					hazy := blend(r.color, [3]float64{214, 214, 214}, 0.4*min(0.45, below/520))
					c = blend(c, [3]float64{hazy[0] * light, hazy[1] * light, hazy[2] * light}, min(1, below))
				}
			}
			for k := range 3 {
				out[3*(row*size.width+x)+k] = toByte(float32(c[k]) + dither[row%4][x%4])
			}
		}
	}
}

// blend is a with t of b in it.
func blend(a, b [3]float64, t float64) [3]float64 {
	return [3]float64{mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)}
}

// dither breaks up the bands that eight bits show in a smooth sky: an ordered
// 4x4 matrix, half a step either way.
var dither = func() (m [4][4]float32) {
	for i, v := range []float32{0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5} {
		m[i/4][i%4] = v/16 - 0.5 + 1.0/32
	}
	return m
}()
