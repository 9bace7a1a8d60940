"""The table of hashes: what each model is made of."""

import hashlib
import pathlib

_ROOT = pathlib.Path(__file__).resolve().parent.parent


def table():
    """Path to sha256, of every model file and of the weights inside packages."""
    rows = {}
    for name in ("models.sha256", "packages.sha256"):
        for line in (_ROOT / name).read_text().splitlines():
            sha, path = line.split(None, 1)
            rows[path] = sha
    return rows


def of(*prefixes):
    """One sha256 for several files: the hash of their hashes, concatenated in the order of their paths."""
    found = sorted((path, sha) for path, sha in table().items() if path.startswith(prefixes))
    if not found:
        raise KeyError(f"no weights under {prefixes}")
    return found[0][1] if len(found) == 1 else hashlib.sha256("".join(sha for _, sha in found).encode()).hexdigest()


def missing(models):
    """The model files that are not in the directory."""
    return [p for p in table() if not p.startswith(("mediapipe/", "faster_whisper/")) and not (pathlib.Path(models) / p).is_file()]
