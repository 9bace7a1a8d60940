"""Text to the symbols of the speech model, and back to IPA, by way of the espeak-ng program."""

import re
import subprocess
import unicodedata

from .wire import WireError, invalid

# The espeak-ng voice of each language that is spoken here.
VOICES = {"en-US": "en-us", "pt-BR": "pt-br"}

# espeak-ng joins the two parts of one sound with a zero-width joiner; the model has one symbol for each such sound.
JOINER = "\u200d"
JOINED = {"aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ"}

# How American English was written when the model learned it.
AMERICAN = (("ʔn\u0329", "tᵊn"), ("ʔ", "t"), ("əl", "ᵊl"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɪə", "iə"), ("e", "A"),
            ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""), ("ː", ""), ("ʲ", ""))

# The symbols of the model that are not IPA themselves.
TO_IPA = {symbol: pair for pair, symbol in JOINED.items()} | {"ᵊ": "ə", "T": "ɾ", "ᵻ": "ɪ"}

# Money is written before the number and spoken after it; espeak-ng alone reads the sign where it stands.
MONEY = {"en-US": {"US$": "dollars", "R$": "reais", "$": "dollars", "€": "euros", "£": "pounds"},
         "pt-BR": {"US$": "dólares", "R$": "reais", "$": "dólares", "€": "euros", "£": "libras"}}
_AMOUNT = re.compile(r"(US\$|R\$|\$|€|£)\s?(\d[\d.,]*\d|\d)")

STRESS = "ˈˌ"
TRAILING = "ː\u0303ʰʲ"  # belong to the sound before them
PUNCTUATION = ';:,.!?—…"()“” '

# A mark that parts two clauses: not the point of 2.500 or of Dr., nor the colon of 7:45.
_CLAUSE = re.compile(r'(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bSr)(?<!\bSt)(?<!\bMrs)(?<!\bSra)([;:,.!?…—–"“”()]+)(?!\d)')
_QUIET = re.compile(r"[^\w\s;:,.!?…—–\"“”()'’\-%$€£&@+/°ºª]")


def speakable(text):
    """The text without symbols that have no sound. Letters of another script than Latin are an error."""
    text = unicodedata.normalize("NFC", text).replace("\u2019", "'")
    foreign = {c for c in text if c.isalpha() and not unicodedata.name(c, "").startswith(("LATIN", "FEMININE", "MASCULINE"))}
    if foreign:
        raise invalid("unsupported_text", f"{len(foreign)} letters of the text are not Latin ({min(map(ord, foreign)):#06x} and others): translate or spell them")
    text = " ".join(_QUIET.sub(" ", text).replace("_", " ").split())
    if not any(c.isalnum() for c in text):
        raise invalid("nothing_to_speak", "the text has no letter and no number to speak")
    return text


def symbols(text, language):
    """The symbols for a text that speakable has passed. Punctuation stays: the model phrases by it."""
    text = _AMOUNT.sub(lambda m: f"{m[2]} {MONEY[language][m[1]]}", text)
    out = []
    for piece in _CLAUSE.split(text.replace("–", "—")):
        if not piece.strip():
            continue
        if _CLAUSE.fullmatch(piece):
            out.append(piece)
            continue
        spoken = _espeak(piece.strip(), VOICES[language])
        if spoken:
            out.append((" " if out and piece[0] == " " else "") + _to_model(spoken, language))
    return "".join(out).strip()


def _espeak(piece, voice):
    try:
        done = subprocess.run(["espeak-ng", "-q", "--ipa=3", "-v", voice, "--stdin"], input=piece, capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        raise WireError(500, "not_installed", "espeak-ng is not installed: install the Debian package espeak-ng") from None
    if done.returncode != 0:
        raise WireError(500, "phonemes_failed", f"espeak-ng ended with status {done.returncode}")
    return " ".join(re.sub(r"\([a-z-]+\)", "", done.stdout).split())


def _to_model(spoken, language):
    for pair, symbol in JOINED.items():
        spoken = spoken.replace(pair[0] + JOINER + pair[1], symbol)
    spoken = spoken.replace("tʃ", "ʧ").replace("dʒ", "ʤ").replace(JOINER, "")
    if language == "en-US":
        for old, new in AMERICAN:
            spoken = spoken.replace(old, new)
        spoken = re.sub(r"(\S)\u0329", r"ᵊ\1", spoken)
    return spoken.replace("-", "").replace("_", "").replace("\u0329", "")


def timed(spelled, frames, lead, frame, end):
    """When each sound is heard.

    frames holds the length of each symbol of spelled, with one entry before
    and one after it for the silence at the edges; frame is the length of one in
    seconds, and sound is heard lead seconds before its frames. A stress mark
    gives its frames to the vowel that follows, a length mark to the sound
    before. Times lie within 0 and end.
    """
    out, at, pending = [], int(frames[0]), None
    clock = lambda n: min(max(n * frame - lead, 0.0), end)
    for symbol, length in zip(spelled, frames[1:-1]):
        start, at = at, at + int(length)
        if symbol in STRESS:
            pending = start if pending is None else pending
        elif symbol in TRAILING and out:
            out[-1]["p"] += symbol if symbol == "\u0303" else ""
            out[-1]["end"] = round(clock(at), 4)
        elif symbol in PUNCTUATION:
            pending = None
        else:
            out.append({"p": TO_IPA.get(symbol, symbol), "start": round(clock(start if pending is None else pending), 4), "end": round(clock(at), 4)})
            pending = None
    return out
