"""The office: everything that it may change, read whole, checked whole.

`load_office` gives an office without a mistake, or raises with every mistake of every file at once.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from claimbot.claims.audit import AuditSheet
from claimbot.claims.authority import AuthoritySheet
from claimbot.claims.calendar import Announcement, CalendarSheet
from claimbot.claims.clocks import MAKER, ClockRules, Conventions, Form, Ladders
from claimbot.claims.coverage import MakerTerms, maker_form
from claimbot.claims.evidence_plan import EvidencePlans
from claimbot.claims.exposure import ExposureSheet
from claimbot.claims.life import Life
from claimbot.claims.vin import WmiTable
from claimbot.claims.words import Words
from claimbot.errors import FlowError
from claimbot.flow.checks import check_flows, check_words
from claimbot.flow.model import Flow, Strict
from claimbot.flow.reading import Read, into, read_file


class Phrases(Strict):
    """`words.yaml`: buttons and phrases that all flows share."""

    phrases: dict[str, Words]


@dataclass(frozen=True, slots=True)
class Office:
    """What the office's files say."""

    flows: Mapping[str, Flow]
    words: Mapping[str, Words]
    life: Life
    clocks: ClockRules
    evidence: EvidencePlans
    audit: AuditSheet
    authority: AuthoritySheet
    makers: Mapping[str, MakerTerms]
    wmi: WmiTable
    calendars: CalendarSheet
    counting: Conventions
    forms: Mapping[str, Form]
    """Contract forms, statutes and the makers' windows, by the names of their files."""
    contract_forms: tuple[str, ...]
    """Those of them that a claim's own contract may be on."""
    ladders: Ladders
    exposure: ExposureSheet
    rules_print: str = ""
    """Of the files that last days are counted by, calendars apart."""
    calendars_print: str = ""

    def flow_for_command(self, name: str) -> Flow | None:
        return next((flow for flow in self.flows.values() if flow.starts.command == name), None)


_SHEETS: Final[Mapping[str, type[BaseModel]]] = {
    "words.yaml": Phrases,
    "calendars.yaml": CalendarSheet,
    "counting.yaml": Conventions,
    "ladders.yaml": Ladders,
    "warranty/life.yaml": Life,
    "warranty/clocks.yaml": ClockRules,
    "warranty/evidence.yaml": EvidencePlans,
    "warranty/audit.yaml": AuditSheet,
    "warranty/authority.yaml": AuthoritySheet,
    "warranty/wmi.yaml": WmiTable,
    "warranty/exposure.yaml": ExposureSheet,
}
_CONTRACT_FORMS: Final = "contract/forms"
_FORM_FOLDERS: Final = (_CONTRACT_FORMS, "warranty/statutes")
_MAKERS: Final = "warranty/makers"
_CALENDARS: Final = "calendars"
_COUNTED_BY: Final = frozenset({"counting.yaml", "ladders.yaml", "warranty/clocks.yaml"})
_FLOW_FOLDERS: Final = ("warranty", "people", "contract", "clocks")


def load_office(folder: Path) -> Office:
    """The office of that folder. Raises FlowError with all problems of all files."""
    office, problems = _load(folder)
    if office is None or problems:
        raise FlowError(problems or ("nothing could be read",))
    return office


def check_folder(folder: Path) -> tuple[str, ...]:
    """Every problem, by file and line; empty when all is well."""
    return _load(folder)[1]


