"""Evaluations that cost a test little."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _quick_views() -> Iterator[None]:
    """Views from afar of 64 px instead of 224, and one round of classifiers instead of three."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganstyle.metrics.crops.FAR_SIDE", 64)
        patch.setattr("ganstyle.metrics.taken_for_photos._ROUNDS", 1)
        yield
