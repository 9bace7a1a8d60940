"""Moving the mouth of one face in one frame: a mesh that bends the skin, and what shows between the lips."""

import cv2
import numpy as np
from scipy.interpolate import CubicSpline

from .face import CHIN, FOREHEAD, LOWER, POINTS, UPPER, unit

# All lengths are in eye distances (outer corner to outer corner, about 92 mm in an adult).
WIDEST = 0.17  # the gap of the lips at opening 1
NEUTRAL = 0.53  # the width of a mouth at rest
ROUND, SPREAD = 0.26, 0.05  # by which share of that rounding narrows the mouth, and spreading widens it
RELAX = 0.6  # the share of the way from the source's own width and smile to a mouth at rest
LOWER_SHARE = 0.78  # the share of a change of the gap that the lower lip and the jaw make
TEETH = 0.085  # how far the upper teeth reach below the lip
CLEFTS = (0.0, 0.092, 0.164, 0.24)  # where the front teeth part, from the middle: incisors of 8.5 and 6.6 mm, canines of 7
STILL = 0.25  # pixels: a frame that moves less passes unchanged
MARGIN = 0.30  # how far beyond the jaw the skin may still give way

JAW = [361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132]


def triangles():
    """The face mesh as triangles, with the slit of the mouth and a ring outside the jaw. Numbers above POINTS are the ring."""
    from mediapipe.python.solutions.face_mesh_connections import FACEMESH_TESSELATION
    near = {}
    for a, b in FACEMESH_TESSELATION:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    skin = sorted({tuple(sorted((a, b, c))) for a in near for b in near[a] for c in near[a] & near[b]})
    slit = [t for i in range(len(UPPER) - 1) for t in ((UPPER[i], UPPER[i + 1], LOWER[i]), (UPPER[i + 1], LOWER[i + 1], LOWER[i])) if len(set(t)) == 3]
    ring = [t for i in range(len(JAW) - 1) for t in ((JAW[i], JAW[i + 1], POINTS + i), (JAW[i + 1], POINTS + i + 1, POINTS + i))]
    return slit + skin + ring  # later ones are drawn over earlier ones


class Frame:
    """The axes of a face: its middle of the mouth, its right and its down, and its unit in pixels."""

    def __init__(self, points):
        self.unit = unit(points)
        down = points[CHIN] - points[FOREHEAD]
        self.down = down / np.linalg.norm(down)
        self.right = np.array([self.down[1], -self.down[0]], np.float32)
        if self.right @ (points[UPPER[-1]] - points[UPPER[0]]) < 0:
            self.right = -self.right
        self.origin = (points[UPPER[0]] + points[UPPER[-1]]) / 2

    def local(self, points):
        """Pixels to (right, down) in units."""
        return np.stack([(points - self.origin) @ self.right, (points - self.origin) @ self.down], -1) / self.unit

    def pixels(self, local):
        """The way back."""
        return self.origin + (local[..., :1] * self.right + local[..., 1:] * self.down) * self.unit


