"""The four ways in which something may go wrong on purpose.

Everything else that is raised anywhere is a bug: caught once at the door, logged with its traceback
under a short number, and the person is told that number.
"""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818  it is no error: the house says no to a person, in words
    """What a person asked for is not to be done; they are told why.

    `phrase` names an entry of `flows/words.yaml`; `values` fill it. `final`: the conversation that led here leads
    nowhere any more, whatever they answer now. `again`: the step of it that is to be answered otherwise. `claim_id`:
    the claim that they had better look at. `quiet`: after a tap, a word over the button is enough.
    """

    final = False

    def __init__(
        self,
        phrase: str,
        values: Mapping[str, object] | None = None,
        *,
        again: str | None = None,
        claim_id: int | None = None,
        quiet: bool = False,
    ) -> None:
        super().__init__(phrase)
        self.phrase = phrase
        self.values = dict(values or {})
        self.again = again
        self.claim_id = claim_id
        self.quiet = quiet


class FlowError(Exception):
    """Something is wrong in the office's own files; `problems` tells all of it, one line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one clear sentence for whoever starts the program."""


class DeliveryError(Exception):
    """A message did not go out. `permanent`: trying again cannot help (the bot is blocked, the chat is gone)."""

    def __init__(self, outcome: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.permanent = permanent
        self.retry_after = retry_after
