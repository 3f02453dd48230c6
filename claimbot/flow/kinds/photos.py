"""The photos of a claim, slot by slot: a live checklist, gaps with a reason, retaking, moving, sorting by taps.

The draft while it is under way is a `Sheet`; the answer is its `PhotoSheet`. What a slot must show comes from the
evidence plan; that the bytes are kept already is somebody else's care.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from claimbot.claims.evidence_plan import PlannedSlot, counted, missing, plan_for, planned, unfilled
from claimbot.claims.facts import PhotoSheet
from claimbot.claims.words import Html, named, show
from claimbot.flow.kinds.asking import (
    Again,
    At,
    Button,
    Event,
    Going,
    Json,
    Late,
    Prompt,
    Reading,
    Said,
    Showed,
    Taken,
    Tapped,
    in_rows,
    tag,
)
from claimbot.flow.model import AskingStep, OdometerStep, PhotosStep, VinStep

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
    photo: str | None = None
    """The one that is looked at, in the modes `one` and `move`."""
    fresh: tuple[str, ...] = ()
    """What came last: where something speaks against it, to take it again is offered first."""

    @property
    def photos(self) -> PhotoSheet:
        return PhotoSheet(slots=self.slots, tray=self.tray, gaps=self.gaps)

    @property
    def all(self) -> tuple[str, ...]:
        return (*(sha for held in self.slots.values() for sha in held), *self.tray)

    def collecting(self) -> "Sheet":
        return self.model_copy(update={"mode": "collect", "at": None, "photo": None})

    def filled(self, slot: PlannedSlot, sha: str) -> "Sheet":
        """With this photo in that slot, taking the place of what it held unless it holds many; no reason is needed."""
        gaps = {name: why for name, why in self.gaps.items() if name != slot.name}
        held = self.slots.get(slot.name, ()) if slot.many else ()
        slots = {**self.slots, slot.name: (*held, sha)}
        return self.model_copy(update={"slots": slots, "gaps": gaps, "fresh": (sha,)}).collecting()

    def absorbing(self, other: "Sheet", many: Collection[str]) -> "Sheet":
        """With every photo that the other holds: in its slot where that has room here, else to be sorted.

        `many`: the slots that always have room.
        """
        sheet = self
        for slot, held in other.slots.items():
            for sha in held:
                if sha in sheet.all:
                    continue
                there = sheet.slots.get(slot, ())
                if there and slot not in many:
                    sheet = sheet.model_copy(update={"tray": (*sheet.tray, sha)})
                else:
                    sheet = sheet.model_copy(update={"slots": {**sheet.slots, slot: (*there, sha)}})
        return sheet

    def awaiting(self, sha256s: Iterable[str]) -> "Sheet":
        """With these to be sorted."""
        return self.model_copy(update={"tray": (*self.tray, *sha256s), "fresh": ()})

    def awaits(self, short: str) -> str | None:
        """The photo of the tray that a button means."""
        return next((sha for sha in self.tray if short and sha.startswith(short)), None)

    def without(self, sha: str) -> "Sheet":
        return self.model_copy(update={"tray": tuple(each for each in self.tray if each != sha)}).collecting()

    def freed(self, slot: str, sha: str) -> "Sheet":
        """Without that photo in that slot."""
        slots = {**self.slots, slot: tuple(each for each in self.slots.get(slot, ()) if each != sha)}
        return self.model_copy(update={"slots": {name: held for name, held in slots.items() if held}})


_SHORT = 8
"""So much of a photo's SHA-256 stands on the buttons about it: no old button may decide about another photo."""


def sort_button(slot: str, sha256: str, label: str = "") -> Button:
    return Button(label, "sort", f"{sha256[:_SHORT]}.{slot}")


def drop_button(sha256: str, label: str = "") -> Button:
    return Button(label, "drop", sha256[:_SHORT])


def sheet_of(draft: Json) -> Sheet:
    return Sheet.model_validate(draft) if isinstance(draft, dict) else Sheet()


