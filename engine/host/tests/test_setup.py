"""Set-up refuses what is not in the table and does nothing twice."""

import hashlib
import os
import subprocess
import sys

import pytest
from conftest import MODELS, ROOT

sys.path.insert(0, str(ROOT))
import assemble  # noqa: E402


def test_a_file_is_put_only_if_its_hash_is_right(tmp_path):
    right = hashlib.sha256(b"weights").hexdigest()

    assemble.put(tmp_path / "a" / "good.bin", [b"wei", b"ghts"], right, "good.bin")
    with pytest.raises(assemble.Refused, match="bad.bin is refused"):
        assemble.put(tmp_path / "a" / "bad.bin", [b"other"], right, "bad.bin")

    assert {p.name: p.read_bytes() for p in (tmp_path / "a").iterdir()} == {"good.bin": b"weights"}


def test_a_put_replaces_a_file_that_was_wrong(tmp_path):
    path = tmp_path / "good.bin"
    path.write_bytes(b"half")

    assemble.put(path, [b"weights"], hashlib.sha256(b"weights").hexdigest(), "good.bin")

    assert path.read_bytes() == b"weights"


def test_every_model_of_the_table_has_a_recipe():
    assert assemble.recipes(MODELS.parent / "fetched", MODELS).keys() == assemble.table("models.sha256").keys()


def test_a_finished_set_up_has_nothing_to_do():
    done = subprocess.run([ROOT / "setup.sh", MODELS.parent, "--tests"], capture_output=True, text=True, env=os.environ, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
