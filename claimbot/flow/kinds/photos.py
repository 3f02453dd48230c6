"""The photos of a claim, slot by slot: a live checklist, gaps with a reason, retaking, moving, sorting by taps.

The draft while it is under way is a `Sheet`; the answer is its `PhotoSheet`. What a slot must show comes from the
evidence plan; that the bytes are kept already is somebody else's care.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from claimbot.claims.evidence_plan import PlannedSlot, missing, plan_for, planned
from claimbot.claims.facts import PhotoSheet
from claimbot.claims.words import Html, named, show
from claimbot.flow.kinds.asking import (
    Again,
    At,
    Button,
    Event,
    Going,
    Json,
    Prompt,
    Reading,
    Said,
    Showed,
    Taken,
    Tapped,
    in_rows,
)
from claimbot.flow.model import PhotosStep

MOST_PHOTOS = 40
Mode = Literal["collect", "manage", "one", "move", "gap"]


class Sheet(BaseModel):
    """A `PhotoSheet` under way: what the person is doing (`mode`) and with which slot (`at`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: dict[str, tuple[str, ...]] = {}
    tray: tuple[str, ...] = ()
    gaps: dict[str, str] = {}
    mode: Mode = "collect"
    at: str | None = None

    @property
    def photos(self) -> PhotoSheet:
        return PhotoSheet(slots=self.slots, tray=self.tray, gaps=self.gaps)

    @property
    def all(self) -> tuple[str, ...]:
        return (*(sha for held in self.slots.values() for sha in held), *self.tray)

    def collecting(self) -> "Sheet":
        return self.model_copy(update={"mode": "collect", "at": None})

    def filled(self, slot: str, sha: str) -> "Sheet":
        """With this photo in that slot, taking the place of what it held, and no reason needed any more."""
        gaps = {name: why for name, why in self.gaps.items() if name != slot}
        return self.model_copy(update={"slots": {**self.slots, slot: (sha,)}, "gaps": gaps}).collecting()

    def emptied(self, slot: str) -> "Sheet":
        return self.model_copy(update={"slots": {name: held for name, held in self.slots.items() if name != slot}})


def sheet_of(draft: Json) -> Sheet:
    return Sheet.model_validate(draft) if isinstance(draft, dict) else Sheet()


def plan_at(at: At, step: PhotosStep) -> tuple[PlannedSlot, ...]:
    plans = at.around.office.evidence
    if step.plan == "requested":
        return tuple(planned(plans, name) for name in at.facts.requested_slots or ())
    return plan_for(plans, at.facts, at.around.known)


def _next_slot(plan: tuple[PlannedSlot, ...], sheet: Sheet) -> PlannedSlot | None:
    """The slot that the next single photo fills: the one chosen, else the first required, else the first optional."""
    empty = [slot for slot in plan if not sheet.slots.get(slot.name)]
    for slot in empty:
        if slot.name == sheet.at:
            return slot
    wanted = [slot for slot in empty if slot.required and slot.name not in sheet.gaps]
    return next(iter(wanted or empty), None)


def settled(step: PhotosStep, at: At, value: Json) -> bool:
    """Whether a kept answer still meets the plan (another fault family may want other slots)."""
    return not missing(plan_at(at, step), sheet_of(value).photos)


# showing


def _line(at: At, slot: PlannedSlot, sheet: Sheet, upcoming: PlannedSlot | None) -> str:
    name = show(slot.words, at.lang)
    if held := sheet.slots.get(slot.name):
        return f"✅ {name}{_doubt(at, held[-1])}"
    if slot.name in sheet.gaps:
        return f"➖ {named(name, show(sheet.gaps[slot.name], at.lang), at.lang)}"
    if slot == upcoming:
        return f"📷 <b>{name}</b>" + ("" if slot.required else at.words("photo_optional"))
    return f"◻️ {name}" if slot.required else f"◽️ {name}" + at.words("photo_optional")


def _doubt(at: At, sha: str) -> Html:
    """What the person is warned of, never refused for; empty when nothing."""
    doubt = at.around.doubts.get(sha)
    if doubt is None:
        return Html()
    blurred = at.words("photo_blurred") if doubt.blurred else Html()
    again = at.words("photo_shown_for", number=doubt.shown_for) if doubt.shown_for is not None else Html()
    return Html(blurred + again)


def ask_photos(step: PhotosStep, at: At) -> Prompt:
    sheet = sheet_of(at.draft)
    plan = plan_at(at, step)
    match sheet.mode:
        case "gap":
            return _ask_gap(at, plan, sheet)
        case "manage":
            return _ask_manage(at, plan, sheet)
        case "one" | "move":
            return _ask_one(at, plan, sheet)
        case "collect":
            return _ask_sorting(at, plan, sheet) if sheet.tray else _ask_next(at, plan, sheet)


def _ask_next(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    upcoming = _next_slot(plan, sheet)
    lines = [_line(at, slot, sheet, upcoming) for slot in plan]
    may_end = not missing(plan, sheet.photos)
    if upcoming is None:
        lines.append(at.words("photos_all_there"))
    else:
        lines.append(at.words("photo_next", slot=upcoming.words, good=upcoming.good))
        if may_end:
            lines.append(at.words("photos_required_there"))
    others = [
        Button(f"📷 {slot.words.to(at.lang)}", "slot", slot.name)
        for slot in plan
        if not sheet.slots.get(slot.name) and slot != upcoming
    ]
    rows = list(in_rows(others, 2))
    if sheet.slots:
        rows.append((Button(at.label("photos_manage"), "manage"),))
    rows.insert(0 if may_end else len(rows), (Button(at.label("photos_done"), "done"),))
    return Prompt(body=Html("\n".join(lines)), rows=tuple(rows))


def _ask_sorting(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    """Asks what it shows, for one photo of the tray at a time."""
    empty = [slot for slot in plan if not sheet.slots.get(slot.name)]
    buttons = [Button(slot.words.to(at.lang), "sort", slot.name) for slot in empty or plan]
    rows = (*in_rows(buttons, 2), (Button(at.label("photo_drop"), "drop"),))
    body = Html(at.words("photo_sort", left=len(sheet.tray)) + _doubt(at, sheet.tray[0]))
    return Prompt(body=body, rows=rows, picture=sheet.tray[0], replaces_question=True)


def _ask_manage(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    buttons = [Button(slot.words.to(at.lang), "one", slot.name) for slot in plan if sheet.slots.get(slot.name)]
    rows = (*in_rows(buttons, 2), (Button(at.label("photos_list"), "list"),))
    return Prompt(body=at.words("photo_which"), rows=rows, replaces_question=True)


def _ask_one(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    slot = next(slot for slot in plan if slot.name == sheet.at)
    picture = sheet.slots[slot.name][-1]
    if sheet.mode == "move":
        buttons = [Button(each.words.to(at.lang), "to", each.name) for each in plan if each != slot]
        rows = (*in_rows(buttons, 2), (Button(at.label("photos_list"), "list"),))
        return Prompt(body=at.words("photo_move_where", slot=slot.words), rows=rows, replaces_question=True)
    rows = (
        (Button(at.label("photo_move"), "move"), Button(at.label("photo_remove"), "remove")),
        (Button(at.label("photos_list"), "list"),),
    )
    body = Html(at.words("photo_one", slot=slot.words) + _doubt(at, picture))
    return Prompt(body=body, rows=rows, picture=picture, replaces_question=True)


def _ask_gap(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    slot = next(slot for slot in plan if slot.name == sheet.at)
    reasons = at.around.office.evidence.gap_reasons
    buttons = [Button(words.to(at.lang), "why", key) for key, words in reasons.items()]
    rows = (*in_rows(buttons, 1), (Button(at.label("photos_list"), "list"),))
    body = at.words("photo_gap", slot=slot.words, good=slot.good)
    return Prompt(body=body, rows=rows, replaces_question=True)


# reading


def read_photos(step: PhotosStep, at: At, event: Event) -> Reading:  # noqa: PLR0911  one answer an event
    sheet = sheet_of(at.draft)
    plan = plan_at(at, step)
    match event:
        case Showed():
            return _take(at, plan, sheet, event)
        case Tapped(verb="done"):
            return _finish(at, plan, sheet)
        case Tapped():
            return _tap(at, plan, sheet, event)
        case Said(text) if sheet.mode == "gap" and sheet.at is not None and any(map(str.isalnum, text)):
            return _gap(at, plan, sheet, " ".join(text.split())[:200])
        case Said(text) if text.strip().casefold() in {"done", "完成", "好了"}:
            return _finish(at, plan, sheet)
        case _:
            upcoming = _next_slot(plan, sheet)
            if upcoming is None:
                return Again(at.words("photos_press_done"))
            return Again(at.words("photo_wanted", slot=upcoming.words))


def _kept(sheet: Sheet, note: Html | None = None) -> Going:
    return Going(sheet.model_dump(mode="json"), note)


def _named(plan: tuple[PlannedSlot, ...], caption: str) -> PlannedSlot | None:
    """The slot that a caption names, in either language."""
    words = caption.strip().casefold()
    if not words:
        return None
    return next((slot for slot in plan if slot.words.en.casefold() in words or slot.words.zh in words), None)


def _take(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet, event: Showed) -> Reading:
    if event.sha256 in sheet.all:
        return _kept(sheet, at.words("photo_same_again"))
    if len(sheet.all) >= MOST_PHOTOS:
        return Again(at.words("photos_too_many", most=MOST_PHOTOS))
    named = _named(plan, event.caption)
    if sheet.mode in {"one", "gap"} and sheet.at is not None and not event.album:
        return _kept(sheet.filled(sheet.at, event.sha256))
    slot = named or (None if event.album or sheet.tray else _next_slot(plan, sheet))
    if slot is None:
        return _kept(sheet.model_copy(update={"tray": (*sheet.tray, event.sha256)}).collecting())
    taken = at.words("photo_taken", slot=slot.words)
    return _kept(sheet.filled(slot.name, event.sha256), Html(taken + _doubt(at, event.sha256)))


def _finish(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Reading:
    if sheet.tray:
        return _kept(sheet.collecting(), at.words("photos_sort_first"))
    gaps = missing(plan, sheet.photos)
    if gaps:
        return _kept(sheet.model_copy(update={"mode": "gap", "at": gaps[0].name}))
    return Taken(sheet.photos.model_dump(mode="json"))


def _gap(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet, why: str) -> Reading:
    """Notes why a slot stays empty, and goes on to the next gap or finishes."""
    named = str(sheet.at)
    return _finish(at, plan, sheet.model_copy(update={"gaps": {**sheet.gaps, named: why}}).collecting())


def _tap(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet, event: Tapped) -> Reading:  # noqa: C901, PLR0911  one answer a button
    names = {slot.name for slot in plan}
    held = sheet.slots.get(event.arg)
    match event.verb:
        case "slot" if event.arg in names:
            return _kept(sheet.model_copy(update={"mode": "collect", "at": event.arg}))
        case "manage":
            return _kept(sheet.model_copy(update={"mode": "manage", "at": None}))
        case "list":
            return _kept(sheet.collecting())
        case "one" if held:
            return _kept(sheet.model_copy(update={"mode": "one", "at": event.arg}))
        case "move" if sheet.at in sheet.slots:
            return _kept(sheet.model_copy(update={"mode": "move"}))
        case "remove" if sheet.at in sheet.slots:
            return _kept(sheet.emptied(str(sheet.at)).collecting())
        case "to" if sheet.at in sheet.slots and event.arg in names:
            return _kept(_moved(sheet, str(sheet.at), event.arg))
        case "sort" if sheet.tray and event.arg in names:
            rest = sheet.model_copy(update={"tray": sheet.tray[1:]})
            return _kept(rest.filled(event.arg, sheet.tray[0]))
        case "drop" if sheet.tray:
            return _kept(sheet.model_copy(update={"tray": sheet.tray[1:]}).collecting())
        case "why" if sheet.mode == "gap" and event.arg in at.around.office.evidence.gap_reasons:
            return _gap(at, plan, sheet, at.around.office.evidence.gap_reasons[event.arg].to(at.lang))
        case _:
            return Again(at.words("button_gone"))


def _moved(sheet: Sheet, origin: str, target: str) -> Sheet:
    """The photo of one slot in another; where that one held a photo, they change places."""
    photo, other = sheet.slots[origin][-1], sheet.slots.get(target, ())
    swapped = sheet.emptied(origin).filled(target, photo)
    return swapped.filled(origin, other[-1]) if other else swapped


def tell_photos(step: PhotosStep, at: At, value: Json) -> Html:
    photos = sheet_of(value).photos
    plan = plan_at(at, step)
    there = sum(1 for slot in plan if photos.slots.get(slot.name))
    line = at.words("photos_count", there=there, all=len(plan))
    gaps = [
        f"\n   ➖ {named(show(slot.words, at.lang), show(photos.gaps[slot.name], at.lang), at.lang)}"
        for slot in plan
        if slot.name in photos.gaps
    ]
    doubted = [
        f"\n   {show(slot.words, at.lang)}{doubt}"
        for slot in plan
        if (held := photos.slots.get(slot.name)) and (doubt := _doubt(at, held[-1]))
    ]
    return Html(line + "".join([*gaps, *doubted]))