def plan_at(at: At, step: PhotosStep) -> tuple[PlannedSlot, ...]:
    plans = at.around.office.evidence
    if step.plan == "requested":
        wanted = at.facts.requested_slots or ()
        besides = (planned(plans, name, required=False) for name in plans.slots if name in plans.many - {*wanted})
        return (*(planned(plans, name) for name in wanted), *besides)
    return plan_for(plans, at.facts, at.around.known)


def fitted(plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Sheet:
    """The sheet as this plan needs it: a photo whose slot is no longer in the plan waits to be sorted anew."""
    names = {slot.name for slot in plan}
    if sheet.at is not None and (
        sheet.at not in names or (sheet.mode in {"one", "move"} and sheet.photo not in sheet.slots.get(sheet.at, ()))
    ):
        sheet = sheet.collecting()
    astray = tuple(sha for name, held in sheet.slots.items() if name not in names for sha in held)
    if not astray:
        return sheet
    slots = {name: held for name, held in sheet.slots.items() if name in names}
    return sheet.model_copy(update={"slots": slots, "tray": (*sheet.tray, *astray)}).collecting()


def _open(plan: tuple[PlannedSlot, ...], sheet: Sheet) -> tuple[PlannedSlot, ...]:
    """The slots that wait for a photo: one for whatever else there is waits for none."""
    return tuple(slot for slot in plan if not sheet.slots.get(slot.name) and (slot.required or not slot.many))


def _next_slot(plan: tuple[PlannedSlot, ...], sheet: Sheet) -> PlannedSlot | None:
    """The slot that the next single photo fills: the one chosen, else the first required, else the first optional."""
    for slot in plan:
        if slot.name == sheet.at and (slot.many or not sheet.slots.get(slot.name)):
            return slot
    empty = _open(plan, sheet)
    return next(iter(_by_need(empty, sheet)), None)


def _by_need(slots: Iterable[PlannedSlot], sheet: Sheet) -> tuple[PlannedSlot, ...]:
    """What is required and not explained comes first, else they are as the plan lists them."""
    return tuple(sorted(slots, key=lambda slot: not slot.required or slot.name in sheet.gaps))


def settled(step: PhotosStep, at: At, value: Json) -> bool:
    """Whether a kept answer still meets the plan (another fault family may want other slots)."""
    plan = plan_at(at, step)
    sheet = fitted(plan, sheet_of(value))
    return not sheet.tray and not missing(plan, sheet.photos)


# showing


def _line(at: At, slot: PlannedSlot, sheet: Sheet, upcoming: PlannedSlot | None) -> str:
    name = show(slot.words, at.lang)
    if (held := sheet.slots.get(slot.name)) and slot != upcoming:
        count = f" × {len(held)}" if len(held) > 1 else ""
        return f"✅ {name}{count}{_doubt_of_any(at, held)}"
    if slot.name in sheet.gaps:
        return f"➖ {named(name, _why(at, sheet.gaps[slot.name]), at.lang)}"
    if slot == upcoming:
        return f"📷 <b>{name}</b>" + ("" if slot.required else at.words("photo_optional"))
    return f"◻️ {name}" if slot.required else f"◽️ {name}" + at.words("photo_optional")


def _why(at: At, reason: str) -> str:
    return show(at.around.office.evidence.reason(reason), at.lang)


def _doubt(at: At, sha: str) -> Html:
    """What the person is warned of, never refused for; empty when nothing."""
    doubt = at.around.doubts.get(sha)
    if doubt is None:
        return Html()
    # Without light nothing is sharp: one of the two is enough to be told.
    seen = "photo_dark" if doubt.dark else "photo_blurred" if doubt.blurred else None
    said = [at.words(name) for name in (seen, "photo_small" if doubt.small else None) if name is not None]
    again = at.words("photo_shown_for", number=doubt.shown_for) if doubt.shown_for is not None else Html()
    return Html("".join((*said, again)))


def _doubt_of_any(at: At, held: tuple[str, ...]) -> Html:
    """Of the newest that there is something to say of."""
    return next(filter(None, (_doubt(at, sha) for sha in reversed(held))), Html())


def ask_photos(step: PhotosStep, at: At) -> Prompt:
    plan = plan_at(at, step)
    sheet = fitted(plan, sheet_of(at.draft))
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
    shown = {slot.name for slot in _open(plan, sheet)} | sheet.slots.keys()
    lines = [_line(at, slot, sheet, upcoming) for slot in plan if slot.name in shown or slot == upcoming]
    may_end = not missing(plan, sheet.photos)
    if upcoming is None:
        lines.append(at.words("photos_all_there"))
    else:
        lines.append(at.words("photo_next", slot=upcoming.words, good=upcoming.good))
        if may_end:
            explained = unfilled(plan, sheet.photos)
            lines.append(at.words("photos_required_explained" if explained else "photos_required_there"))
    others = [
        Button(f"📷 {slot.words.to(at.lang)}", "slot", slot.name) for slot in _open(plan, sheet) if slot != upcoming
    ]
    rows = list(in_rows((*others, *_further(at, plan, "slot", upcoming)), 2))
    if sheet.slots:
        rows.append((Button(at.label("photos_manage"), "manage"),))
    rows.insert(0 if may_end else len(rows), (Button(at.label("photos_done"), "done"),))
    rows[:0] = [(button,) for button in _again(at, plan, sheet)]
    return Prompt(body=Html("\n".join(lines)), rows=tuple(rows))


def _again(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Iterator[Button]:
    """Each photo that came last and is not as it should be, to be taken again."""
    for slot in plan:
        for sha in sheet.slots.get(slot.name, ()):
            if sha in sheet.fresh and _doubt(at, sha):
                yield _look(at.label("photo_again").format(slot=slot.words.to(at.lang)), slot, sha)


def _look(label: str, slot: PlannedSlot, sha: str) -> Button:
    return Button(label, "one", f"{slot.name}.{sha[:_SHORT]}")


def _further(at: At, plan: tuple[PlannedSlot, ...], verb: str, besides: PlannedSlot | None = None) -> Iterator[Button]:
    """For a photo more than the plan asks for."""
    for slot in plan:
        if slot.many and slot != besides:
            yield Button(f"➕ {slot.words.to(at.lang)}", verb, slot.name)


def _ask_sorting(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    """Asks what it shows, for one photo of the tray at a time."""
    photo = sheet.tray[0]
    empty = _open(plan, sheet)
    sign = "" if empty else "🔁 "  # it takes the place of another
    slots = empty or [slot for slot in plan if not slot.many]
    buttons = [sort_button(slot.name, photo, f"{sign}{slot.words.to(at.lang)}") for slot in slots]
    more = [sort_button(each.arg, photo, each.label) for each in _further(at, plan, "sort")]
    drop = drop_button(photo, at.label("photo_drop"))
    rows = (*in_rows(buttons, 2), *in_rows((*more, drop), 2)) if empty else (*in_rows((*more, *buttons), 2), (drop,))
    body = Html(at.words("photo_sort", left=len(sheet.tray)) + _doubt(at, photo))
    if order := _in_order(plan, sheet):
        body = Html(f"{body}\n{at.words('photos_order', listed=_numbered(at, order))}")
        rows = ((_order_button(sheet, order, at.label("photos_in_order")),), *rows)
    return Prompt(body=body, rows=rows, picture=photo, replaces_question=True)


def _in_order(plan: tuple[PlannedSlot, ...], sheet: Sheet) -> tuple[PlannedSlot, ...]:
    """The open slots that an album fills one after another; empty where it does not, or one was sorted by hand."""
    slots = _by_need(_open(plan, sheet), sheet)[: len(sheet.tray)]
    return slots if len(slots) == len(sheet.tray) > 1 and not sheet.fresh else ()


def _order_button(sheet: Sheet, slots: tuple[PlannedSlot, ...], label: str = "") -> Button:
    return Button(label, "order", tag([*sheet.tray, *(slot.name for slot in slots)]))


def _numbered(at: At, slots: tuple[PlannedSlot, ...]) -> Html:
    return Html("\n".join(f"{place}. {show(slot.words, at.lang)}" for place, slot in enumerate(slots, 1)))


def _ask_manage(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    buttons = [
        _look(f"{slot.words.to(at.lang)} {place}" if slot.many else slot.words.to(at.lang), slot, sha)
        for slot in plan
        for place, sha in enumerate(sheet.slots.get(slot.name, ()), 1)
    ]
    rows = (*in_rows(buttons, 2), (Button(at.label("photos_list"), "list"),))
    return Prompt(body=at.words("photo_which"), rows=rows, replaces_question=True)


def _ask_one(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    slot = next(slot for slot in plan if slot.name == sheet.at)
    picture = str(sheet.photo)
    short = picture[:_SHORT]
    if sheet.mode == "move":
        buttons = [Button(each.words.to(at.lang), "to", f"{short}.{each.name}") for each in plan if each != slot]
        rows = (*in_rows(buttons, 2), (Button(at.label("photos_list"), "list"),))
        return Prompt(body=at.words("photo_move_where", slot=slot.words), rows=rows, replaces_question=True)
    rows = (
        (Button(at.label("photo_move"), "move", short), Button(at.label("photo_remove"), "remove", short)),
        (Button(at.label("photos_list"), "list"),),
    )
    body = at.words("photo_one", slot=slot.words, doubt=_doubt(at, picture))
    return Prompt(body=body, rows=rows, picture=picture, replaces_question=True)


def _ask_gap(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Prompt:
    slot = next(slot for slot in plan if slot.name == sheet.at)
    reasons = at.around.office.evidence.reasons_for(slot.name)
    buttons = [Button(words.to(at.lang), "why", f"{tag(slot.name)}.{key}") for key, words in reasons.items()]
    rows = (*in_rows(buttons, 1), (Button(at.label("photos_list"), "list"),))
    body = at.words("photo_gap", slot=slot.words, good=slot.good)
    return Prompt(body=body, rows=rows, replaces_question=True)


# reading


def read_photos(step: PhotosStep, at: At, event: Event) -> Reading:  # noqa: PLR0911  one answer an event
    plan = plan_at(at, step)
    sheet = fitted(plan, sheet_of(at.draft))
    match event:
        case Showed():
            return _enough(step, at, plan, _take(at, plan, sheet, event), more=event.album)
        case Tapped(verb="done"):
            return Late() if sheet.mode == "gap" else _finish(at, plan, sheet)
        case Tapped():
            return _enough(step, at, plan, _tap(at, plan, sheet, event), more=event.verb not in _PLACING)
        case Said(text) if sheet.mode == "gap" and sheet.at is not None and any(map(str.isalnum, text)):
            return _gap(at, plan, sheet, " ".join(text.split())[:200])
        case Said(text) if text.strip().casefold() in {"done", "完成", "好了"}:
            return _finish(at, plan, sheet)
        case Said(text) if step.plan == "requested" and any(map(str.isalnum, text)) and missing(plan, sheet.photos):
            gaps = [slot.name for slot in missing(plan, sheet.photos)]
            meant = sheet.at if sheet.at in gaps else gaps[0]
            return _gap(at, plan, sheet.model_copy(update={"at": meant}), " ".join(text.split())[:200])
        case _:
            upcoming = _next_slot(plan, sheet)
            if upcoming is None:
                return Again(at.words("photos_press_done"))
            return Again(at.words("photo_wanted", slot=upcoming.words))


_PLACING: Final = frozenset({"sort", "drop", "order", "to"})
"""The taps that give a photo its place."""


def _enough(step: PhotosStep, at: At, plan: tuple[PlannedSlot, ...], reading: Reading, *, more: bool) -> Reading:
    """Where all that was asked for came and nothing speaks against it, nobody need say that it is all.

    `more`: there may be more to come.
    """
    if step.plan != "requested" or more or not isinstance(reading, Going):
        return reading
    sheet = sheet_of(reading.draft)
    if sheet.tray or unfilled(plan, sheet.photos) or any(_doubt(at, sha) for sha in sheet.all):
        return reading
    return Taken(sheet.photos.model_dump(mode="json"))


def _kept(sheet: Sheet, note: Html | None = None, mark: Html | None = None) -> Going:
    return Going(sheet.model_dump(mode="json"), note, mark)


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
    slot = _named(plan, event.caption)
    if slot is None and not event.album and not sheet.tray:
        asked = sheet.at if sheet.mode in {"one", "gap"} else None
        slot = next((each for each in plan if each.name == asked), None) or _next_slot(plan, sheet)
    if slot is None:
        return _kept(sheet.awaiting([event.sha256]).collecting())
    retaken = sheet.photo if slot.name == sheet.at else None
    filled = (sheet if retaken is None else sheet.freed(slot.name, retaken)).filled(slot, event.sha256)
    taken = Html(at.words("photo_taken", slot=slot.words) + _doubt(at, event.sha256))
    gaps = missing(plan, filled.photos)
    if sheet.mode == "gap" and gaps:
        return _kept(filled.model_copy(update={"mode": "gap", "at": gaps[0].name}), taken)
    return _kept(filled, taken)


def _finish(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet) -> Reading:
    if sheet.tray:
        return _kept(sheet.collecting(), at.words("photos_sort_first"))
    gaps = missing(plan, sheet.photos)
    if gaps:
        return _kept(sheet.collecting().model_copy(update={"mode": "gap", "at": gaps[0].name}))
    return Taken(sheet.photos.model_dump(mode="json"))


def _gap(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet, why: str) -> Reading:
    """Notes why a slot stays empty, and goes on to the next gap or finishes."""
    slot = str(sheet.at)
    further = _finish(at, plan, sheet.model_copy(update={"gaps": {**sheet.gaps, slot: why}}).collecting())
    words = at.around.office.evidence.slots[slot].words
    mark = named(show(words, at.lang), f"<b>{_why(at, why)}</b>", at.lang)
    return replace(further, mark=mark) if isinstance(further, Going) else further


def _tap(at: At, plan: tuple[PlannedSlot, ...], sheet: Sheet, event: Tapped) -> Reading:  # noqa: PLR0911  one answer a button
    names = {slot.name: slot for slot in plan}
    match event.verb:
        case "slot" if event.arg in names and (names[event.arg].many or not sheet.slots.get(event.arg)):
            return _kept(sheet.collecting().model_copy(update={"at": event.arg}))
        case "manage" if sheet.slots:
            return _kept(sheet.collecting().model_copy(update={"mode": "manage"}))
        case "list":
            return _kept(sheet.collecting())
        case "one":
            return _look_at(names, sheet, event.arg)
        case "order":
            order = _in_order(plan, sheet)
            return _ordered(at, sheet, order) if event.arg == _order_button(sheet, order).arg and order else Late()
        case "sort" | "drop":
            return _tap_waiting(at, names, sheet, event)
        case "move" | "remove" | "to" if sheet.at in sheet.slots:
            return _tap_held(at, names, sheet, event)
        case "why":
            of, _, reason = event.arg.partition(".")
            if sheet.mode == "gap" and of == tag(sheet.at) and reason in at.around.office.evidence.gap_reasons:
                return _gap(at, plan, sheet, reason)
        case _:
            pass
    return Late()


def _look_at(names: Mapping[str, PlannedSlot], sheet: Sheet, arg: str) -> Reading:
    slot, _, short = arg.partition(".")
    photo = _held(sheet, slot, short)
    if photo is None or slot not in names:
        return Late()
    return _kept(sheet.model_copy(update={"mode": "one", "at": slot, "photo": photo}))


def _held(sheet: Sheet, slot: str, short: str) -> str | None:
    """The photo in that slot that a button means."""
    return next((sha for sha in sheet.slots.get(slot, ()) if short and sha.startswith(short)), None)


def _ordered(at: At, sheet: Sheet, order: tuple[PlannedSlot, ...]) -> Reading:
    """Each photo of the tray in the slot that is its turn."""
    filled = sheet
    for slot, sha in zip(order, sheet.tray, strict=True):
        filled = filled.without(sha).filled(slot, sha)
    return _kept(filled.model_copy(update={"fresh": sheet.tray}), mark=_numbered(at, order))


def _tap_waiting(at: At, names: Mapping[str, PlannedSlot], sheet: Sheet, event: Tapped) -> Reading:
    """One photo of the tray gets its slot, or is not needed; the button says which photo it means."""
    short, _, slot = event.arg.partition(".")
    photo = sheet.awaits(short)
    if photo is None or (event.verb == "sort" and slot not in names):
        return Late()
    rest = sheet.without(photo)
    if event.verb == "drop":
        return _kept(rest, mark=Html(show(at.label("photo_drop"), at.lang)))
    filled = rest.filled(names[slot], photo).model_copy(update={"fresh": (*sheet.fresh, photo)})
    return _kept(filled, mark=Html(show(names[slot].words, at.lang)))


def _tap_held(at: At, names: Mapping[str, PlannedSlot], sheet: Sheet, event: Tapped) -> Reading:
    """What becomes of the photo that is looked at."""
    short, _, target = event.arg.partition(".")
    origin = str(sheet.at)
    photo = _held(sheet, origin, short)
    if photo is None:
        return Late()
    if event.verb == "move":
        return _kept(sheet.model_copy(update={"mode": "move", "photo": photo}))
    if event.verb == "remove":
        return _kept(sheet.freed(origin, photo).collecting())
    if target not in names or target == origin:
        return Late()
    return _moved(at, sheet, photo, names[origin], names[target])


def _moved(at: At, sheet: Sheet, photo: str, origin: PlannedSlot, target: PlannedSlot) -> Reading:
    """The photo of one slot in another; where that one held its only photo already, they change places."""
    other = () if target.many else sheet.slots.get(target.name, ())
    moved = sheet.freed(origin.name, photo).filled(target, photo)
    if not other:
        return _kept(moved)
    return _kept(moved.filled(origin, other[-1]), at.words("photos_swapped", one=origin.words, other=target.words))


_SHOWS: Final[Mapping[type[AskingStep], str]] = {VinStep: "vin_plate", OdometerStep: "odometer"}
"""The slot of a photo that comes where this is asked for in words."""


def shown_instead(at: At, event: Showed) -> PlannedSlot | None:
    """What a photo shows that came where words are asked for: the same. One of an album, or a paper, shows anything."""
    name = _SHOWS.get(type(at.step))
    plans = at.around.office.evidence
    return planned(plans, name) if name in plans.slots and not (event.album or event.paper) else None


def kept_as(at: At, slot: PlannedSlot, sha: str) -> Html:
    """Said of a photo that was put into its slot where words are asked for."""
    return at.words("photo_kept_as", slot=slot.words, doubt=_doubt(at, sha))


def tell_photos(step: PhotosStep, at: At, value: Json) -> Html:
    photos = sheet_of(value).photos
    plan = plan_at(at, step)
    named_slots = counted(plan)
    there = sum(1 for slot in named_slots if photos.slots.get(slot.name))
    line = at.words("photos_count", there=there, all=len(named_slots))
    more = sum(len(photos.slots.get(slot.name, ())) for slot in plan if slot not in named_slots)
    if more:
        line = at.words("photos_others", count=line, more=more)
    gaps = [
        f"\n   ➖ {named(show(slot.words, at.lang), _why(at, photos.gaps[slot.name]), at.lang)}"
        for slot in plan
        if slot.name in photos.gaps
    ]
    doubted = [
        f"\n   {show(slot.words, at.lang)}{doubt}"
        for slot in plan
        if (held := photos.slots.get(slot.name)) and (doubt := _doubt_of_any(at, held))
    ]
    return Html(line + "".join([*gaps, *doubted]))
