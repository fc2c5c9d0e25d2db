"""Keys get into no text: errors, tracebacks, logs, handles; what looks like one is known."""

from __future__ import annotations

import base64
import traceback
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.endpoints import keys
from evals.endpoints.keys import Redactor
from tests.evals.loopback import faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.cases import PROVIDERS, YEARS, outcome
from tests.evals.loopback.faults import CANARY
from tests.evals.loopback.server import Fault

HIDDEN = "sk-proj-abcdefghijklmnop1234567890"
KEYS = st.text(st.sampled_from("abcXYZ019-_/+=.:~"), min_size=16, max_size=60)


@given(KEYS, st.text(max_size=20), st.text(max_size=20), st.integers(0, 5))
def test_no_form_of_a_key_survives(key: str, before: str, after: str, offset: int) -> None:
    redactor = Redactor((key,))
    wrapped = base64.b64encode(b"u" * offset + key.encode() + after.encode()).decode()
    text = f"{before}{key}{after} {quote(key, safe='')} {wrapped}"
    said = redactor.clean(text)
    assert key not in said
    assert quote(key, safe="") not in said
    assert wrapped not in said


@pytest.mark.parametrize(
    "text",
    [
        "the size 1024x1024 is not supported",
        "https://api.example.org/v1/images?size=1024x1024&seed=3",
        "model flux-schnell not found",
        "the basic idea, the key point, a token limit of 77",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert Redactor(("sk-0123456789abcdef",)).clean(text) == text


def test_what_looks_like_a_key() -> None:
    assert keys.looks_like_a_key(f"x {HIDDEN}")
    for text in ("flux-schnell", "owner/name:5c7d5dc6dd8bf75c", "https://example.org/v1"):
        assert not keys.looks_like_a_key(text)


def leaks() -> list[Fault]:
    """Answers that repeat the key, in every guise."""
    import base64
    from urllib.parse import quote

    basic = base64.b64encode(f"user:{CANARY}".encode()).decode()
    told = (
        f"Incorrect API key provided: {CANARY}. Authorization: Bearer {CANARY}\n"
        f"https://x.example/?key={quote(CANARY)}&X-Amz-Signature=deadbeef&n=1 Basic {basic}"
    )
    return [
        faults.status(401, told),
        faults.status(400, told),
        faults.status(500, told),
        faults.status(429, told, Retry_After=YEARS),
        faults.says({"detail": told, "error": told}, 422),
        faults.says({"error": {"code": "content_policy_violation", "message": told}}, 400),
        faults.raw(told.encode(), "text/plain", 404),
        faults.raw(told.encode(), "text/plain"),
        faults.redirect(f"https://x.example/{CANARY}?token={CANARY}", 307),
        faults.says({"id": CANARY, "request_id": f"{CANARY}/../x", CANARY: 1}),
    ]


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_in_what_is_told_gets_nowhere(
    provider: str,
    number: int,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    import base64

    monkeypatch.setenv("CANARY_KEY", CANARY)
    caplog.set_level("DEBUG")
    leave = Leave()
    with (
        serving(provider) as server,
        opened(provider, server, key_env="CANARY_KEY") as endpoint,
    ):
        server.put("work", leaks()[number])
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=leave))
        said = (
            "".join(traceback.format_exception(found))
            + repr(found)
            + repr(endpoint)
            + repr(endpoint.wire)
        )
    assert any(CANARY in seen.headers.get("authorization", "") for seen in server.seen)
    out = capfd.readouterr()
    everywhere = said + caplog.text + out.out + out.err + repr(leave.handed_in)
    inside = base64.b64encode(b"--" + CANARY.encode()).decode()[8:40]
    for secret in (CANARY, CANARY[6:], inside, "deadbeef"):
        assert secret not in everywhere
    chain = found.__cause__ or found.__context__
    assert chain is None
