"""Run records as text: the types ↔ JSON, with a schema number and the way up from older ones."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from evals.calls import CallLine
from evals.errors import RecordError
from evals.record_types import CanaryResult, ScoreLine
from evals.types import Result, Run, Score

SCHEMA = 4
Step = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: dict[int, Step] = {
    # Scores moved from the lines of results to `scores.jsonl`; a result may still carry its own.
    1: lambda body: body,
    # Media may be clips, and prompts may have start frames; older records have neither.
    2: lambda body: body,
    # A generation may say what an endpoint said that it ran.
    3: lambda body: body,
}
"""Schema n -> what turns an object of schema n into one of n + 1. Applied on reading; records on
disk are never rewritten."""

_MEDIA_PATH = re.compile(r"media/[0-9a-f]{2}/[0-9a-f]{64}\.(png|mp4|webm)")


def run_to_json(run: Run) -> str:
    """The header of a record, for people to read too."""
    return json.dumps(_plain(run), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def result_to_line(result: Result) -> bytes:
    """One line of `results.jsonl`, with its newline.

    Raises:
        RecordError: a number is NaN or infinite, a time has no zone, or a score has both a value
            and a reason or neither.
    """
    _check_result(result)
    return _line(result, f"trial {result.trial.key[:12]}")


def score_to_line(scored: ScoreLine) -> bytes:
    """One line of `scores.jsonl`, with its newline.

    Raises:
        RecordError: a number is NaN or infinite, or a score has both a value and a reason or
            neither.
    """
    _check_scores(_scores_of(scored))
    return _line(scored, f"{scored.kind} scores")


def call_to_line(call: CallLine) -> bytes:
    """One line of `calls.jsonl`, with its newline.

    Raises:
        RecordError: a number is NaN or infinite, or a time has no zone.
    """
    _check_utc(call.at, f"call of trial {call.trial.key[:12]}")
    return _line(call, f"call of trial {call.trial.key[:12]}")


def run_from_json(text: str, where: str) -> Run:
    """The header in `text`; `where` names its file in errors.

    Raises:
        RecordError: damaged, or of a newer schema.
    """
    run: Run = _from_json(text, where, Run)
    _check_utc(run.started_at, where)
    return run


def result_from_line(line: bytes, where: str) -> Result:
    """The result in a line; `where` names file and line number in errors.

    Raises:
        RecordError: damaged, or of a newer schema.
    """
    result: Result = _from_json(_decoded(line, where), where, Result)
    try:
        _check_result(result)
    except RecordError as error:
        raise RecordError(f"{where}: damaged: {error}") from error
    return result


def score_from_line(line: bytes, where: str) -> ScoreLine:
    """The scores in a line; `where` names file and line number in errors.

    Raises:
        RecordError: damaged, or of a newer schema.
    """
    scored: ScoreLine = _from_json(_decoded(line, where), where, ScoreLine)
    try:
        _check_scores(_scores_of(scored))
    except RecordError as error:
        raise RecordError(f"{where}: damaged: {error}") from error
    return scored


def call_from_line(line: bytes, where: str) -> CallLine:
    """The event of a paid call in a line; `where` names file and line number in errors.

    Raises:
        RecordError: damaged, or of a newer schema.
    """
    call: CallLine = _from_json(_decoded(line, where), where, CallLine)
    _check_utc(call.at, where)
    return call


def _line(value: Result | ScoreLine | CallLine, what: str) -> bytes:
    body = {"schema": SCHEMA, **_plain(value)}
    try:
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise RecordError(f"{what}: {error}") from error
    return text.encode() + b"\n"


def _decoded(line: bytes, where: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(f"{where}: damaged: not UTF-8") from error


def _scores_of(scored: ScoreLine) -> tuple[Score, ...]:
    return () if isinstance(scored, CanaryResult) else scored.scores


def _from_json(text: str, where: str, kind: Any) -> Any:
    try:
        body = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise RecordError(f"{where}: damaged: {error}") from error
    if not isinstance(body, dict):
        raise RecordError(f"{where}: damaged: not an object")
    try:
        return _adapter(kind).validate_python(_upgraded(cast("dict[str, Any]", body), where))
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise RecordError(f"{where}: damaged: {key}: {fault['msg']}") from error


def _upgraded(body: dict[str, Any], where: str) -> dict[str, Any]:
    schema = body.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise RecordError(f"{where}: damaged: no schema number")
    if schema > SCHEMA:
        raise RecordError(
            f"{where}: schema {schema} is newer than this churnboard reads ({SCHEMA}); upgrade it"
        )
    while schema < SCHEMA:
        if schema not in UPGRADES:
            raise RecordError(f"{where}: damaged: there never was a schema {schema}")
        body = UPGRADES[schema](body)
        schema += 1
    return {**body, "schema": SCHEMA}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _plain(value: Run | Result | ScoreLine | CallLine) -> Mapping[str, Any]:
    """Nested dicts of JSON's own types; times as ISO 8601."""
    return {key: _jsonable(item) for key, item in asdict(value).items()}


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _check_result(result: Result) -> None:
    generation = result.generation
    _check_utc(generation.started_at, f"trial {result.trial.key[:12]}")
    if generation.media is not None and not _MEDIA_PATH.fullmatch(generation.media.path):
        raise RecordError(f"media path {generation.media.path!r} is not of this record's making")
    _check_scores(result.scores)


def _check_scores(scores: tuple[Score, ...]) -> None:
    for score in scores:
        if (score.value is None) == (score.reason is None):
            raise RecordError(f"score {score.metric} needs a value or a reason, and not both")
        if score.value is not None and not math.isfinite(score.value):
            raise RecordError(f"score {score.metric} is {score.value}")


def _check_utc(moment: datetime, where: str) -> None:
    if moment.utcoffset() != timedelta(0):
        raise RecordError(f"{where}: time {moment.isoformat()} is not UTC")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")
