"""Parts of a video joined to one, with the sound and the subtitles of the video they come from."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganstyle.videos.read import opened
from ganstyle.videos.write import Encoding, writing

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

_SOUND_CODECS = {"webm": "libopus"}
"""Encoder of sound that a container does not take as it is; AAC elsewhere."""

_OPUS_RATE = 48_000

_FOREVER = 2**62
"""More units of time than there are in any video."""

Timed = tuple[Fraction, int, Any]
"""A packet with its time, s, and a number by which packets of one time are put in order."""


@dataclass
class _Tracks:
    """What is taken from the first video. copied: output streams by the index of the input's;
    encoded: the same of sound that the container does not take; notes: what is left out."""

    copied: dict[int, Any] = field(default_factory=dict)
    encoded: dict[int, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def join_parts(
    parts: Sequence[Path],
    source: Path,
    target: Path,
    encoding: Encoding,
    metadata: dict[str, str],
    name: Path,
) -> tuple[str, ...]:
    """Write parts, in their order, as one video to target.

    source: the video whose sound, subtitles and chapters it gets. metadata: title and the like.
    name: of the video, for messages. Returns notes on what could not be kept. Raises ImageError.
    """
    # The index first, so that a browser need not load all of it.
    options = {"movflags": "faststart"} if encoding.container in ("mp4", "mov") else None
    with (
        opened(source) as original,
        writing(target, encoding.container, name, options) as output,
        ExitStack() as stack,
    ):
        pictures = _picture_stream(parts[0], output, encoding, stack)
        tracks = _add_tracks(original, output, encoding.container)
        output.metadata.update(metadata)
        output.set_chapters(original.chapters())
        shown = _pictures(parts, pictures)
        heard = _others(original, tracks)
        for _, _, packet in merge(shown, heard, key=lambda timed: timed[:2]):
            output.mux_one(packet)
    return tuple(tracks.notes)


def _picture_stream(
    part: Path, output: "OutputContainer", encoding: Encoding, stack: ExitStack
) -> Any:
    """The output's stream of pictures, encoded as a part is."""
    import av

    template = stack.enter_context(av.open(str(part), format="nut")).streams.video[0]
    stream = output.add_stream_from_template(template, opaque=True)
    stream.time_base = encoding.time_base
    stream.codec_context.sample_aspect_ratio = encoding.pixel_aspect
    if encoding.rate:
        stream.codec_context.framerate = encoding.rate
    return stream


def _pictures(parts: Sequence[Path], stream: Any) -> Iterator[Timed]:
    """Packets of all parts. Each lasts until the next; the last as long as the one before."""
    import av

    held: Any = None
    lasted = 1
    for path in parts:
        with av.open(str(path), format="nut") as part:
            for packet in part.demux(video=0):
                if packet.pts is None:
                    continue
                packet.dts, packet.stream = packet.pts, stream
                if held is not None:
                    held.duration = lasted = packet.pts - held.pts
                    yield _timed(held)
                held = packet
    if held is not None:
        held.duration = lasted
        yield _timed(held)


def _add_tracks(original: "InputContainer", output: "OutputContainer", container: str) -> _Tracks:
    """Streams of the output for the sound and the subtitles of a video."""
    tracks = _Tracks()
    for stream in original.streams:
        if stream.type not in ("audio", "subtitle") or stream.codec_context is None:
            continue
        try:
            added: Any = output.add_stream_from_template(stream, opaque=True)
            tracks.copied[stream.index] = added
        except ValueError:  # the container does not take this codec
            if stream.type == "subtitle":
                tracks.notes.append(f"its subtitles do not fit into {container} and were left out")
                continue
            added = _encoded_sound(stream, output, container)
            tracks.encoded[stream.index] = added
        if language := stream.metadata.get("language"):
            added.metadata["language"] = language
    return tracks


def _encoded_sound(stream: Any, output: "OutputContainer", container: str) -> Any:
    codec = _SOUND_CODECS.get(container, "aac")
    rate = _OPUS_RATE if codec == "libopus" else stream.rate
    layout = "mono" if stream.channels == 1 else "stereo"
    return output.add_stream(codec, rate=rate, layout=layout, bit_rate=160_000)


def _others(original: "InputContainer", tracks: _Tracks) -> Iterator[Timed]:
    """Packets of sound and subtitles, as they are or encoded anew."""
    wanted = [original.streams[index] for index in (*tracks.copied, *tracks.encoded)]
    last: dict[int, int] = {}
    for packet in original.demux(wanted) if wanted else ():
        index = packet.stream_index
        if index in tracks.encoded:
            stream = tracks.encoded[index]
            for frame in packet.decode():
                yield from map(_timed, stream.encode(frame))
        elif packet.size and _time_of(packet) is not None:
            # Muxers refuse a step back in time, which files that were cut together have.
            packet.dts = last[index] = max(_time_of(packet), last.get(index, -_FOREVER) + 1)
            packet.pts = packet.dts if packet.pts is None else max(packet.pts, packet.dts)
            packet.stream = tracks.copied[index]
            yield _timed(packet)
    for stream in tracks.encoded.values():
        yield from map(_timed, stream.encode(None))


def _timed(packet: Any) -> Timed:
    return Fraction((_time_of(packet) or 0) * packet.time_base), packet.stream.index, packet


def _time_of(packet: Any) -> Any:
    """When a packet is decoded, in units of its time base; None if the file does not say."""
    return packet.pts if packet.dts is None else packet.dts
