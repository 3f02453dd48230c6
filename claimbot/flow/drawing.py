"""Flows and lives as Mermaid pictures, in both languages, the same for the same files."""

from pathlib import Path
from typing import Final

from claimbot.claims.life import Life
from claimbot.claims.words import Words
from claimbot.errors import FlowError
from claimbot.flow.model import Asking, ConfirmStep, EndStep, Flow, ways
from claimbot.flow.office import Office

_HEAD: Final = "# The flows, drawn\n"


_ESCAPES: Final = str.maketrans({"#": "#35;", ";": "#59;", '"': "'", "`": "'", "<": "‹", ">": "›", "\n": " "})
"""What Mermaid would take for its own signs; `#35;` is how it writes one that is meant."""


def _label(words: Words) -> str:
    return f"{words.zh} · {words.en}".translate(_ESCAPES)


def draw_flow(flow: Flow) -> str:
    """The steps as a flowchart: questions, ways with their rules, ends with what they do."""
    lines = ["flowchart TD"]
    for branch in flow.begins:
        when = f"|{branch.when}|" if branch.when is not None else ""
        lines.append(f"    begins((·)) -->{when} {branch.go}_")
    for name, step in flow.steps.items():
        if isinstance(step, EndStep):
            lines.append(f'    {name}_(["{step.end}"])')
        else:
            lines.append(f'    {name}_["{_label(step.label)}"]')
        for branch in ways(step):
            when = f"|{branch.when}|" if branch.when is not None else ""
            lines.append(f"    {name}_ -->{when} {branch.go}_")
        if isinstance(step, ConfirmStep) and step.otherwise is not None:
            lines.append(f"    {name}_ -.->|no| {step.otherwise}_")
        if isinstance(step, Asking) and step.optional:
            lines.append(f"    style {name}_ stroke-dasharray: 4 3")
    return "\n".join(lines)


def draw_life(life: Life) -> str:
    """The states of a claim and the moves between them."""
    lines = ["stateDiagram-v2", f"    [*] --> {life.first}"]
    lines.extend(f"    {name}: {_label(state.words)}" for name, state in life.states.items())
    for name, move in life.moves.items():
        lines.extend(f"    {state} --> {move.to or state}: {name}" for state in move.states)
    lines.extend(f"    {name} --> [*]" for name, state in life.states.items() if not state.open)
    return "\n".join(lines)


def drawings(office: Office) -> dict[str, str]:
    """File name and text of every picture, and of the page that lists them."""
    made = {"warranty.life.md": _page("The life of a warranty claim", draw_life(office.life))}
    for name, flow in sorted(office.flows.items()):
        made[f"{name}.md"] = _page(f"{flow.title.zh} · {flow.title.en}", draw_flow(flow))
    listed = "\n".join(f"- [{name.removesuffix('.md')}]({name})" for name in sorted(made))
    made["README.md"] = f"{_HEAD}\nMade by `claimbot draw` from `flows/`.\n\n{listed}\n"
    return made


def _page(title: str, picture: str) -> str:
    return f"# {title}\n\n```mermaid\n{picture}\n```\n"


def write_drawings(office: Office, folder: Path) -> None:
    """Every picture anew, and whatever else is there goes: so only into a new folder, or one that was drawn before."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "README.md"
    drawn = page.exists() and page.read_text(encoding="utf-8").startswith(_HEAD)
    if not drawn and any(folder.glob("*.md")):
        raise FlowError((f"{folder} holds pages of something else; draw into a folder of its own",))
    made = drawings(office)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.name not in made:
            path.unlink()


def stale_drawings(office: Office, folder: Path) -> tuple[str, ...]:
    """The names whose file is missing, differs, or belongs to nothing."""
    made = drawings(office)
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return tuple(sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name)))
