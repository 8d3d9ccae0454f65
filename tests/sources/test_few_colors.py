import numpy as np
import pytest

from ganstyle.sources.few_colors import few_colors


def test_areas_of_one_colour_are_found() -> None:
    rng = np.random.default_rng(0)
    colors = np.array([[0.1, 0.2, 0.3], [0.9, 0.8, 0.7], [0.1, 0.9, 0.1]])
    labels = rng.integers(0, 3, (20, 30))
    image = (colors[labels] + rng.normal(0, 0.005, (20, 30, 3))).transpose(2, 0, 1)
    found, means = few_colors(image, 8, rng)
    assert len(means) == 3  # what is alike counts as one
    for color, mean in zip(means[found].reshape(-1, 3), colors[labels].reshape(-1, 3), strict=True):
        assert color == pytest.approx(mean, abs=0.02)


def test_no_more_colours_than_asked_for_or_pixels_there_are() -> None:
    rng = np.random.default_rng(0)
    assert len(few_colors(rng.random((3, 16, 16)), 5, rng)[1]) <= 5
    labels, colors = few_colors(rng.random((3, 1, 2)), 9, rng)
    assert labels.shape == (1, 2)
    assert len(colors) == 2
