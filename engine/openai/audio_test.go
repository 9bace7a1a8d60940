package openai_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
)

const ms = time.Millisecond

func TestTranscribeIsTolerantOfForm(t *testing.T) {
	ana := []engine.Word{{Text: "Hello,", Start: 100 * ms, End: 500 * ms, Probability: 0.9}, {Text: "Ana", Start: 600 * ms, End: 900 * ms, Probability: 0.8}}
	const segment = `{"start":0.1,"end":0.9,"text":" Hello, Ana","no_speech_prob":0.02`
	tests := map[string]struct {
		body string
		want []engine.Word
	}{
		"words on top":           {`{"duration":1.5,"language":"en","segments":[` + segment + `}],"words":[{"word":"Hello,","start":0.1,"end":0.5,"probability":0.9},{"word":"Ana","start":0.6,"end":0.9,"probability":0.8}]}`, ana},
		"words in segments":      {`{"duration":"1.5","language":"english","segments":[` + segment + `,"words":[{"word":" Hello,","start":0.1,"end":0.5,"probability":0.9},{"word":" Ana","start":"0.6","end":0.9,"probability":0.8}]}]}`, ana},
		"words under text":       {`{"duration":1.5,"language":"EN","segments":[` + segment + `}],"words":[{"text":"Hello,","start":0.1,"end":0.5,"probability":0.9},{"text":"Ana","start":0.6,"end":0.9,"probability":0.8}]}`, ana},
		"pieces of words":        {`{"duration":1.5,"language":"en","segments":[` + segment + `,"words":[{"word":" Hel","start":0.1,"end":0.3,"probability":0.95},{"word":"lo","start":0.3,"end":0.4,"probability":0.9},{"word":",","start":0.4,"end":0.5,"probability":0.99},{"word":" Ana","start":0.6,"end":0.9,"probability":0.8}]}]}`, ana},
		"out of order":           {`{"duration":1.5,"language":"en","segments":[` + segment + `}],"words":[{"word":"Ana","start":0.6,"end":0.9,"probability":0.8},{"word":"Hello,","start":0.1,"end":0.5,"probability":0.9}]}`, ana},
		"words absent":           {`{"duration":1.5,"language":"en","segments":[` + segment + `}]}`, nil},
		"words null":             {`{"duration":1.5,"language":"en","segments":[` + segment + `,"words":null}],"words":null}`, nil},
		"a word without a time":  {`{"duration":1.5,"language":"en","segments":[` + segment + `}],"words":[{"word":"Hello,","start":0.1,"end":0.5},{"word":"Ana"}]}`, nil},
		"a word with null times": {`{"duration":1.5,"language":"en","segments":[` + segment + `}],"words":[{"word":"Hello,","start":null,"end":null}]}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := say(t, 200, tt.body).Transcribe(t.Context(), engine.TranscribeRequest{Model: "m", Path: write(t, "a.wav", "RIFF")})

			require.NoError(t, err)
			require.Equal(t, engine.Transcript{
				Language: "en", Duration: 1500 * ms, Words: tt.want,
				Segments: []engine.Segment{{Start: 100 * ms, End: 900 * ms, Text: "Hello, Ana", NoSpeech: 0.02}},
			}, got)
		})
	}
}

func TestTranscribeKeepsScriptsWithoutSpacesApart(t *testing.T) {
	got, err := say(t, 200, `{"language":"japanese","words":[{"word":" OK","start":0,"end":1},{"word":"今日","start":1,"end":2},{"word":"は","start":2,"end":3}]}`).
		Transcribe(t.Context(), engine.TranscribeRequest{Path: write(t, "a.wav", "RIFF")})

	require.NoError(t, err)
	require.Len(t, got.Words, 3)
	require.Equal(t, "ja", got.Language)
}

func TestTranscribeRefusesNonsense(t *testing.T) {
	tests := map[string]string{
		"a word that ends before it starts":    `{"words":[{"word":"a","start":2,"end":1}]}`,
		"a word before the start":              `{"words":[{"word":"a","start":-2,"end":1}]}`,
		"a segment that ends before it starts": `{"segments":[{"start":2,"end":1}]}`,
		"a negative duration":                  `{"duration":-1}`,
		"a duration in words":                  `{"duration":"long"}`,
		"a duration beyond all bounds":         `{"duration":1e300}`,
		"text":                                 `Hello, Ana`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := say(t, 200, body).Transcribe(t.Context(), engine.TranscribeRequest{Path: write(t, "a.wav", "RIFF")})
			require.Equal(t, fault.Broken, fault.Of(err))
		})
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	_, err := say(t, 200, `{}`).Transcribe(t.Context(), engine.TranscribeRequest{Path: filepath.Join(t.TempDir(), "none.wav")})
	require.Equal(t, fault.Missing, fault.Of(err))
	_, err = say(t, 200, `{}`).FindSpeech(t.Context(), "m", t.TempDir())
	require.ErrorContains(t, err, "not a file")
}

func TestFindSpeech(t *testing.T) {
	tests := map[string]struct {
		body string
		want []engine.Region
		kind fault.Kind
	}{
		"two, one of no language": {`{"regions":[{"start":0.5,"end":1,"language":"pt-br","probability":0.99},{"start":1,"end":1.2,"language":""}]}`, []engine.Region{{Start: 500 * ms, End: s, Language: "pt-BR", Probability: 0.99}, {Start: s, End: 1200 * ms}}, ""},
		"none":                    {`{"regions":[]}`, []engine.Region{}, ""},
		"overlapping":             {`{"regions":[{"start":0,"end":2},{"start":1,"end":3}]}`, nil, fault.Broken},
		"empty":                   {`{"regions":[{"start":1,"end":1}]}`, nil, fault.Broken},
		"too sure":                {`{"regions":[{"start":1,"end":2,"probability":1.5}]}`, nil, fault.Broken},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := say(t, 200, tt.body).FindSpeech(t.Context(), "m", write(t, "a.wav", "RIFF"))
			require.Equal(t, tt.kind, fault.Of(err))
			require.Equal(t, tt.want, got)
		})
	}
}

func TestSpeakChecksTheAudio(t *testing.T) {
	spoken := func(audio []byte, rest string) string {
		b, err := json.Marshal(audio)
		require.NoError(t, err)
		return `{"audio":` + string(b) + rest + `}`
	}
	second := wav(24_000)
	streamed := wav(24_000)
	copy(streamed[4:], "\xff\xff\xff\xff")
	copy(streamed[40:], "\xff\xff\xff\xff")
	float := wav(24_000)
	float[20] = 3
	half := wav(24_000)
	half = append(half[:36:36], append([]byte("LIST\x04\x00\x00\x00INFO"), half[36:]...)...)

	tests := map[string]struct {
		body string
		kind fault.Kind
		text string
	}{
		"whole":                         {spoken(second, `,"duration":1.0,"natural_duration":1.2,"phonemes":[{"p":"m","start":0.1,"end":0.2}]`), "", ""},
		"duration as a string":          {spoken(second, `,"duration":"1.04","phonemes":null`), "", ""},
		"no duration":                   {spoken(second, ``), "", ""},
		"another chunk before":          {spoken(half, ``), "", ""},
		"audio alone":                   {string(second), "", ""},
		"audio alone, streamed":         {string(streamed), "", ""},
		"too long for its duration":     {spoken(second, `,"duration":0.94`), fault.Broken, "runs 1s"},
		"too short for its duration":    {spoken(second, `,"duration":1.06`), fault.Broken, "runs 1s"},
		"cut off":                       {spoken(second[:30_000], ``), fault.Broken, "cut off"},
		"cut off in the header":         {spoken(second[:20], ``), fault.Broken, "cut off"},
		"streamed, in JSON":             {spoken(wavOpen(), ``), fault.Broken, "cut off"},
		"no samples":                    {spoken(wav(0), ``), fault.Broken, "whole number of samples"},
		"not PCM":                       {spoken(float, ``), fault.Broken, "not PCM"},
		"an MP3":                        {spoken([]byte("ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00"), ``), fault.Broken, "RIFF"},
		"no audio":                      {`{}`, fault.Broken, "RIFF"},
		"not base64":                    {`{"audio":"%%%"}`, fault.Broken, "JSON"},
		"text":                          {`sorry`, fault.Broken, "neither"},
		"phonemes out of order":         {spoken(second, `,"phonemes":[{"p":"m","start":0.5,"end":0.6},{"p":"a","start":0.1,"end":0.2}]`), fault.Broken, "phoneme 1"},
		"a phoneme after the end":       {spoken(second, `,"phonemes":[{"p":"m","start":0.5,"end":1.6}]`), fault.Broken, "phoneme 0"},
		"a phoneme that ends too early": {spoken(second, `,"phonemes":[{"p":"m","start":0.5,"end":0.4}]`), fault.Broken, "phoneme 0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := say(t, 200, tt.body).Speak(t.Context(), engine.SpeakRequest{Text: "Hi."})

			require.Equal(t, tt.kind, fault.Of(err))
			if tt.kind == "" {
				require.Equal(t, s, got.Duration)
				require.GreaterOrEqual(t, got.Natural, s)
				return
			}
			require.ErrorContains(t, err, tt.text)
		})
	}
}

// wavOpen is a WAV whose header leaves its length open.
func wavOpen() []byte {
	b := wav(100)
	copy(b[4:], "\xff\xff\xff\xff")
	return b
}

func TestSpeakWantsText(t *testing.T) {
	_, err := say(t, 200, "").Speak(t.Context(), engine.SpeakRequest{Text: " \n"})
	require.Equal(t, fault.Invalid, fault.Of(err))
}

// Whatever a server sends as audio, the adapter neither panics nor believes it.
func FuzzSpeak(f *testing.F) {
	f.Add(wav(10))
	f.Add(wavOpen())
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		length, err := openai.WAVLength(body)
		if err == nil {
			require.Positive(t, length)
		}
		openai.Sized(body)
	})
}

const report = `{"frames":120,"face_frames":118,"changed_frames":60,"closures":12,"closures_hit":11,"outside_identical":true,"grade":"preview"}`

func TestLipSync(t *testing.T) {
	const matroska = "\x1a\x45\xdf\xa3 and the rest of the picture"
	tests := map[string]struct {
		body, report string
		kind         fault.Kind
		text         string
	}{
		"made":                      {matroska, report, "", ""},
		"no report":                 {matroska, "", fault.Broken, "cannot be read"},
		"more faces than frames":    {matroska, strings.Replace(report, "118", "121", 1), fault.Broken, "contradicts"},
		"more hits than closures":   {matroska, strings.Replace(report, "11,", "13,", 1), fault.Broken, "contradicts"},
		"changed without a face":    {matroska, strings.Replace(report, "118", "59", 1), fault.Broken, "contradicts"},
		"a grade that is not known": {matroska, strings.Replace(report, "preview", "superb", 1), fault.Broken, "contradicts"},
		"not a video":               {`{"ok":true,"and":"more"}`, report, fault.Broken, "not a video"},
		"nothing":                   {"", report, fault.Broken, "EOF"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.mkv")

			got, err := say(t, 200, tt.body, "X-Lipsync-Report", tt.report).LipSync(t.Context(), engine.LipSyncRequest{Path: write(t, "in.mp4", "x"), Out: out})

			left, readErr := os.ReadDir(filepath.Dir(out))
			require.NoError(t, readErr)
			require.Equal(t, tt.kind, fault.Of(err))
			if tt.kind != "" {
				require.ErrorContains(t, err, tt.text)
				require.Empty(t, left, "half a file")
				return
			}
			content, err := os.ReadFile(out)
			require.NoError(t, err)
			require.Equal(t, tt.body, string(content))
			require.Len(t, left, 1)
			require.Equal(t, 118, got.FaceFrames)
		})
	}
}

func TestLipSyncLeavesNothingOfABrokenConnection(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.mkv")
	c := say(t, 200, "\x1a\x45\xdf\xa3 and then the line is cut", "X-Lipsync-Report", report, "Content-Length", "9999")

	_, err := c.LipSync(t.Context(), engine.LipSyncRequest{Path: write(t, "in.mp4", "x"), Out: out})

	require.Equal(t, fault.Broken, fault.Of(err))
	left, readErr := os.ReadDir(filepath.Dir(out))
	require.NoError(t, readErr)
	require.Empty(t, left)
}
