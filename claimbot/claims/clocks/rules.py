"""A counting rule: how one clock of a law, a contract form or a maker's terms is counted, as dated data.

A rule says what starts it, how long it is and in which unit, what stops and pauses it, and what happens when it is
missed. How days are counted in general (whether the first one counts, what happens to a last day that is a holiday,
when the last day ends) stands once in a `Convention`, such as the Civil Code's; a rule may say otherwise for itself.
Every number carries its source and the grade of that source: A the text itself was read, B a secondary page was, C
hearsay. A rule graded C is refused: it may stand in a file as a remark, until somebody has read the text.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from claimbot.claims.life import Life
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Dated, Strict, template_problems
from claimbot.claims.words import Words

Unit = Literal["hours", "days", "working_days", "weeks", "months", "repair_days"]
"""`days` are calendar days. `repair_days` are begun 24 hours of each stay (SAMR Order 43, art. 40)."""
Roll = Literal["none", "next_working_day"]
Cutoff = Literal["24:00", "close_of_business"]
Grade = Literal["A", "B", "C"]
Side = Literal["ours", "theirs"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

EVENTS: Final[Mapping[str, Words]] = {
    "occurred": Words(en="happened", zh="发生"),
    "aware": Words(en="became known", zh="知道"),
    "should_be_aware": Words(en="should have been known", zh="应当知道"),
    "impact_apparent": Words(en="effects became apparent", zh="影响显现"),
    "sent": Words(en="sent", zh="发出"),
    "received": Words(en="received", zh="收到"),
    "answered": Words(en="answered", zh="答复"),
    "instructed": Words(en="instructed", zh="收到指令"),
    "closed": Words(en="job closed", zh="完工"),
    "invoiced": Words(en="invoiced", zh="开票"),
    "delivered": Words(en="delivered", zh="交付"),
    "demanded": Words(en="demanded", zh="提出要求"),
    "ended": Words(en="ended", zh="结束"),
    "accepted": Words(en="accepted", zh="验收合格"),
    "decided": Words(en="decided", zh="作出决定"),
    "paid": Words(en="paid", zh="付款"),
    "handed_in": Words(en="handed in for repair", zh="送修"),
    "handed_back": Words(en="handed back", zh="修毕交还"),
    "begun": Words(en="begun", zh="开始"),
    "replaced": Words(en="replaced", zh="更换"),
    "reminded": Words(en="reminded", zh="催告"),
    "removed": Words(en="removed", zh="拆下"),
    "returned": Words(en="returned", zh="返厂"),
}
"""What may happen to a claim. Which paper or thing it happened to may stand before it: `notice.sent`."""

_VERB_FIRST: Final[Mapping[str, str]] = {
    "sent": "发出", "received": "收到", "answered": "答复", "demanded": "要求", "paid": "支付", "replaced": "更换",
    "reminded": "催告",
}  # fmt: skip
"""Chinese says 发出通知, but 工程验收合格."""
THINGS: Final[Mapping[str, Words]] = {
    "notice": Words(en="notice", zh="通知"),
    "claim": Words(en="claim", zh="索赔报告"),
    "final_claim": Words(en="final claim", zh="最终索赔报告"),
    "particulars": Words(en="particulars", zh="补充资料"),
    "determination": Words(en="determination", zh="工程师的确定"),
    "agreement": Words(en="agreement", zh="商定结果"),
    "dissatisfaction": Words(en="notice of dissatisfaction", zh="不满意通知"),
    "objection": Words(en="objection", zh="异议"),
    "lapse": Words(en="notice of lapse", zh="失效通知"),
    "quotation": Words(en="quotation", zh="报价"),
    "variation": Words(en="variation", zh="变更估价"),
    "review": Words(en="review", zh="审查意见"),
    "variation_review": Words(en="review of the variation's price", zh="变更估价审查意见"),
    "approval": Words(en="approval", zh="审批"),
    "settlement": Words(en="settlement account", zh="竣工结算申请单"),
    "retention": Words(en="retention", zh="质量保证金返还"),
    "works": Words(en="works", zh="工程"),
    "effects": Words(en="effects", zh="影响"),
    "defects_period": Words(en="defects liability period", zh="缺陷责任期"),
    "assessment": Words(en="assessment", zh="首次评估"),
    "update": Words(en="update", zh="更新资料"),
    "repair": Words(en="repair", zh="维修"),
    "car": Words(en="car", zh="车辆"),
    "transport": Words(en="transport of special parts", zh="专用件运输"),
    "rescue": Words(en="rescue travel", zh="外出救援"),
    "loaner": Words(en="loaner", zh="备用车"),
    "refund": Words(en="swap or refund", zh="更换或退货"),
    "rejection": Words(en="rejection", zh="拒赔通知"),
    "resubmission": Words(en="resubmission", zh="重新申报"),
    "appeal": Words(en="appeal", zh="申诉"),
    "cut": Words(en="cut", zh="核减通知"),
    "payment": Words(en="payment", zh="付款"),
    "audit": Words(en="audit", zh="审计"),
    "record": Words(en="record", zh="记录"),
    "old_part": Words(en="old part", zh="旧件"),
    "deduction": Words(en="old-part deduction", zh="旧件扣款"),
}
"""The papers and things of the shipped forms; others are shown by their name."""


_BY_WHOM: Final[Mapping[str, Words]] = {
    "notice.received": Words(en="notice received by the other side", zh="对方收到通知"),
    "notice.answered": Words(en="notice answered by the other side", zh="对方答复通知"),
    "claim.received": Words(en="claim received by the other side", zh="对方收到索赔报告"),
    "claim.answered": Words(en="claim answered by the other side", zh="对方答复索赔报告"),
    "claim.paid": Words(en="claim paid", zh="索赔款到账"),
    "quotation.instructed": Words(en="instruction to quote received", zh="收到报价指令"),
    "quotation.answered": Words(en="quotation answered by the other side", zh="对方答复报价"),
    "assessment.received": Words(en="assessment received by the other side", zh="对方收到首次评估"),
    "assessment.answered": Words(en="assessment answered by the other side", zh="对方答复首次评估"),
    "update.received": Words(en="update received by the other side", zh="对方收到更新资料"),
    "update.answered": Words(en="update answered by the other side", zh="对方答复更新资料"),
    "particulars.received": Words(en="particulars received by the other side", zh="对方收到补充资料"),
    "particulars.answered": Words(en="particulars answered by the other side", zh="对方答复补充资料"),
    "variation.instructed": Words(en="instruction to vary received", zh="收到变更指令"),
    "variation.received": Words(en="variation's price received by the other side", zh="对方收到变更估价"),
    "variation.answered": Words(en="variation's price answered by the other side", zh="对方答复变更估价"),
    "settlement.received": Words(en="settlement account received by the other side", zh="对方收到竣工结算申请单"),
    "settlement.answered": Words(en="settlement account answered by the other side", zh="对方答复竣工结算申请单"),
    "review.sent": Words(en="account checked by the supervising engineer", zh="监理人发出核查意见"),
    "retention.received": Words(
        en="request for the retention received by the other side", zh="对方收到返还质保金的申请"
    ),
    "retention.answered": Words(
        en="request for the retention answered by the other side", zh="对方答复返还质保金的申请"
    ),
    "retention.reminded": Words(en="other side reminded of the retention", zh="催告对方返还质保金"),
    "retention.paid": Words(en="retention paid", zh="质保金已返还"),
    "refund.demanded": Words(en="swap or refund demanded by the customer", zh="客户要求更换或退货"),
    "refund.answered": Words(en="swap or refund answered to the customer", zh="答复更换或退货要求"),
    "refund.delivered": Words(en="other car handed over to the customer", zh="向客户交付更换的车辆"),
    "refund.paid": Words(en="refund paid to the customer", zh="向客户支付退车款"),
    "repair.demanded": Words(en="repair demanded by the customer", zh="客户要求维修"),
    "resubmission.sent": Words(en="claim resubmitted", zh="重新申报"),
    "deduction.received": Words(en="notice of an old-part deduction received", zh="收到旧件扣款通知"),
    "deduction.answered": Words(en="old-part deduction objected to or accepted", zh="对旧件扣款提出异议或接受"),
    "resubmission.answered": Words(en="resubmission answered by the other side", zh="对方答复重新申报"),
    "appeal.answered": Words(en="appeal answered by the other side", zh="对方答复申诉"),
    "approval.received": Words(en="approval by the other side received", zh="收到对方批准"),
}
"""Where the words put together would leave open who does it, or say it badly."""
_LONGEST_THING: Final = 24
"""Event and kind stand on a button, which holds 64 bytes in all."""


def _known_event(said: str) -> str:
    thing, dot, kind = said.rpartition(".")
    if kind in EVENTS and len(thing) > _LONGEST_THING:
        raise ValueError(f"the name {thing} is too long for a button, take {_LONGEST_THING} letters at the most")
    if kind in EVENTS and (not dot or re.fullmatch(r"[a-z][a-z0-9_]*", thing)):
        return said
    near = get_close_matches(kind, EVENTS, 1)
    hint = f"did you mean {thing}{dot}{near[0]}?" if near else f"known: {', '.join(EVENTS)}"
    raise ValueError(f"there is no event {said}, {hint}")


Event = Annotated[str, AfterValidator(_known_event)]


def event_words(event: str) -> Words:
    """The event as people read it: "sent (notice)" for `notice.sent`; a kind that is not known as it stands."""
    if event in _BY_WHOM:
        return _BY_WHOM[event]
    thing, _, kind = event.rpartition(".")
    words = EVENTS.get(kind, Words(en=kind, zh=kind))
    if not thing:
        return words
    name = THINGS.get(thing, Words(en=thing.replace("_", " "), zh=thing))
    zh = _VERB_FIRST[kind] + name.zh if kind in _VERB_FIRST else name.zh + words.zh
    return Words(en=f"{name.en} {words.en}", zh=zh)


class Starts(Strict):
    """What sets a clock going.

    `event`: that event. `later_of`, `earlier_of`: of those that are recorded. `first_of`: the first in the order of the
    list that is recorded. `due_of`: the last day of another clock of the form that was not met. With `each`, every
    further event of that name starts a clock of its own.
    """

    event: Event | None = None
    later_of: tuple[Event, ...] = ()
    earlier_of: tuple[Event, ...] = ()
    first_of: tuple[Event, ...] = ()
    due_of: Name | None = None
    each: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.event is not None, self.due_of is not None]
        lists = [each for each in (self.later_of, self.earlier_of, self.first_of) if each]
        if sum(ways) + len(lists) != 1:
            raise ValueError("give one of event, later_of, earlier_of, first_of, due_of")
        if any(len(each) < 2 for each in lists):
            raise ValueError("a choice of events needs two at least; one alone stands under event")
        if self.each and self.event is None:
            raise ValueError("each needs event")
        return self

    @property
    def events(self) -> tuple[str, ...]:
        """All that may start it, in the order of the file."""
        return (self.event,) if self.event else (*self.later_of, *self.earlier_of, *self.first_of)


class StopsAt(Strict):
    """What ends a clock: something that happened, a move of the claim, or a state in which it stands.

    `does`: the events by which what it asks for is done; left out: whatever ends it. By all else it is merely over.
    """

    events: tuple[Event, ...] = ()
    does: tuple[Event, ...] | None = None
    moves: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


class Pause(Strict):
    """Time that is not counted, from one event to another. `between_stays`: a stay ends there and another begins."""

    begins: Event
    ends: Event
    between_stays: bool = False


class Repeats(Strict):
    """The clock comes again and again, as long as the rule's length, until one of these has happened."""

    until: Annotated[tuple[Event, ...], Field(min_length=1)]


