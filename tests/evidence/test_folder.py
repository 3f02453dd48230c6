"""Kept once, whole, and closed to others."""

import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from claimbot.demo.samples import draw_sample
from claimbot.errors import Refusal
from claimbot.evidence import EvidenceFolder

PICTURE = draw_sample("failed_part", vin="LSVAA4182E2184847", km=1)
PAPER = b"%PDF-1.7\n%%EOF"


def sha_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def kept(folder: EvidenceFolder, data: bytes) -> str:
    sha = sha_of(data)
    folder.keep(data, sha)
    return sha


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_it_lies_under_its_hash_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    root = tmp_path / "e"
    sha = kept(EvidenceFolder(root), PICTURE)
    assert (root / sha[:2] / sha[2:4] / sha).read_bytes() == PICTURE
    assert {path.stat().st_mode & 0o777 for path in files(root)} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in [root, *root.rglob("*")] if path.is_dir()} == {0o700}


def test_a_paper_has_no_view(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    sha = kept(folder, PAPER)
    assert folder.has(sha)
    assert folder.view(sha) is None
    assert not folder.has(sha_of(b"another"))
    assert not folder.check(sha_of(b"another"))


def test_what_was_changed_on_disk_is_found_out(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    sha = kept(folder, PAPER)
    assert folder.check(sha)
    (tmp_path / sha[:2] / sha[2:4] / sha).write_bytes(PAPER + b"!")
    assert not folder.check(sha)


def test_the_view_is_upright_small_and_says_nothing_of_where_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    out = io.BytesIO()
    Image.new("RGB", (3200, 800), "teal").save(out, "JPEG", exif=exif)
    folder = EvidenceFolder(tmp_path)
    view = folder.view(kept(folder, out.getvalue()))
    assert view is not None
    with Image.open(io.BytesIO(view)) as picture:
        assert picture.size == (400, 1600)
        assert not picture.getexif()


def test_what_is_transparent_is_shown_on_white(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    folder = EvidenceFolder(tmp_path)
    view = folder.view(kept(folder, out.getvalue()))
    assert view is not None
    with Image.open(io.BytesIO(view)) as picture:
        assert picture.getpixel((10, 10)) == (255, 255, 255)


def test_the_second_time_nothing_is_written(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    kept(folder, PICTURE)
    before = {path: path.stat().st_mtime_ns for path in files(tmp_path)}
    kept(folder, PICTURE)
    assert {path: path.stat().st_mtime_ns for path in files(tmp_path)} == before


def test_a_picture_that_no_decoder_reads_is_kept_without_a_view(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    sha = kept(folder, PICTURE[: len(PICTURE) // 2])
    assert folder.check(sha)
    assert folder.view(sha) is None


@pytest.mark.parametrize("step", ["fsync", "open"])
def test_a_disk_that_will_not_take_it_is_told_and_nothing_half_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    folder = EvidenceFolder(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, step, full)
        with pytest.raises(Refusal) as caught:
            kept(folder, PICTURE)
    assert caught.value.phrase == "evidence_not_kept"
    assert files(tmp_path) == []
    assert folder.check(kept(folder, PICTURE))


def test_bytes_are_on_the_disk_before_they_get_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    flush, rename = os.fsync, Path.replace

    def flushed(descriptor: int) -> None:
        steps.append("flush")
        flush(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        steps.append("rename")
        assert path.parent == target.parent
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    kept(EvidenceFolder(tmp_path), PAPER)
    assert steps == ["flush", "flush", "flush", "rename", "flush"]  # two new folders, the file, its name
