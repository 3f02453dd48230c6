"""Evidence: what bytes really are, kept once and whole."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from claimbot.demo.samples import draw_sample
from claimbot.errors import Refusal
from claimbot.evidence import EvidenceFolder, alike, examine
from claimbot.evidence.examining import ALIKE_WITHIN

PICTURE = draw_sample("failed_part", vin="LSVAA4182E2184847", km=1)


def bomb() -> bytes:
    """A PNG that says it has 50,000 × 50,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def heic() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "HEIF")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "phrase"),
    [
        (b"", "a.jpg", "file_empty"),
        (b"%PDF-1.7 rest", "a.jpg", "file_not_what_it_says"),
        (PICTURE, "a.pdf", "file_not_what_it_says"),
        (b"GIF89a........", "a.gif", "file_kind_unwelcome"),
        (b"MZ program", None, "file_kind_unwelcome"),
        (b"a,b\n1,2", "a.txt", "file_kind_unwelcome"),
        (b"a,b\0", "a.csv", "table_broken"),
        (b"PK\x03\x04 no archive", "a.xlsx", "table_broken"),
        (PICTURE[: len(PICTURE) // 2], None, "file_broken"),
        (bomb(), "a.png", "picture_too_large"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(data: bytes, name: str | None, phrase: str) -> None:
    with pytest.raises(Refusal) as caught:
        examine(data, name=name, said_mime=None)
    assert caught.value.phrase == phrase


def test_a_table_is_taken_and_is_nothing_to_look_at() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
    assert examine(out.getvalue(), name="a.xlsx", said_mime=None).is_table
    assert examine(b"a,b\n1,2", name="A.CSV", said_mime="application/vnd.ms-excel").is_table
    assert not examine(PICTURE, name="a.jpg", said_mime=None).is_table


@pytest.mark.parametrize(
    ("data", "mime"), [(PICTURE, "image/jpeg"), (b"%PDF-1.7", "application/pdf"), (heic(), "image/heic")]
)
def test_pictures_and_papers_are_taken(data: bytes, mime: str) -> None:
    assert examine(data, name=None, said_mime=None).mime == mime


def test_a_recompressed_picture_is_alike_and_another_is_not() -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(PICTURE)).resize((640, 480)).save(out, "JPEG", quality=40)
    one, same = (examine(data, name=None, said_mime=None).dhash for data in (PICTURE, out.getvalue()))
    other = examine(draw_sample("odometer", vin="X", km=9), name=None, said_mime=None).dhash
    assert one is not None
    assert same is not None
    assert other is not None
    assert alike(one, same) <= ALIKE_WITHIN < alike(one, other)


def test_bytes_are_kept_once_whole_and_found_again(tmp_path: Path) -> None:
    folder, sha = EvidenceFolder(tmp_path / "e"), examine(PICTURE, name=None, said_mime=None).sha256
    folder.keep(PICTURE, sha)
    folder.keep(PICTURE, sha)
    assert folder.open(sha) == PICTURE
    assert folder.check(sha)
    view = folder.view(sha)
    assert view is not None
    assert max(Image.open(io.BytesIO(view)).size) <= 1600
    assert len([path for path in (tmp_path / "e").rglob("*") if path.is_file()]) == 2


def test_what_a_crash_left_half_written_is_swept_and_never_counts(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path / "e")
    (tmp_path / "e" / "x.unfinished").write_bytes(b"half")
    assert folder.sweep_unfinished() == 1
    assert folder.sweep_unfinished() == 0


@pytest.mark.parametrize("sha", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_only_a_hash_is_a_name(tmp_path: Path, sha: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        EvidenceFolder(tmp_path).open(sha)
