"""Frozen answers as JSON documents, and back: what the store keeps of a report as a whole."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

Answer = TypeVar("Answer")


def to_document(answer: object) -> str:
    """A frozen dataclass as JSON."""
    return _adapter(type(answer)).dump_json(answer).decode()


def from_document(kind: type[Answer], document: str) -> Answer:
    """The answer of this kind that a document holds. Raises `ValueError` when it holds none."""
    return _adapter(kind).validate_json(document)


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
