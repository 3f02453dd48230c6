"""What Telegram does to a photo: turned upright, stripped of EXIF, made small in several sizes.

Bytes in, bytes out; knows nothing of messages or files.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

# The sizes of Telegram's photos by their longest edge: s, m, x, y.
EDGES = (90, 320, 800, 1280)


class PhotoError(ValueError):
    """The bytes are no photo Telegram would take; the words are Telegram's."""


@dataclass(frozen=True, slots=True)
class Size:
    """One JPEG rendering of a photo."""

    width: int
    height: int
    content: bytes


def shrink(content: bytes) -> list[Size]:
    """Thumbnail first, the biggest (at most 1280 px) last."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            _refuse_shape(opened.size)
            opened.draft("RGB", (EDGES[-1], EDGES[-1]))  # a JPEG is read no bigger than it is needed
            whole = ImageOps.exif_transpose(opened).convert("RGB")
    except PhotoError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoError("IMAGE_PROCESS_FAILED") from error
    longest = max(whole.size)
    edges = [edge for edge in EDGES if edge < longest] or [longest]
    if longest <= EDGES[-1] and edges[-1] != longest:
        edges.append(longest)
    sizes = []
    for edge in reversed(edges):  # each from the one before: the small ones then cost next to nothing
        scale = min(1.0, edge / max(whole.size))
        box = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
        if box != whole.size:
            whole = whole.resize(box, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        whole.save(out, "JPEG", quality=87)
        sizes.append(Size(*box, out.getvalue()))
    return sizes[::-1]


def _refuse_shape(size: tuple[int, int]) -> None:
    """Bot API, sendPhoto: width and height together at most 10,000, their ratio at most 20."""
    if sum(size) > 10_000 or max(size) > 20 * min(size):
        raise PhotoError("PHOTO_INVALID_DIMENSIONS")
