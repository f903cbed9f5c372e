"""Ten digits that the package writes itself, in MNIST's layout: no file, no network.

A digit is one of a few templates, a handful of strokes through fixed points. Each image bends,
slants, turns, stretches and shifts its template at random, and a pen of random width follows it.
"""

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minidense import checks

Images: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

SIDE = 28  # pixels
DIGIT_HEIGHT = 19.0  # pixels that a template of height 1 takes, about as in MNIST
PEN_STEPS = 72  # pen positions of one digit: less than a pixel apart
STYLES = 3  # templates of each digit
CHUNK = 500  # images drawn at once: bounds the memory, and is part of what a seed means

# How hands differ. Most digits are neat and some are hasty: haste scales all the deviations of
# one digit. Tuned so that the small MLP of the examples ends at 95 to 98 % after five epochs.
NEAT, HASTE, HASTIEST = 0.35, 0.5, 2.0  # haste is exponential with mean HASTE, from NEAT on
MEAN_SLANT = 0.12
DEVIATIONS = np.array([0.13, 0.07, 0.09, 0.05], np.float32)  # slant, turn, log width, log height
WAVES = 4.4  # deviation of the waves' numbers, in radians per height of the digit
BEND = 0.03  # deviation of each of three waves, in heights of the digit
SHIFT = 0.5  # deviation, in pixels
PEN_WIDTH = (0.9, 1.45)  # deviation of the pen's Gaussian blot, in pixels
PRESSURE = (1.6, 3.2)  # how much ink flows: at 3.2, the middle of a stroke is 96 % white
GRAIN = 0.03  # deviation of the noise on each pixel, of full white

# STYLES templates of each digit. A stroke is a smooth curve through its points, "x y" in
# hundredths of the digit's height, from the centre, y downwards; strokes are parted by "/". A
# corner is where two strokes meet.
TEMPLATES = (
    # 0: an oval, a narrow oval, one that does not quite close
    "2 -50, -20 -38, -30 -5, -24 34, 0 50, 23 36, 31 2, 24 -36, 2 -50",
    "4 -50, -13 -36, -20 0, -14 36, 0 50, 15 34, 20 0, 14 -38, 4 -50",
    "14 -42, -4 -50, -24 -30, -31 8, -16 44, 8 49, 28 22, 28 -18, 12 -44, -6 -40",
    # 1: a line, one with a flag, one with a flag and a foot
    "1 -50, 0 0, -1 50",
    "-15 -31, -4 -38, 3 -50 / 3 -50, 2 0, 2 50",
    "-17 -28, -6 -36, 2 -50 / 2 -50, 2 0, 1 48 / -20 48, 0 49, 22 47",
    # 2: with a corner, with a loop, with a curved foot
    "-26 -28, -10 -47, 12 -48, 25 -30, 16 -4, -5 20, -28 46 / -28 46, 0 43, 30 47",
    "-24 -32, -8 -48, 14 -45, 22 -24, 10 6, -12 36, -27 42, -24 27, -6 32, 12 45, 32 38",
    "-24 -36, 0 -50, 21 -38, 18 -12, -4 14, -27 44 / -27 44, -8 36, 10 46, 30 40",
    # 3: two bows, a flat top, a small inner loop
    "-24 -38, -5 -50, 18 -42, 20 -22, 5 -5, -8 -2 / -8 -2, 15 3, 27 22, 15 43, -8 50, -28 38",
    "-24 -46, 0 -47, 22 -47 / 22 -47, 10 -28, -2 -10 / -2 -10, 20 0, 27 20, 12 44, -10 50, -28 38",
    "-22 -42, 2 -50, 21 -36, 10 -12, -8 -2, -2 -8, 18 4, 25 24, 8 46, -14 50, -26 40",
    # 4: open, closed, open with a short stem
    "-20 -48, -25 -20, -27 2 / -27 2, 0 4, 30 -2 / 18 -42, 15 0, 12 50",
    "10 -50, -10 -18, -30 12 / -30 12, 0 12, 30 11 / 10 -50, 11 0, 10 50",
    "-16 -50, -26 -20, -22 0, 0 4, 18 -6 / 20 -48, 18 -6, 12 22, 9 50",
    # 5: with corners, in one sweep, with a slanted cap
    "25 -48, 4 -48, -18 -48 / -18 -48, -20 -28, -22 -6 / "
    "-22 -6, 2 -14, 24 0, 25 25, 8 46, -12 48, -27 38",
    "24 -47, 0 -48, -20 -38, -18 -12, 5 -3, 23 15, 15 40, -8 50, -27 40",
    "28 -50, 8 -45, -12 -44 / -12 -44, -18 -24, -20 -8 / -20 -8, 6 -8, 20 12, 10 38, -26 48",
    # 6: a bent back, a straight back, a large bowl
    "18 -48, -5 -30, -20 0, -22 30, -5 49, 18 42, 24 20, 10 2, -10 10, -20 27",
    "8 -50, -8 -20, -20 12, -18 38, 0 50, 17 38, 14 18, -4 16, -17 30",
    "22 -46, -10 -36, -28 0, -22 34, 2 50, 26 36, 26 8, 4 -6, -18 6, -26 22",
    # 7: two strokes, with a bar, with a serif
    "-27 -44, 0 -45, 27 -47 / 27 -47, 8 -5, -5 50",
    "-27 -45, 0 -45, 26 -46 / 26 -46, 10 -5, -4 50 / -14 2, 4 0, 24 -2",
    "-26 -28, -27 -38, -24 -46 / -24 -46, 2 -44, 26 -48 / 26 -48, 4 2, 2 50",
    # 8: in one sweep, two ovals, a small head
    "18 -36, 0 -50, -20 -38, -15 -15, 5 0, 22 20, 17 42, 0 50, -20 40, -20 20, -2 0, "
    "17 -18, 18 -36",
    "0 -50, -18 -36, -16 -12, 0 -3, 17 -14, 18 -36, 0 -50 / "
    "0 -3, -22 10, -22 36, 0 50, 22 36, 22 10, 0 -3",
    "22 -44, 2 -48, -14 -34, -6 -12, 14 8, 20 30, 4 50, -16 40, -12 16, 6 -6, 22 -28, 22 -44",
    # 9: a straight stem, a curved tail, in one sweep
    "20 -30, 5 -48, -17 -42, -22 -20, -5 -5, 15 -15, 21 -34 / 21 -38, 19 0, 12 50",
    "20 -34, 0 -50, -20 -38, -20 -14, 0 -4, 17 -18, 20 -36 / 20 -36, 22 8, 10 42, -10 50, -22 42",
    "22 -40, 0 -48, -20 -30, -10 -8, 12 -14, 22 -40 / 22 -40, 10 2, -6 50",
)


