"""What goes to the maker: nothing that people wrote becomes markup, a file name, or a formula."""

import csv
import datetime as dt
import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from claimbot.documents.claim_data import ClaimData, Dealer, Job, Labour, Totals, Vehicle
from claimbot.documents.claim_paper import ClaimPaper
from claimbot.documents.package import MOST_BYTES, Exhibit, Package, harmless, pack

HOSTILE = '#eval("1") *b* $x$ <a> \\ [#panic("x")] =cmd|\'/C calc\'!A0 `raw` @ref 喷油器 \u202e'
NOW = dt.datetime(2026, 9, 9, 10, 0, tzinfo=dt.UTC)
DOCS = Path(__file__).parents[2] / "docs" / "claim-data.md"


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "red").save(out, "JPEG")
    return out.getvalue()


PAPER = ClaimPaper(
    lang="zh",
    title=f"索赔单 {HOSTILE}",
    state="审批通过",
    facts=(("故障描述", HOSTILE),),
    line_head="费用明细",
    line_heads=("序号", "类别", "代码", "说明", "数量", "单价", "税率", "金额"),
    lines=(("1", "工时", "OP-1", HOSTILE, "2", "¥160.00", "0", "¥320.00"),),
    sums=(("工时", "¥320.00"), ("合计", "¥320.00")),
    photo_head="照片",
    photos=(),
)
DATA = ClaimData(
    claim_number="SH01-2026-0001",
    claim_state="approved",
    claim_type="normal",
    preauthorisation_number=None,
    maker_reference=None,
    currency="CNY",
    reported_on=dt.date(2026, 9, 8),
    dealer=Dealer(site_code="SH01", site_name="上海", maker="example"),
    vehicle=Vehicle(vin=None, odometer_km=1, in_service_on=None, in_service_proof=None),
    job=Job(
        job_number="RO-1",
        opened_at=NOW,
        closed_at=None,
        complaint_description=HOSTILE,
        cause_description=None,
        correction_description="replaced",
        technician_notes=None,
        diagnostic_codes=("P0302",),
        fault_family=None,
        failed_part=None,
    ),
    labor=(
        Labour(
            line_number=1,
            description=None,
            unit_price=Decimal("160.00"),
            tax_percent=Decimal("0.00"),
            claimed=Decimal("320.00"),
            approved=None,
            asked=Decimal("320.00"),
            operation_id="OP-1",
            labor_allowance_hours=Decimal("2.00"),
        ),
    ),
    parts=(),
    sublet=(),
    travel=(),
    towing=(),
    rent_loaner=(),
    totals=Totals(
        labor=Decimal("320.00"), parts=Decimal(0), other=Decimal(0), claimed=Decimal("320.00"), asked=Decimal("320.00")
    ),
    goodwill_shares=None,
    photos=(),
)
PHOTO = Exhibit(
    "vin_plate", "车架号铭牌", "a" * 64, 1000, "image/jpeg", ("小李", "2026-09-08 10:00", "", "../../=cmd().jpg")
)
HEADS = ("文件", "编码", "内容", "SHA-256", "提交人", "时间", "拍摄", "原名")
PACKAGE = Package(PAPER, DATA, (PHOTO,), HEADS, NOW)


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_package_holds_the_paper_the_data_the_photos_and_their_index() -> None:
    files = opened(pack(PACKAGE, lambda _: b"original", lambda _: jpeg()))
    assert [*files] == ["claim.pdf", "claim.json", "index.csv", "photos/01-vin_plate.jpg"]
    assert files["photos/01-vin_plate.jpg"] == b"original"
    rows = list(csv.reader(io.StringIO(files["index.csv"].decode("utf-8-sig"))))
    assert rows[0] == list(HEADS)
    assert rows[1][:4] == ["01-vin_plate.jpg", "vin_plate", "车架号铭牌", "a" * 64]
    assert rows[1][-1] == "../../=cmd().jpg", "a name is told, and names no file"
    data = json.loads(files["claim.json"])
    assert data["photos"] == [{"file": "photos/01-vin_plate.jpg", "slot": "vin_plate", "sha256": "a" * 64}]
    assert data["labor"][0]["labor_allowance_hours"] == "2.00"
    assert data["job"]["opened_at"] == "2026-09-09T10:00:00Z"
    reader = PdfReader(io.BytesIO(files["claim.pdf"]))
    assert sum(len(page.images) for page in reader.pages) == 1


def test_what_people_wrote_stands_on_the_paper_as_they_wrote_it() -> None:
    said = text_of(opened(pack(replace(PACKAGE, exhibits=()), lambda _: b"", lambda _: None))["claim.pdf"])
    for piece in ('#eval("1")', "*b*", "$x$", "<a>", '[#panic("x")]', "=cmd|", "`raw`", "@ref", "喷油器"):
        assert piece in said.replace("\n", " ") or piece in said.replace("\n", ""), piece
    assert "合计" in said
    assert "¥320.00" in said


def test_a_package_too_large_for_telegram_takes_the_screen_copies() -> None:
    large = replace(PHOTO, size=MOST_BYTES + 1, mime="image/heic")
    files = opened(pack(replace(PACKAGE, exhibits=(large,)), lambda _: b"original", lambda _: jpeg()))
    assert files["photos/01-vin_plate.jpg"] == jpeg()
    small = replace(PHOTO, mime="image/heic")
    assert "photos/01-vin_plate.heic" in opened(
        pack(replace(PACKAGE, exhibits=(small,)), lambda _: b"o", lambda _: None)
    )


def test_a_photo_that_was_lost_is_left_out_and_stands_in_the_index_without_a_file() -> None:
    def lost(_: str) -> bytes:
        raise FileNotFoundError

    files = opened(pack(PACKAGE, lost, lambda _: None))
    assert [*files] == ["claim.pdf", "claim.json", "index.csv"]
    assert json.loads(files["claim.json"])["photos"] == []
    assert "a" * 64 in files["index.csv"].decode("utf-8-sig")


@pytest.mark.parametrize("slot", ["../../etc/passwd", "", "Ü=1", "a b"])
def test_a_slot_of_any_name_makes_a_plain_file_name(slot: str) -> None:
    files = opened(pack(replace(PACKAGE, exhibits=(replace(PHOTO, slot=slot),)), lambda _: b"o", lambda _: None))
    name = [*files][-1]
    assert name.startswith("photos/01-")
    assert ".." not in name
    assert name.count("/") == 1


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "\n=1"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("喷油器 =1") == "喷油器 =1"


def test_every_field_of_the_data_is_documented() -> None:
    told = DOCS.read_text("utf-8")
    schema = ClaimData.model_json_schema()
    names = set(schema["properties"]) | {
        name for part in schema["$defs"].values() for name in part.get("properties", {})
    }
    missing = sorted(name for name in names if f"`{name}`" not in told)
    assert not missing
