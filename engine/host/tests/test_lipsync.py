"""Lip-sync, on short shots made of a public-domain portrait."""

import json
import subprocess

import numpy as np
import pytest
from conftest import MODELS

from enginehost import face, lipsync, visemes
from enginehost.video import Video

RATE = 25
SPOKEN = [("m", 0.50), ("a", 0.60), ("m", 0.75), ("ɐ̃", 0.85), ("v", 1.00), ("oʊ", 1.08), ("p", 1.24), ("aɪ", 1.32)]
PHONEMES = [{"p": p, "start": start, "end": end} for (p, start), end in zip(SPOKEN, [s for _, s in SPOKEN[1:]] + [1.5])]


def shot(path, picture, seconds=2):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *picture, "-t", str(seconds), "-r", str(RATE), "-c:v", "libx264", "-crf", "14",
                    "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    return shot(tmp_path_factory.mktemp("shot") / "portrait.mp4", ["-loop", "1", "-i", str(MODELS / "astronaut.png")])


@pytest.fixture(scope="module")
def synced(host, portrait, tmp_path_factory):
    return sync(host, portrait, PHONEMES, tmp_path_factory.mktemp("made") / "out.mkv")


def sync(host, path, phonemes, out):
    status, headers, data = host.form("/v1/video/lipsync", {"model": "face-warp", "phonemes": json.dumps(phonemes)}, path)
    assert status == 200 and headers["Content-Type"] == "video/x-matroska"
    out.write_bytes(data)
    return json.loads(headers["X-Lipsync-Report"]), out


def frames(path):
    return list(Video(str(path)).frames())


def apertures(pictures):
    with face.Finder(single=True) as finder:
        return [face.aperture(finder.faces(p)[0]) for p in pictures]


def test_lips_meet_on_every_closed_sound_and_open_on_vowels(synced):
    report, out = synced
    gaps = apertures(frames(out)[i] for i in (13, 17, 19, 22, 34))

    assert (report["frames"], report["face_frames"], report["closures"], report["closures_hit"]) == (50, 50, 3, 3)
    assert 15 < report["changed_frames"] < 45 and report["grade"] == "preview"
    assert min(gaps[1], gaps[3]) > 2 * max(gaps[0], gaps[2])


def test_frames_keep_count_size_and_rate_and_all_outside_the_mouth(portrait, synced):
    report, out = synced
    before, after = frames(portrait), frames(out)
    differs = np.flatnonzero((np.stack(before) != np.stack(after)).any((0, 2, 3)))

    assert report["outside_identical"] is True
    assert len(before) == len(after) == 50 and before[0].shape == after[0].shape and Video(str(out)).rate == RATE
    assert np.array_equal(before[0], after[0]) and np.array_equal(before[-1], after[-1])
    assert 90 < differs.min() and differs.max() < 230  # rows of the lower face alone


def test_the_same_request_gives_the_same_bytes(host, portrait, synced, tmp_path):
    again = sync(host, portrait, PHONEMES, tmp_path / "again.mkv")

    assert again[0] == synced[0] and again[1].read_bytes() == synced[1].read_bytes()


def test_without_phonemes_the_mouth_stays_closed(host, portrait, tmp_path):
    report, out = sync(host, portrait, [], tmp_path / "closed.mkv")

    assert (report["closures"], report["changed_frames"]) == (0, 50)
    assert max(apertures(frames(out)[::12])) < face.MET < min(apertures(frames(portrait)[:1]))


def test_a_shot_without_a_face_comes_back_as_it_is(host, tmp_path):
    bare = shot(tmp_path / "bare.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25"], 1)

    report, out = sync(host, bare, PHONEMES, tmp_path / "out.mkv")

    assert (report["face_frames"], report["changed_frames"], report["closures"], report["outside_identical"]) == (0, 0, 0, True)
    assert all(np.array_equal(a, b) for a, b in zip(frames(bare), frames(out), strict=True))


def test_frames_where_the_face_is_lost_pass_unchanged(host, tmp_path):
    cut = shot(tmp_path / "cut.mp4", ["-loop", "1", "-i", str(MODELS / "astronaut.png"), "-vf",
                                      "drawbox=enable='between(t,0.8,1.2)':w=iw:h=ih:color=gray:t=fill,format=yuv420p"])

    report, out = sync(host, cut, PHONEMES, tmp_path / "out.mkv")
    before, after = frames(cut), frames(out)

    assert 35 <= report["face_frames"] <= 41 and report["outside_identical"] is True
    assert all(np.array_equal(before[i], after[i]) for i in range(21, 29))


def test_a_change_outside_the_region_is_seen():
    before = np.zeros((40, 40, 3), np.uint8)
    region = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], np.int32)
    inside, outside = before.copy(), before.copy()
    inside[20, 20, 1], outside[5, 5, 2] = 9, 1

    assert lipsync.same_outside(before, inside, region)
    assert not lipsync.same_outside(before, outside, region)
    assert not lipsync.same_outside(before, inside, None)


def test_a_track_is_closed_on_closed_sounds_however_short():
    track = visemes.track([{"p": "a", "start": 0.0, "end": 0.20}, {"p": "p", "start": 0.205, "end": 0.21}, {"p": "a", "start": 0.21, "end": 0.5}], RATE, 25)

    assert track.closures == [(5, 5)] and track.opening[5] == 0
    assert track.opening[2] > 0.6 and track.opening[8] > 0.6
    assert track.hold[0] == 1 and track.hold[-1] == 0


def test_a_source_that_speaks_on_in_a_silence_is_held_at_its_rest():
    points = [np.zeros((face.POINTS, 2), np.float32) for _ in range(10)]
    for i, p in enumerate(points):
        p[face.RIGHT_EYE], p[14] = (100, 0), (0, 15 if i % 2 else 2)
    track = visemes.Track(np.zeros(10), np.zeros(10), np.zeros(10), [])

    talking, calm = lipsync.openings(points, track), lipsync.openings(points[::2] * 2, track)

    assert all(hold == 1 and abs(gap - 0.02) < 0.001 for gap, hold in talking)
    assert all(hold == 0 for _, hold in calm)
