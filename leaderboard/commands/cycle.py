"""`cycle` and `schedule`: the whole loop, run by a clock; and what `eval --due` does."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals.commands import BudgetOption, SecondsOption
from leaderboard.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from evals.budget import Limits
    from evals.due import Evaluate
    from evals.run import Progress
    from leaderboard.cycle import Cycled
    from leaderboard.cycles.revalidate import Evaluated

EveryOption = Annotated[
    str, typer.Option("--every", help="Length of a slot, of UTC: 30m, 6h, 1d, 1w")
]
NotifyOption = Annotated[
    str | None,
    typer.Option(
        "--notify",
        metavar="URL|FILE",
        envvar="CHURNBOARD_NOTIFY",
        show_envvar=True,
        help="Tell it of picks that change hands",
        show_default=False,
    ),
]
TrustOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trust", metavar="HOST", help="A host of --notify that is private", show_default=False
    ),
]
FAILED = 1
"""Exit code of a cycle in which something failed."""


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    app.command("cycle")(cycle)
    app.command("schedule")(schedule)


def cycle(
    every: EveryOption = "1d",
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="The time it is taken to be, for simulations", show_default=False
        ),
    ] = None,
    budget: BudgetOption = None,
    max_seconds: SecondsOption = None,
    notify: NotifyOption = None,
    trust: TrustOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate what is due, refresh and export: once in every slot, however often it is called.

    Killed, it goes on where it was. Exit codes: 0 done, or nothing to do; 1 something failed, and
    the last good export stays; 2 a file or an option is wrong; 75 another one is at work.
    """
    from evals import display
    from evals.budget import Limits
    from evals.errors import BusyError, ChurnboardError, InputError
    from evals.home import resolve_home
    from leaderboard import cycle as composer
    from leaderboard.cycles.slots import parse_every

    wishes = composer.Wishes(
        parse_every(every), Limits(budget, max_seconds), notify or None, tuple(trust or ())
    )
    try:
        with _bar() as show:
            done = composer.cycle(resolve_home(home), wishes, _clock(at), progress=show)
    except (BusyError, InputError):
        raise
    except ChurnboardError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(FAILED) from None
    if as_json:
        display.show_json(_json(done))
    else:
        _show(done)
    for why in done.failed:
        typer.echo(f"error: {why}", err=True)
    if done.failed:
        raise typer.Exit(FAILED)


