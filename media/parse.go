package media

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/babelreel/babelreel/domain/script"
)

// The parts of ffprobe's JSON that are used. Numbers come as strings.
type (
	probed struct {
		Format  probedFormat   `json:"format"`
		Streams []probedStream `json:"streams"`
	}
	probedFormat struct {
		Duration  string            `json:"duration"`
		StartTime string            `json:"start_time"`
		Tags      map[string]string `json:"tags"`
	}
	probedStream struct {
		CodecType     string            `json:"codec_type"`
		CodecName     string            `json:"codec_name"`
		Width         int               `json:"width"`
		Height        int               `json:"height"`
		PixFmt        string            `json:"pix_fmt"`
		SampleAspect  string            `json:"sample_aspect_ratio"`
		FieldOrder    string            `json:"field_order"`
		ColorRange    string            `json:"color_range"`
		ColorSpace    string            `json:"color_space"`
		Primaries     string            `json:"color_primaries"`
		Transfer      string            `json:"color_transfer"`
		RFrameRate    string            `json:"r_frame_rate"`
		AvgFrameRate  string            `json:"avg_frame_rate"`
		NbFrames      string            `json:"nb_frames"`
		StartTime     string            `json:"start_time"`
		Duration      string            `json:"duration"`
		SampleRate    string            `json:"sample_rate"`
		Channels      int               `json:"channels"`
		ChannelLayout string            `json:"channel_layout"`
		Disposition   map[string]int    `json:"disposition"`
		Tags          map[string]string `json:"tags"`
		SideData      []struct {
			Rotation float64 `json:"rotation"` // counter-clockwise
		} `json:"side_data_list"`
	}
)

// parseProbe reads ffprobe's JSON. It fails only if b is not that.
func parseProbe(b []byte) (Info, error) {
	var p probed
	if err := json.Unmarshal(b, &p); err != nil {
		return Info{}, err
	}
	info := Info{Duration: duration(p.Format.Duration), start: duration(p.Format.StartTime)}
	timecode := p.Format.Tags["timecode"]
	for _, s := range p.Streams {
		if tc := s.Tags["timecode"]; tc != "" {
			timecode = tc // of the video stream or of a tmcd track
		}
		switch s.CodecType {
		case "video":
			if info.Video == nil && s.Disposition["attached_pic"] == 0 {
				info.Video = s.video(p.Format)
			}
		case "audio":
			info.Audio = append(info.Audio, s.audio(len(info.Audio)))
		case "subtitle":
			info.Subtitles = append(info.Subtitles, Subtitle{
				Index: len(info.Subtitles), Codec: s.CodecName, Language: s.language(), Title: s.title(),
				Default: s.Disposition["default"] == 1, Forced: s.Disposition["forced"] == 1,
			})
		}
	}
	if info.Video != nil {
		info.Video.StartTC = timecode
	}
	return info, nil
}

func (s probedStream) video(file probedFormat) *Video {
	v := &Video{
		Codec: s.CodecName, Width: s.Width, Height: s.Height, PixelFormat: s.PixFmt,
		SampleAspect: s.SampleAspect, Rotation: s.rotation(),
		Interlaced: s.FieldOrder != "" && s.FieldOrder != "progressive" && s.FieldOrder != "unknown",
		Color:      Color{known(s.ColorRange), known(s.ColorSpace), known(s.Primaries), known(s.Transfer)},
	}
	if v.SampleAspect == "" || v.SampleAspect == "0:1" {
		v.SampleAspect = "1:1"
	}
	if v.Rotation%180 != 0 {
		v.Width, v.Height = v.Height, v.Width
	}
	v.Frames, _ = strconv.ParseInt(s.NbFrames, 10, 64)
	v.Start = max(0, duration(s.StartTime)-duration(file.StartTime))
	length := duration(s.Duration)
	if length == 0 {
		length = duration(file.Duration)
	}
	v.Rate, v.VariableRate = rates(s.RFrameRate, s.AvgFrameRate, length)
	return v
}

// rateTolerance is how far, relatively, the mean rate may lie from the nominal
// one in a file of constant rate, beside one frame: containers round times to
// 1 ms or 1/90 s. The nearest two rates in use lie 0.1 % apart (24 and 23.976).
const rateTolerance = 0.0005

// rates tells the rate of a picture of the given length from ffprobe's two: the
// lowest rate that all times fit (r) and the mean (avg).
func rates(r, avg string, length time.Duration) (rate script.Rate, variable bool) {
	nominal, mean := rational(r), rational(avg)
	switch {
	case !mean.Valid():
		return nominal, false
	case !nominal.Valid():
		return mean, true
	}
	off := math.Abs(mean.Float() - nominal.Float())
	if off <= rateTolerance*nominal.Float() || off*length.Seconds() <= 1 {
		return nominal, false
	}
	return mean, true
}

func (s probedStream) audio(index int) Audio {
	rate, _ := strconv.Atoi(s.SampleRate)
	return Audio{
		Index: index, Codec: s.CodecName, Channels: s.Channels, Layout: known(s.ChannelLayout), SampleRate: rate,
		Language: s.language(), Duration: duration(s.Duration), Title: s.title(), Default: s.Disposition["default"] == 1,
	}
}

func (s probedStream) language() string {
	if l := s.Tags["language"]; l != "und" {
		return l
	}
	return ""
}

// title is what a player shows. MP4 keeps it as the name of the track's handler,
// which most writers fill with their own.
func (s probedStream) title() string {
	if title := s.Tags["title"]; title != "" {
		return title
	}
	switch name := s.Tags["handler_name"]; name {
	case "VideoHandler", "SoundHandler", "SubtitleHandler", "Core Media Audio", "Core Media Video":
		return ""
	default:
		return name
	}
}

// rotation is by how much a player turns the picture clockwise.
func (s probedStream) rotation() int {
	for _, d := range s.SideData {
		if d.Rotation != 0 {
			return ((int(math.Round(-d.Rotation/90))*90)%360 + 360) % 360
		}
	}
	return 0
}

// known is s, or "" where ffprobe says that it does not know.
func known(s string) string {
	if s == "unknown" || s == "unspecified" || s == "reserved" {
		return ""
	}
	return s
}

// duration reads decimal seconds exactly to the nanosecond; anything else is 0.
func duration(s string) time.Duration {
	d, err := time.ParseDuration(s + "s")
	if err != nil {
		return 0
	}
	return d
}

// rational reads "24000/1001"; anything else is the zero Rate.
func rational(s string) script.Rate {
	num, den, ok := strings.Cut(s, "/")
	n, err1 := strconv.ParseInt(num, 10, 64)
	d, err2 := strconv.ParseInt(den, 10, 64)
	if !ok || err1 != nil || err2 != nil || n <= 0 || d <= 0 {
		return script.Rate{}
	}
	return script.Rate{Num: n, Den: d}
}

// String is a short form for people: "1280x720 h264 25/1".
func (v Video) String() string {
	return fmt.Sprintf("%dx%d %s %s", v.Width, v.Height, v.Codec, v.Rate)
}
