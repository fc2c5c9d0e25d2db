"""The other end is broken or hostile: every fault, at every provider, has a named outcome.

A case says at which step the fault lies, and what must come of it: the kind, whose fault it is,
whether it may have been billed, and how often work was asked for. Nothing here waits: clocks are
pretended, and where a read really blocks, the deadline is a fraction of a second.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.evals.loopback import faults
from tests.evals.loopback.bench import Clock
from tests.evals.loopback.cases import ATTEMPTS, METADATA, QUEUES, YEARS, Case, attempt

pytestmark = pytest.mark.usefixtures("small_limit")
REFUSALS: tuple[tuple[str, int, Any], ...] = (
    ("openai", 400, {"error": {"code": "moderation_blocked", "message": "Rejected."}}),
    ("openai", 400, {"error": {"code": "content_policy_violation", "message": "No."}}),
    ("fal", 422, {"detail": [{"loc": ["body"], "msg": "No.", "type": "content_policy_violation"}]}),
    ("replicate", 422, {"title": "Input", "detail": "The input was flagged as sensitive."}),
    ("huggingface", 400, {"error": "NSFW content detected by the safety checker"}),
)

WORK: list[Case] = [
    Case("429 for years", faults.status(429, Retry_After=YEARS), "rate_limited"),
    Case(
        "429 until a date in years",
        faults.status(429, Retry_After="Wed, 01 Jan 2036 00:00:00 GMT"),
        "rate_limited",
    ),
    Case("503 for years", faults.status(503, Retry_After=YEARS), "unavailable"),
    Case("503 for ever", faults.status(503), "unavailable", tries=ATTEMPTS),
    Case("500", faults.status(500), "server_error"),
    Case("a gateway gives up: 502", faults.status(502), "server_error", billed=True),
    Case("a gateway gives up: 504", faults.status(504), "server_error", billed=True),
    Case("no answer", faults.hang, "timeout", billed=True, real=True),
    Case("a header without end, slowly", faults.slow_headers, "timeout", billed=True, real=True),
    Case("a body byte by byte", faults.slow_body, "timeout", billed=True, real=True),
    Case("reset before an answer", faults.reset, "connection_lost", billed=True),
    Case("reset within the body", faults.reset_in_body, "connection_lost", billed=True),
    Case("no HTTP at all", faults.not_http, "connection_lost", billed=True),
    Case("HTML with 200", faults.HTML, "wrong_content"),
    Case("HTML that calls itself JSON", faults.HIDDEN_HTML, "wrong_content"),
    Case("a gzip bomb", faults.gzip_bomb(), "too_large", billed=True),
    Case("an endless body", faults.endless, "too_large", billed=True),
    Case("a body of a terabyte", faults.promises_much, "too_large", billed=True),
    Case(
        "packed as nobody asked",
        faults.raw(b"x", "application/json", Content_Encoding="br"),
        "wrong_content",
        billed=True,
    ),
    Case(
        "gzip that is none",
        faults.raw(b"{}", "application/json", Content_Encoding="gzip"),
        "bad_answer",
        billed=True,
    ),
    Case("JSON cut off", faults.raw(b'{"da', "application/json"), "wrong_content", billed=True),
    Case("JSON nested without end", faults.DEEP, "wrong_content", billed=True),
    Case("nothing", faults.raw(b"", "application/json"), "wrong_content", billed=True),
    Case(
        "JSON that says nothing",
        faults.says({}),
        "bad_answer",
        billed=True,
        only=("openai", "fal", "replicate"),
    ),
    Case(
        "JSON in place of a picture",
        faults.says({}),
        "invalid_media",
        billed=True,
        blame="model",
        only=("huggingface",),
    ),
    Case(
        "JSON that is no object",
        faults.says(3),
        "bad_answer",
        billed=True,
        only=("openai", "fal", "replicate"),
    ),
    Case(
        "plain text",
        faults.raw(b"hello", "text/plain"),
        "wrong_content",
        billed=True,
        only=("openai", "fal", "replicate"),
    ),
    Case("401", faults.status(401), "auth", final=True),
    Case("403", faults.status(403), "auth", final=True),
    Case("404", faults.status(404), "not_found", final=True),
    Case("402", faults.status(402), "no_credit", final=True),
    Case(
        "429 for want of credit",
        faults.says({"error": {"code": "insufficient_quota", "message": "pay"}}, 429),
        "no_credit",
        final=True,
    ),
    Case(
        "400 for want of credit",
        faults.says(
            {
                "error": {
                    "code": "billing_hard_limit_reached",
                    "message": "Billing hard limit has been reached",
                    "type": "invalid_request_error",
                }
            },
            400,
        ),
        "no_credit",
        final=True,
        only=("openai",),
    ),
    Case(
        "a proxy's own budget",
        faults.says(
            {"error": {"message": "Budget has been exceeded!", "type": "budget_exceeded"}}, 429
        ),
        "no_credit",
        final=True,
        only=("openai",),
    ),
    Case(
        "403 for want of credit",
        faults.says({"detail": "User is locked. Reason: Exhausted balance."}, 403),
        "no_credit",
        final=True,
    ),
    Case("400", faults.status(400, "width must be a multiple of 64"), "rejected"),
    Case("413", faults.status(413), "rejected"),
    Case("moved, for good", faults.redirect("https://example.org/v2", 308), "moved", final=True),
    Case("moved to the metadata", faults.redirect(METADATA, 307), "moved", final=True),
    *(
        Case(
            f"refused: {provider} {number}",
            faults.says(told, code),
            "refused",
            billed=True,
            blame="model",
            only=(provider,),
        )
        for number, (provider, code, told) in enumerate(REFUSALS)
    ),
    Case(
        "a picture's name that climbs",
        faults.says(
            {
                "request_id": "../../admin",
                "id": "../../a",
                "response_url": "",
                "status_url": "",
                "cancel_url": "",
                "status": "starting",
                "model": "m",
                "version": "v",
                "input": {},
                "output": None,
                "logs": "",
                "error": None,
                "metrics": {},
                "created_at": "",
                "started_at": None,
                "completed_at": None,
                "urls": {},
            }
        ),
        "bad_answer",
        billed=True,
        only=QUEUES,
    ),
]

AT_WORK = [(provider, case) for case in WORK for provider in case.only]


@pytest.mark.parametrize(("provider", "case"), AT_WORK, ids=str)
def test_work_that_goes_wrong(provider: str, case: Case, clock: Clock) -> None:
    attempt(provider, "work", case, clock)
