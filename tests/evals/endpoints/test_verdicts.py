"""What answers that are no success mean."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from evals.endpoints import verdicts
from evals.errors import BackendError

ODD = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(ODD)
def test_whatever_is_told_there_is_a_verdict(value: object) -> None:
    body = json.dumps(value).encode()
    for status in (302, 400, 401, 404, 418, 429, 500, 503, 599):
        for purpose in ("work", "question", "download"):
            found = verdicts.of_answer(status, {}, body, purpose, "x")
            assert found.kind
            assert isinstance(found.error("line"), BackendError)
