"""Recognition and synthesis, with the real models."""

import base64
import io
import json
import re
import wave

import numpy as np
import pytest
import soundfile
from conftest import LIBRIVOX, word_errors, words

LINE = "Temos que sair daqui antes da meia-noite, e o trem já vai partir."
FRAME = 0.025


def samples(spoken):
    with wave.open(io.BytesIO(base64.b64decode(spoken["audio"]))) as f:
        assert (f.getframerate(), f.getnchannels(), f.getsampwidth()) == (24000, 1, 2)
        return np.frombuffer(f.readframes(f.getnframes()), "<i2") / 32768


def write(path, audio, rate=16000):
    soundfile.write(path, audio, rate)
    return path


def music(seconds):
    """Chords, a tune and a beat: what a synthesizer plays, with no voice in it."""
    rate, rng = 16000, np.random.default_rng(1)
    out = np.zeros(seconds * rate + rate)
    for i in range(seconds * 2):
        t = np.arange(rate // 2) / rate
        at = slice(i * rate // 2, i * rate // 2 + len(t))
        chord = ((220, 277, 330), (196, 247, 294), (174, 220, 262), (164, 207, 247))[i // 4 % 4]
        tune = (440, 494, 523, 587, 659, 523, 494, 440)[i % 8]
        out[at] += sum(np.sin(2 * np.pi * k * f * t) / k for f in chord for k in range(1, 10)) * np.exp(-t / 0.6)
        out[at] += np.sin(2 * np.pi * tune * t) * np.exp(-t / 0.3) + rng.normal(size=len(t)) * np.exp(-t / 0.02)
    return (out / np.abs(out).max() * 0.5)[:seconds * rate]


@pytest.fixture(scope="module")
def natural(host):
    return host.speak(LINE, "pf_dora")[1]


def test_read_speech_is_recognised_almost_without_error(host, tmp_path):
    told = re.findall(r"<s> (.*) </s>", (LIBRIVOX / "transcription").read_text())
    read = np.concatenate([np.append(soundfile.read(p)[0], np.zeros(8000)) for p in sorted(LIBRIVOX.glob("*.wav"))])

    status, heard = host.transcribe(write(tmp_path / "read.wav", read))
    want, got = words(" ".join(told)), words(heard["text"])
    starts = [w["start"] for w in heard["words"]]

    assert (status, heard["language"], len(want)) == (200, "en", 71)
    assert word_errors(want, got) / len(want) <= 0.06
    assert starts == sorted(starts) and heard["words"][-1]["end"] <= heard["duration"]


def test_synthetic_portuguese_is_recognised_word_for_word(host, natural, tmp_path):
    path = write(tmp_path / "line.wav", samples(natural), 24000)

    _, heard = host.transcribe(path, language="pt-BR")

    assert word_errors(words(LINE), words(heard["text"])) <= 1


@pytest.mark.parametrize("factor", [0.9, 1.15])
def test_a_wished_duration_is_kept_within_a_frame(host, natural, factor):
    wished = natural["natural_duration"] * factor

    status, spoken = host.speak(LINE, "pf_dora", wished)

    assert status == 200
    assert abs(len(samples(spoken)) / 24000 - wished) <= FRAME
    assert spoken["natural_duration"] == natural["natural_duration"]


@pytest.mark.parametrize("factor", [0.4, 1.6])
def test_a_duration_that_speech_cannot_take_is_refused(host, natural, factor):
    status, answer = host.speak(LINE, "pf_dora", natural["natural_duration"] * factor)

    assert (status, answer["error"]["code"]) == (400, "duration_out_of_range")


def test_phonemes_come_in_order_inside_the_audio_and_start_with_the_sound(natural):
    audio, timed = samples(natural), natural["phonemes"]
    times = [t for p in timed for t in (p["start"], p["end"])]
    loud = np.flatnonzero(np.abs(audio) > 0.02 * np.abs(audio).max())[0] / 24000

    assert times == sorted(times) and times[0] >= 0 and times[-1] <= natural["duration"]
    assert "".join(p["p"] for p in timed).startswith("temʊ")
    assert abs(loud - timed[0]["start"]) < 0.06


def test_the_same_line_gives_the_same_bytes(host, natural):
    assert host.speak(LINE, "pf_dora")[1]["audio"] == natural["audio"]


@pytest.mark.parametrize("text, status, code", [
    ("日本語です", 400, "unsupported_text"), ("😀 ♪", 400, "nothing_to_speak"), ("a " * 600, 413, "too_long"), ("a" * 5000, 413, "too_long"),
], ids=["another script", "no letters", "more sounds than the model takes", "more text than the wire takes"])
def test_text_that_cannot_be_spoken_is_refused(host, text, status, code):
    got, answer = host.speak(text, "af_heart")

    assert (got, answer["error"]["code"]) == (status, code)


def test_a_voice_must_exist(host):
    status, answer = host.speak("Olá", "pf_nobody")

    assert (status, answer["error"]["code"]) == (404, "voice_not_found")


@pytest.mark.parametrize("sound", [np.zeros(10 * 16000), music(20)], ids=["silence", "music"])
def test_without_speech_there_are_no_regions_and_no_words(host, tmp_path, sound):
    path = write(tmp_path / "quiet.wav", sound)

    status, heard = host.transcribe(path, diarize="true")
    found = host.form("/v1/audio/speech-regions", {"model": "silero-whisper-base"}, path)

    assert (status, heard["text"], heard["segments"], heard["words"]) == (200, "", [], [])
    assert found[0] == 200 and b'"regions": []' in found[2]


def test_regions_tell_where_each_language_is_spoken_over_music(host, natural, tmp_path):
    english = soundfile.read(sorted(LIBRIVOX.glob("*.wav"))[0])[0]
    portuguese = np.interp(np.arange(0, natural["duration"], 1 / 16000), np.arange(len(samples(natural))) / 24000, samples(natural))
    gap = np.zeros(3 * 16000)
    sound = np.concatenate([gap, english, gap, portuguese, gap])
    path = write(tmp_path / "both.wav", 0.8 * sound + 0.05 * np.resize(music(10), len(sound)))

    answer = json.loads(host.form("/v1/audio/speech-regions", {"model": "silero-whisper-base"}, path)[2])
    regions, change = answer["regions"], 3 + len(english) / 16000 + 1.5

    assert {r["language"] for r in regions if r["end"] < change} == {"en"}
    assert {r["language"] for r in regions if r["start"] > change} == {"pt"}
    assert all(a["end"] <= b["start"] for a, b in zip(regions, regions[1:]))
    assert abs(regions[0]["start"] - 3) < 0.5 and regions[-1]["end"] <= answer["duration"]


def test_two_voices_are_told_apart(host, natural, tmp_path):
    other = samples(host.speak("Coloque a arma no chão agora, ninguém precisa se machucar hoje.", "pm_santa")[1])
    path = write(tmp_path / "two.wav", np.concatenate([samples(natural), np.zeros(12000), other]), 24000)

    _, heard = host.transcribe(path, language="pt", diarize="true")
    first = [w["speaker"] for w in heard["words"] if w["end"] < natural["duration"] - 0.3]
    second = [w["speaker"] for w in heard["words"] if w["start"] > natural["duration"] + 0.8]

    assert first.count("S1") > 0.8 * len(first) > 0
    assert second.count("S2") > 0.8 * len(second) > 0
