from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ganstyle.data.crops import load_crops
from ganstyle.data.pyramids import SCALES, image_loader
from ganstyle.files import find_images
from ganstyle.images.resize import enlarged

LOAD100 = image_loader(short_side=100, crop=64)


def test_pyramids_hold_the_scales_that_a_crop_fits_into(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (200, 100)))
    crops = load_crops(paths, LOAD100, 64, 1)
    heights = [level.shape[0] for level in crops.pyramids[0]]
    assert heights == [round(100 * scale) for scale in SCALES if 100 * scale >= 64]


def test_small_pictures_are_enlarged_to_the_crop(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (30, 20)))
    crops = load_crops(paths, LOAD100, 64, 1)
    assert crops.pyramids[0][0].shape == (64, 96, 3)


def test_zoomed_pictures_are_larger_and_stay_sharp(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (200, 100)))
    load = image_loader(short_side=80, crop=64, smooth=3, zoom=1.5)
    assert load_crops(paths, load, 64, 1).pyramids[0][0].shape == (120, 240, 3)
    step = Image.new("RGB", (40, 40), "black")
    step.paste("white", (20, 0, 40, 40))
    edges = [
        np.diff(np.asarray(image.convert("L"))[40].astype(int)).max()
        for image in (enlarged(step, 2), step.resize((80, 80), Image.Resampling.LANCZOS))
    ]
    assert edges[0] > 1.3 * edges[1]
