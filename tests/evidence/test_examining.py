"""What bytes tell, and what broken or lying bytes may not do."""

import io

import pytest
from PIL import ExifTags, Image, ImageOps

from claimbot.demo.samples import SLOTS, draw_sample
from claimbot.errors import Refusal
from claimbot.evidence import alike, examine
from claimbot.evidence.examining import ALIKE_WITHIN

PICTURE = draw_sample("failed_part", vin="LSVAA4182E2184847", km=1)


def encoded(kind: str, picture: Image.Image | None = None, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    (picture or Image.open(io.BytesIO(PICTURE))).save(out, kind, exif=Image.Exif() if exif is None else exif)
    return out.getvalue()


def exif_saying(*, orientation: int | None = None, taken_at: str | None = None) -> Image.Exif:
    exif = Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    if taken_at is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken_at
    return exif


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("HEIF", "image/heic")],
)
def test_each_kind_is_known_by_its_bytes_and_hashed_alike(kind: str, mime: str) -> None:
    examined = examine(encoded(kind), name=None, said_mime=None)
    assert examined.mime == mime
    assert (examined.width, examined.height) == Image.open(io.BytesIO(PICTURE)).size
    assert examined.dhash is not None
    assert -(1 << 63) <= examined.dhash < 1 << 63
    first = examine(PICTURE, name=None, said_mime=None).dhash
    assert first is not None
    assert alike(first, examined.dhash) <= ALIKE_WITHIN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_half_a_picture_is_broken(kind: str, part: float) -> None:
    data = encoded(kind)
    with pytest.raises(Refusal) as caught:
        examine(data[: int(len(data) * part)], name=None, said_mime=None)
    assert caught.value.phrase == "file_broken"


@pytest.mark.parametrize(
    ("kind", "name", "said_mime", "said"),
    [
        ("PNG", None, "application/pdf", "application/pdf"),
        ("PNG", "a.png", "application/pdf; x=y", "application/pdf"),
        ("JPEG", "INVOICE.PDF", None, "INVOICE.PDF"),
        ("JPEG", "a.heic", "image/heic", "a.heic"),
    ],
)
def test_a_lie_is_named(kind: str, name: str | None, said_mime: str | None, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        examine(encoded(kind), name=name, said_mime=said_mime)
    assert caught.value.phrase == "file_not_what_it_says"
    assert caught.value.values == {"said": said, "kind": kind}


@pytest.mark.parametrize(
    ("name", "said_mime"), [("photo", None), ("a.b.JPG", "IMAGE/JPG"), ("a.png", "image/png"), ("note.v2", "text/x")]
)
def test_what_says_nothing_or_the_truth_is_taken(name: str, said_mime: str | None) -> None:
    assert examine(PICTURE, name=name, said_mime=said_mime).mime == "image/jpeg"


def test_a_turned_file_and_the_photo_that_telegram_turned_are_the_same_picture() -> None:
    with Image.open(io.BytesIO(PICTURE)) as picture:
        noted = encoded("JPEG", picture, exif_saying(orientation=6))
        turned = encoded("JPEG", ImageOps.exif_transpose(Image.open(io.BytesIO(noted))))
    one, other = (examine(data, name=None, said_mime=None).dhash for data in (noted, turned))
    assert one is not None
    assert other is not None
    assert alike(one, other) <= ALIKE_WITHIN


@pytest.mark.parametrize(
    ("said", "known"),
    [("2026:11:02 10:20:30", "2026:11:02 10:20:30"), ("yesterday", None), ("    :  :     :  :  ", None), (None, None)],
)
def test_when_it_was_taken_is_told_only_when_it_is_a_time(said: str | None, known: str | None) -> None:
    data = encoded("JPEG", exif=exif_saying(taken_at=said))
    assert examine(data, name=None, said_mime=None).taken_at == known


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # Pillow tells it so; nothing else is to happen
def test_broken_notes_do_not_make_a_broken_picture() -> None:
    body = b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40
    data = PICTURE[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + PICTURE[2:]
    examined = examine(data, name=None, said_mime=None)
    assert examined.taken_at is None
    assert examined.dhash is not None


def test_a_smooth_picture_is_called_blurred_and_a_sharp_one_is_not() -> None:
    assert examine(encoded("PNG", Image.new("RGB", (300, 200), "grey")), name=None, said_mime=None).blurred
    assert not examine(encoded("PNG", Image.effect_noise((300, 200), 80)), name=None, said_mime=None).blurred


def test_a_picture_without_light_is_called_dark_and_a_lit_display_at_night_is_not() -> None:
    night = Image.effect_noise((900, 700), 20).point([tone // 10 for tone in range(256)])
    assert examine(encoded("PNG", night), name=None, said_mime=None).dark
    night.paste(200, (400, 300, 500, 350))
    assert not examine(encoded("PNG", night), name=None, said_mime=None).dark
    dull = Image.new("L", (900, 700), 60)
    assert not examine(encoded("PNG", dull), name=None, said_mime=None).dark


@pytest.mark.parametrize(("size", "small"), [((200, 150), True), ((480, 360), True), ((640, 480), False)])
def test_a_picture_of_too_few_pixels_is_called_small(size: tuple[int, int], small: bool) -> None:
    assert examine(encoded("PNG", Image.new("L", size)), name=None, said_mime=None).small == small


@pytest.mark.parametrize("slot", SLOTS)
def test_nothing_speaks_against_a_sample_of_any_slot(slot: str) -> None:
    for seed in range(2):
        seen = examine(draw_sample(slot, vin="LSVAA4182E2184847", km=23456, seed=seed), name=None, said_mime=None)
        assert not any((seen.blurred, seen.dark, seen.small))


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 1)])
def test_the_smallest_pictures_are_taken_too(size: tuple[int, int]) -> None:
    assert examine(encoded("PNG", Image.new("L", size)), name=None, said_mime=None).width == size[0]


def test_bits_are_counted_across_the_sign() -> None:
    assert alike(-1, 0) == 64
    assert alike(-(1 << 63), 0) == 1
    assert alike(5, 5) == 0
