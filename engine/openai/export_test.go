package openai

// WAVLength and Sized let tests feed the WAV reader directly.
var (
	WAVLength = wavLength
	Sized     = sized
)
