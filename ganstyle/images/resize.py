"""Resizing of images."""

from dataclasses import dataclass

from PIL import Image, ImageFilter

Size = tuple[int, int]
"""Width and height, px."""


@dataclass(frozen=True)
class Limit:
    """Limits in pixels to which larger images are reduced, by the longer and the shorter side."""

    longer: int | None = None
    shorter: int | None = None

    def size(self, size: Size) -> Size:
        """Size to which an image of that size is reduced."""
        ratio = min(
            1.0, (self.longer or max(size)) / max(size), (self.shorter or min(size)) / min(size)
        )
        return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))

    def reduce(self, image: Image.Image) -> Image.Image:
        """Reduce an image if it is larger."""
        return sized(image, self.size(image.size))


def sized(image: Image.Image, size: Size) -> Image.Image:
    """An image resized as sharply as possible; the image itself if it has that size."""
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)


def smooth_filter(size: Size, new: Size) -> str:
    """Name in torch of the filter for a network's input.

    Reduction averages what a pixel covers; enlargement is smooth.
    """
    return "bilinear" if new[0] < size[0] or new[1] < size[1] else "bicubic"


def enlarged(image: Image.Image, zoom: float) -> Image.Image:
    """Enlarge an image by zoom and sharpen it, as if its lines had been drawn that broad."""
    size = (round(image.width * zoom), round(image.height * zoom))
    sharp = ImageFilter.UnsharpMask(radius=1.2 * zoom, percent=80, threshold=0)
    return image.resize(size, Image.Resampling.LANCZOS).filter(sharp)
