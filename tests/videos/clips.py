"""Small videos that the tests share."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import picture

av = pytest.importorskip("av")

SIZE = (64, 48)
RATE = Fraction(25)
TIME_BASE = Fraction(1, 12800)


def moving(count: int, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    """Frames of a picture that moves by two pixels a frame."""
    wide = picture(size[0] + 2 * count, size[1], seed=3)
    return [wide.crop((2 * i, 0, 2 * i + size[0], size[1])) for i in range(count)]


def clip(
    path: Path,
    frames: Sequence[Image.Image],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    pts: Sequence[int] | None = None,
    sound: str = "",
    rotation: int = 0,
    tags: dict[str, int] | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a video. sound: codec of a tone that is as long as the video."""
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata or {})
        width, height = frames[0].size
        stream: Any = container.add_stream(
            codec, rate=RATE, width=width, height=height, time_base=TIME_BASE, options={"crf": "12"}
        )
        stream.pix_fmt = pix_fmt
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        if rotation:
            stream.set_display_rotation(rotation)
        heard: Any = container.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_image(image).reformat(
                format=pix_fmt,
                dst_colorspace=(tags or {}).get("colorspace"),
                dst_color_range=(tags or {}).get("color_range"),
            )
            frame.pts = pts[index] if pts else index * 512
            frame.time_base = TIME_BASE
            container.mux(stream.encode(frame))
        if heard:
            _tone(container, heard, len(frames))
        container.mux(stream.encode(None))
    return path


def _tone(container: Any, stream: Any, frames: int) -> None:
    samples = int(48_000 * frames / RATE)
    wave = np.sin(np.arange(samples) * 2 * np.pi * 440 / 48_000) * 8000
    frame = av.AudioFrame.from_ndarray(
        np.repeat(wave.astype(np.int16), 2)[None], format="s16", layout="stereo"
    )
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def frames_of(path: Path) -> list[Any]:
    """Decoded frames of a video."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def images_of(path: Path) -> list[np.ndarray[Any, Any]]:
    """Frames of a video as int16 RGB."""
    return [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in frames_of(path)]


def packets_of(path: Path, kind: str) -> list[bytes]:
    """Packets of the first stream of a kind, video or audio."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(**{kind: 0}) if packet.size]
