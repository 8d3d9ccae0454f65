"""Reduction of an image to a few colours."""

import numpy as np

_ITERATIONS = 6
"""Iterations of k-means: the colours of a draft need not be optimal."""

_ALIKE = 0.03
"""Difference between colours, in [0, 1], below which they count as one."""


def few_colors(
    image: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the pixels, (h, w), and the colour of each label, (K, 3), by k-means (Lloyd 1982).

    image: (3, h, w) in [0, 1]. count: of colours; alike ones count as one, so K may be less.
    """
    points = image.reshape(3, -1).T  # (h * w, 3)
    colors = points[rng.choice(len(points), min(count, len(points)), replace=False)]
    for _ in range(_ITERATIONS):
        nearest = _nearest(points, colors)
        for label in range(len(colors)):
            own = points[nearest == label]
            if len(own):
                colors[label] = own.mean(0)
    distinct = [colors[0]]
    for color in colors[1:]:
        if min(np.abs(color - other).max() for other in distinct) > _ALIKE:
            distinct.append(color)
    colors = np.stack(distinct)
    return _nearest(points, colors).reshape(image.shape[1:]), colors


def _nearest(points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    # |p|^2 is the same for all colours, so it is left out.
    nearest: np.ndarray = (np.square(colors).sum(1) - 2 * points @ colors.T).argmin(1)
    return nearest
