"""Lip-sync of one shot: find the face, move its mouth to the phonemes, and measure what was made."""

import os
import tempfile
import zlib

import numpy as np

from . import face, visemes
from .mouth import WIDEST, Mouth
from .video import Video, Writer

CALM = 0.02  # eye distances: a source mouth that moves less in a silence is left alone


class LipSyncer:
    """The resident engine. Work on a shot holds a few frames and the landmarks of all, never the shot."""

    def __init__(self):
        import cv2
        cv2.setNumThreads(1)
        self._mouth = Mouth()

    def run(self, path, phonemes, directory):
        """The path of the made video in directory, and the report on it."""
        video = Video(path)
        faces = face.follow(video.frames())
        track = visemes.track(phonemes, float(video.rate), len(faces))
        gaps = openings(faces, track)
        handle, made = tempfile.mkstemp(suffix=".mkv", dir=directory)
        os.close(handle)
        try:
            regions, prints, identical = [], [], True
            with Writer(made, video) as writer:
                for i, frame in enumerate(video.frames()):
                    out, region = frame, None
                    if faces[i] is not None:
                        gap, hold = gaps[i]
                        out, region = self._mouth.move(frame, faces[i], gap, track.width[i] * track.hold[i], hold)
                    identical &= same_outside(frame, out, region)
                    regions.append(region)
                    prints.append(zlib.crc32(out))
                    writer.put(out)
            return made, self._measure(made, prints, identical, faces, regions, track)
        except BaseException:
            os.unlink(made)
            raise

    @staticmethod
    def _measure(made, prints, identical, faces, regions, track):
        """Looks at the frames as they come out of the file: what was checked before it was written holds if they are the same."""
        closures = [(first, last) for first, last in track.closures if any(faces[i] is not None for i in range(first, last + 1))]
        looked = {i for first, last in closures for i in range(first - 1, last + 2)}
        met, count = set(), 0
        with face.Finder(single=True) as finder:
            for i, frame in enumerate(Video(made).frames()):
                count += 1
                identical &= i < len(prints) and zlib.crc32(frame) == prints[i]
                if i in looked and any(face.aperture(f) < face.MET for f in finder.faces(frame)):
                    met.add(i)
        return {
            "frames": count, "face_frames": sum(f is not None for f in faces), "changed_frames": sum(r is not None for r in regions),
            "closures": len(closures), "closures_hit": sum(any(i in met for i in range(a - 1, b + 2)) for a, b in closures),
            "outside_identical": identical and count == len(prints), "grade": "preview",
        }


def same_outside(before, after, region):
    """Whether no pixel differs outside the region, a convex polygon; None is a region without pixels."""
    import cv2
    outside = np.ones(before.shape[:2], np.uint8)
    if region is not None:
        cv2.fillConvexPoly(outside, region, 0)
    return before.shape == after.shape and cv2.norm(before, after, cv2.NORM_INF, outside) == 0


def openings(faces, track):
    """For each frame the wished gap of the lips, in eye distances, and how much of the change is made.

    In a silence the mouth is the source's own where that is calm. Where the
    source speaks on, it is held at its own most closed position.
    """
    own = np.array([np.nan if f is None else face.aperture(f) for f in faces])
    out = [(o * WIDEST, h) for o, h in zip(track.opening, track.hold)]
    for first, last in _silences(track.hold):
        heard = own[first:last][~np.isnan(own[first:last])]
        if not len(heard) or np.ptp(heard) < CALM:
            continue
        rest = float(np.percentile(heard, 10))
        for i in range(first, last):
            opening, hold = out[i]
            out[i] = (opening * hold + rest * (1 - hold), 1.0)
    return out


def _silences(hold):
    """Stretches (first, end) in which the track lets go."""
    free = np.concatenate([[False], hold < 1, [False]])
    edges = np.flatnonzero(free[1:] != free[:-1])
    return list(zip(edges[::2], edges[1::2]))
