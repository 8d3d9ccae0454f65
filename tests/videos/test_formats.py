from pathlib import Path

import pytest

from ganstyle.errors import ImageError
from ganstyle.files import VIDEO_SUFFIXES
from ganstyle.videos.formats import container_of, demuxer_of


def test_every_extension_has_a_container() -> None:
    for suffix in VIDEO_SUFFIXES:
        assert container_of(Path(f"a{suffix.upper()}"))
    with pytest.raises(ImageError, match=r"b\.jpg: unsupported extension \.jpg for a video"):
        container_of(Path("b.jpg"))
    with pytest.raises(ImageError, match="no extension"):
        container_of(Path("b"))


@pytest.mark.parametrize(
    ("head", "demuxer"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0", "mov"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0", "mov"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mov"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", "matroska"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", ""),
        (b"\0\0\0\x18ftypavif\0\0\0\0", ""),
        (b"#EXTM3U\nfile:///etc/passwd", ""),
        (b"", ""),
    ],
)
def test_videos_are_known_by_their_first_bytes(tmp_path: Path, head: bytes, demuxer: str) -> None:
    (tmp_path / "a.mp4").write_bytes(head)
    assert demuxer_of(tmp_path / "a.mp4") == demuxer


def test_a_missing_file_is_no_video(tmp_path: Path) -> None:
    assert demuxer_of(tmp_path / "a.mp4") == ""
