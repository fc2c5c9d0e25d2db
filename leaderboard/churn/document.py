"""A churn report as one JSON document, and back: what the store keeps."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter

from leaderboard.churn.answers import ChurnReport


def to_document(report: ChurnReport) -> str:
    """The report as JSON; times in ISO 8601."""
    return _adapter().dump_json(report).decode()


def from_document(document: str) -> ChurnReport:
    """The report of a document. Raises `ValueError` when it is not one."""
    return _adapter().validate_json(document)


@cache
def _adapter() -> TypeAdapter[ChurnReport]:
    return TypeAdapter(ChurnReport)
