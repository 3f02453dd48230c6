"""What a flow file says, as frozen typed models: unknown keys are refused, every asking step has an example.

A flow is a graph of steps in the order of the file; the first step is where it begins. A step asks for one
answer, kept under the step's name, and says which step is next; an end step asks nothing and names what is then
done. Flows *name* rules, acts and moves; they never contain one. Checks that need more than one file are in
`claimbot.flow.checks`.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from typing_extensions import override

from claimbot.claims.life import Role
from claimbot.claims.words import Words

Act = Literal[
    "submit_claim",
    "complete_claim",
    "request_more",
    "reply",
    "add_photos",
    "decide",
    "withdraw",
    "file_claim",
    "join",
    "set_language",
    "invite",
    "note_event",
    "set_clock",
    "follow_contract",
    "snooze",
    "go_away",
    "find",
    "compensate",
    "set_type",
    "record_preauth",
    "correct_report",
    "keep_old_part",
    "return_parts",
    "note_deduction",
    "answer_deduction",
    "ask_department",
    "answer_inquiry",
    "note_answer",
    "appeal",
    "explain_short",
    "write_off",
    "read_credit",
    "book_credit",
    "keep",
]
"""What the assistant can do at the end of a conversation; `keep` only stores the answers."""

OptionSource = Literal[
    "part_names",
    "requested_slots",
    "person_names",
    "sites",
    "decisions",
    "reply_kinds",
    "events",
    "colleagues",
    "contract_forms",
    "claim_types",
    "earlier_claims",
    "office_people",
]
"""Choices that the code offers because they depend on the claim or the person."""

NAME: Final = r"^[a-z][a-z0-9_]{0,23}$"
StepName = Annotated[str, Field(pattern=NAME)]
OptionName = Annotated[str, Field(pattern=NAME)]


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Branch(Strict):
    """One way on: taken when the rule holds. The last way of a list has no `when`."""

    when: str | None = None
    go: StepName


class Check(Strict):
    """A rule that an answer must satisfy, and what is said when it does not; the step stays.

    `mend` names the other answer that the rule compares with: it is quoted, and one tap leads there.
    """

    rule: str
    otherwise: Words
    mend: StepName | None = None


class Asking(Strict):
    """What all asking steps share."""

    text: Words
    label: Words
    """A noun for the review and the claim's card: "Odometer"."""
    next: StepName | tuple[Branch, ...]
    hint: Words | None = None
    """Said with the question again when the answer could not be read; each kind has a default."""
    optional: bool = False
    check: Check | None = None
    renewed_by: tuple[StepName, ...] = ()
    """When one of these answers changes, this one is asked again."""


class TextStep(Asking):
    ask: Literal["text"]
    example: str | Words
    """In both languages where nobody would write it so in the other."""
    min_length: int = 1
    max_length: int = 1000
    suggest: OptionSource | None = None
    """Offers buttons for likely answers; anything else can still be typed."""


class PartNumberStep(Asking):
    """A part number: letters, digits, dash, dot, slash; stored upper case."""

    ask: Literal["part_number"]
    example: str


class ChoiceStep(Asking):
    ask: Literal["choice"]
    example: str
    choices: dict[OptionName, Words] = {}
    options: OptionSource | None = None
    columns: Annotated[int, Field(ge=1, le=4)] = 2
    typed: bool = False
    """Whether a person may also write an answer of their own."""
    max_length: int = 200
    """Of an answer of their own."""
    sure: Words | None = None
    """A button's words: with them, an answer of their own counts only once it was looked at and this was tapped."""


class ConfirmStep(Asking):
    """Yes or no. `about` names a step whose decoded meaning is shown (the car behind a VIN)."""

    ask: Literal["confirm"]
    example: bool
    about: StepName | None = None
    otherwise: StepName | None = None
    """Where "no" leads; that step is asked again."""


class NumberStep(Asking):
    ask: Literal["number"]
    example: Decimal
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    unit: Words | None = None


class OdometerStep(Asking):
    """Kilometres; falling or leaping values are questioned against what is known of the car."""

    ask: Literal["odometer"]
    example: int


class MoneyStep(Asking):
    """An amount in the site's currency."""

    ask: Literal["money"]
    example: Decimal


class DateStep(Asking):
    ask: Literal["date"]
    example: str
    future: bool = False
    not_before: StepName | None = None
    """A step that asks for a day, too: an earlier one than that is asked again."""
    in_days: tuple[Annotated[int, Field(gt=0)], ...] = ()
    """Days from today that are one tap, in place of today, tomorrow and so on."""


class InstantStep(Asking):
    """A date and an hour, in the site's zone."""

    ask: Literal["instant"]
    example: str
    future: bool = False


class MomentStep(Asking):
    """When something happened: a day alone, or with its hour, in the site's zone, where the hour is known."""

    ask: Literal["moment"]
    example: str


class VinStep(Asking):
    ask: Literal["vin"]
    example: str


class CodesStep(Asking):
    """Fault codes, as many as there are, until "that is all"."""

    ask: Literal["fault_codes"]
    example: tuple[str, ...]


