"""How many model steps published workflows have: counts that ship, with their source and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from evals import tomlfile
from evals.home import data_root
from evals.tomlfile import Line

FILE = "workflow-counts.toml"
_Whole = Annotated[int, Field(ge=0)]


class _CountsFile(tomlfile.Strict):
    source: Line
    day: date
    workflows: Annotated[int, Field(ge=1)]
    steps: dict[str, _Whole]
    models: dict[str, _Whole]
    tasks: dict[str, _Whole]


@dataclass(frozen=True)
class Counts:
    """Steps that the importer recognised in a collection of workflows."""

    source: str
    day: date
    workflows: int
    steps: Mapping[int, int]
    """Number of steps -> workflows that have so many."""
    models: Mapping[int, int]
    """Number of different models (weights or services that steps name) -> workflows."""
    tasks: Mapping[str, int]
    """Task -> steps."""

    @property
    def total(self) -> int:
        """Steps of all workflows together."""
        return sum(size * many for size, many in self.steps.items())

    @property
    def mean(self) -> float:
        """Steps of a workflow on average."""
        return self.total / self.workflows

    @property
    def most(self) -> int:
        """Steps of the longest one."""
        return max(self.steps)

    @property
    def mean_models(self) -> float:
        """Different models of a workflow on average."""
        return sum(size * many for size, many in self.models.items()) / self.workflows

    @property
    def at_least_14(self) -> int:
        """Workflows of fourteen steps or more."""
        return sum(many for size, many in self.steps.items() if size >= 14)


def load_counts(data: Path | None = None) -> Counts:
    """The shipped counts.

    Raises:
        RegistryError: the file is wrong.
    """
    path = (data if data is not None else data_root()) / FILE
    table = tomlfile.validate(path, tomlfile.read(path), _CountsFile)
    sizes: dict[str, dict[int, int]] = {}
    for key, found in (("steps", table.steps), ("models", table.models)):
        try:
            sizes[key] = {int(size): many for size, many in found.items()}
        except ValueError as error:
            raise tomlfile.key_error(path, key, "its keys are numbers") from error
        if sum(sizes[key].values()) != table.workflows:
            raise tomlfile.key_error(path, key, f"add up to {sum(sizes[key].values())} workflows")
    return Counts(
        table.source, table.day, table.workflows, sizes["steps"], sizes["models"], table.tasks
    )
