"""The review: every answer on one screen, each changeable, the first verdict, and the button that sends.

Its own answer is the word of explanation that failed verdicts need, empty when none is needed.
"""

from claimbot.claims.audit import Place, Verdict, judge
from claimbot.claims.words import Html, named, phrase, show
from claimbot.flow.kinds.asking import Again, Around, At, Button, Event, Going, Prompt, Reading, Said, Taken, Tapped
from claimbot.flow.model import ReviewStep

_MARKS = {"pass": "✅", "fail": "⚠️", "skipped": "➖"}


def verdict_lines(verdicts: tuple[Verdict, ...], around: Around) -> Html:
    """One line a verdict: mark, what was judged, the reason, and who says so."""
    lines = []
    for verdict in verdicts:
        rule = around.office.audit.rules[verdict.rule]
        reason = phrase(verdict.words, around.lang, verdict.values)
        left, right = ("（", "）") if around.lang == "zh" else (" (", ")")
        source = f"<i>{left}{show(verdict.source, around.lang)}{right}</i>"
        lines.append(
            f"{_MARKS[verdict.outcome]} {named(show(rule.title, around.lang), f'{reason}{source}', around.lang)}"
        )
    return Html("\n".join(lines))


def first_verdicts(at: At) -> tuple[Verdict, ...]:
    """What can be judged where this review stands: with the technician, or at the desk."""
    place: Place = "technician" if at.facts.in_service_on is None else "desk"
    office, known = at.around.office, at.around.known
    terms = office.makers[known.maker]
    return judge(at.facts, known, sheet=office.audit, terms=terms, plans=office.evidence, at=place)


def ask_review(step: ReviewStep, at: At, told: Html, changes: tuple[Button, ...]) -> Prompt:
    """`told` are the lines of the answers, `changes` a button for each: the engine knows the way that was walked."""
    parts = [told]
    if step.verdicts:
        parts.append(Html(f"\n<b>{at.words('first_verdict')}</b>\n{verdict_lines(first_verdicts(at), at.around)}"))
    if at.draft == "explain":
        parts.append(Html(f"\n✍️ {at.words('explanation_wanted')}"))
    pairs = tuple(changes[start : start + 2] for start in range(0, len(changes), 2))
    send = (Button(step.send.to(at.lang), "send"),)
    return Prompt(body=Html("\n".join(parts)), rows=(send, *pairs))


def read_review(step: ReviewStep, at: At, event: Event) -> Reading:
    failed = step.verdicts and any(
        verdict.outcome == "fail" and not verdict.explained for verdict in first_verdicts(at)
    )
    match event:
        case Tapped(verb="send"):
            return Going("explain") if failed else Taken("")
        case Said(text) if at.draft == "explain" and failed and any(map(str.isalnum, text)):
            return Taken(text.strip()[:1000])
        case _:
            return Again(at.words("review_wanted"))
