"""The resident engines: each loaded once, on first use, and used by one request at a time."""

import contextlib
import threading

from . import catalogue
from .wire import WireError

# Requests that may wait for one engine; one more is told to come back.
QUEUE = 16
COME_BACK = 5  # seconds


class Engines:
    """All engines over one directory of models."""

    def __init__(self, models):
        self._slots = {
            catalogue.TRANSCRIPTION: _Slot(lambda: _recognizer(models)),
            catalogue.TRANSLATION: _Slot(lambda: _translator(models)),
            catalogue.SPEECH: _Slot(lambda: _synthesizer(models)),
            catalogue.LIPSYNC: _Slot(_lipsyncer),
        }
        self._slots[catalogue.SPEECH_REGIONS] = self._slots[catalogue.TRANSCRIPTION]

    def use(self, name, wanted):
        """A context that holds the engine of a model alone; wanted is the model that a route serves."""
        if name != wanted:
            raise WireError(404, "model_not_found", f"no model {name[:60]} here: this path serves {wanted}")
        return self._slots[wanted].alone()


class _Slot:
    def __init__(self, load):
        self._load, self._engine, self._lock = load, None, threading.Lock()
        self._places = threading.BoundedSemaphore(QUEUE)

    @contextlib.contextmanager
    def alone(self):
        if not self._places.acquire(blocking=False):
            raise WireError(503, "busy", f"{QUEUE} requests wait for this engine already", retry_after=COME_BACK)
        try:
            with self._lock:
                if self._engine is None:
                    self._engine = self._load()
                yield self._engine
        finally:
            self._places.release()


def _recognizer(models):
    from .asr import Recognizer
    return Recognizer(models)


def _translator(models):
    from .mt import Translator
    return Translator(models)


def _synthesizer(models):
    from .tts import Synthesizer
    return Synthesizer(models)


def _lipsyncer():
    from .lipsync import LipSyncer
    return LipSyncer()