class LinesStep(Asking):
    """The lines of a claim (labour, parts, sublet …), as many as there are, until "that is all"; typed or asked for."""

    ask: Literal["lines"]
    example: tuple[str, ...]
    """Lines as people type them."""


class MakerAnswerStep(Asking):
    """What the maker answered to each line that it was asked for; "all approved" is one tap."""

    ask: Literal["maker_answer"]
    example: Literal["approved"] = "approved"


class SheetStep(Asking):
    """A table as a file: XLSX or CSV."""

    ask: Literal["sheet"]
    example: Literal["file"] = "file"


class CutsStep(Asking):
    """What is approved of a claim's lines: each as claimed, cut, or struck out, with a listed reason or one's own."""

    ask: Literal["cuts"]
    reasons: Annotated[dict[OptionName, Words], Field(min_length=1)]
    example: Words
    """A line's number, what it is approved with, and why, as people type them."""


class PhotosStep(Asking):
    """Photos by a plan: `plan` is the fault family's evidence plan, `requested` what a clerk asked for."""

    ask: Literal["photos"]
    example: Literal["by_plan"] = "by_plan"
    plan: Literal["fault_family", "requested"] = "fault_family"


class ProofStep(Asking):
    """A photo or file that shows something, kept as evidence; several in one sending. `words`: words will do, too."""

    ask: Literal["proof"]
    example: str | Words
    """The slot of a sample photo; with `words`, what somebody might write."""
    words: bool = False
    max_length: int = 800


class ReviewStep(Asking):
    """Shows every answer; any can be changed; one button sends. `verdicts`: the first verdict is shown too."""

    ask: Literal["review"]
    verdicts: bool = False
    send: Words


class EndStep(Strict):
    """The way out: `end` names what is done."""

    end: Act


AskingStep = (
    TextStep
    | PartNumberStep
    | ChoiceStep
    | ConfirmStep
    | NumberStep
    | OdometerStep
    | MoneyStep
    | DateStep
    | InstantStep
    | MomentStep
    | VinStep
    | CodesStep
    | LinesStep
    | MakerAnswerStep
    | SheetStep
    | CutsStep
    | PhotosStep
    | ProofStep
    | ReviewStep
)


def _kind_of(raw: object) -> str | None:
    if isinstance(raw, dict):
        return "end" if "end" in raw else raw.get("ask")
    return "end" if isinstance(raw, EndStep) else getattr(raw, "ask", None)


Step = Annotated[
    Annotated[TextStep, Tag("text")]
    | Annotated[PartNumberStep, Tag("part_number")]
    | Annotated[ChoiceStep, Tag("choice")]
    | Annotated[ConfirmStep, Tag("confirm")]
    | Annotated[NumberStep, Tag("number")]
    | Annotated[OdometerStep, Tag("odometer")]
    | Annotated[MoneyStep, Tag("money")]
    | Annotated[DateStep, Tag("date")]
    | Annotated[InstantStep, Tag("instant")]
    | Annotated[MomentStep, Tag("moment")]
    | Annotated[VinStep, Tag("vin")]
    | Annotated[CodesStep, Tag("fault_codes")]
    | Annotated[LinesStep, Tag("lines")]
    | Annotated[MakerAnswerStep, Tag("maker_answer")]
    | Annotated[SheetStep, Tag("sheet")]
    | Annotated[CutsStep, Tag("cuts")]
    | Annotated[PhotosStep, Tag("photos")]
    | Annotated[ProofStep, Tag("proof")]
    | Annotated[ReviewStep, Tag("review")]
    | Annotated[EndStep, Tag("end")],
    Discriminator(_kind_of),
]


class Starts(Strict):
    """How people come into a flow. `about` says what a conversation of it works on."""

    command: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] | None = None
    button: Words | None = None
    describe: Words | None = None
    """The line in Telegram's command menu; needed when there is a command."""
    about: Literal["nothing", "new_claim", "claim"] = "nothing"


class Flow(Strict):
    """One guided conversation. `roles` empty: anybody, also people who have not joined yet."""

    flow: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
    title: Words
    roles: Annotated[tuple[Role, ...], Field(alias="for")] = ()
    starts: Starts = Starts()
    move: str | None = None
    """The move of the claim's life that the end makes; the life says who may."""
    begins: tuple[Branch, ...] = ()
    """Where it begins by what is known of its claim; empty: at the first step."""
    steps: Annotated[dict[StepName, Step], Field(min_length=2)]
    fingerprint: str = ""
    """Of the file's text, set when it is read; a conversation remembers it."""

    @override
    def __hash__(self) -> int:
        """So that what is worked out of a flow alone can be kept."""
        return hash((self.flow, self.fingerprint))

    @property
    def first(self) -> str:
        return next(iter(self.steps))

    @property
    def beginnings(self) -> tuple[Branch, ...]:
        return self.begins or (Branch(go=self.first),)


def ways(step: Step) -> tuple[Branch, ...]:
    """The ways on from a step, a `confirm`'s "no" not counted."""
    match step:
        case EndStep():
            return ()
        case _:
            return _straight(step.next) if isinstance(step.next, str) else step.next


@lru_cache(maxsize=1024)
def _straight(to: str) -> tuple[Branch, ...]:
    return (Branch(go=to),)