def load_data(
    num_train: int = 10000, num_test: int = 2000, seed: int = 0
) -> tuple[tuple[Images, Images], tuple[Images, Images]]:
    """Write images of the ten digits, and return them as `mnist.load_data` does.

    Keras has no such data set: it stands in for MNIST where there is no file and no network. The
    digits differ in style, slant, turn, size, place, bend, pen and noise. Labels are drawn
    independently, so the ten classes are about equally frequent.

    Args:
        num_train: number of training images.
        num_test: number of test images.
        seed: number that the images follow from, 0 or more. Training and test part come from
            different streams, and NumPy's global generator is not touched. With the same seed, a
            smaller set is the start of a larger one.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all uint8: images (num_train, 28, 28) and
        (num_test, 28, 28) with pixels from 0, the paper, to 255, the ink; labels (num_train,)
        and (num_test,) from 0 to 9.

    Raises:
        TypeError: if an argument is not a whole number.
        ValueError: if an argument is negative.

    >>> (x_train, y_train), (x_test, y_test) = load_data(num_train=20, num_test=5)
    >>> x_train.shape, x_train.dtype, y_test.shape
    ((20, 28, 28), dtype('uint8'), (5,))
    """
    sizes = (checks.at_least("num_train", num_train, 0), checks.at_least("num_test", num_test, 0))
    streams = np.random.SeedSequence(checks.at_least("seed", seed, 0)).spawn(2)
    train, test = (np.random.Generator(np.random.PCG64(stream)) for stream in streams)
    return _draw(sizes[0], train), _draw(sizes[1], test)


def _templates() -> tuple[Floats, Floats]:
    """Return the pen's paths (30, PEN_STEPS, 2), centred, and the length (30,) of their steps."""
    paths, steps = [], []
    for template in TEMPLATES:
        curves = [_curve(stroke) for stroke in template.split("/")]
        line = np.concatenate(curves)
        lengths = np.hypot(*np.diff(line, axis=0).T)
        lifted = np.cumsum([len(curve) for curve in curves[:-1]], dtype=int) - 1
        lengths[lifted] = 0  # between two strokes, the pen leaves no ink
        travelled = np.concatenate([[0], np.cumsum(lengths)])
        at = np.linspace(0, travelled[-1], PEN_STEPS)
        paths.append(np.stack([np.interp(at, travelled, axis) for axis in line.T], axis=-1))
        steps.append(at[1])
    return np.array(paths, np.float32), np.array(steps, np.float32)