def _load(folder: Path) -> tuple[Office | None, tuple[str, ...]]:  # noqa: C901, PLR0912  one branch a kind of file
    if not folder.is_dir():
        return None, (f"{folder}: there is no folder of this name; look at CLAIMBOT_FLOWS, or at what was typed",)
    reads = {path.relative_to(folder).as_posix(): read_file(folder, path) for path in sorted(folder.rglob("*.yaml"))}
    wrong: list[str] = []
    sheets: dict[str, BaseModel] = {}
    for name, model in _SHEETS.items():
        if name not in reads:
            wrong.append(f"{name}:1: the file is missing; add it, the shipped one is a good start")
            continue
        made = into(reads[name], model)
        if made is not None:
            sheets[name] = made
    makers = {
        Path(name).stem: terms
        for name, read in reads.items()
        if _folder(name) == _MAKERS and (terms := into(read, MakerTerms)) is not None
    }
    announcements = [
        (read, made)
        for name, read in reads.items()
        if _folder(name) == _CALENDARS and (made := into(read, Announcement)) is not None
    ]
    forms = [
        (read, made)
        for name, read in reads.items()
        if _folder(name) in _FORM_FOLDERS and (made := into(read, Form)) is not None
    ]
    flows = _flows(reads)
    life = sheets.get("warranty/life.yaml")
    for name, sheet in sheets.items():
        if isinstance(sheet, ClockRules):
            sound = life if isinstance(life, Life) and not life.problems() else None  # a broken life leads nowhere
            reads[name].problems(sheet.problems(sound))
        elif isinstance(sheet, ExposureSheet):
            reads[name].problems(sheet.problems(life if isinstance(life, Life) else None))
        elif isinstance(sheet, Phrases):
            check_words(reads[name], sheet.phrases)
        elif isinstance(
            sheet, Life | EvidencePlans | AuditSheet | AuthoritySheet | WmiTable | CalendarSheet | Conventions | Ladders
        ):
            reads[name].problems(sheet.problems())
    for name, terms in makers.items():
        reads[f"{_MAKERS}/{name}.yaml"].problems(terms.problems())
    _check_announcements(announcements)
    counting, ladders = sheets.get("counting.yaml"), sheets.get("ladders.yaml")
    known = _Known(
        counting if isinstance(counting, Conventions) else None,
        ladders if isinstance(ladders, Ladders) else None,
        life if isinstance(life, Life) and not life.problems() else None,
    )
    _check_forms(forms, set(makers), known)
    for name, sheet in sheets.items():
        if isinstance(sheet, ClockRules):
            _check_follows(reads[name], sheet, {form.form: form for _, form in forms})
    check_flows([(reads[name], flow) for name, flow in flows.items()], life if isinstance(life, Life) else None)
    for name, sheet in sheets.items():
        if isinstance(sheet, AuditSheet):
            _check_fixes(reads[name], sheet, tuple(flows.values()))
    for path in sorted(folder.rglob("*.yml")):
        Read(path.relative_to(folder).as_posix(), wrong=wrong).problem((), "only .yaml files are read", "rename it")
    for read in reads.values():
        wrong.extend(read.wrong)
    problems = tuple(sorted(dict.fromkeys(wrong), key=_place))
    if len(sheets) != len(_SHEETS):
        return None, problems
    office = _office(sheets, makers, {flow.flow: flow for flow in flows.values()})
    calendars = office.calendars.model_copy(update={"announcements": tuple(made for _, made in announcements)})
    windows = {name: maker_form(name, terms) for name, terms in makers.items()}
    office = replace(
        office,
        calendars=calendars,
        forms={**windows, **{form.form: form for _, form in forms}},
        contract_forms=tuple(form.form for read, form in forms if _folder(read.name) == _CONTRACT_FORMS),
        rules_print=_print_of(reads, lambda name: name in _COUNTED_BY or _folder(name) in {_MAKERS, *_FORM_FOLDERS}),
        calendars_print=_print_of(reads, lambda name: name == "calendars.yaml" or _folder(name) == _CALENDARS),
    )
    return office, problems


def read_form(path: Path, office: Office) -> Form:
    """A form, statute or maker's file beside the office's own, held against what the office has.

    Raises FlowError with all its problems.
    """
    read = read_file(path.parent, path)
    form: Form | None
    if "maker" in read.data:
        terms = into(read, MakerTerms)
        if terms is not None:
            read.problems(terms.problems())
        form = None if terms is None else maker_form(path.stem, terms)
    else:
        form = into(read, Form)
        if form is not None:
            read.problems(form.problems(office.counting, office.life, office.ladders))
    if form is None or read.wrong:
        raise FlowError(tuple(read.wrong))
    return form


def _print_of(reads: Mapping[str, Read], wanted: Callable[[str], bool]) -> str:
    said = "\n".join(f"{name}\n{reads[name].text}" for name in sorted(reads) if wanted(name))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


