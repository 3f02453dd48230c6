"""What is asked of the work: does the labour fit, are parts too many, is it invoiced, was the maker asked before."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import get_args

from claimbot.claims.audit.case import Answer, Case
from claimbot.claims.audit.story import REMEDIES
from claimbot.claims.facts import CarStanding
from claimbot.claims.goodwill import shares_of
from claimbot.claims.lines import Line, LineKind
from claimbot.claims.rules import total
from claimbot.claims.sheet import in_force
from claimbot.claims.words import Money, Words, filled
from claimbot.claims.work import Catalogue, LabourTable, Operation, PreauthLine, Trigger

_NONE = Answer("none", {})
_NO_LINES = Answer("lines_unknown", {})


def _of_kind(case: Case, kind: LineKind) -> tuple[Line, ...]:
    return tuple(line for line in case.facts.lines or () if line.kind == kind)


def _codes(lines: Sequence[Line]) -> tuple[str, ...]:
    """What names each line, once."""
    return tuple(dict.fromkeys(line.code or line.text or f"{line.quantity.normalize():f} h" for line in lines))


def _named(listed: Sequence[tuple[Line, Operation]]) -> tuple[Words, ...]:
    """Code and name of each operation, once."""
    named = {line.code: operation.words for line, operation in listed}
    return tuple(Words(en=f"{code} {words.en}", zh=f"{code} {words.zh}") for code, words in named.items())


def _operations(case: Case) -> Answer | tuple[LabourTable, list[tuple[Line, Operation]], tuple[Line, ...]]:
    """The table, the labour lines that it lists, and those that it does not; or why nothing can be judged."""
    if case.facts.lines is None:
        return _NO_LINES
    labour = _of_kind(case, "labour")
    if not labour:
        return _NONE
    table = in_force(case.terms.labour, case.judged_on)
    if table is None:
        return Answer("no_table", {})
    listed = [(line, table.operations[line.code]) for line in labour if line.code in table.operations]
    return table, listed, tuple(line for line in labour if line.code not in table.operations)


def _unlisted(labour: Sequence[Line], table: LabourTable) -> Answer:
    coded = [line for line in labour if line.code is not None]
    return Answer("not_listed" if coded else "no_code", {"codes": _codes(coded or labour)}, table.source)


def labour_fits(case: Case) -> Answer:  # noqa: PLR0911  one way out a reason
    """Whether each operation is one for this fault and this model."""
    found = _operations(case)
    if isinstance(found, Answer):
        return found
    (table, listed, unlisted), facts = found, case.facts
    if facts.fault_family is None:
        return Answer("fault_unknown", {})
    other = [each for each in listed if each[1].faults and facts.fault_family not in each[1].faults]
    if other:
        return Answer("other_fault", {"codes": _named(other)}, table.source)
    if facts.vin is None and any(operation.vins for _, operation in listed):
        return Answer("vin_unknown", {})
    vin = facts.vin or ""
    other = [each for each in listed if each[1].vins and not vin.startswith(each[1].vins)]
    if other:
        return Answer("other_model", {"codes": _named(other), "vin": vin}, table.source)
    if unlisted:
        return _unlisted(unlisted, table)
    return Answer("fits", {"count": len(listed)}, table.source)


def labour_remedy(case: Case) -> Answer:
    """Whether the operations are of the remedy that was told: a part "replaced" by a repair operation was not."""
    found = _operations(case)
    if isinstance(found, Answer):
        return found
    (table, listed, unlisted), remedy = found, case.facts.remedy
    if remedy is None:
        return Answer("remedy_unknown", {})
    fitting = [line for line, operation in listed if remedy in operation.remedies]
    against = [each for each in listed if each[1].remedies and remedy not in each[1].remedies]
    if against and not fitting:
        return Answer("differs", {"codes": _named(against), "remedy": REMEDIES[remedy]}, table.source)
    if unlisted and not fitting:
        return _unlisted(unlisted, table)
    return Answer("agrees", {"remedy": REMEDIES[remedy]}, table.source)


def labour_hours(case: Case) -> Answer:
    """Whether no operation takes more than the maker's hours, all its lines together."""
    found = _operations(case)
    if isinstance(found, Answer):
        return found
    table, listed, unlisted = found
    hours: dict[str, Decimal] = {}
    for line, _ in listed:
        code = line.code or ""
        hours[code] = hours.get(code, Decimal(0)) + line.quantity
    over = tuple(
        f"{code} {spent.normalize():f} > {table.operations[code].hours.normalize():f} h"
        for code, spent in hours.items()
        if spent > table.operations[code].hours
    )
    if over:
        return Answer("over", {"codes": over}, table.source)
    if unlisted:
        return _unlisted(unlisted, table)
    return Answer("within", {"hours": sum(hours.values(), Decimal(0))}, table.source)


