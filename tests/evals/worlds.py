"""Files of a small registry, as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

CAPTIONS = (
    "one red circle on the left on a white background, flat style",
    "two blue stars at the top on a black background, shaded style",
    "three green crosses on the right on a grey background, sketch style",
    "one purple square in the centre on a sand background, flat style",
)
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)

Write = Callable[[str, str], Path]


def suite_toml(captions: tuple[str, ...] = CAPTIONS) -> str:
    """A suite file of calibration captions, with their facts."""
    from evals.calibration.scenes import parse

    lines = ['title = "Small"', 'task = "text-to-image"', "seeds = [0, 1]"]
    for number, text in enumerate(captions, start=1):
        facts = ", ".join(f'{name} = "{word}"' for name, word in parse(text).words.items())
        lines += ["[[prompts]]", f'id = "p{number}"', f'text = "{text}"']
        lines += [f'domains = ["{parse(text).style}"]', f"facts = {{ {facts} }}"]
    return "\n".join(lines) + "\n"


def model_toml(
    settings: str = 'kind = "renderer"', extra: str = "", backend: str = "procedural"
) -> str:
    """A model file that takes part in the small suite."""
    return (
        f'name = "A model"\ntask = "text-to-image"\nbackend = "{backend}"\n'
        f'suites = ["small"]\n{extra}\n[settings]\n{settings}\n'
    )
