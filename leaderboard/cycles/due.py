"""What is due -> what to evaluate: suites, models and epochs, the most doubtful first (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from leaderboard.answers import EVALS
from leaderboard.picks.due import Due


@dataclass(frozen=True)
class Job:
    """Models to evaluate anew on one suite."""

    suite: str
    epoch: int
    models: tuple[str, ...]
    domains: tuple[str, ...]
    """Whose picks are due."""


@dataclass(frozen=True)
class DueWork:
    """All that is to be evaluated, and what cannot be."""

    due: tuple[Due, ...] = ()
    jobs: tuple[Job, ...] = ()
    """In the order in which they are done."""
    cannot: tuple[str, ...] = ()
    """What is due and cannot be evaluated here, and why."""


def next_epoch(published: int, recorded: int) -> int:
    """The epoch to measure in: a new one, unless one was begun that no edition has seen.

    So an evaluation that was killed goes on where it was, and one that ended is not made again.

    Args:
        published: the latest epoch of the suite in the edition that says what is due; 0 = none.
        recorded: the latest in the run records; 0 = none.

    >>> next_epoch(1, 1), next_epoch(1, 2)
    (2, 2)
    """
    return recorded if recorded > published else published + 1


def due_work(
    due: Sequence[Due],
    suites: Mapping[str, str],
    epochs: Mapping[str, int],
    taking_part: Mapping[str, Collection[str]],
) -> DueWork:
    """The jobs of what is due, in its order; a model is evaluated once per suite.

    Args:
        due: the most doubtful first.
        suites: task -> the suite that its picks are made from.
        epochs: suite -> the epoch to measure in.
        taking_part: suite -> registered models that can be evaluated on it.
    """
    asked: set[tuple[str, str]] = set()
    jobs: list[Job] = []
    cannot: list[str] = []
    for one in due:
        place = f"{one.task}, {one.domain}"
        suite = suites.get(one.task) if one.source == EVALS else None
        if suite is None or suite not in taking_part:
            cannot.append(
                f"{place}: decided without an evaluation of its own; import a newer board, or"
                " register its models and evaluate them"
            )
            continue
        unknown = [model for model in one.models if model not in taking_part[suite]]
        if unknown:
            cannot.append(f"{place}: not registered for {suite}: {', '.join(unknown)}")
        known = [model for model in one.models if model in taking_part[suite]]
        models = tuple(model for model in known if (suite, model) not in asked)
        asked.update((suite, model) for model in models)
        if models:
            jobs.append(Job(suite, epochs[suite], models, (one.domain,)))
        elif known:
            # Its models are evaluated for a more doubtful one; that job is for this one too.
            at = next(
                n for n, job in enumerate(jobs) if job.suite == suite and known[0] in job.models
            )
            jobs[at] = replace(jobs[at], domains=(*jobs[at].domains, one.domain))
    return DueWork(tuple(due), tuple(jobs), tuple(cannot))