def schedule(
    kind: Annotated[str, typer.Argument(metavar="cron|systemd|github", help="Who is to call")],
    every: EveryOption = "1d",
    budget: BudgetOption = None,
    max_seconds: SecondsOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Write the files into this folder", show_default=False),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Print what makes a machine run `cycle`: a cron line, systemd units or a GitHub workflow."""
    from evals.errors import InputError
    from evals.home import resolve_home
    from evals.names import hint
    from leaderboard.cycles import schedules
    from leaderboard.cycles.slots import parse_every

    length = parse_every(every)
    options = [] if budget is None else ["--budget", f"{budget:g}"]
    options += [] if max_seconds is None else ["--max-seconds", f"{max_seconds:g}"]
    call = schedules.Call(_executable(), str(resolve_home(home)), length, options)
    made: dict[str, Callable[[], dict[str, str]]] = {
        "cron": lambda: {"churnboard.cron": schedules.cron(call)},
        "systemd": lambda: dict(schedules.systemd(call)),
        "github": lambda: {schedules.WORKFLOW: schedules.github(length, options)},
    }
    if kind not in made:
        raise InputError(f'no schedule "{kind}"{hint(kind, made)}; cron, systemd or github')
    files = made[kind]()
    for number, (name, text) in enumerate(files.items()):
        if to is not None:
            _write(to / name, text)
            typer.echo(str(to / name))
            continue
        if len(files) > 1:
            typer.echo(f"{'' if number == 0 else chr(10)}# {name}")
        typer.echo(text, nl=False)


class Due:
    """What makes `eval --due` work: see `evals.due.EvaluatesDue`."""

    def evaluate_due(self, home: Path, limits: Limits, evaluate: Evaluate) -> None:
        """Evaluate what the current edition says is due; say what was done."""
        from evals import display
        from leaderboard.cycles import revalidate

        work = revalidate.find_due(home, _clock(None)())
        display.tell([f"due and not evaluated: {why}" for why in work.cannot])
        if not work.due:
            typer.echo("nothing is due")
            return
        with _bar() as show:
            done = revalidate.evaluate_due(
                home, work, limits, _clock(None), evaluate, progress=show
            )
        for one in done:
            display.tell(one.notes)
        display.tell([why for one in done for why in one.left_out_words])
        _show_evaluated(done)
        if any(one.run_folder for one in done):
            typer.echo("next: churnboard refresh")
        if any(one.failed for one in done):
            raise typer.Exit(FAILED)


@contextlib.contextmanager
def _bar() -> Generator[Callable[[Progress], None]]:
    """A bar that appears with the first step."""
    from evals import display

    with contextlib.ExitStack() as stack:
        bars: list[display.ProgressBar] = []

        def show(step: Progress) -> None:
            if not bars:
                bars.append(stack.enter_context(display.ProgressBar()))
            bars[0].show(step)

        yield show


def _write(path: Path, text: str) -> None:
    from evals.errors import InputError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--to {path}: cannot be written: {error.strerror}") from error


def _executable() -> list[str]:
    """The program as it is installed here."""
    installed = Path(sys.executable).with_name("churnboard")
    if installed.is_file():
        return [str(installed)]
    return [sys.executable, "-m", "leaderboard.cli"]


def _clock(at: str | None) -> Callable[[], datetime]:
    """The present time; or a given one, from which time goes on."""
    if at is None:
        return lambda: datetime.now(UTC)
    from evals.errors import InputError

    try:
        start = datetime.fromisoformat(at)
    except ValueError:
        raise InputError(f"--at {at!r} is no time; write 2026-07-01T00:05Z") from None
    aware = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
    begun = time.monotonic()
    return lambda: aware + timedelta(seconds=time.monotonic() - begun)


def _json(done: Cycled) -> dict[str, Any]:
    from leaderboard.cycles.slots import every_text
    from leaderboard.wire import plain

    return {
        "slot": plain(done.slot.start),
        "every": every_text(done.slot.every),
        "ran": done.ran,
        "continued": done.continued,
        "missed": plain(done.missed),
        "due": plain(done.due.due),
        "not_evaluated": list(done.due.cannot),
        "evaluated": plain(done.evaluated),
        "edition": done.edition,
        "recommendations": plain(done.recommendations),
        "changes_told": done.changes,
        "notes": list(done.notes),
        "failed": list(done.failed),
    }


def _show(done: Cycled) -> None:
    from evals import display
    from leaderboard.cycles.slots import stamp

    display.tell(done.notes)
    if not done.ran:
        typer.echo(f"nothing to do: the slot of {stamp(done.slot.start)} is done")
        return
    if not done.due.due and not done.evaluated:
        typer.echo("nothing is due")
    _show_evaluated(done.evaluated)
    typer.echo(f"edition {done.edition}" if done.edition else "nothing new since the last edition")
    if done.changes:
        typer.echo(f"told of {done.changes} changes")
    if done.recommendations is not None:
        typer.echo(str(done.recommendations))


def _show_evaluated(done: Sequence[Evaluated]) -> None:
    for one in done:
        made = f"{one.generations} generations made, {one.already} recorded before"
        what = made if one.failed is None else f"failed: {one.failed}"
        typer.echo(f"{one.suite} epoch {one.epoch}: {', '.join(one.models)}: {what}")
        if one.run_folder is not None:
            typer.echo(str(one.run_folder))