class CalendarWatch:
    """Notices when the calendars of an office's folder are others than those in use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._look()

    def changed(self, office: Office) -> Office | None:
        """The office with its calendars as the files have them now; None while nothing changed.

        Raises FlowError with the problems of the folder, once for each change.
        """
        seen = self._look()
        if seen == self._seen:
            return None
        self._seen = seen
        now = load_office(self._folder)
        return replace(office, calendars=now.calendars, calendars_print=now.calendars_print)

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        files = (self._folder / "calendars.yaml", *sorted((self._folder / _CALENDARS).glob("*.yaml")))
        return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.exists())


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _check_announcements(found: Sequence[tuple[Read, Announcement]]) -> None:
    years: dict[tuple[str, int], str] = {}
    for read, made in found:
        read.problems(made.problems())
        first = years.setdefault((made.country, made.year), read.name)
        if first != read.name:
            read.problem(
                ("year",), f"{made.country} {made.year} is announced in {first} already", "keep one of the two"
            )


@dataclass(frozen=True, slots=True)
class _Known:
    """What a form may name, as far as it could be read."""

    counting: Conventions | None
    ladders: Ladders | None
    life: Life | None


def _check_forms(found: Sequence[tuple[Read, Form]], makers: AbstractSet[str], known: _Known) -> None:
    taken = dict.fromkeys(makers, "the makers")
    for read, form in found:
        read.problems(form.problems(known.counting, known.life, known.ladders))
        expected = Path(read.name).stem
        if form.form != expected:
            read.problem(("form",), f"the form is called {form.form}", f"in this file it must be {expected}")
        if taken.setdefault(form.form, read.name) != read.name:
            read.problem(("form",), f"the name {form.form} is taken by {taken[form.form]}", "call it otherwise")


def _check_follows(read: Read, clocks: ClockRules, forms: Mapping[str, Form]) -> None:
    for index, follow in enumerate(clocks.follows):
        at = ("follows", index)
        form = forms.get(follow.form)
        if form is not None:
            for place, name in enumerate(follow.clocks):
                if name not in form.names():
                    what = f"{follow.form} has no clock {name}"
                    read.problem((*at, "clocks", place), what, f"known: {', '.join(form.names())}")
        elif follow.form != MAKER:
            read.problem((*at, "form"), f"there is no form {follow.form}", f"known: {', '.join((MAKER, *forms))}")


def _check_fixes(read: Read, sheet: AuditSheet, flows: Sequence[Flow]) -> None:
    """The button of a failed rule must lead somewhere."""
    asked = {name: step for flow in flows if flow.starts.about == "claim" for name, step in flow.steps.items()}
    for name, rule in sheet.rules.items():
        for fix in rule.fixes:
            step, _, choice = fix.partition("=")
            listed = getattr(asked.get(step), "choices", {}) or (sheet.types if step == "claim_type" else {})
            if step not in asked:
                what = f"no flow about a claim asks “{step}”"
                read.problem(("rules", name, "fix"), what, "name a step of one, or take it out")
            elif choice and choice not in listed:
                what = f"“{step}” has no choice “{choice}”"
                read.problem(("rules", name, "fix"), what, f"known: {', '.join(listed) or 'none'}")


def _place(problem: str) -> tuple[str, int, str]:
    name, line, rest = re.split(r":(\d+): ", problem, maxsplit=1)
    return name, int(line), rest


def _flows(reads: Mapping[str, Read]) -> dict[str, Flow]:
    flows = {}
    for name, read in reads.items():
        head, _, file = name.partition("/")
        if name in _SHEETS or _folder(name) in {_MAKERS, _CALENDARS, *_FORM_FOLDERS}:
            continue
        if head not in _FLOW_FOLDERS or "/" in file:
            read.problem((), "nobody reads a file of this name here", "look for a typing mistake, or move it")
            continue
        flow = into(read, Flow)
        if flow is None:
            continue
        if "fingerprint" in read.data:
            read.problem(("fingerprint",), "the key “fingerprint” is not known here", "take it out")
        expected = f"{head}.{Path(file).stem}"
        if flow.flow != expected:
            read.problem(("flow",), f"the flow is called {flow.flow}", f"in this file it must be {expected}")
        mark = hashlib.sha256(read.text.encode()).hexdigest()[:12]
        flows[name] = flow.model_copy(update={"fingerprint": mark})
    return flows


def _office(sheets: Mapping[str, BaseModel], makers: Mapping[str, MakerTerms], flows: Mapping[str, Flow]) -> Office:
    words, calendars = sheets["words.yaml"], sheets["calendars.yaml"]
    life, clocks = sheets["warranty/life.yaml"], sheets["warranty/clocks.yaml"]
    evidence, audit = sheets["warranty/evidence.yaml"], sheets["warranty/audit.yaml"]
    authority, wmi = sheets["warranty/authority.yaml"], sheets["warranty/wmi.yaml"]
    counting, ladders, exposure = sheets["counting.yaml"], sheets["ladders.yaml"], sheets["warranty/exposure.yaml"]
    match words, calendars, life, clocks, evidence, audit, authority, wmi, counting, ladders, exposure:
        case (
            Phrases(),
            CalendarSheet(),
            Life(),
            ClockRules(),
            EvidencePlans(),
            AuditSheet(),
            AuthoritySheet(),
            WmiTable(),
            Conventions(),
            Ladders(),
            ExposureSheet(),
        ):
            return Office(
                flows,
                words.phrases,
                life,
                clocks,
                evidence,
                audit,
                authority,
                makers,
                wmi,
                calendars,
                counting,
                {},
                (),
                ladders,
                exposure,
            )
        case _:
            raise TypeError("a sheet was read as something else")
