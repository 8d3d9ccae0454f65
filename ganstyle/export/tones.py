"""Tones in a graph: a photo brought to those of a style's pictures, as sources/tones does it."""

from collections.abc import Callable

import numpy as np

from ganstyle.export.graph import (
    Value,
    cast,
    cut,
    largest,
    op,
    results_of,
    side,
    smallest,
    stacked,
    total,
)
from ganstyle.export.resizing import Size, resized_floats, triangle
from ganstyle.sources import oklab, tones
from ganstyle.sources.easel import Easel
from ganstyle.sources.tones import Tones

Recolor = Callable[[Value], Value]
"""Changes the colours of an image, (1, 3, H, W) in [0, 1]."""


def tone_map(photo: Value, easel: Easel) -> Recolor:
    """The map that brings a photo, (1, 3, H, W) in [0, 1], to the tones of a style."""
    light, color = 1 - easel.keep_tone, easel.palette
    if easel.tones is None or not (light or color or easel.tones.is_gray):
        return lambda image: image
    own = _measured(photo)
    wanted = _nearest(own, easel.tones, easel.tone_share)
    gray = easel.tones.is_gray

    def recolored(image: Value) -> Value:
        lab = _to_lab(image)
        lightness, chroma = cut(lab, 1, 1), cut(lab, 1, 3, 1)
        lightness = _lerp(lightness, _mapped(lightness, own[0], wanted[0]), light)
        if gray:
            chroma = 0.0 * chroma + _column(wanted[1])
        elif color:
            matrix, tint = _color_map(own, wanted)
            kernel = op("Unsqueeze", matrix, np.array([2, 3]))
            chroma = _lerp(chroma, op("Conv", chroma, kernel) + _column(tint), color)
        return _from_lab(op("Concat", lightness, chroma, axis=1))

    return recolored


Measured = tuple[Value, Value, Value]
"""Quantiles of lightness, (17,), means of a and b, (2,), and their covariance, (3,): aa, ab, bb."""


def _measured(photo: Value) -> Measured:
    size = Size.of(photo)
    small = size.scaled(smallest(size.short, np.array(tones._SIDE)), size.short)
    lab = _to_lab(resized_floats(photo, small, triangle))
    rows = op("Reshape", lab, np.array([3, -1]))
    lightness, chroma = cut(rows, 0, 1), cut(rows, 0, 3, 1)
    number = side(rows, 1)
    means = op("ReduceMean", chroma, np.array([1]), keepdims=1)  # (2, 1)
    centred = chroma - means
    products = op("MatMul", centred, op("Transpose", centred, perm=[1, 0]))
    covariance = products / cast(largest(number - 1, np.array(1)), np.float32)
    entries = op("Gather", op("Reshape", covariance, np.array([-1])), np.array([0, 1, 3]))
    ordered = op("Reshape", lightness, np.array([-1]))
    return _quantiles(ordered, number), op("Reshape", means, np.array([2])), entries


def _quantiles(values: Value, number: Value) -> Value:
    ordered, _ = results_of("TopK", values, stacked(number), results=2, largest=0)
    share = np.linspace(0, 1, tones._QUANTILES, dtype=np.float32)
    at = cast(number - 1, np.float32) * share
    low = op("Floor", at)
    below, above = (op("Gather", ordered, cast(each, np.int64)) for each in (low, op("Ceil", at)))
    return below + (above - below) * (at - low)


def _nearest(own: Measured, known: Tones, share: float) -> Measured:
    """Means of the share of pictures that are nearest in tone."""
    fields = [("lightness", tones._QUANTILES), ("color", 2), ("covariance", 3)]
    tables = [
        np.array([getattr(each, name) for each in known.pictures], np.float32).reshape(-1, count)
        for name, count in fields
    ]
    distance = _mean_square(own[0], tables[0]) + _mean_square(own[1], tables[1])
    count = max(1, round(share * len(known.pictures)))
    chosen = results_of("TopK", distance, np.array([count]), results=2, largest=0)[1]
    lightness, color, covariance = (
        op("ReduceMean", op("Gather", table, chosen), np.array([0]), keepdims=0) for table in tables
    )
    return lightness, color, covariance


def _mean_square(row: Value, table: np.ndarray) -> Value:
    return op("ReduceMean", (row - table) * (row - table), np.array([1]), keepdims=0)


