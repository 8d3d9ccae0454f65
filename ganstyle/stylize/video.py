"""Video through a pipe: raw frames in, raw frames out, for ffmpeg on both sides."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO

from PIL import Image

from ganstyle.errors import ImageError
from ganstyle.painting.painter import Painter
from ganstyle.painting.tiled_generator import BATCH_PIXELS

CHANNELS = 3
"""Bytes of a pixel: red, green, blue (ffmpeg's rgb24)."""


def stylize_frames(
    source: BinaryIO, target: BinaryIO, size: tuple[int, int], painter: Painter
) -> Iterator[int]:
    """Stylize raw RGB frames of size (width, height) from one stream to another, in order.

    Yields how many frames are written, after each write. The next frames are read and the last
    ones written while the network works. Raises ImageError when the source ends within a frame;
    the whole frames before it are written.
    """
    pixels = size[0] * size[1]
    count = max(1, BATCH_PIXELS[painter.runtime.device.type] // pixels)
    written = 0
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
        reading = reader.submit(_read, source, size, count)
        writing = None
        while frames := reading.result():
            whole = [frame for frame in frames if frame]
            if len(whole) == len(frames):
                reading = reader.submit(_read, source, size, count)
            if whole and not written:  # the first frame speaks for all, or the video would flicker
                kind = "draft" if painter.takes_for_draft(whole[0]) else "photo"
                painter = painter.with_dials(replace(painter.dials, treat_as=kind))
            stylized = painter.paint(whole) if whole else []
            if writing:
                writing.result()
            writing = writer.submit(_write, target, stylized)
            written += len(stylized)
            yield written
            if len(whole) < len(frames):
                writing.result()
                raise ImageError(
                    f"stdin: ends within frame {written + 1}; frames of {size[0]}x{size[1]} have "
                    f"{pixels * CHANNELS} bytes. Does --raw name the size that is sent?"
                )
        if writing:
            writing.result()


def _read(source: BinaryIO, size: tuple[int, int], count: int) -> list[Image.Image | None]:
    """The next frames, count at most; the last is None when the source ends within it."""
    wanted = size[0] * size[1] * CHANNELS
    frames: list[Image.Image | None] = []
    for _ in range(count):
        data = source.read(wanted)
        if data:
            frames.append(Image.frombytes("RGB", size, data) if len(data) == wanted else None)
        if len(data) < wanted:
            break
    return frames


def _write(target: BinaryIO, stylized: list[Image.Image]) -> None:
    for frame in stylized:
        target.write(frame.tobytes())
    target.flush()
