"""Crops that represent images, at the same scale on both sides."""

import zlib
from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.features.extractor import FAR_CROPS, FAR_SIDE, CropBatch
from ganstyle.features.torchscript import clean_resize
from ganstyle.images.resize import enlarged
from ganstyle.images.tensors import to_tensor


def crop_batch(
    image: Image.Image,
    stem: str,
    config: EvaluateConfig,
    count: int,
    *,
    like: Image.Image | None = None,
    zoom: float = 1,
    whole: bool = False,
    far: bool = False,
) -> CropBatch:
    """Crops of an image whose shorter side is brought to config.size.

    stem: name of the content image or style image; a result's crops are at the same places as those
    of its content image. count: at most config.grid^2. like: an image to whose shape this one is
    stretched first. zoom: factor of enlargement after that. whole: whether to add the whole image,
    for an extractor. far: whether to add the view from afar.
    """
    width, height = (like or image).size
    ratio = config.size / min(width, height)
    resized = image.resize((round(width * ratio), round(height * ratio)), Image.Resampling.LANCZOS)
    pixels = to_tensor(enlarged(resized, zoom) if zoom > 1 else resized)  # (H, W, 3)
    crops = _cut(pixels, config.crop, config.grid, chosen_places(stem, count, config.grid))
    seen_from_afar = far_crops(image, (width, height)) if far else None
    return CropBatch(stem, crops, clean_resize(image) if whole else None, seen_from_afar)


def far_crops(image: Image.Image, shape: tuple[int, int]) -> Tensor:
    """View of an RGB image from afar: squares along its longer side, uint8 (FAR_CROPS, S, S, 3).

    shape: width and height of the content image, to whose shape the image is stretched. Its shorter
    side is brought to S = FAR_SIDE px.
    """
    ratio = FAR_SIDE / min(shape)
    size = (max(FAR_SIDE, round(shape[0] * ratio)), max(FAR_SIDE, round(shape[1] * ratio)))
    pixels = to_tensor(image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
    corners = [
        tuple((side - FAR_SIDE) * index // (FAR_CROPS - 1) for side in size)
        for index in range(FAR_CROPS)
    ]
    return torch.stack([pixels[y : y + FAR_SIDE, x : x + FAR_SIDE] for x, y in corners])


def chosen_places(stem: str, count: int, grid: int) -> list[int]:
    """Indices, row by row, of the `count` grid places at which an image is cropped.

    They are evenly spread. If they are not all places, they depend on the image's name: a content
    image and its result get the same places, and a set of images covers all of them.
    """
    places = grid**2
    first = name_hash(stem) if count < places else 0
    return sorted((first + index * places // count) % places for index in range(count))


def name_hash(stem: str) -> int:
    """Random seed for an image of that name."""
    return zlib.crc32(stem.encode(errors="surrogateescape"))


def _cut(pixels: Tensor, crop: int, grid: int, places: Sequence[int]) -> Tensor:
    """Crops of (H, W, 3) at some of the places of an evenly spread grid: (n, crop, crop, 3)."""
    H, W, _ = pixels.shape
    tops, lefts = (torch.linspace(0, size - crop, grid).int().tolist() for size in (H, W))
    corners = [(tops[place // grid], lefts[place % grid]) for place in places]
    return torch.stack([pixels[top : top + crop, left : left + crop] for top, left in corners])
