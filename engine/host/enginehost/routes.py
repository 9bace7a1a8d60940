"""What each path of the wire does with its request. A route returns a Reply."""

import base64
import dataclasses
import json
import os
import time

from . import asr, catalogue, forms, mt, speech_regions, tts, wire
from .wire import invalid


@dataclasses.dataclass
class Reply:
    """An answer of status 200: a body of bytes, or the file at path, which goes once it is sent."""

    kind: str
    body: bytes = b""
    path: str = ""
    headers: dict = dataclasses.field(default_factory=dict)


def as_json(value):
    """A reply of JSON."""
    return Reply("application/json", json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


class Routes:
    """The paths, over engines and a directory for files in flight."""

    def __init__(self, engines, directory):
        self._engines, self._directory = engines, directory
        self.get = {"/healthz": self.health, "/v1/models": self.models}
        self.post = {
            "/v1/audio/speech-regions": self.find_speech, "/v1/audio/transcriptions": self.transcribe,
            "/v1/chat/completions": self.translate, "/v1/audio/speech": self.speak, "/v1/video/lipsync": self.lipsync,
        }

    def health(self):
        with open("/proc/self/statm", encoding="ascii") as f:
            pages = int(f.read().split()[1])
        return as_json({"ok": True, "rss_bytes": pages * os.sysconf("SC_PAGE_SIZE")})

    def models(self):
        return as_json({"object": "list", "data": catalogue.models()})

    def find_speech(self, body):
        with forms.Form(body, self._directory) as form:
            with self._engines.use(form.field("model"), catalogue.SPEECH_REGIONS) as recognizer:
                return as_json(speech_regions.find(recognizer, asr.read_audio(form.file("file"))))

    def transcribe(self, body):
        with forms.Form(body, self._directory) as form:
            if form.field("response_format", "verbose_json") != "verbose_json":
                raise invalid("unsupported_format", "response_format must be verbose_json")
            with self._engines.use(form.field("model"), catalogue.TRANSCRIPTION) as recognizer:
                samples = asr.read_audio(form.file("file"))
                return as_json(recognizer.transcribe(samples, form.field("language", ""), form.field("diarize", "false") == "true"))

    def translate(self, body):
        request = forms.read_json(body)
        messages = request.get("messages")
        asked = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"] if isinstance(messages, list) else []
        if not asked:
            raise invalid("invalid_request", "messages has no message of the user")
        work = forms.parse(wire.text(asked[-1], "content", forms.JSON_LIMIT), "the content of the message")
        source, target = wire.text(work, "source_language", 35), wire.text(work, "target_language", 35)
        cues = mt.cues(work.get("cues"))
        model = wire.text(request, "model", 100)
        with self._engines.use(model, catalogue.TRANSLATION) as translator:
            made = translator.translate(source, target, cues)
        content = json.dumps({"translations": made}, ensure_ascii=False)
        return as_json({
            "id": "chatcmpl-local", "object": "chat.completion", "created": int(time.time()), "model": model,
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        })

    def speak(self, body):
        request = forms.read_json(body)
        text = wire.text(request, "input", tts.LONGEST_TEXT)
        shape = wire.text(request, "response_format", 20, "wav")
        if shape not in ("json", "wav"):
            raise invalid("unsupported_format", "response_format must be json or wav")
        voice, language = wire.text(request, "voice", 100), wire.text(request, "language", 35, "")
        with self._engines.use(wire.text(request, "model", 100), catalogue.SPEECH) as synthesizer:
            samples, natural, timed = synthesizer.speak(text, voice, language, wire.seconds(request, "duration"),
                                                       wire.seconds(request, "max_duration"))
        audio = tts.to_wav(samples)
        if shape == "wav":
            return Reply("audio/wav", audio)
        return as_json({
            "audio": base64.b64encode(audio).decode(), "sample_rate": tts.RATE, "duration": round(len(samples) / tts.RATE, 6),
            "natural_duration": round(natural, 6), "phonemes": timed,
        })

    def lipsync(self, body):
        with forms.Form(body, self._directory) as form:
            timed = wire.phonemes(forms.parse(form.field("phonemes"), "phonemes", list))
            with self._engines.use(form.field("model"), catalogue.LIPSYNC) as lipsyncer:
                path, report = lipsyncer.run(form.file("file"), timed, self._directory)
        return Reply("video/x-matroska", path=path, headers={"X-Lipsync-Report": json.dumps(report)})
