"""What goes to the maker, as one file: read from the claim in one transaction, packed when it is sent.

It is refused while the pre-audit has a failure that nobody has explained: what left with it would come back.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from html import unescape
from zoneinfo import ZoneInfo

from claimbot.assistant.beside import replied_lines
from claimbot.assistant.claim_reading import photos_by_slot, read_claim
from claimbot.assistant.doing import Doing
from claimbot.assistant.flow_names import TOLD_FLOWS
from claimbot.assistant.house import House
from claimbot.assistant.letters import Letter, key, post
from claimbot.assistant.making import Paper
from claimbot.claims.audit import Verdict, in_the_way
from claimbot.claims.goodwill import shares_of
from claimbot.claims.lines import Line, cents, totals
from claimbot.claims.words import Html, Lang, Money, show
from claimbot.documents.claim_data import (
    ClaimData,
    Dealer,
    Job,
    Labour,
    OtherCost,
    PartUsed,
    Shares,
    Sublet,
    Totals,
    Vehicle,
)
from claimbot.documents.claim_paper import ClaimPaper
from claimbot.documents.package import Exhibit, Package, pack
from claimbot.engine import told
from claimbot.errors import Refusal
from claimbot.evidence import EvidenceFolder
from claimbot.flow.kinds.asking import Around, Json
from claimbot.flow.kinds.review import verdict_lines
from claimbot.flow.model import LinesStep, PhotosStep
from claimbot.store import Tx, claims, people
from claimbot.store.claims import Claim
from claimbot.store.dossiers import shown_for
from claimbot.store.lines import KeptLine, lines_of
from claimbot.store.people import Site

_PICTOGRAMS = re.compile("[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]+ ?")
"""No font of a paper has them; they stand before the words of buttons."""


def send_package(doing: Doing, claim: Claim) -> None:
    """The file is made when this goes out."""
    if not doing.person.has("clerk", claim.site_id):
        raise Refusal("not_yours")
    life = doing.house.office.life
    if claim.state not in life.moves["file"].states:
        raise Refusal("moved_meanwhile", {"number": claim.number or "", "state": life.states[claim.state].words})
    verdicts, seen = read_claim(doing.tx, doing.house, claim, doing.lang, doing.now)
    failed = in_the_way(verdicts, claim.facts)
    if failed and claim.state != "filed":
        _refuse(doing, claim, failed, seen)
        return
    values = {"number": claim.number or "", "count": len(photos_by_slot(claim))}
    html = doing.house.words("package_file", doing.lang, values)
    letter = Letter(html, kind="paper", makes=("package", claim.id), claim_id=claim.id)
    post(doing.tx, doing.reply, doing.person, letter, doing.now)
    claims.write_entry(doing.tx, claim.id, "package", {}, person_id=doing.person.id, now=doing.now)


def _refuse(doing: Doing, claim: Claim, failed: tuple[Verdict, ...], seen: Around) -> None:
    head = doing.house.words("package_blocked", doing.lang, {"number": claim.number or ""})
    rows = (((doing.house.label("recall", doing.lang), f"r:{key(claim.id)}"),),)
    letter = Letter(Html(f"{head}\n{verdict_lines(failed, seen)}"), rows, claim_id=claim.id)
    post(doing.tx, doing.reply, doing.person, letter, doing.now)


def package_paper(tx: Tx, house: House, claim_id: int, lang: Lang, now: dt.datetime) -> Paper:
    package = _Reading(tx, house, claims.claim(tx, claim_id), lang, now).package()
    name = re.sub(r"[^\w.-]", "_", package.data.claim_number)

    def make(folder: EvidenceFolder) -> bytes:
        return pack(package, folder.open, folder.view)

    return Paper(f"{name}.zip", "application/zip", make)


def plain(html: str) -> str:
    """Words as on paper, where nothing is markup."""
    return _PICTOGRAMS.sub("", unescape(re.sub(r"<[^<>]*>", "", html))).strip()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One claim read for one reader's language, as of one moment."""

    tx: Tx
    house: House
    claim: Claim
    lang: Lang
    now: dt.datetime

    def package(self) -> Package:
        site = people.site(self.tx, self.claim.site_id)
        _, seen = read_claim(self.tx, self.house, self.claim, self.lang, self.now)
        lines = lines_of(self.tx, self.claim.id)
        heads = ("file", "slot", "shows", "sha", "by", "at", "taken", "name")
        return Package(
            paper=self._paper(site, seen, lines),
            data=self._data(site, lines),
            exhibits=tuple(self._exhibits(ZoneInfo(site.zone))),
            heads=tuple(self._label(f"index_{head}") for head in heads),
            at=self.now.astimezone(ZoneInfo(site.zone)),
        )

    def _label(self, name: str) -> str:
        return self.house.label(name, self.lang)

    def _words(self, name: str, **values: object) -> str:
        return plain(self.house.words(name, self.lang, values))

    def _show(self, value: object) -> str:
        return plain(show(value, self.lang))

    def _money(self, amount: object) -> str:
        return (
            "–"
            if amount is None
            else self._show(Money.model_validate({"amount": amount, "currency": self.claim.currency}))
        )

    # on paper

    def _paper(self, site: Site, seen: Around, lines: tuple[KeptLine, ...]) -> ClaimPaper:
        cut = any(each.approved is not None and each.approved != each.claimed for each in lines)
        names = ["no", "kind", "code", "text", "quantity", "price", "tax", "amount", *(["approved"] if cut else [])]
        return ClaimPaper(
            lang=self.lang,
            title=self._words("paper_title", number=self.claim.number or "–"),
            state=self._show(self.house.office.life.states[self.claim.state].words),
            facts=tuple(self._facts(site, seen)),
            line_head=self._label("paper_lines"),
            line_heads=tuple(self._label(f"paper_line_{name}") for name in names),
            lines=tuple(self._line(each)[: len(names)] for each in lines),
            sums=tuple(self._sums(lines, cut=cut)),
            photo_head=self._label("paper_photos"),
            photos=(),
        )

    def _facts(self, site: Site, seen: Around) -> Iterator[tuple[str, str]]:
        yield self._label("paper_site"), f"{site.code} {site.name}"
        yield self._label("paper_maker"), self._show(self.house.office.makers[site.maker].maker)
        yield self._label("paper_reported_by"), people.person(self.tx, self.claim.author_id).name
        yield self._label("paper_reported_on"), self._show(self.claim.reported_on or "–")
        if self.claim.clerk_id is not None:
            yield self._label("paper_clerk"), people.person(self.tx, self.claim.clerk_id).name
        answers: dict[str, Json] = {**self.claim.answers, "car_right": True}  # type: ignore[dict-item]  # JSON from the database
        for name in TOLD_FLOWS:
            flow = self.house.office.flows[name]
            for step, label, words in told(flow, answers, seen):
                if not isinstance(flow.steps[step], LinesStep | PhotosStep):
                    yield plain(label), plain(words)
        for said in replied_lines(self.tx, self.house, self.claim, self.lang):
            yield self._label("paper_replied"), plain(said)

    def _line(self, kept: KeptLine) -> tuple[str, ...]:
        line = kept.line
        return (
            str(kept.number),
            self._label(f"kind_{line.kind}"),
            line.code or "–",
            line.text or "–",
            self._show(line.quantity),
            self._money(line.unit_price),
            self._show(line.tax_percent),
            self._money(kept.claimed),
            self._money(kept.approved),
        )

    def _sums(self, lines: tuple[KeptLine, ...], *, cut: bool) -> Iterator[tuple[str, str]]:
        for kind, amount in totals([each.line for each in lines]).items():
            yield self._label(f"kind_{kind}"), self._money(amount)
        yield self._label("paper_total"), self._money(sum(each.claimed for each in lines))
        if cut:
            yield self._label("paper_line_approved"), self._money(sum(each.approved or 0 for each in lines))
        shares = shares_of(self.claim.facts, _approved(lines))
        for who, share in () if shares is None else shares.by_bearer().items():
            yield self._words(f"paper_share_{who}", percent=share.percent), self._money(share.amount)

    # photos

    def _exhibits(self, zone: ZoneInfo) -> Iterator[Exhibit]:
        photos = self.claim.facts.photos
        held = [] if photos is None else [(slot, sha) for slot, shas in photos.slots.items() for sha in shas]
        known = shown_for(self.tx, self.claim.id, [sha for _, sha in held])
        slots = self.house.office.evidence.slots
        for slot, sha in held:
            shown = known.get(sha)
            if shown is None:
                continue
            shows = self._show(slots[slot].words) if slot in slots else slot
            at = self._show(shown.shown_at.astimezone(zone))
            by = people.person(self.tx, shown.person_id).name
            told_of = (by, at, shown.taken_at or "", shown.name or "")
            yield Exhibit(slot, shows, sha, shown.size, shown.mime, told_of)

    # as data

    def _data(self, site: Site, lines: tuple[KeptLine, ...]) -> ClaimData:
        claim, facts, zone = self.claim, self.claim.facts, ZoneInfo(site.zone)
        labour, parts, other = (cents(each or Decimal(0)) for each in (facts.labour, facts.parts, facts.other))
        asked = sum((each.asked for each in lines), Decimal(0))
        return ClaimData.model_validate(
            {
                "claim_number": claim.number or "",
                "claim_state": claim.state,
                "claim_type": facts.claim_type,
                "preauthorisation_number": facts.preauth_number,
                "maker_reference": facts.maker_reference,
                "currency": claim.currency,
                "reported_on": claim.reported_on,
                "dealer": Dealer(site_code=site.code, site_name=site.name, maker=site.maker),
                "vehicle": Vehicle(
                    vin=facts.vin,
                    odometer_km=facts.odometer_km,
                    in_service_on=facts.in_service_on,
                    in_service_proof=facts.in_service_proof,
                ),
                "job": Job(
                    job_number=facts.repair_order,
                    opened_at=None if facts.opened_at is None else facts.opened_at.astimezone(zone),
                    closed_at=None if facts.closed_at is None else facts.closed_at.astimezone(zone),
                    complaint_description=facts.complaint,
                    cause_description=facts.cause,
                    correction_description=facts.remedy,
                    technician_notes=facts.explanation or None,
                    diagnostic_codes=facts.fault_codes or (),
                    fault_family=facts.fault_family,
                    failed_part=facts.failed_part,
                ),
                **_by_kind(claim, lines),
                "totals": Totals(labor=labour, parts=parts, other=other, claimed=cents(claim.total), asked=asked),
                "goodwill_shares": _shares(claim, lines),
                "photos": (),
            }
        )


