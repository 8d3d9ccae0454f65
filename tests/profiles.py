"""Colour profiles for tests, built by hand: a matrix and a gamma."""

import struct

ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
"""XYZ of Adobe RGB's red, green and blue, adapted to D50."""


def matrix_profile(primaries: tuple[tuple[float, ...], ...], gamma: float) -> bytes:
    """An ICC version 2 display profile of three primaries in XYZ (D50) and one gamma."""
    xyz = [b"XYZ \0\0\0\0" + b"".join(_fixed(v) for v in p) for p in primaries]
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"wide test\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    text += bytes(-len(text) % 4)
    white = b"XYZ \0\0\0\0" + b"".join(_fixed(v) for v in (0.9642, 1.0, 0.8249))
    tags = [(b"desc", text), (b"wtpt", white), (b"cprt", b"text\0\0\0\0CC0\0")]
    tags += zip((b"rXYZ", b"gXYZ", b"bXYZ"), xyz, strict=True)
    tags += [(b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for signature, data in tags:
        table += signature + struct.pack(">II", offset + len(body), len(data))
        body += data
    header = struct.pack(">I", offset + len(body)) + b"\0\0\0\0\x02\x10\0\0mntrRGB XYZ "
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += b"".join(_fixed(v) for v in (0.9642, 1.0, 0.8249))
    return header.ljust(128, b"\0") + table + body


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
