"""What Telegram does to a photo: turned upright, stripped of EXIF, made small in several sizes."""

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
            whole = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoError("IMAGE_PROCESS_FAILED") from error
    longest, shortest = max(whole.size), min(whole.size)
    if sum(whole.size) > 10_000 or longest > 20 * shortest:
        raise PhotoError("PHOTO_INVALID_DIMENSIONS")
    edges = [edge for edge in EDGES if edge < longest] or [longest]
    if longest <= EDGES[-1] and edges[-1] != longest:
        edges.append(longest)
    sizes = []
    for edge in edges:
        scale = min(1.0, edge / longest)
        box = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
        out = io.BytesIO()
        whole.resize(box, Image.Resampling.LANCZOS).save(out, "JPEG", quality=87)
        sizes.append(Size(*box, out.getvalue()))
    return sizes
