"""The models that this host serves, as GET /v1/models lists them."""

from . import VERSION, asr, mt, tts, weights

SPEECH_REGIONS, TRANSCRIPTION, TRANSLATION, SPEECH, LIPSYNC = "silero-whisper-base", "whisper-base", "bergamot-enpt", "kokoro-82m", "face-warp"

_WHISPER = "whisper-base/"
_SILERO = "faster_whisper/assets/silero"


def models():
    """The list, in a fixed order. version changes whenever the same weights would answer otherwise."""
    return [
        _model(SPEECH_REGIONS, "speech-regions", "faster-whisper-1.2.1", weights.of(_WHISPER, _SILERO), "MIT", "production",
               languages=asr.languages(), owned_by="silero-team and openai"),
        _model(TRANSCRIPTION, "transcription", "faster-whisper-1.2.1", weights.of(_WHISPER, _SILERO), "MIT", "production",
               languages=asr.languages(), owned_by="openai",
               notes="Speaker labels come from a heuristic: two similar voices may get one label."),
        _model(TRANSLATION, "translation", "fxtranslate-0.5.0", weights.of("bergamot-enpt/"), "MPL-2.0", "draft",
               languages=[">".join(mt.PAIR)], owned_by="mozilla",
               notes="A small student network: literal with idioms, blind to context. A linguist must read every line."),
        _model(SPEECH, "speech", "kokoro-1.0-int8", weights.of("kokoro/"), "Apache-2.0", "production",
               languages=sorted({language for language, _ in tts.VOICES.values()}), owned_by="hexgrad",
               voices=[{"id": v, "language": language, "gender": g} for v, (language, g) in tts.VOICES.items()], duration_control="exact"),
        _model(LIPSYNC, "lipsync", "mediapipe-0.10.21", weights.of("mediapipe/"), "Apache-2.0", "preview", owned_by="google",
               notes="Warps the mouth of the largest face of a shot; other faces stay as they are."),
    ]


def _model(name, capability, version, sha, license_name, grade, languages=(), voices=(), duration_control="none", notes="", owned_by=""):
    return {
        "id": name, "object": "model", "owned_by": owned_by, "capability": capability, "version": f"{version}+{VERSION}", "weights": sha,
        "license": license_name, "commercial_use": True, "grade": grade, "languages": list(languages), "voices": list(voices),
        "duration_control": duration_control, "notes": notes,
    }