def _curve(stroke: str) -> Floats:
    """Return the Catmull-Rom curve through a stroke's points, as a fine polyline (m, 2)."""
    points = np.array([point.split() for point in stroke.split(",")], np.float32) / 100
    first, last = 2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1]
    padded = np.concatenate([first, points, last])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, 24, dtype=np.float32)[:, None, None]
    curve: Floats = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )  # (24, n - 1, 2)
    return curve.swapaxes(0, 1).reshape(-1, 2)


def _draw(size: int, rng: "np.random.Generator") -> tuple[Images, Images]:
    """Return `size` images (size, 28, 28) and their labels (size,).

    Every chunk is drawn whole and then cut, so that a smaller set is the start of a larger one.
    """
    paths, steps = _templates()
    images = np.empty((size, SIDE, SIDE), np.uint8)
    labels = np.empty(size, np.uint8)
    for start in range(0, size, CHUNK):
        label = rng.integers(0, len(TEMPLATES) // STYLES, CHUNK)
        template = label * STYLES + rng.integers(0, STYLES, CHUNK)
        chunk = _ink(_write(paths[template], rng), steps[template], rng)
        images[start : start + CHUNK] = chunk[: size - start]
        labels[start : start + CHUNK] = label[: size - start]
    return images, labels


def _write(path: Floats, rng: "np.random.Generator") -> Floats:
    """Return the paths (n, PEN_STEPS, 2) in pixels, each in a hand of its own."""
    n = len(path)

    def normal(*shape: int) -> Floats:
        return rng.standard_normal((n, *shape), dtype=np.float32)

    haste = NEAT + HASTE * rng.standard_exponential((n, 1), dtype=np.float32)
    haste = np.minimum(haste, HASTIEST)

    # Bend the paper: three sine waves in random directions, mostly longer than the digit.
    waves = WAVES * normal(2, 3)
    phases = 2 * np.pi * rng.random((n, 1, 3), dtype=np.float32)
    push = BEND * haste[:, :, None] * normal(3, 2)
    path = path + np.sin(path @ waves + phases) @ push
    path -= path.mean(axis=1, keepdims=True)

    slant, turn, width, height = (haste * normal(4) * DEVIATIONS).T
    slant = slant + MEAN_SLANT
    cos, sin = np.cos(turn), np.sin(turn)
    width, height = DIGIT_HEIGHT * np.exp(width), DIGIT_HEIGHT * np.exp(height)
    # A point (x, y) goes to (width x - slant height y, height y), and that is turned.
    x_to, y_to = (cos, sin), (-slant * cos - sin, cos - slant * sin)
    matrix = np.array([[width * part for part in x_to], [height * part for part in y_to]])
    centre = (SIDE - 1) / 2 + SHIFT * haste * normal(2)
    pixels: Floats = path @ matrix.transpose(2, 0, 1) + centre[:, None, :]
    return pixels


def _ink(path: Floats, step: Floats, rng: "np.random.Generator") -> Images:
    """Return the images (n, 28, 28) that a round, soft pen leaves along the paths.

    A Gaussian blot is a product of one in x and one in y, so a matrix product over the pen's
    positions adds up all blots of an image. Ink saturates, so crossings are not much brighter.
    """
    n = len(path)
    width = rng.uniform(*PEN_WIDTH, n).astype(np.float32)
    pressure = rng.uniform(*PRESSURE, n).astype(np.float32)
    # A long straight stroke gets as much ink along its middle as the pressure says.
    flow = pressure * step * DIGIT_HEIGHT / (width * math.sqrt(2 * math.pi))
    scale = math.sqrt(0.5) / width[:, None, None]
    pixels = scale * np.arange(SIDE, dtype=np.float32)  # (n, 1, 28)
    columns = _blot(scale * path[:, :, :1] - pixels)  # (n, PEN_STEPS, 28)
    rows = _blot(scale * path[:, :, 1:] - pixels) * flow[:, None, None]
    grey = 1 - np.exp(-(rows.swapaxes(1, 2) @ columns))  # (n, 28, 28)
    grey += GRAIN * rng.standard_normal((n, SIDE, SIDE), dtype=np.float32)
    images: Images = np.rint(255 * grey.clip(0, 1)).astype(np.uint8)
    return images


def _blot(distance: npt.NDArray[np.floating[Any]]) -> Floats:
    """Return exp(-distance²), not below exp(-30).

    Smaller numbers add nothing, and where they are denormal the product takes 20 times as long.
    """
    blot: Floats = np.exp(-np.minimum(np.square(distance), 30))
    return blot


__all__ = ["load_data"]
