"""Images in other sizes."""

from dataclasses import dataclass

from PIL import Image, ImageFilter

Size = tuple[int, int]
"""Width and height, px."""


@dataclass(frozen=True)
class Limit:
    """Sides in pixels to which larger images are reduced."""

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
    """An image in that size; itself where it has it."""
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)


def enlarged(image: Image.Image, zoom: float) -> Image.Image:
    """Enlarge an image by zoom and sharpen it, as if its lines had been drawn so broad."""
    size = (round(image.width * zoom), round(image.height * zoom))
    sharp = ImageFilter.UnsharpMask(radius=1.2 * zoom, percent=80, threshold=0)
    return image.resize(size, Image.Resampling.LANCZOS).filter(sharp)
