"""Licences, providers, latency and age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from leaderboard.picks.policy import Rules
from leaderboard.picks.qualify import refusals
from tests.leaderboard.picks.fields import NOW, candidate, field


@pytest.mark.parametrize(
    ("facts", "policy", "words"),
    [
        ({"licence": "FLUX.1 [dev] Non-Commercial"}, {}, "not for commercial use"),
        ({"licence": "CC-BY-NC 4.0"}, {"commercial": False}, None),
        ({"licence": None}, {}, None),
        ({"licence": None}, {"licences_allowed": ["MIT"]}, "licence unknown: not among"),
        ({"licence": "apache-2.0"}, {"licences_allowed": ["Apache*"]}, None),
        ({"licence": "Proprietary"}, {"licences_denied": ["proprietary"]}, "denied"),
        ({"provider": "fal"}, {"providers": ["replicate"]}, "provider fal"),
        ({"provider": None}, {"providers": ["replicate"]}, "provider unknown"),
        ({"region": "us"}, {"regions": ["eu*"]}, "region us"),
        ({"latency_p95_s": 9.0}, {"max_latency_p95_s": 5.0}, "p95 latency 9 s, limit 5 s"),
        ({"latency_p95_s": None}, {"max_latency_p95_s": 5.0}, "latency is unknown"),
        ({"evidence_at": NOW - timedelta(days=400)}, {}, "400 days old, limit 365"),
        ({"prompts": None, "comparisons": None}, {}, None),
    ],
)
def test_who_is_refused_and_why(
    facts: Mapping[str, object], policy: Mapping[str, object], words: str | None
) -> None:
    found = refusals(
        field(candidate("x", 1000, **facts)), Rules.model_validate({"candidates": policy}), NOW
    )["x"]
    assert (found is None) if words is None else (found is not None and words in found)
