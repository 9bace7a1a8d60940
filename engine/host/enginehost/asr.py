"""Speech recognition: whisper base in int8, behind a voice activity detector."""

import pathlib

from .wire import WireError, invalid

RATE = 16_000  # Hz
LONGEST = 4 * 3600  # seconds of one file

# A pause shorter than this stays inside a stretch of speech, in ms.
PAUSE_MS = 500

# The one language that the model names otherwise than BCP 47: Javanese.
OWN_CODES = {"jv": "jw"}


def bcp47(code):
    """The BCP 47 form of a language code of the model."""
    return next((tag for tag, own in OWN_CODES.items() if own == code), code)


def languages():
    """The BCP 47 codes that the model knows."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    return sorted(bcp47(c) for c in _LANGUAGE_CODES if c != "yue")  # Cantonese came with a later model


class Recognizer:
    """The resident model."""

    def __init__(self, models):
        from faster_whisper import WhisperModel
        path = pathlib.Path(models) / "whisper-base"
        self.model = WhisperModel(str(path), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)

    def transcribe(self, samples, language="", diarize=False):
        """The words of 16 kHz samples. No speech gives empty lists. language is BCP 47, "" to detect it."""
        import ctranslate2
        ctranslate2.set_random_seed(1)
        found, info = self.model.transcribe(
            samples, language=self._code(language), beam_size=1, word_timestamps=True, condition_on_previous_text=False,
            vad_filter=True, vad_parameters={"min_silence_duration_ms": PAUSE_MS})
        segments = list(found)
        end = len(samples) / RATE
        words = [self._word(w, end) for s in segments for w in s.words or ()]
        if diarize and words:
            name_speakers(samples, words)
        return {
            "task": "transcribe", "language": language or (bcp47(info.language) if segments else ""), "duration": round(end, 3),
            "text": "".join(s.text for s in segments).strip(),
            "segments": [{
                "id": i, "start": round(min(s.start, end), 3), "end": round(min(s.end, end), 3), "text": s.text.strip(),
                "avg_logprob": round(s.avg_logprob, 4), "no_speech_prob": round(s.no_speech_prob, 4),
                "compression_ratio": round(s.compression_ratio, 4)} for i, s in enumerate(segments)],
            "words": words,
        }

    def _code(self, language):
        if not language:
            return None
        code = language.split("-")[0].lower()
        code = OWN_CODES.get(code, code)
        if code not in self.model.supported_languages:
            raise WireError(404, "language_not_found", f"the model does not know the language {language[:20]}")
        return code

    @staticmethod
    def _word(w, end):
        return {"word": w.word.strip(), "start": round(float(min(w.start, end)), 3), "end": round(float(min(w.end, end)), 3),
                "probability": round(float(w.probability), 4), "speaker": ""}


def read_audio(path):
    """The samples of an audio file, mono at RATE."""
    from faster_whisper.audio import decode_audio
    try:
        samples = decode_audio(path, sampling_rate=RATE)
    except Exception as err:  # the decoder raises many kinds
        raise invalid("invalid_audio", f"the file cannot be read as audio ({type(err).__name__}): send WAV, 16 kHz mono") from None
    if len(samples) > LONGEST * RATE:
        raise WireError(413, "too_long", f"the file lasts {len(samples) // RATE} s, the limit is {LONGEST} s: send less at once")
    return samples


def name_speakers(samples, words):
    """Gives each word the speaker heard at its middle: S1, S2... in order of appearance."""
    from speaker_diarize_lite import diarize
    turns = diarize(samples, sample_rate=RATE).segments
    names = {}
    for word in words:
        middle = (word["start"] + word["end"]) / 2
        near = min(turns, key=lambda t: max(t.start_s - middle, middle - t.end_s, 0), default=None)
        if near is not None:
            word["speaker"] = names.setdefault(near.speaker, f"S{len(names) + 1}")