class Mouth:
    """The mesh, ready for any number of frames."""

    def __init__(self):
        self._triangles = np.array(triangles())

    def move(self, image, points, gap, width, hold):
        """The frame with the lips gap apart (units) and width wide (-1..1), and the region that may have changed.

        hold is how much of the change is made, 0 to 1. A frame in which nothing
        moves comes back as it is, with no region.
        """
        frame = Frame(points)
        source = np.vstack([frame.local(points), _ring(frame.local(points[JAW]))])
        target = source + hold * displacement(source, gap, width)
        if np.abs(target - source).max() * frame.unit < STILL:
            return image, None
        moved = np.abs(target - source).max(1) * frame.unit > 0.02
        use = self._triangles[moved[self._triangles].any(1)]
        corners = np.unique(use)
        hull = cv2.convexHull(np.round(frame.pixels(np.vstack([source[corners], target[corners]]))).astype(np.int32))
        x, y, w, h = _overlap(cv2.boundingRect(hull), (0, 0, image.shape[1], image.shape[0]))
        if w < 8 or h < 8:
            return image, None
        where = mapping(frame.pixels(source), frame.pixels(target), use, (x, y, w, h))
        made = cv2.remap(image, where[0], where[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        lips = cv2.boundingRect(np.round(frame.pixels(target[UPPER + LOWER])).astype(np.int32))
        lx, ly, lw, lh = _overlap((lips[0] - 4, lips[1] - 4, lips[2] + 8, lips[3] + 8), (x, y, w, h))
        if lw > 0 and lh > 0:
            part = made[ly - y:ly - y + lh, lx - x:lx - x + lw]
            part[:] = np.clip(np.round(between(part.astype(np.float32), image, frame, source, target, (lx, ly, lw, lh), hold)), 0, 255)
        mask = cv2.fillConvexPoly(np.zeros((h, w), np.uint8), hull - [x, y], 1)
        out = image.copy()
        cv2.copyTo(made, mask, out[y:y + h, x:x + w])
        return out, hull


def _ring(jaw):
    """Points beyond the jaw, which do not move."""
    outward = jaw / np.maximum(np.linalg.norm(jaw, axis=1, keepdims=True), 1e-6)
    return jaw + MARGIN * outward


def _overlap(a, b):
    """The box (left, top, width, height) that two boxes share; a width or height of 0 or less if none."""
    x, y = max(a[0], b[0]), max(a[1], b[1])
    return x, y, min(a[0] + a[2], b[0] + b[2]) - x, min(a[1] + a[3], b[1] + b[3]) - y


def _ease(x, low, high):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def displacement(source, gap, width):
    """How far each vertex goes, in units: the lips as asked, the skin around them less and less, the ring not at all."""
    upper, lower = source[UPPER], source[LOWER]
    half = np.ptp(source[[UPPER[0], UPPER[-1]], 0]) / 2
    middle = upper[[0, -1]].mean(0)
    profile = np.clip(1 - ((upper[:, 0] - middle[0]) / half) ** 2, 0, 1) ** 0.8
    change = gap * profile - (lower[:, 1] - upper[:, 1])  # of the gap, along the lips
    rise, drop = -(1 - LOWER_SHARE) * change, LOWER_SHARE * change

    x, y = source[:, 0] - middle[0], source[:, 1]
    line = np.interp(source[:, 0], upper[:, 0], (upper[:, 1] + lower[:, 1]) / 2)
    below = y > line
    below[LOWER], below[UPPER] = True, False
    lip = np.where(below, np.interp(source[:, 0], lower[:, 0], drop, 0, 0), np.interp(source[:, 0], upper[:, 0], rise, 0, 0))
    nose, chin = source[2, 1], source[CHIN, 1]
    up = 1 - _ease(upper[5, 1] - y, 0.02, max(upper[5, 1] - nose, 0.05))
    jaw = drop[5] * 0.8 * np.exp(-(x / (1.5 * half)) ** 2)
    depth = _ease(y, lower[5, 1] + 0.04, max(chin, lower[5, 1] + 0.1))
    vertical = np.where(below, lip * (1 - depth) + jaw * depth, lip * up)

    wished = NEUTRAL / 2 * (1 + (ROUND * min(width, 0) + SPREAD * max(width, 0)))
    rest = half + RELAX * (NEUTRAL / 2 - half)
    narrowing = (rest * wished / (NEUTRAL / 2)) / half - 1
    spread = np.exp(-(np.maximum(np.abs(x) - half, 0) / (0.5 * half)) ** 2) * np.exp(-((y - middle[1]) / (0.9 * half)) ** 2)
    horizontal = np.clip(x, -half, half) * narrowing * spread
    smile = max((upper[5, 1] + lower[5, 1]) / 2 - middle[1], 0) * RELAX * 0.6  # corners above the middle
    vertical = vertical + smile * spread * np.minimum((x / half) ** 2, 1)

    moved = np.stack([horizontal, vertical], 1)
    moved[POINTS:] = 0
    return moved


def mapping(source, target, use, box):
    """For each pixel of the box, where it comes from."""
    x, y, w, h = box
    owner = np.full((h, w), -1, np.int32)
    shift = 4
    corners = np.round((target[use] - [x, y]) * (1 << shift)).astype(np.int32)
    for i, polygon in enumerate(corners):
        cv2.fillConvexPoly(owner, polygon, i, cv2.LINE_8, shift)
    t, s = target[use].astype(np.float64), source[use].astype(np.float64)
    square = np.concatenate([t, np.ones((len(t), 3, 1))], 2)
    flat = np.abs(np.linalg.det(square)) < 0.05  # a closed slit has no area
    square[flat] = np.eye(3)
    affine = np.linalg.solve(square, s)  # [triangle, 3, 2]
    affine[flat] = 0
    affine[flat, 2] = s[flat].mean(1)
    px, py = np.meshgrid(np.arange(x, x + w, dtype=np.float32), np.arange(y, y + h, dtype=np.float32))
    a = affine.astype(np.float32)[np.maximum(owner, 0)]
    inside = owner >= 0
    out = []
    for k, plain in ((0, px), (1, py)):
        out.append(np.where(inside, a[..., 0, k] * px + a[..., 1, k] * py + a[..., 2, k], plain).astype(np.float32))
    return out


def between(made, image, frame, source, target, box, hold):
    """Draws what shows between the lips: teeth of the source where it shows some, a dark mouth, a hint of tongue."""
    x, y, w, h = box
    upper, lower = target[UPPER], target[LOWER]
    px, py = np.meshgrid(np.arange(x, x + w), np.arange(y, y + h))
    at = frame.local(np.stack([px, py], -1).astype(np.float32))
    u, v = at[..., 0], at[..., 1]
    left, right = upper[0, 0], upper[-1, 0]
    within = (u > left) & (u < right)
    top, bottom = _curve(upper)(u), _curve(lower)(u)
    pixel = 1 / frame.unit
    room = np.minimum(v - top, bottom - v)
    open_here = np.clip((bottom - top) / (3 * pixel), 0, 1)
    alpha = within * _ease(room, -0.8 * pixel, 0.8 * pixel) * open_here * min(1.0, 2 * hold)

    su, sl = source[UPPER], source[LOWER]
    shown = float(sl[5, 1] - su[5, 1])  # the gap of the source
    gap = float(lower[5, 1] - upper[5, 1])
    if alpha.max() <= 0 and shown < 0.02:
        return made
    skin = _skin(image, frame, source)
    across = np.clip((u - (left + right) / 2) / max((right - left) / 2, 1e-3), -1, 1)
    deep = np.clip((v - top) / max(gap, 0.02), 0, 1)

    cavity = skin * np.array([0.16, 0.14, 0.24], np.float32) * (1 - 0.55 * across[..., None] ** 2)
    tongue = skin * np.array([0.42, 0.40, 0.66], np.float32)
    lift = _ease(deep, 0.55, 0.95) * (1 - across ** 2) * float(_ease(gap, 0.07, 0.15)) * 0.6
    inside = cavity + (tongue - cavity) * lift[..., None]

    bone, reach = teeth(u - (left + right) / 2, across, skin)
    if shown > 0.02:
        stretch = max(1.0, min(gap, TEETH) / shown)
        s_left, s_right = su[0, 0], su[-1, 0]
        from_u = s_left + (u - left) / max(right - left, 1e-3) * (s_right - s_left)
        s_top, s_bottom = _curve(su)(from_u), _curve(sl)(from_u)
        from_v = np.minimum(s_top + (v - top) / stretch, s_bottom - 0.012)
        seen = frame.pixels(np.stack([from_u, from_v], -1)).astype(np.float32)
        bone = cv2.remap(image, seen[..., 0], seen[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
        reach = np.maximum(np.minimum(shown * stretch, TEETH), TEETH * 0.9) * (1 - 0.35 * across ** 2)
    edge = 0.016 if shown > 0.02 else 0.010
    tooth = 1 - _ease(v - top, reach - edge, reach + edge)
    tooth = tooth * float(_ease(gap, 0.0, 0.05))
    inside = inside + (bone - inside) * tooth[..., None]
    shade = 0.62 + 0.38 * _ease(v - top, 0.0, 0.028)
    inside = inside * shade[..., None]
    made = made + (inside - made) * alpha[..., None]

    # Lips that the warp has closed show the line in which they meet.
    meet = (top + bottom) / 2
    closed = (1 - float(_ease(gap, 0.0, 0.03))) * float(_ease(shown, 0.01, 0.04)) * hold
    line = within * np.exp(-((v - meet) / 0.010) ** 2) * (1 - 0.4 * across ** 4) * 0.5 * closed
    return made * (1 - line[..., None] * np.array([0.9, 0.95, 0.75], np.float32))


def teeth(u, across, skin):
    """Upper teeth for a face that shows none: their colour in the light of the skin, and how far they reach at each place."""
    light = min(float(skin.mean()) * 0.98 + 14, 225)
    colour = light * np.array([0.90, 0.99, 1.04], np.float32) * (1 - 0.55 * across ** 2)[..., None]
    cleft = sum(np.exp(-((np.abs(u) - at) / 0.005) ** 2) for at in CLEFTS)
    reach = TEETH * 0.8 * (1 - 0.35 * across ** 2) - 0.010 * np.minimum(cleft, 1)
    return colour * (1 - 0.16 * np.minimum(cleft, 1))[..., None], reach


def _curve(lip):
    """The smooth line through the points of a lip."""
    xs = np.maximum.accumulate(lip[:, 0] + np.arange(len(lip)) * 1e-5)
    return CubicSpline(xs, lip[:, 1], bc_type="natural")


def _skin(image, frame, source):
    """The colour of the cheeks: how much light there is."""
    height, width = image.shape[:2]
    patch = []
    for px, py in frame.pixels(source[[50, 280, 205, 425]]).astype(int):
        px, py = min(max(px, 3), width - 4), min(max(py, 3), height - 4)
        patch.append(image[py - 3:py + 4, px - 3:px + 4].reshape(-1, 3))
    return np.concatenate(patch).mean(0).astype(np.float32)
