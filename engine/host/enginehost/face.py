"""Finding the face of a shot: landmarks of every frame, one face followed through it."""

import cv2
import numpy as np

# Landmarks of the face mesh. Inner lips in pairs from one corner to the other.
UPPER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
LOWER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
LEFT_EYE, RIGHT_EYE = 33, 263  # outer corners: their distance is the unit of every length in a face
FOREHEAD, CHIN, NOSE, LEFT_EDGE, RIGHT_EDGE = 10, 152, 1, 234, 454
POINTS = 468

SMALLEST = 24  # pixels between the eyes; below it there is no mouth to speak of
TURNED = 0.22  # the nearer half of the face against the farther one, below which it is a profile
MOST_FACES = 3
FOLLOW = 0.5  # the farthest that a face moves between two frames, in eye distances

# Lips count as met below this gap, in eye distances. Measured on the test portrait: see README.
MET = 0.015


def unit(points):
    """The distance of the eyes in pixels."""
    return float(np.linalg.norm(points[LEFT_EYE] - points[RIGHT_EYE]))


def aperture(points):
    """The gap of the lips at their middle, in eye distances."""
    return float(np.linalg.norm(points[13] - points[14])) / unit(points)


class Finder:
    """A detector for the frames of one shot in their order, or for single frames."""

    def __init__(self, single=False):
        from mediapipe.python.solutions.face_mesh import FaceMesh
        self._mesh = FaceMesh(static_image_mode=single, max_num_faces=1 if single else MOST_FACES, refine_landmarks=True,
                              min_detection_confidence=0.5, min_tracking_confidence=0.5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._mesh.close()

    def faces(self, frame):
        """The landmarks of each face in a BGR frame, in pixels."""
        found = self._mesh.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)).multi_face_landmarks or []
        size = np.array(frame.shape[1::-1], np.float32)
        return [np.array([(p.x, p.y) for p in f.landmark[:POINTS]], np.float32) * size for f in found]


def follow(frames):
    """The landmarks of the main face in each frame, None where there is none, and the number of frames.

    The main face is the largest of the frame in which one first appears; it is
    followed by its place. Landmarks are smoothed over neighbouring frames, or
    the mouth would tremble.
    """
    found, last = [], None
    with Finder() as finder:
        for frame in frames:
            faces = [f for f in finder.faces(frame) if usable(f)]
            if last is None:
                face = max(faces, key=unit, default=None)
            else:
                face = min(faces, key=lambda f: _apart(f, last), default=None)
                if face is not None and _apart(face, last) > FOLLOW * unit(last):
                    face = None
            last = last if face is None else face
            found.append(face)
    return smoothed(found)


def usable(points):
    """Whether the face is large enough and turned to the camera enough."""
    across = points[RIGHT_EDGE] - points[LEFT_EDGE]
    at = float((points[NOSE] - points[LEFT_EDGE]) @ across / max(across @ across, 1e-6))
    return unit(points) >= SMALLEST and TURNED < at / max(1 - at, 1e-6) < 1 / TURNED


def _apart(a, b):
    return float(np.linalg.norm(a.mean(0) - b.mean(0)))


def smoothed(found):
    """Each face averaged with its neighbours in time, where it has them."""
    out = []
    for i, face in enumerate(found):
        if face is not None:
            near = [(found[j], w) for j, w in ((i - 1, 0.5), (i, 1.0), (i + 1, 0.5)) if 0 <= j < len(found) and found[j] is not None]
            face = sum(f * w for f, w in near) / sum(w for _, w in near)
        out.append(face)
    return out