def part_quantity(case: Case) -> Answer:
    """Whether no part is claimed more often than one car has it."""
    if case.facts.lines is None:
        return _NO_LINES
    parts = _of_kind(case, "part")
    if not parts:
        return _NONE
    catalogue: Catalogue | None = in_force(case.terms.catalogue, case.judged_on)
    if catalogue is None:
        return Answer("no_table", {})
    pieces: dict[str, Decimal] = {}
    for line in parts:
        if line.code in catalogue.parts:
            pieces[line.code] = pieces.get(line.code, Decimal(0)) + line.quantity
    over = tuple(
        f"{number} × {count.normalize():f} > {catalogue.parts[number].per_vehicle}"
        for number, count in pieces.items()
        if count > catalogue.parts[number].per_vehicle
    )
    if over:
        return Answer("over", {"codes": over}, catalogue.source)
    unlisted = [line for line in parts if line.code not in catalogue.parts]
    if unlisted:
        return Answer("not_listed", {"codes": _codes(unlisted)}, catalogue.source)
    return Answer("within", {"count": len(pieces)}, catalogue.source)


def sublet_invoice(case: Case) -> Answer:
    """Work done elsewhere is claimed with its invoice."""
    if case.facts.lines is None:
        return _NO_LINES
    sublet = _of_kind(case, "sublet")
    if not sublet:
        return _NONE
    if case.facts.photos is None:
        return Answer("photos_unknown", {})
    there = case.facts.photos.slots.get("sublet_invoice")
    return Answer("there" if there else "missing", {"count": len(sublet)})


# the maker is asked before


def preauthorised(case: Case) -> Answer:
    """Whether the maker agreed beforehand where it wants to be asked, still agrees, and to so much."""
    line = in_force(case.terms.preauthorisation, case.judged_on)
    why = () if line is None else tuple(_triggers(case, line))
    source = None if line is None else line.source
    if case.facts.preauth_state == "granted":
        answer = _granted(case, source)
        if why or answer.reason == "granted":
            return answer
    if line is None:
        return Answer("no_terms", {"judged_on": case.judged_on})
    if not why:
        return _unasked(case, line)
    state = case.facts.preauth_state
    return Answer(state if state in {"requested", "refused"} else "missing", {"why": why}, source)


def _granted(case: Case, source: Words | None) -> Answer:
    """What the maker agreed to: until today at the least, and to no less than it is to bear."""
    facts, number = case.facts, case.facts.preauth_number or "–"
    until, granted, shares = facts.preauth_until, facts.preauth_amount, shares_of(facts, total(facts))
    whole = total(facts) if shares is None else shares.maker.amount
    if until is not None and until < case.known.today:
        return Answer("expired", {"number": number, "until": until}, source)
    if granted is not None and whole > granted:
        sums = {"amount": _money(case, granted), "total": _money(case, whole)}
        return Answer("too_little", {"number": number, **sums}, source)
    amount = "–" if granted is None else _money(case, granted)
    return Answer("granted", {"number": number, "until": until or "–", "amount": amount}, source)


def _unasked(case: Case, line: PreauthLine) -> Answer:
    """Nothing that is known wants the maker to be asked: whether all of it is known."""
    facts = case.facts
    if line.amount_over and facts.labour is None:
        return Answer("amount_unknown", {})
    if line.amount_over and case.known.currency not in line.amount_over:
        return Answer("no_amount", {"currency": case.known.currency}, line.source)
    if (line.parts or line.second_assembly) and facts.failed_part is None:
        return Answer("part_unknown", {})
    if line.labour and facts.lines is None:
        return _NO_LINES
    if line.car_standing is not None and case.known.car_standing is None and facts.car_use in {None, "unknown"}:
        return Answer("use_unknown", {})
    return Answer("not_needed", {}, line.source)


def _money(case: Case, amount: Decimal) -> Money:
    return Money(amount=amount, currency=case.known.currency)


def _triggers(case: Case, line: PreauthLine) -> Iterator[Words]:
    """Why the maker wants to be asked about this claim."""
    facts, known = case.facts, case.known
    limit = line.amount_over.get(known.currency)
    if limit is not None and total(facts) > limit:
        yield _said(case, "amount", total=_money(case, total(facts)), limit=_money(case, limit))
    part = None if facts.failed_part is None else case.terms.part_named(facts.failed_part, facts.fault_family)
    if part is not None and part.name in line.parts:
        yield _said(case, "part", part=part.words)
    watched = [each for each in _of_kind(case, "labour") if each.code in line.labour]
    if watched:
        yield _said(case, "labour", codes=_codes(watched))
    if part is not None and part.name in line.second_assembly and facts.remedy == "replaced":
        before = next((each for each in case.standing if each.remedy == "replaced" and case.is_same_part(each)), None)
        if before is not None:
            yield _said(case, "second_assembly", part=part.words, claim=before.number)
    if facts.claim_type in line.claim_types:
        yield _said(case, "claim_type", type=case.type.words)
    if _is_near(known.car_standing, line.car_standing):
        yield _said(case, "car_standing")


def _is_near(standing: CarStanding | None, wanted: CarStanding | None) -> bool:
    nearer = get_args(CarStanding)
    return None not in {standing, wanted} and nearer.index(standing) >= nearer.index(wanted)


def _said(case: Case, trigger: Trigger, **values: object) -> Words:
    return filled(case.sheet.triggers[trigger], values)


def old_parts_back(case: Case) -> Answer:
    """Whether the site owes the maker no old part: some makers take no claim from one that does."""
    overdue = case.known.overdue_parts
    if overdue is None:
        return Answer("not_kept", {})
    if not overdue:
        return _NONE
    first = min(each.due_on for each in overdue)
    claims = tuple(dict.fromkeys(each.claim for each in overdue))[:5]
    return Answer("overdue", {"count": len(overdue), "claims": claims, "due_on": first})