class Basis(Strict):
    """Where the rule stands. `form` only where it is not the form of the file (a file of several statutes)."""

    form: Words | None = None
    article: Words | Annotated[str, Field(min_length=1, max_length=60)]

    @property
    def place(self) -> Words:
        """The article in both languages."""
        return self.article if isinstance(self.article, Words) else Words(en=self.article, zh=self.article)


class Convention(Strict):
    """How days are counted in general, and which article says so."""

    title: Words
    include_first: bool
    roll: Roll
    roll_basis: Words | None = None
    cutoff: Cutoff
    days_off: Literal["public", "site"] = "public"
    """Whether a site's own closed days are days off too: what a law counts by legal holidays does not move for them."""
    source: Words
    grade: Grade

    @model_validator(mode="after")
    def _rolls_for_a_reason(self) -> Self:
        if (self.roll != "none") != (self.roll_basis is not None):
            raise ValueError("roll_basis names the article behind a roll; without a roll leave it out")
        return self


class Conventions(Strict):
    """`counting.yaml`: every way of counting that the forms name."""

    conventions: Annotated[dict[Name, Convention], Field(min_length=1)]

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for name, each in self.conventions.items():
            at = ("conventions", name)
            yield from template_problems((*at, "title"), each.title, frozenset())
            if not (each.source.en.strip() and each.source.zh.strip()):
                yield Problem((*at, "source"), "no source is given", "name the law or contract that counts so")
            yield from _grade_problems(at, each.grade)


