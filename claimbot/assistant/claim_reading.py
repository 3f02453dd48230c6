"""A claim as its readers see it: every answer in their language, the verdicts, the money."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimbot.assistant.auditing import verdicts_of
from claimbot.assistant.authority import (
    approved_total,
)
from claimbot.assistant.beside import replied_lines
from claimbot.assistant.flow_names import APPROVAL, DESK, TOLD_FLOWS
from claimbot.assistant.house import House
from claimbot.assistant.knowing import known_of, type_choices
from claimbot.claims.audit import Verdict
from claimbot.claims.cuts import Cut, fits
from claimbot.claims.goodwill import shares_of
from claimbot.claims.words import Html, Lang, Money, answered
from claimbot.engine import told
from claimbot.flow.kinds import tell
from claimbot.flow.kinds.asking import Around, At, Choice, Json
from claimbot.flow.kinds.cuts import cut_lines
from claimbot.flow.kinds.review import verdict_lines
from claimbot.flow.model import CutsStep, LinesStep, OptionSource
from claimbot.store import Tx, claims, people
from claimbot.store.claims import Claim
from claimbot.store.cuts import cuts_approved, cuts_of
from claimbot.store.lines import lines_of


@dataclass(frozen=True, slots=True)
class ClaimRead:
    """A claim as one reader sees it: its answers, its verdicts with their reasons, and the words of explanation."""

    answers: Mapping[str, Html]
    verdicts: tuple[Verdict, ...]
    seen: Around
    explained: tuple[Html, ...]
    total: Html | None
    shares: tuple[Html, ...]

    @property
    def judged(self) -> Html:
        return verdict_lines(self.verdicts, self.seen)


def read_whole(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> ClaimRead:
    site = people.site(tx, claim.site_id)
    known = known_of(tx, site, vin=claim.facts.vin, claim_id=claim.id, now=now)
    family = claim.facts.fault_family
    parts = {} if family is None else house.office.makers[site.maker].parts_of(family)
    offers: dict[OptionSource, tuple[Choice, ...]] = {
        "part_names": tuple(Choice(name, part.words) for name, part in parts.items()),
        "claim_types": type_choices(house),
    }
    doubts = claims.doubts_about(tx, [sha for _, sha in photos_by_slot(claim)], claim.id)
    seen = Around(house.office, known, lang, offers, doubts)
    answers: dict[str, Json] = {**claim.answers, "car_right": True}  # type: ignore[dict-item]  # JSON from the database
    told_answers = {
        step: answered(label, words, lang)
        for name in TOLD_FLOWS
        for step, label, words in told(house.office.flows[name], answers, seen)
        if step != "old_part"  # what the desk knows of it now is told beside
    }
    lines = house.office.flows[DESK].steps["lines"]
    if claim.facts.lines and "lines" not in told_answers and isinstance(lines, LinesStep):  # known before their turn
        words = tell(At(house.office.flows[DESK], "lines", lines, answers, None, seen), answers["lines"])
        told_answers["lines"] = answered(lines.label.to(lang), words, lang)
    verdicts = verdicts_of(tx, house, claim, now)
    explained = tuple(
        house.words("explained", lang, {"who": who, "why": str(answers[field])})
        for field, who in (
            ("explanation", house.office.words["role_technician"]),
            ("desk_explanation", house.office.words["role_clerk"]),
        )
        if answers.get(field)
    )
    explained = (*explained, *replied_lines(tx, house, claim, lang))
    total = Money(amount=claim.total, currency=claim.currency)
    known_in_all = claim.facts.labour is not None and claim.facts.lines is None  # lines tell their own sum
    said = house.words("claim_total", lang, {"total": total}) if known_in_all else None
    return ClaimRead(told_answers, verdicts, seen, explained, said, _shares(tx, house, claim, lang))


def cuts_now(tx: Tx, claim: Claim) -> tuple[Cut, ...]:
    """What has been cut of a claim as it stands: by who signed first while it waits, or by the decision."""
    cuts: tuple[Cut, ...] = ()
    if claim.state == "in_approval":
        asked = claims.approval_of(tx, claim.id)
        cuts = () if asked is None else cuts_of(tx, asked.id)
    elif any(each.approved is not None for each in lines_of(tx, claim.id)):
        cuts = cuts_approved(tx, claim.id)
    return tuple(each for each in cuts if fits(each, claim.facts.lines or ()))


def _shares(tx: Tx, house: House, claim: Claim, lang: Lang) -> tuple[Html, ...]:
    """Who bears how much of a goodwill claim, of what is approved of it; nothing for any other."""
    if claim.facts.claim_type != "goodwill":
        return ()
    shares = shares_of(claim.facts, approved_total(claim, cuts_now(tx, claim)).amount)
    if shares is None:
        return ()
    values: dict[str, object] = {}
    for who, share in (("maker", shares.maker), ("dealer", shares.dealer), ("customer", shares.customer)):
        values[f"{who}_percent"] = share.percent
        values[who] = Money(amount=share.amount, currency=claim.currency)
    return (house.words("goodwill_shares", lang, values),)


def read_claim(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> tuple[tuple[Verdict, ...], Around]:
    """A claim's verdicts, and what its reader may look at: for papers, where nothing is markup."""
    read = read_whole(tx, house, claim, lang, now)
    return read.verdicts, read.seen


def facts_lines(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> Html:
    """Every answer of the claim in the reader's language, then the verdicts with their reasons."""
    read = read_whole(tx, house, claim, lang, now)
    lines = [f"• {line}" for line in read.answers.values()]
    total = () if read.total is None else (read.total,)
    return Html("\n".join([*lines, *total, *read.shares, "", read.judged, *read.explained]))


def people_line(tx: Tx, house: House, claim: Claim, lang: Lang) -> Html:
    author = people.person(tx, claim.author_id)
    return house.words("reported_by", lang, {"name": author.name, "day": claim.reported_on or "–"})


def cuts_told(house: House, claim: Claim, cuts: Sequence[Cut], lang: Lang) -> Html:
    """What was cut and why, a line each, and what that comes to."""
    step = house.office.flows[APPROVAL].steps.get("cuts")
    lines = claim.facts.lines or ()
    told = cut_lines(house.office, step, lines, cuts, claim.currency, lang) if isinstance(step, CutsStep) else ()
    values = {"claimed": approved_total(claim, ()), "approved": approved_total(claim, cuts)}
    return Html("\n".join([*told, house.words("cut_sum", lang, values)]))


def photos_by_slot(claim: Claim) -> tuple[tuple[str, str], ...]:
    """Slot and SHA-256 of each photo."""
    photos = claim.facts.photos
    return () if photos is None else tuple((slot, sha) for slot, held in photos.slots.items() for sha in held)
