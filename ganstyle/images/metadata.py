"""Metadata: kept from the content image, with a note that ganstyle made the result."""

import re
from dataclasses import dataclass

from PIL import ExifTags, Image

from ganstyle import __version__

DIGITAL_SOURCE = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
)
"""IPTC term for an image that a trained model has changed."""

_KEPT = {
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Rating,
    ExifTags.Base.RatingPercent,
    ExifTags.Base.XPTitle,
    ExifTags.Base.XPComment,
    ExifTags.Base.XPAuthor,
    ExifTags.Base.XPKeywords,
    ExifTags.Base.XPSubject,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
    ExifTags.Base.XResolution,
    ExifTags.Base.YResolution,
    ExifTags.Base.ResolutionUnit,
}
"""Tags of the main directory that describe the image. Most others describe how the old file stores
its pixels, and would corrupt a TIFF that is written with them."""

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
{description}
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

_DESCRIPTION = (
    '<rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    f'Iptc4xmpExt:DigitalSourceType="{DIGITAL_SOURCE}"/>'
)

_END = "</rdf:RDF>"
_ORIENTATION = re.compile(r"""(tiff:Orientation(?:=["']|>))[0-9]""")
_SOURCE = re.compile(r"""(DigitalSourceType(?:=["']|>))[^"'<]*""")


@dataclass(frozen=True)
class Metadata:
    """EXIF and XMP of an image, without its orientation, which is applied, and its thumbnail."""

    exif: bytes = b""
    xmp: str = ""


NO_METADATA = Metadata()


def read_metadata(image: Image.Image) -> tuple[Metadata, str]:
    """Metadata of an opened image, and a note about damage, or ""."""
    try:
        found = image.getexif()
        exif = Image.Exif()
        for tag, value in found.items():
            if tag in _KEPT:
                exif[tag] = value
        for ifd in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            if content := found.get_ifd(ifd):
                exif[ifd] = dict(content)
        packed = exif.tobytes() if len(exif) else b""
    except Exception:  # a damaged EXIF block may raise anything
        return NO_METADATA, "its EXIF data are damaged and were dropped"
    xmp = image.info.get("xmp", image.info.get("XML:com.adobe.xmp", ""))
    text = xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else str(xmp)
    # Readers fall back to the XMP orientation if there is none in EXIF.
    return Metadata(packed, _ORIENTATION.sub(r"\g<1>1", text)), ""


def with_provenance(metadata: Metadata, style: str = "") -> Metadata:
    """Metadata with EXIF Software and the XMP DigitalSourceType of the IPTC set.

    style: its name, which Software contains beside the version of ganstyle. The rest of the content
    image's XMP packet is kept; a packet that cannot be parsed is replaced.
    """
    software = f"ganstyle {__version__}" + (f", style {style}" if style else "")
    exif = Image.Exif()
    if metadata.exif:
        exif.load(metadata.exif)
    exif[ExifTags.Base.Software] = software
    if _SOURCE.search(metadata.xmp):
        return Metadata(exif.tobytes(), _SOURCE.sub(rf"\g<1>{DIGITAL_SOURCE}", metadata.xmp))
    if _END in metadata.xmp:
        head, _, tail = metadata.xmp.rpartition(_END)
        return Metadata(exif.tobytes(), f"{head}{_DESCRIPTION}{_END}{tail}")
    return Metadata(exif.tobytes(), _PACKET.format(description=_DESCRIPTION))