def _mapped(lightness: Value, own: Value, wanted: Value) -> Value:
    """Lightness by a monotonous curve through the quantiles of both."""
    last, steepest = tones._QUANTILES - 1, tones._STEEPEST
    x = _clamped(own, 0.0, 1.0)
    steps = largest(cut(x, 0, last + 1, 1) - cut(x, 0, last), 1e-4)
    slopes = (cut(wanted, 0, last + 1, 1) - cut(wanted, 0, last)) / steps
    slopes = _clamped(slopes, 1 / steepest, steepest)
    curve = _sums(slopes * steps)
    shift = op("ReduceMean", wanted - curve, keepdims=1)  # (1,)
    knots = cut(x, 0, 1) + _sums(steps)
    # Straight pieces, one after the other: each rises from its first knot to its second.
    first, rise, slope = (_column(row) for row in (cut(knots, 0, last), steps, slopes))
    pieces = smallest(largest(lightness - first, 0.0), rise) * slope  # (1, 16, H, W)
    inner = smallest(largest(lightness, cut(knots, 0, 1)), cut(knots, 0, last + 1, last))
    return total(pieces, 1) + shift + (lightness - inner)


def _sums(steps: Value) -> Value:
    """Sums of none, one, two and so on of the numbers, (N + 1,)."""
    return op("Concat", np.zeros(1, np.float32), op("CumSum", steps, np.array(0)), axis=0)


def _color_map(own: Measured, wanted: Measured) -> tuple[Value, Value]:
    """Matrix (2, 2) and offset (2,) for a and b, as sources/tones has them."""
    root, inverse = _roots(_moments(own))
    middle, _ = _roots(_product(root, _moments(wanted), root))
    palest = tones._PALEST
    matrix = _spectral(
        _product(inverse, middle, inverse), lambda x: _clamped(x, palest, 1 / palest)
    )
    tint = cast(wanted[1], np.float32) - op("MatMul", matrix, cast(own[1], np.float32))
    norm = op("Sqrt", op("ReduceSum", tint * tint, keepdims=1))
    tint = tint * smallest(1.0, tones._MOST_TINT / largest(norm, 1e-6))
    return cast(matrix, np.float32), cast(tint, np.float32)


def _moments(measured: Measured) -> Value:
    """Second moments of a and b about grey, (2, 2)."""
    covariance = op("Gather", measured[2], np.array([[0, 1], [1, 2]]))
    mean = op("Unsqueeze", cast(measured[1], np.float32), np.array([1]))
    centred = cast(covariance, np.float32) + tones._LEAST_VARIANCE * np.eye(2, dtype=np.float32)
    return centred + mean * op("Transpose", mean, perm=[1, 0])


def _roots(matrix: Value) -> tuple[Value, Value]:
    """Square root of a symmetric positive matrix (2, 2), and the inverse of the root."""
    root = _spectral(matrix, lambda x: op("Sqrt", largest(x, 1e-8)))
    return root, _spectral(matrix, lambda x: 1.0 / op("Sqrt", largest(x, 1e-8)))


def _spectral(matrix: Value, function: Recolor) -> Value:
    """A symmetric matrix (2, 2) with a function of its eigenvalues in their place."""
    unit = np.eye(2, dtype=np.float32)
    mean = op("ReduceSum", matrix * unit, keepdims=1) / 2.0  # (1, 1)
    apart = matrix - mean * unit
    half = op("Sqrt", op("ReduceSum", apart * apart, keepdims=1) / 2.0)  # the eigenvalues': +-
    high, low = function(mean + half), function(mean - half)
    return (high + low) / 2.0 * unit + (high - low) / (2.0 * largest(half, 1e-20)) * apart


def _product(*matrices: Value) -> Value:
    left, middle, right = matrices
    return op("MatMul", op("MatMul", left, middle), right)


def _to_lab(image: Value) -> Value:
    """OKLab of sRGB: (1, 3, H, W) in [0, 1] to lightness, a and b."""
    curved = op("Pow", (image + 0.055) / 1.055, 2.4)
    linear = op("Where", image < 0.04045, image / 12.92, curved)
    cones = largest(_turned(linear, np.array(oklab.TO_LMS)), 0.0)
    return _turned(op("Pow", cones, 1 / 3), np.array(oklab.TO_LAB))


def _from_lab(lab: Value) -> Value:
    """sRGB, (1, 3, H, W) in [0, 1], of OKLab."""
    roots = _turned(lab, np.linalg.inv(np.array(oklab.TO_LAB)))
    linear = _turned(roots * roots * roots, np.linalg.inv(np.array(oklab.TO_LMS)))
    linear = _clamped(linear, 0.0, 1.0)
    curved = 1.055 * op("Pow", linear, 1 / 2.4) - 0.055
    return _clamped(op("Where", linear < 0.0031308, linear * 12.92, curved), 0.0, 1.0)


def _turned(image: Value, matrix: np.ndarray) -> Value:
    """Colours times a matrix, (3, 3)."""
    return op("Conv", image, matrix.astype(np.float32)[:, :, None, None])


def _clamped(value: Value, low: float, high: float) -> Value:
    return smallest(largest(value, low), high)


def _lerp(one: Value, other: Value, share: float) -> Value:
    return one + (other - one) * share


def _column(row: Value) -> Value:
    """A row, (N,), along the channels of an image, (1, N, 1, 1)."""
    return op("Unsqueeze", row, np.array([0, 2, 3]))