class Change(Strict):
    """What a contract's particular conditions, a site or a maker say otherwise; what they leave out stays.

    A contract goes before a site, a site before a maker, each before the rule itself.
    """

    contract: str | None = None
    site: str | None = None
    maker: str | None = None
    length: Annotated[int, Field(gt=0, le=10_000)] | None = None
    unit: Unit | None = None
    include_first: bool | None = None
    roll: Roll | None = None
    roll_basis: Words | None = None
    cutoff: Cutoff | None = None
    on_miss: Words | None = None
    since: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None
    source: Words

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if len([each for each in (self.contract, self.site, self.maker) if each]) != 1:
            raise ValueError("say whose it is: one of contract, site, maker")
        if not self.says:
            raise ValueError("it changes nothing: give length, unit, include_first, roll, cutoff or on_miss")
        return self

    @property
    def says(self) -> dict[str, object]:
        """The fields of the rule that it changes, with their new values."""
        changed = ("length", "unit", "include_first", "roll", "roll_basis", "cutoff", "on_miss")
        return {name: value for name in changed if (value := getattr(self, name)) is not None}

    @property
    def scope(self) -> tuple[str, str]:
        return next((name, value) for name in ("contract", "site", "maker") if (value := getattr(self, name)))

    def holds_on(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class CountingRule(Dated):
    """One clock of a form, in one dated version; the version in force on the day of its start holds.

    `length` in `unit`; `include_first`, `roll` and `cutoff` only where they differ from the form's convention.
    `side`: whose it is to act, ours (missed, we lose something) or theirs (missed, we may use it).
    """

    name: Name
    title: Words
    side: Side
    starts: Starts
    length: Annotated[int, Field(gt=0, le=10_000)]
    unit: Unit
    include_first: bool | None = None
    roll: Roll | None = None
    roll_basis: Words | None = None
    cutoff: Cutoff | None = None
    stops: StopsAt
    pauses: tuple[Pause, ...] = ()
    repeats: Repeats | None = None
    on_miss: Words
    note: Words | None = None
    """What goes with the number and is not time: a distance that may come first, a number of repairs."""
    counting: Name | None = None
    """Another convention than the form's."""
    basis: Basis
    grade: Grade
    overrides: tuple[Change, ...] = ()
    ladder: Name | None = None
    """How people are told of it (`ladders.yaml`); left out: the ladder called like its side; `none`: nobody is told."""

    def changed(
        self, day: dt.date, *, contract: str | None = None, site: str | None = None, maker: str | None = None
    ) -> "tuple[CountingRule, Words | None]":
        """The rule as it holds for them on that day, and who says so where it differs from the form."""
        rule, says = self, None
        for scope, value in (("maker", maker), ("site", site), ("contract", contract)):
            for change in self.overrides:
                if value is not None and change.scope == (scope, value) and change.holds_on(day):
                    rule, says = rule.model_copy(update=change.says), change.source
        return rule, says

    def problems(self, at: tuple[str | int, ...], life: Life | None = None) -> Iterator[Problem]:
        """Mistakes of the rule by itself, and with a life also of the moves and states that it names."""
        for part in ("title", "on_miss"):
            yield from template_problems((*at, part), getattr(self, part), frozenset())
        yield from _grade_problems(at, self.grade)
        stops = self.stops
        if not (stops.events or stops.moves or stops.states):
            yield Problem((*at, "stops"), "nothing stops this clock", "name the events, moves or states that end it")
        for event in stops.events:
            if event in self.starts.events:
                yield Problem((*at, "stops"), f"{event} both starts and stops it", "keep one of the two")
        yield from self._shape_problems(at)
        if life is not None:
            yield from self._life_problems(at, life)
        yield from self._change_problems(at)

    def _shape_problems(self, at: tuple[str | int, ...]) -> Iterator[Problem]:
        for index, pause in enumerate(self.pauses):
            if pause.begins == pause.ends:
                yield Problem((*at, "pauses", index), "it begins and ends with the same event", "name two events")
        if self.repeats is not None and (self.pauses or self.starts.each):
            yield Problem((*at, "repeats"), "what repeats can neither pause nor start again", "make it two clocks")
        if self.unit == "repair_days" and self.repeats is not None:
            yield Problem((*at, "unit"), "repair days do not repeat", "take repeats out")
        if self.roll == "next_working_day" and self.roll_basis is None:
            yield Problem((*at, "roll"), "no article is given for the roll", "name it under roll_basis")

    def _life_problems(self, at: tuple[str | int, ...], life: Life) -> Iterator[Problem]:
        for index, move in enumerate(self.stops.moves):
            if move not in life.moves:
                mend = f"known moves: {', '.join(life.moves)}"
                yield Problem((*at, "stops", "moves", index), f"there is no move {move}", mend)
        for index, state in enumerate(self.stops.states):
            if state not in life.states:
                mend = f"known states: {', '.join(life.states)}"
                yield Problem((*at, "stops", "states", index), f"there is no state {state}", mend)

    def _change_problems(self, at: tuple[str | int, ...]) -> Iterator[Problem]:
        for index, change in enumerate(self.overrides):
            here = (*at, "overrides", index)
            if not (change.source.en.strip() and change.source.zh.strip()):
                yield Problem((*here, "source"), "no source is given", "name the clause or letter that says so")
            if change.since is not None and change.until is not None and change.until < change.since:
                what = f"ends on {change.until}, before it begins"
                yield Problem((*here, "until"), what, "let `until` be `from` or later")
            for earlier in self.overrides[:index]:
                first = change.since or dt.date.min
                last = change.until or dt.date.max
                begins, ends = earlier.since or dt.date.min, earlier.until or dt.date.max
                if change.scope == earlier.scope and begins <= last and ends >= first:
                    what = f"overlaps another one for {change.scope[0]} {change.scope[1]}"
                    yield Problem(here, what, "let one end on the day before the other begins")


def _grade_problems(at: tuple[str | int, ...], grade: Grade) -> Iterator[Problem]:
    if grade == "C":
        mend = "read the text and grade it A or B, or turn these lines into remarks (#)"
        yield Problem((*at, "grade"), "C is hearsay, and nobody's date may hang on it", mend)