def _approved(lines: tuple[KeptLine, ...]) -> Decimal:
    return sum((each.claimed if each.approved is None else each.approved for each in lines), Decimal(0))


def _shares(claim: Claim, lines: tuple[KeptLine, ...]) -> Shares | None:
    found = shares_of(claim.facts, _approved(lines))
    if found is None:
        return None
    bearers = found.by_bearer()
    amounts = {who: each.amount for who, each in bearers.items()}
    return Shares.model_validate({**amounts, **{f"{who}_percent": each.percent for who, each in bearers.items()}})


def _by_kind(claim: Claim, lines: tuple[KeptLine, ...]) -> dict[str, object]:
    """The lines under the names that STAR has for their kinds."""
    causal = {claim.facts.part_number, claim.facts.new_part_number} - {None}
    sorted_out: dict[str, list[object]] = {
        name: [] for name in ("labor", "parts", "sublet", "travel", "towing", "rent_loaner")
    }
    for kept in lines:
        line = kept.line
        base = partial(_position, kept, line)
        match line.kind:
            case "labour":
                sorted_out["labor"].append(
                    Labour.model_validate({**base(), "operation_id": line.code, "labor_allowance_hours": line.quantity})
                )
            case "part":
                own = {"part_number": line.code, "causal_part_indicator": line.code in causal}
                sorted_out["parts"].append(PartUsed.model_validate({**base(), **own, "quantity": line.quantity}))
            case "sublet":
                own = {"invoice_number": line.code}
                sorted_out["sublet"].append(Sublet.model_validate({**base(), **own, "quantity": line.quantity}))
            case "travel" | "towing" | "loaner":
                name = "rent_loaner" if line.kind == "loaner" else line.kind
                sorted_out[name].append(OtherCost.model_validate({**base(), "quantity": line.quantity}))
    return {name: tuple(some) for name, some in sorted_out.items()}


def _position(kept: KeptLine, line: Line) -> dict[str, object]:
    return {
        "line_number": kept.number,
        "description": line.text,
        "unit_price": line.unit_price,
        "tax_percent": line.tax_percent,
        "claimed": kept.claimed,
        "approved": kept.approved,
        "asked": kept.asked,
    }
