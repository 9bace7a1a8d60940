"""Phonemes to the movement of a mouth: how far it opens, how wide it is, and how much of it is ours, frame by frame."""

import dataclasses

import numpy as np

from .phonemes import TRAILING

# How far each sound opens the mouth (1 is the widest vowel) and how wide it pulls it (-1 rounded, 1 spread),
# with its weight against its neighbours. Vowels of stressed speech; the values are by eye, on contact sheets.
_SHAPES = (
    ("aɑæɐ", 1.0, 0.15, 1.0), ("ʌə", 0.6, 0.0, 0.7), ("ɛɜ", 0.7, 0.4, 1.0), ("eø", 0.5, 0.5, 1.0), ("iɪɨy", 0.32, 0.7, 1.0),
    ("ɔɒ", 0.75, -0.6, 1.0), ("oɤ", 0.5, -0.8, 1.0), ("uʊɯʉ", 0.26, -1.0, 1.1), ("wɥ", 0.16, -1.0, 1.2), ("j", 0.25, 0.5, 0.6),
    ("pbm", 0.0, 0.0, 2.0), ("fvɸβʋ", 0.1, 0.1, 1.6), ("θð", 0.22, 0.1, 0.8), ("szʦʣ", 0.16, 0.3, 0.9), ("ʃʒʧʤɕʑʂ", 0.22, -0.6, 1.2),
    ("tdnlɾɲʎrɹɻ", 0.25, 0.1, 0.5), ("kɡgŋxɣhɦχʁcɟ", 0.3, 0.0, 0.35), ("ʔ", 0.2, 0.0, 0.2),
)
SHAPE = {symbol: shape for symbols, *shape in _SHAPES for symbol in symbols}
OTHER = (0.3, 0.0, 0.3)  # a symbol that the table lacks
CLOSED = set("pbm")

REACH = 0.045  # seconds: how fast the pull of a sound on its neighbours decays
GATE = 0.055  # seconds in which lips close before p b m, and open after
RAMP = 0.12  # seconds in which the mouth leaves the source's own, and returns to it
PAUSE = 0.3  # seconds of silence from which on it returns


@dataclasses.dataclass
class Track:
    """One value for each frame. Where hold is 0 the mouth is the source's own."""

    opening: np.ndarray  # 0..1
    width: np.ndarray  # -1..1
    hold: np.ndarray  # 0..1
    closures: list  # of (first, last) frame of each closed sound


def track(listed, rate, count):
    """The track of count frames at rate a second. No phonemes: a mouth that stays closed."""
    if not listed:
        return Track(np.zeros(count), np.zeros(count), np.ones(count), [])
    times = (np.arange(count) + 0.5) / rate
    total = np.full(count, 1e-3)
    opening, width, gate, hold = 0.1 * total, 0 * total, np.ones(count), np.zeros(count)
    closures = []
    for start, end, shape in _sounds(listed):
        near = slice(*np.searchsorted(times, (start - 0.3, end + 0.3)))
        away = np.maximum(0, np.abs(times[near] - (start + end) / 2) - (end - start) / 2)
        pull = shape[2] * np.exp(-away / REACH)
        total[near] += pull
        opening[near] += pull * shape[0]
        width[near] += pull * shape[1]
    for p in listed:
        if not CLOSED & set(p["p"]) or p["start"] * rate >= count:
            continue
        inside = np.flatnonzero((times >= p["start"]) & (times <= p["end"]))
        if not len(inside):
            inside = [int(np.argmin(np.abs(times - (p["start"] + p["end"]) / 2)))]
        first, last = int(inside[0]), int(inside[-1])
        closures.append((first, last))
        gate = np.minimum(gate, np.clip(np.maximum(times[first] - times, times - times[last]) / GATE, 0, 1))
    for start, end in _spans(listed):
        hold = np.maximum(hold, 1 - np.clip(np.maximum(start - times, times - end) / RAMP, 0, 1))
    return Track(opening / total * _smooth(gate), width / total, _smooth(hold), closures)


def _sounds(listed):
    """The single sounds of phonemes; those of one phoneme share its time."""
    for p in listed:
        marks = [c for c in p["p"] if c in SHAPE] or [c for c in p["p"] if c not in TRAILING][:1]
        step = (p["end"] - p["start"]) / max(len(marks), 1)
        for i, mark in enumerate(marks):
            yield p["start"] + i * step, p["start"] + (i + 1) * step, SHAPE.get(mark, OTHER)


def _spans(listed):
    """Stretches of speech without a pause."""
    spans = []
    for p in listed:
        if spans and p["start"] - spans[-1][1] < PAUSE:
            spans[-1][1] = max(spans[-1][1], p["end"])
        else:
            spans.append([p["start"], p["end"]])
    return spans


def _smooth(x):
    return x * x * (3 - 2 * x)
