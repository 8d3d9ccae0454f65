"""Near-duplicates: versions of the same image, found by perceptual hashes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

_ALIKE = 4
"""Most bits, of 64, in which the hashes of two versions of an image differ."""


def fingerprint(image: Image.Image) -> np.ndarray:
    """Hash of 64 bits, each set where the image gets brighter from left to right (dHash)."""
    gray = image.convert("L")
    pixels = np.asarray(gray.resize((9, 8), Image.Resampling.BOX), dtype=int)
    return (np.diff(pixels, axis=1) > 0).ravel()  # (64,)


def near_duplicates(hashes: Sequence[tuple[Path, np.ndarray]]) -> list[tuple[Path, Path]]:
    """Pairs of files whose fingerprints differ in few bits: versions of the same image."""
    if not hashes:
        return []
    bits = np.stack([b for _, b in hashes]).astype(np.float32)  # (N, 64)
    pairs = []
    for index in range(len(bits) - 1):
        differing = np.abs(bits[index + 1 :] - bits[index]).sum(1)
        pairs += [
            (hashes[index][0], hashes[index + 1 + int(other)][0])
            for other in np.flatnonzero(differing <= _ALIKE)
        ]
    return pairs
