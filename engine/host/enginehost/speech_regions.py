"""Where in a file people speak, and in which language: a voice activity detector, then whisper as its second witness."""

from .asr import RATE, bcp47

# Whisper's encoder takes less than its 30 s: 12 s gave the same languages for a fifth of the time.
WINDOW = 12  # seconds
SHORT = 1.0  # seconds; a shorter region is heard together with its neighbours
NEAR = 2.0  # seconds; the farthest gap to such a neighbour

# Above these probabilities of "no speech" a region is taken for music. Measured: read speech up to 0.04,
# synthetic music that fooled the detector 0.56 to 0.82. A short region says less, so it needs a surer verdict.
MUSIC, MUSIC_SHORT = 0.6, 0.85

# Below this probability a language heard in a short region is no answer.
DOUBT = 0.5

VAD = {"threshold": 0.5, "min_speech_duration_ms": 150, "min_silence_duration_ms": 300, "speech_pad_ms": 100, "max_speech_duration_s": 30}


def find(recognizer, samples):
    """The answer for 16 kHz samples: regions in order, not overlapping; none for silence or music alone."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps
    spans = [(t["start"], t["end"]) for t in get_speech_timestamps(samples, VadOptions(**VAD))]
    heard = [(span, listen(recognizer, samples[slice(*span)])) for span in spans]
    heard = [(span, h) for span, h in heard if h[2] <= (MUSIC if span[1] - span[0] >= SHORT * RATE else MUSIC_SHORT)]
    spans = [span for span, _ in heard]
    regions = []
    for i, ((start, end), (language, probability, _)) in enumerate(heard):
        if end - start < SHORT * RATE:
            wider = neighbourhood(spans, i)
            if wider != (start, end):
                language, probability, _ = listen(recognizer, samples[slice(*wider)])
            if probability < DOUBT:
                language, probability = "", 0.0
        regions.append({"start": round(start / RATE, 3), "end": round(end / RATE, 3), "language": language, "probability": round(probability, 4)})
    return {"duration": round(len(samples) / RATE, 3), "regions": regions}


def neighbourhood(spans, i):
    """The span of region i with the neighbours that lie near, at most WINDOW long."""
    start, end = spans[i]
    if i > 0 and start - spans[i - 1][1] <= NEAR * RATE:
        start = max(spans[i - 1][0], end - WINDOW * RATE // 2)
    if i + 1 < len(spans) and spans[i + 1][0] - end <= NEAR * RATE:
        end = min(spans[i + 1][1], start + WINDOW * RATE)
    return start, end


def listen(recognizer, samples):
    """The likeliest language of the first WINDOW seconds, its probability, and the probability that nobody speaks."""
    from faster_whisper.audio import pad_or_trim
    from faster_whisper.tokenizer import Tokenizer
    model = recognizer.model
    frames = WINDOW * RATE // model.feature_extractor.hop_length
    features = model.feature_extractor(samples[:WINDOW * RATE])[:, :frames]
    encoded = model.encode(pad_or_trim(features, frames))
    token, probability = model.model.detect_language(encoded)[0][0]
    code = token[2:-2]
    prompt = Tokenizer(model.hf_tokenizer, True, task="transcribe", language=code).sot_sequence
    result = model.model.generate(encoded, [list(prompt)], max_length=len(prompt) + 1, beam_size=1, return_no_speech_prob=True)[0]
    return bcp47(code), float(probability), float(result.no_speech_prob)
