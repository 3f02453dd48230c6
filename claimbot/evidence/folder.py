"""Evidence on disk, by its hash: written under a temporary name, flushed to the disk, then renamed.

Kept once, never changed.
"""

import hashlib
import io
import os
import re
import secrets
from pathlib import Path
from typing import Final

import structlog
from PIL import Image, ImageOps, UnidentifiedImageError

from claimbot.errors import Refusal, SettingsError
from claimbot.evidence.examining import PICTURE_KINDS

log = structlog.get_logger("claimbot.evidence")

VIEW_SIDE: Final = 1600
_SHA: Final = re.compile(r"[0-9a-f]{64}")
_UNFINISHED: Final = ".unfinished"


class EvidenceFolder:
    """A folder of files named by what is in them. A screen copy of each picture lies beside it, made once."""

    def __init__(self, root: Path) -> None:
        """Raises SettingsError where nothing can be kept."""
        self._root = root
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingsError(f"CLAIMBOT_EVIDENCE: {root} cannot be used: {error.strerror}.") from error
        if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
            raise SettingsError(f"CLAIMBOT_EVIDENCE: {root} cannot be written by this user.")

    def _path(self, sha256: str) -> Path:
        if not _SHA.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def keep(self, data: bytes, sha256: str) -> None:
        """Nothing when it is there already. Raises Refusal when the disk will not take it; nothing is half kept."""
        path = self._path(sha256)
        try:
            self._make_folders(path.parent)
            if not path.exists():
                self._write(path, data)
            view = path.with_suffix(".view.jpg")
            if not view.exists():
                copy = _screen_copy(data)
                if copy is not None:
                    self._write(view, copy)
        except OSError as error:
            log.exception("evidence.not_kept", error=type(error).__name__)
            raise Refusal("evidence_not_kept") from error

    def _write(self, path: Path, data: bytes) -> None:
        unfinished = path.parent / f"{secrets.token_hex(8)}{_UNFINISHED}"
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        _flush(path.parent)

    def _make_folders(self, folder: Path) -> None:
        """Each is flushed into the one above it: a file is not kept when the way to it may be lost."""
        for step in (folder.parent, folder):
            if not step.exists():
                step.mkdir(exist_ok=True, mode=0o700)
                _flush(step.parent)

    def open(self, sha256: str) -> bytes:
        return self._path(sha256).read_bytes()

    def view(self, sha256: str) -> bytes | None:
        """The screen copy; None for what has none (a PDF)."""
        path = self._path(sha256).with_suffix(".view.jpg")
        return path.read_bytes() if path.exists() else None

    def has(self, sha256: str) -> bool:
        return self._path(sha256).exists()

    def check(self, sha256: str) -> bool:
        """Whether the bytes are still what they were."""
        return self.has(sha256) and hashlib.sha256(self.open(sha256)).hexdigest() == sha256

    def sweep_unfinished(self) -> int:
        """Removes what a crash left behind; how many."""
        left = list(self._root.rglob(f"*{_UNFINISHED}"))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _screen_copy(data: bytes) -> bytes | None:
    """An upright JPEG without any of the original's notes (where it was taken, by what); None for what is no picture.

    Apart from the disk on purpose: a decoder's OSError must not read as a disk that is full.
    """
    try:
        with Image.open(io.BytesIO(data), formats=PICTURE_KINDS) as picture:
            picture.draft("RGB", (VIEW_SIDE, VIEW_SIDE))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((VIEW_SIDE, VIEW_SIDE))
            if upright.has_transparency_data:
                paper = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(paper, upright.convert("RGBA"))
            out = io.BytesIO()
            upright.convert("RGB").save(out, "JPEG", quality=85)
    except UnidentifiedImageError:
        return None
    except Exception as error:  # noqa: BLE001  the evidence is kept all the same, only without a screen copy
        log.warning("evidence.no_view", error=type(error).__name__)
        return None
    return out.getvalue()
