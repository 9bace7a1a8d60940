"""What every part of the host shares about the wire: errors and the checks of a request."""

import math


class WireError(Exception):
    """An answer of status 400 or more; message names cause and remedy and holds no user's text."""

    def __init__(self, status, code, message, retry_after=0):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.retry_after = retry_after  # seconds, 0 for none


def invalid(code, message):
    """The error of a request that can never succeed as it is."""
    return WireError(400, code, message)


def text(request, name, longest, default=None):
    """The string field of a JSON object; longest is in characters."""
    value = request.get(name, default)
    if not isinstance(value, str):
        raise invalid("invalid_request", f"{name} must be a string")
    if len(value) > longest:
        raise WireError(413, "too_long", f"{name} has {len(value)} characters, the limit is {longest}: send less at once")
    return value


def seconds(request, name):
    """A time or length in seconds, 0 where the field is absent; never negative, never infinite."""
    value = request.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise invalid("invalid_request", f"{name} must be a number of seconds, not negative")
    return float(value)


def phonemes(listed):
    """A list of phonemes from the wire, each with p, start and end, in the order of their starts."""
    if not isinstance(listed, list) or not all(isinstance(p, dict) for p in listed):
        raise invalid("invalid_request", "phonemes must be a list of objects with p, start and end")
    if len(listed) > 100_000:
        raise WireError(413, "too_long", f"{len(listed)} phonemes for one shot, the limit is 100000")
    out = [{"p": text(p, "p", 16), "start": seconds(p, "start"), "end": seconds(p, "end")} for p in listed]
    if any(p["end"] < p["start"] for p in out):
        raise invalid("invalid_request", "a phoneme ends before it starts")
    return sorted(out, key=lambda p: p["start"])
