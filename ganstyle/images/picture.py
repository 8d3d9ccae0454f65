"""Contents of an image file: all frames with transparency and timing, and metadata."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image

from ganstyle.images.alpha import on_paper
from ganstyle.images.metadata import NO_METADATA, Metadata
from ganstyle.images.resize import Size


@dataclass(frozen=True)
class Frame:
    """A frame of an animation, a page, or a single image.

    image: upright 8-bit RGB in sRGB; alpha: L of the same size, or None; duration: milliseconds;
    full_size: width and height, px, of the original frame if image is a reduced copy, else None.
    """

    image: Image.Image
    alpha: Image.Image | None = None
    duration: float = 0
    full_size: Size | None = None

    @property
    def size(self) -> Size:
        """Width and height of the frame, px."""
        return self.full_size or self.image.size


@dataclass(frozen=True)
class Picture:
    """Contents of an image file. notes: what was lost in reading it, in words for the user."""

    frames: tuple[Frame, ...]
    metadata: Metadata = NO_METADATA
    loop: int | None = None
    """Number of repeats of an animation, 0 for endless; None if the file does not say."""
    notes: tuple[str, ...] = ()

    @property
    def details(self) -> "PictureDetails":
        """Everything except the pixels."""
        frames = self.frames
        return PictureDetails(
            tuple(frame.size for frame in frames),
            tuple(frame.alpha for frame in frames),
            tuple(frame.duration for frame in frames),
            self.metadata,
            self.loop,
            self.notes,
        )

    @property
    def is_transparent(self) -> bool:
        """Whether any frame has an alpha channel."""
        return any(frame.alpha for frame in self.frames)

    def on_paper(self) -> "Picture":
        """The same on white paper, opaque."""
        frames = (replace(f, image=on_paper(f.image, f.alpha), alpha=None) for f in self.frames)
        return replace(self, frames=tuple(frames))


@dataclass(frozen=True)
class PictureDetails:
    """A picture without its pixels, which may take hundreds of megabytes.

    sizes, alphas, durations: of each frame, as in Frame. The other fields are those of Picture.
    """

    sizes: tuple[Size, ...]
    alphas: tuple[Image.Image | None, ...]
    durations: tuple[float, ...]
    metadata: Metadata
    loop: int | None
    notes: tuple[str, ...]

    @property
    def pixels(self) -> int:
        """Total number of pixels in all frames."""
        return sum(width * height for width, height in self.sizes)

    def with_images(self, images: Sequence[Image.Image]) -> Picture:
        """A picture with these RGB images, of the same sizes, as its frames."""
        frames = tuple(map(Frame, images, self.alphas, self.durations))
        return Picture(frames, self.metadata, self.loop, self.notes)
