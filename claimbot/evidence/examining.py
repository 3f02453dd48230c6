"""What bytes really are, whatever they are called: kind by content, size, hash, likeness, light, focus, when taken."""

import hashlib
import io
import math
import re
import zipfile
from dataclasses import dataclass
from typing import Final

import pillow_heif
from PIL import ExifTags, Image, ImageFilter, ImageOps, ImageStat

from claimbot.errors import Refusal

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # our own limit below is checked from the header, and refuses instead of warning

MOST_MEGAPIXELS: Final = 60
BLURRED_BELOW: Final = 40.0
"""Variance of the Laplacian under which a picture is called blurred; it warns, it never refuses."""
DARK_BELOW: Final = 40
"""Mean brightness, of 255, under which a picture may be too dark; it warns, it never refuses. Our own measure."""
LIT_FROM: Final = 96
"""So bright is what can be read in the dark: a display, a lamp on a plate. Our own measure."""
LIT_PART: Final = 0.005
"""With so much of it lit, a dark picture is none to warn of: a dashboard at night. Our own measure."""
LEAST_PIXELS: Final = 200_000
"""With fewer, such as 480 by 360, the print on a label is seldom read; it warns, it never refuses. Our own measure."""
ALIKE_WITHIN: Final = 6
"""Bits of difference within which two pictures are the same one (recompressed, resized, brightened)."""
_MIME: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
    "PDF": "application/pdf",
    "XLSX": "application/xlsx",
    "CSV": "text/csv",
}
_TABLES: Final = ("XLSX", "CSV")
PICTURE_KINDS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
_SAID_MIME: Final = {mime: kind for kind, mime in _MIME.items()} | {"image/jpg": "JPEG", "image/heif": "HEIF"}
_ENDINGS: Final = {
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "heic": "HEIF",
    "heif": "HEIF",
    "pdf": "PDF",
    "xlsx": "XLSX",
}
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_EXIF_TIME: Final = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_SMALL: Final = 640


@dataclass(frozen=True, slots=True)
class Examined:
    """What bytes tell without a person. `dhash` is 64 bits as a signed integer; `taken_at` as EXIF says it.

    Width and height are those of the picture as stored; the hash is of the picture as it is looked at.
    """

    sha256: str
    size: int
    mime: str
    width: int | None = None
    height: int | None = None
    dhash: int | None = None
    blurred: bool = False
    dark: bool = False
    small: bool = False
    taken_at: str | None = None

    @property
    def is_table(self) -> bool:
        """Whether it holds rows of words and numbers, and nothing to look at."""
        return self.mime in {_MIME[kind] for kind in _TABLES}


def examine(data: bytes, *, name: str | None, said_mime: str | None) -> Examined:
    """Raises Refusal when the bytes are empty, of a kind not kept, broken, too large, or not what they are called."""
    if not data:
        raise Refusal("file_empty")
    sha256 = hashlib.sha256(data).hexdigest()
    kind = _kind(data, name)
    for called, said in _said(name, said_mime):
        if said != kind and {said, kind} != {"JPEG", "PNG"}:
            raise Refusal("file_not_what_it_says", {"said": called[:60], "kind": kind})
    if kind == "PDF" or kind in _TABLES:
        return Examined(sha256, len(data), _MIME[kind])
    return _picture(data, sha256, kind)


def _kind(data: bytes, name: str | None) -> str:  # noqa: PLR0911  one a kind
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "PDF"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIF"
    if data.startswith(b"PK\x03\x04") and _holds_a_workbook(data):
        return "XLSX"
    if (name or "").lower().endswith(".csv") and b"\0" not in data:
        return "CSV"
    raise Refusal("table_broken" if (name or "").lower().endswith((".xlsx", ".csv")) else "file_kind_unwelcome")


def _holds_a_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "xl/workbook.xml" in parts.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _said(name: str | None, said_mime: str | None) -> list[tuple[str, str]]:
    """What the name's ending and the sender claim, each as it was said and as the kind it means."""
    _, dot, ending = (name or "").rpartition(".")
    mime = (said_mime or "").partition(";")[0].strip().lower()
    claims = []
    if name and dot and ending.lower() in _ENDINGS:
        claims.append((name, _ENDINGS[ending.lower()]))
    if mime in _SAID_MIME:
        claims.append((mime, _SAID_MIME[mime]))
    return claims


def _picture(data: bytes, sha256: str, kind: str) -> Examined:
    try:
        # Only the kind that was recognised: a JPEG's first bytes must not lead into another format's decoder.
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            width, height = picture.size
            _check_size(width, height)
            picture.load()
            taken_at = _taken_at(picture)
            small = picture.convert("L")
    except Refusal:
        raise
    except Exception as error:  # decoders raise anything at all on hostile bytes
        raise Refusal("file_broken") from error
    small.thumbnail((_SMALL, _SMALL))
    small = _upright(small)
    kernel = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    return Examined(
        sha256,
        len(data),
        _MIME[kind],
        width,
        height,
        _dhash(small),
        blurred=ImageStat.Stat(small.filter(kernel)).var[0] < BLURRED_BELOW,
        dark=_is_dark(small),
        small=width * height < LEAST_PIXELS,
        taken_at=taken_at,
    )


def _is_dark(grey: Image.Image) -> bool:
    """Without light on what it shows, nor anything that shines by itself."""
    tones = grey.histogram()
    lit = sum(tones[LIT_FROM:]) / sum(tones)
    return ImageStat.Stat(grey).mean[0] < DARK_BELOW and lit < LIT_PART


def _check_size(width: int, height: int) -> None:
    """From the header alone, before any pixel takes memory."""
    megapixels = width * height / 1_000_000
    if megapixels > MOST_MEGAPIXELS:
        raise Refusal("picture_too_large", {"megapixels": math.ceil(megapixels), "most": MOST_MEGAPIXELS})


def _taken_at(picture: Image.Image) -> str | None:
    try:
        said = picture.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    except Exception:  # noqa: BLE001  a good picture with broken EXIF is a good picture
        return None
    found = _EXIF_TIME.match(said) if isinstance(said, str) else None
    return found.group() if found else None


def _upright(picture: Image.Image) -> Image.Image:
    """As it is looked at: Telegram turns a photo's pixels where a file keeps a note, and both must be alike."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001  broken EXIF turns nothing
        return picture


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
