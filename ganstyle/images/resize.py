"""Pictures in other sizes."""

from PIL import Image, ImageFilter


def enlarged(image: Image.Image, zoom: float) -> Image.Image:
    """A picture enlarged by zoom and sharpened, as if its lines had been drawn so broad."""
    size = (round(image.width * zoom), round(image.height * zoom))
    sharp = ImageFilter.UnsharpMask(radius=1.2 * zoom, percent=80, threshold=0)
    return image.resize(size, Image.Resampling.LANCZOS).filter(sharp)
