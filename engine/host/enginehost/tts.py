"""Speech: Kokoro in two halves, so that the length of every sound can be told and chosen."""

import io
import json
import pathlib
import wave

import numpy as np

from . import phonemes
from .wire import WireError, invalid

RATE = 24_000  # Hz
FRAME = 600  # samples: the model counts time in frames of 25 ms
LEAD = 0.05  # seconds by which sound comes before its frames; measured

# Silence left before the first sound and after the last, in seconds: the model adds four times as much, which would
# make a dub late and take room from its slot.
BEFORE, AFTER = 0.05, 0.1

LONGEST_TEXT = 4000  # characters
LONGEST_LINE = 510  # symbols: the model has one style for each length up to this

# How much faster than natural a limit may make a line: measured as still natural.
HURRY = 1.2

# The wished length, as a multiple of the natural one, beyond which speech breaks.
SHORTEST, LONGEST = 0.5, 1.5

# BOS and the first two symbols keep their length, or the first sound dies. Measured.
ONSET = 3

# How willingly a symbol changes its length: the exponent of its stretch. Pauses give first, then vowels.
PAUSE, VOWEL, CONSONANT = 1.6, 1.0, 0.7

VOICES = {
    "af_heart": ("en-US", "f"), "af_bella": ("en-US", "f"), "am_michael": ("en-US", "m"), "am_fenrir": ("en-US", "m"),
    "pf_dora": ("pt-BR", "f"), "pm_alex": ("pt-BR", "m"), "pm_santa": ("pt-BR", "m"),
}
FRAMES_INPUT = "/encoder/Clip_output_0"
_VOWELS = set("aeiouyæøœɐɑɒɔəɚɛɜɤɨɪɯʊʌᵊᵻAIOQWY")


class Synthesizer:
    """The resident model."""

    def __init__(self, models):
        import onnxruntime
        self._home = pathlib.Path(models) / "kokoro"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        options.log_severity_level = 3
        self._tidy = onnxruntime.RunOptions()  # gives memory back after each line; a long one would keep 700 MB
        self._tidy.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        load = lambda name: onnxruntime.InferenceSession(str(self._home / name), options, providers=["CPUExecutionProvider"])
        self._predictor, self._renderer = load("predictor.onnx"), load("renderer.onnx")
        self._vocabulary = json.loads((self._home / "vocab.json").read_text())["vocab"]
        self._styles = {v: np.fromfile(self._home / "voices" / f"{v}.bin", np.float32).reshape(-1, 1, 256) for v in VOICES}

    def speak(self, text, voice, language="", duration=0.0, limit=0.0):
        """Samples, natural length in seconds and timed phonemes of one line; duration 0 means natural.

        With a limit instead, a line that is naturally longer is spoken in that length, or up to HURRY times faster.
        """
        if voice not in VOICES:
            raise WireError(404, "voice_not_found", f"no voice {voice[:40]}: the model list names the voices")
        own = VOICES[voice][0]
        if language and language.split("-")[0].lower() != own.split("-")[0]:
            raise invalid("language_mismatch", f"the voice {voice} speaks {own}, not {language[:20]}: choose another voice")
        spelled = [s for s in phonemes.symbols(phonemes.speakable(text), own) if s in self._vocabulary]
        if not any(s not in phonemes.PUNCTUATION for s in spelled):
            raise invalid("nothing_to_speak", "the text has nothing to speak")
        if len(spelled) > LONGEST_LINE:
            raise WireError(413, "too_long", f"the line has {len(spelled)} sounds, the limit is {LONGEST_LINE}: split it")

        inputs = {
            "tokens": np.array([[0, *(self._vocabulary[s] for s in spelled), 0]], np.int64),
            "style": self._styles[voice][len(spelled) - 1],
            "speed": np.ones(1, np.float32),
        }
        frames = np.maximum(1, np.round(self._run(self._predictor, inputs).ravel())).astype(int)
        frames, early = trimmed(spelled, frames)
        natural = (int(frames.sum()) - early) * FRAME
        if limit and not duration and natural > round(limit * RATE):
            duration = max(limit, natural / RATE / HURRY)
        wished = round(duration * RATE) if duration else natural
        if not SHORTEST * natural <= wished <= LONGEST * natural:
            raise invalid("duration_out_of_range", f"{duration:.3f} s was wished and {natural / RATE:.3f} s is natural: "
                          f"{SHORTEST} to {LONGEST} times that can be spoken, so change the line or the slot")
        if duration:
            frames = fit(spelled, frames, early - (-wished // FRAME))
        samples = self._run(self._renderer, inputs | {FRAMES_INPUT: frames[None].astype(np.float32)}).ravel()[early * FRAME:][:wished]
        timed = phonemes.timed(spelled, frames, LEAD + early * FRAME / RATE, FRAME / RATE, wished / RATE)
        return samples, natural / RATE, timed

    def _run(self, session, inputs):
        names = {i.name for i in session.get_inputs()}
        return session.run(None, {k: v for k, v in inputs.items() if k in names}, self._tidy)[0]


def trimmed(spelled, frames):
    """Frames with less silence after the last sound, and how many frames of silence to cut off before the first.

    Silence at the end is not made at all; that at the start is made and cut off, because the first sound needs it.
    """
    heard = phonemes.timed(spelled, frames, LEAD, FRAME / RATE, float("inf"))
    early = max(0, int((heard[0]["start"] - BEFORE) * RATE / FRAME))
    late = max(0, int(frames.sum() - (heard[-1]["end"] + AFTER) * RATE / FRAME))
    frames = frames.copy()
    for i in range(len(spelled) + 1, 0, -1):
        if late == 0 or i <= len(spelled) and spelled[i - 1] not in phonemes.PUNCTUATION:
            break
        less = min(late, int(frames[i]) - 1)
        frames[i] -= less
        late -= less
    return frames, early


def fit(spelled, frames, target):
    """Frames per symbol that sum to target, at least one each, with the onset kept."""
    keep, rest = frames[:ONSET], frames[ONSET:]
    room = max(target - int(keep.sum()), len(rest))
    elastic = np.array([CONSONANT if s not in _VOWELS and s not in phonemes.PUNCTUATION and s not in phonemes.STRESS
                        else PAUSE if s in phonemes.PUNCTUATION else VOWEL for s in spelled[ONSET - 1:]] + [PAUSE])
    low, high = 0.05, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(1, rest * middle ** elastic).sum() < room else (low, middle)
    exact = np.maximum(1, rest * high ** elastic)
    whole = np.maximum(1, np.floor(exact)).astype(int)
    while whole.sum() < room:
        whole[np.argmax(exact - whole)] += 1
    while whole.sum() > room:
        whole[np.argmax(np.where(whole > 1, whole - exact, -np.inf))] -= 1
    return np.concatenate([keep, whole])


def to_wav(samples):
    """A RIFF file of 16 bit samples, mono at RATE."""
    out = io.BytesIO()
    with wave.open(out, "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(RATE)
        f.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
