"""A home whose picks grow old under a declared clock, and an evaluator without torch.

The models are registered procedural ones; what is planned, recorded, ingested, rated, decided and
exported is the real thing. Only making and judging pictures is replaced by a score that follows
from the model's strength, the prompt, the seed and the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evals import record
from evals.due import Evaluate
from evals.request import Prepared, Request, prepare
from evals.run import Outcome, Progress
from evals.types import Run
from leaderboard import cycle
from leaderboard.cycle import Cycled, Wishes
from tests.leaderboard.factory import CLIP, TRUTH, Made, result

BEGIN = datetime(2026, 3, 2, 0, 7, tzinfo=UTC)
"""A Monday, seven minutes past midnight in UTC."""
DAY = timedelta(days=1)
DAILY = Wishes(DAY)
STRENGTHS = {
    "large": Made("large", 23.0, cost_usd=0.02),
    "middle": Made("middle", 22.9, cost_usd=0.004),
    "small": Made("small", 21.0, cost_usd=0.001),
    "tiny": Made("tiny", 14.0, cost_usd=0.0005),
}
PROMPTS = 20
POLICY = """
[revalidate]
max_days = {days}
"""


class Ticking:
    """A clock that says a second more each time it is asked."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def build(home: Path, max_days: int = 7) -> Path:
    """The registered part of the home."""
    for folder in ("suites", "models"):
        (home / folder).mkdir(parents=True)
    lines = ['title = "Small"', 'task = "text-to-image"', "seeds = [0, 1]"]
    lines += ['metrics = ["clip_score"]']
    for number in range(PROMPTS):
        lines += ["[[prompts]]", f'id = "p{number:02}"', f'text = "caption {number}"']
        lines += [f'domains = ["{("flat", "shaded")[number % 2]}"]']
    (home / "suites" / "small.toml").write_text("\n".join(lines) + "\n")
    for number, name in enumerate(STRENGTHS):
        (home / "models" / f"{name}.toml").write_text(
            f'name = "{name.title()}"\ntask = "text-to-image"\nbackend = "procedural"\n'
            f'suites = ["small"]\n[settings]\nkind = "renderer"\nimperfection = 0.{number}\n'
        )
    (home / "policy.toml").write_text(POLICY.format(days=max_days))
    return home


def evaluate(
    home: Path,
    request: Request,
    *,
    progress: Callable[[Progress], None] = lambda step: None,
    clock: Callable[[], datetime],
) -> Outcome:
    """As `evals.run.evaluate`, trial by trial, without a picture."""
    prepared = prepare(home, request, clock())
    if not prepared.planned:
        return _outcome(prepared, None, 0)
    with record.lock(home):
        for folder in record.folders(home):
            record.recover(folder)
        prepared = prepare(home, request, clock())
        models = {model.id: model for model in prepared.models}
        at = clock()
        run = Run(
            id=f"{at:%Y%m%dT%H%M%S%fZ}",
            started_at=at,
            finished_at=None,
            epoch=prepared.epoch,
            suite=prepared.suite,
            models=prepared.models,
            metrics=(CLIP, TRUTH),
            planned=len(prepared.planned),
            machine={"cores": "2"},
            versions={"torch": "2"},
            fingerprint={"device": "cpu"},
        )
        with record.create(home, run) as writer:
            for trial in prepared.planned:
                writer.append(
                    result(
                        STRENGTHS[trial.model_id],
                        prepared.suite,
                        trial.prompt_id,
                        trial.seed,
                        at=clock(),
                        epoch=trial.epoch,
                        revision=models[trial.model_id].revision or "",
                    )
                )
            writer.finish(clock())
            return _outcome(prepared, writer.folder, len(prepared.planned))


def first_evaluation(home: Path, at: datetime = BEGIN - timedelta(hours=1)) -> None:
    """Epoch 1 of all models."""
    evaluate(home, Request("small", models=tuple(STRENGTHS)), clock=Ticking(at))


def at_slot(home: Path, day: float, wishes: Wishes = DAILY, do: Evaluate = evaluate) -> Cycled:
    """A cycle so many days after `BEGIN`."""
    return cycle.cycle(home, wishes, Ticking(BEGIN + day * DAY), do)


def runs(home: Path) -> list[tuple[int, int, tuple[str, ...]]]:
    """Day after `BEGIN`, epoch and models of every run."""
    headers: Sequence[Run] = [record.read_header(folder) for folder in record.folders(home)]
    return [
        ((run.started_at - BEGIN) // DAY, run.epoch, tuple(sorted(m.id for m in run.models)))
        for run in headers
    ]


def _outcome(prepared: Prepared, folder: Path | None, planned: int) -> Outcome:
    already = len(prepared.trials) - len(prepared.missing)
    return Outcome(folder, prepared.epoch, planned, already, {"ok": planned}, 0, (), 0, ())
