"""The review: every answer on one screen, each changeable, the first verdict, and the button that sends.

Its own answer is the word of explanation that failed verdicts need, empty when none is needed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from claimbot.claims.audit import AuditName, Outcome, Place, Verdict, judge
from claimbot.claims.words import Html, named, phrase, show
from claimbot.flow.kinds.asking import (
    Again,
    Around,
    At,
    Button,
    Event,
    Going,
    Prompt,
    Reading,
    Said,
    Taken,
    Tapped,
    in_rows,
)
from claimbot.flow.model import ReviewStep

_MOST_SAID = 1000
_FEW = 3
_STOPS = "⛔️"
_CONFIRMED: Final[frozenset[AuditName]] = frozenset({"odometer_plausible"})
"""What its own question has had confirmed where it was in doubt."""
_MARKS = {"pass": "✅", "fail": "⚠️", "skipped": "➖"}


def verdict_lines(verdicts: Sequence[Verdict], around: Around, *, at: Place = "desk") -> Html:
    open_lines, folded = verdict_parts(verdicts, around, at=at)
    return Html("\n".join([*open_lines, *folded]))


def verdict_parts(
    verdicts: Sequence[Verdict], around: Around, *, at: Place = "desk", said_to_it: Sequence[Html] = ()
) -> tuple[tuple[Html, ...], tuple[Html, ...]]:
    """What stands open, and what is folded.

    One line a verdict: mark, what was judged, the reason and its source; failures first, what is well last. Directly
    below the failures stands what was `said_to_it`.

    Several with the same reason are one line. What is well is folded, and so is what could not be judged where that is
    much. At the desk what blocks is marked otherwise than what is to be explained; a technician may explain anything.
    """
    titles: dict[tuple[Outcome, str, str], list[str]] = {}
    for verdict in sorted(verdicts, key=lambda each: not each.blocks):
        reason = phrase(verdict.words, around.lang, verdict.values)
        source = around.words("verdict_source", source=verdict.source)
        mark = _STOPS if at == "desk" and verdict.blocks else _MARKS[verdict.outcome]
        title = show(around.office.audit.rules[verdict.rule].title, around.lang)
        titles.setdefault((verdict.outcome, mark, f"{reason}{source}"), []).append(title)
    said: dict[Outcome, list[str]] = {"fail": [], "skipped": [], "pass": []}
    for (outcome, mark, why), judged in titles.items():
        together = " / ".join(judged)
        said[outcome].append(f"{mark} {named(together, why, around.lang)}")
    skipped, well = said["skipped"], said["pass"]
    open_lines = [*said["fail"], *said_to_it, *(skipped if len(skipped) <= _FEW else ())]
    folded = [lines for lines in (skipped if len(skipped) > _FEW else [], well) if lines]
    return (
        tuple(Html(line) for line in open_lines),
        tuple(Html(f"<blockquote expandable>{chr(10).join(lines)}</blockquote>") for lines in folded),
    )


def _place(at: At) -> Place:
    return "technician" if at.facts.repair_order is None else "desk"


def first_verdicts(at: At) -> tuple[Verdict, ...]:
    """What can be judged where this review stands: with the technician, or at the desk."""
    office, known = at.around.office, at.around.known
    terms = office.makers[known.maker]
    return judge(at.facts, known, sheet=office.audit, terms=terms, plans=office.evidence, at=_place(at))


def ask_review(step: ReviewStep, at: At, told: Html, changes: tuple[Button, ...]) -> Prompt:
    """`told` are the lines of the answers, `changes` a button for each: the engine knows the way that was walked."""
    parts, verdicts = [told], first_verdicts(at) if step.verdicts else ()
    mend = {fix for each in verdicts if each.outcome == "fail" and not each.explained for fix in each.fixes}
    fixes = tuple(replace(each, label=each.label.replace("✏️", "🔧", 1)) for each in changes if each.arg in mend)
    wanting = [each for each in verdicts if _needs_words(each, _place(at))]
    if at.draft == "explain" and wanting:
        titles = [at.around.office.audit.rules[each.rule].title for each in wanting]
        rows = (*in_rows(fixes, 2), (Button(at.label("review_again"), "look"),))
        return Prompt(at.words("explanation_wanted", items=titles), rows, replaces_question=True)
    if step.verdicts:
        judged = verdict_lines(verdicts, at.around, at=_place(at))
        parts.append(Html(f"\n<b>{at.words('first_verdict')}</b>\n{judged}"))
    changes = (*fixes, *(each for each in changes if each.arg not in mend))
    send = (Button(step.send.to(at.lang), "send"),)
    return Prompt(body=Html("\n".join(parts)), rows=(send, *in_rows(changes, 2)))


def _needs_words(verdict: Verdict, place: Place) -> bool:
    """The technician explains whatever failed; at the desk words do not help against an error, which is mended.

    What the technician was asked of already, and stood by, needs no more: a reading that was confirmed.
    """
    if place == "desk":
        return verdict.wants_words
    return (verdict.wants_words or verdict.blocks) and verdict.rule not in _CONFIRMED


def read_review(step: ReviewStep, at: At, event: Event) -> Reading:
    failed = step.verdicts and any(_needs_words(verdict, _place(at)) for verdict in first_verdicts(at))
    match event:
        case Tapped(verb="send"):
            return Going("explain") if failed else Taken("")
        case Tapped(verb="look"):
            return Going(None)
        case Said(text) if at.draft == "explain" and failed and any(map(str.isalnum, text)):
            words = text.strip()
            if len(words) > _MOST_SAID:
                return Again(at.words("text_too_long", most=_MOST_SAID, has=len(words)))
            return Taken(words)
        case _:
            return Again(at.words("text_wanted" if at.draft == "explain" and failed else "review_wanted"))
