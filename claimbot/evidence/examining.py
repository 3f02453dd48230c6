"""What bytes really are, whatever they are called: kind by content, size, hash, likeness, sharpness, when taken."""

import hashlib
import io
from dataclasses import dataclass
from typing import Final

import pillow_heif
from PIL import ExifTags, Image, ImageFilter, ImageStat, UnidentifiedImageError

from claimbot.errors import Refusal

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # our own limit below is checked from the header, and refuses instead of warning

MOST_MEGAPIXELS: Final = 60
BLURRED_BELOW: Final = 40.0
"""Variance of the Laplacian under which a picture is called blurred; it warns, it never refuses."""
ALIKE_WITHIN: Final = 6
"""Bits of difference within which two pictures are the same one (recompressed, resized, brightened)."""
_MIME: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
    "PDF": "application/pdf",
}
_ENDINGS: Final = {
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "heic": "HEIF",
    "heif": "HEIF",
    "pdf": "PDF",
}


@dataclass(frozen=True, slots=True)
class Examined:
    """What bytes tell without a person. `dhash` is 64 bits as a signed integer; `taken_at` as EXIF says it."""

    sha256: str
    size: int
    mime: str
    width: int | None = None
    height: int | None = None
    dhash: int | None = None
    blurred: bool = False
    taken_at: str | None = None


def examine(data: bytes, *, name: str | None, said_mime: str | None) -> Examined:
    """Raises Refusal when the bytes are empty, of a kind not kept, broken, too large, or not what they are called."""
    if not data:
        raise Refusal("file_empty")
    sha256 = hashlib.sha256(data).hexdigest()
    kind = _kind(data)
    said = _said(name, said_mime)
    if said is not None and said != kind and {said, kind} != {"JPEG", "PNG"}:
        raise Refusal("file_not_what_it_says", {"said": (name or said_mime or "")[:60], "kind": kind})
    if kind == "PDF":
        return Examined(sha256, len(data), _MIME[kind])
    return _picture(data, sha256, kind)


def _kind(data: bytes) -> str:
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "PDF"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"heim"}:
        return "HEIF"
    raise Refusal("file_kind_unwelcome")


def _said(name: str | None, said_mime: str | None) -> str | None:
    ending = (name or "").rpartition(".")[2].lower() if name and "." in name else ""
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    return next((kind for kind, mime in _MIME.items() if mime == said_mime), None)


def _picture(data: bytes, sha256: str, kind: str) -> Examined:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            megapixels = width * height / 1_000_000
            if megapixels > MOST_MEGAPIXELS:
                raise Refusal("picture_too_large", {"megapixels": round(megapixels), "most": MOST_MEGAPIXELS})
            taken_at = picture.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
            picture.load()
            grey = picture.convert("L")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refusal("file_broken") from error
    small = grey.copy()
    small.thumbnail((640, 640))
    kernel = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    sharpness = ImageStat.Stat(small.filter(kernel)).var[0]
    return Examined(
        sha256,
        len(data),
        _MIME[kind],
        width,
        height,
        _dhash(grey),
        sharpness < BLURRED_BELOW,
        str(taken_at)[:32] if taken_at else None,
    )


def _dhash(grey: Image.Image) -> int:
    tiny = grey.resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (tiny[row * 9 + column] > tiny[row * 9 + column + 1])
    return bits - (1 << 64) if bits >= 1 << 63 else bits


def alike(one: int, other: int) -> int:
    """How many of 64 bits differ; up to `ALIKE_WITHIN` it is the same picture."""
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()
