"""The other end is broken or hostile: every fault, at every provider, has a named outcome.

A case says at which step the fault lies, and what must come of it: the kind, whose fault it is,
whether it may have been billed, and how often work was asked for. Nothing here waits: clocks are
pretended, and where a read really blocks, the deadline is a fraction of a second.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from evals.endpoints import bodies, patience
from evals.errors import BackendError, GenerationError, LoadError
from tests.evals.loopback import dialects, faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.dialects import MP4, PNG
from tests.evals.loopback.faults import CANARY
from tests.evals.loopback.server import Fault

PROVIDERS = ("openai", "fal", "replicate", "huggingface")
QUEUES = ("fal", "replicate")
YEARS = str(10 * 365 * 86_400)
METADATA = "http://169.254.169.254/latest/meta-data"
PICTURE = dialects.picture("x")
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n"
GIF = b"GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x00;"
BOMB_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00"
)


@dataclass(frozen=True)
class Case:
    """A fault, and its outcome."""

    name: str
    fault: Fault
    kind: str
    billed: bool = False
    blame: str = "infrastructure"
    tries: int = 1
    """Requests of that step."""
    final: bool = False
    """A LoadError."""
    real: bool = False
    """A read blocks, so that the deadline is a real one."""
    only: tuple[str, ...] = PROVIDERS
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


ATTEMPTS = patience.ATTEMPTS
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
GARBAGE: list[tuple[str, bytes]] = [
    ("a picture cut off", PICTURE[: len(PICTURE) // 2]),
    ("no picture", b"\x00\x01\x02" * 50),
    ("EPS", EPS),
    ("GIF", GIF),
    ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ("ten thousand megapixels", BOMB_PNG),
    ("no bytes", b""),
]
CONTENT: list[Case] = [
    Case("404 for the picture", faults.status(404), "gone", billed=True),
    Case("403 for the picture", faults.status(403), "download_failed", billed=True),
    Case("500 for the picture", faults.status(500), "download_failed", billed=True,
         tries=ATTEMPTS),
    Case("HTML for a picture", faults.HTML, "wrong_content", billed=True),
    Case("JSON for a picture", faults.says({"error": "x"}), "wrong_content", billed=True),
    Case("a picture that hangs", faults.hang, "timeout", billed=True, real=True),
    Case("an endless picture", faults.endless, "too_large", billed=True),
    Case("a packed picture without end", faults.gzip_bomb(PNG), "too_large", billed=True),
    Case("redirects in a circle", faults.redirect_to_self, "download_failed", billed=True,
         tries=6),
    *(
        Case(f"redirect to {target}", faults.redirect(target), "address_refused", billed=True)
        for target in (
            METADATA,
            "http://10.0.0.1/x",
            "http://192.168.1.1/x",
            "http://[::ffff:127.0.0.1]/x",
            "http://[::ffff:169.254.169.254]/x",
            "http://[fe80::1]/x",
            "http://[fd00::1]/x",
            "http://0.0.0.0/x",
            "http://224.0.0.1/x",
            "http://100.64.0.1/x",
            "http://[64:ff9b::a9fe:a9fe]/x",
            "http://[2002:7f00:1::]/x",
            "http://2852039166/latest",
        )
    ),
    Case("redirect to a file", faults.redirect("file:///etc/passwd"), "address_refused",
         billed=True),
    *(
        Case(f"content: {name}", faults.raw(data, PNG), "invalid_media", billed=True,
             blame="model")
        for name, data in GARBAGE
    ),
]  # fmt: skip


def outcome(run: Callable[[], object]) -> BackendError:
    with pytest.raises(BackendError) as caught:
        run()
    return caught.value


def check(case: Case, found: BackendError) -> None:
    assert (found.kind, isinstance(found, LoadError)) == (case.kind, case.final), str(found)
    if isinstance(found, GenerationError):
        assert (found.blame, found.billed) == (case.blame, case.billed), str(found)
    assert "\n" not in str(found)
    assert len(str(found)) <= 400


def attempt(provider: str, step: str, case: Case, clock: Clock) -> None:
    settings = {"deadline_s": 0.25 if case.real else 120.0, **case.settings}
    more = {"by_address": True} if provider == "openai" else {}
    with (
        serving(provider, **more) as server,
        opened(provider, server, **settings) as endpoint,
    ):
        server.put(step, case.fault)
        check(case, outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())))
        assert server.count(step) == case.tries
        assert server.count("work") == (case.tries if step == "work" else 1)


@pytest.fixture(autouse=True)
def _small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST", 300_000)


AT_WORK = [(provider, case) for case in WORK for provider in case.only]
AT_CONTENT = [(provider, case) for case in CONTENT for provider in ("openai", "fal", "replicate")]


@pytest.mark.parametrize(("provider", "case"), AT_WORK, ids=str)
def test_work_that_goes_wrong(provider: str, case: Case, clock: Clock) -> None:
    attempt(provider, "work", case, clock)


@pytest.mark.parametrize(("provider", "case"), AT_CONTENT, ids=str)
def test_what_was_made_cannot_be_fetched(provider: str, case: Case, clock: Clock) -> None:
    attempt(provider, "content", case, clock)


@pytest.mark.parametrize(("name", "data"), GARBAGE, ids=lambda value: str(value)[:20])
def test_garbage_from_an_api_that_answers_with_the_picture(
    name: str, data: bytes, clock: Clock
) -> None:
    case = Case(name, faults.raw(data, PNG), "invalid_media", billed=True, blame="model")
    attempt("huggingface", "work", case, clock)


@pytest.mark.parametrize("data", [b"\x00\x00\x00\x18ftypisom" + bytes(40), PICTURE, b"", b"RIFF"])
@pytest.mark.parametrize("provider", ["openai", *QUEUES])
def test_what_is_no_clip(provider: str, data: bytes, clock: Clock) -> None:
    case = Case("no clip", faults.raw(data, MP4), "invalid_media", billed=True, blame="model")
    with (
        serving(provider, "text-to-video") as server,
        opened(provider, server, "text-to-video") as endpoint,
    ):
        server.put("content", case.fault)
        check(case, outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_storm_of_429_is_waited_out_until_the_deadline(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server, deadline_s=90.0) as endpoint:
        server.put("work", faults.status(429))
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert found.kind == "rate_limited"
        assert isinstance(found, GenerationError)
        assert not found.billed
        assert clock.skipped <= 90.0
        assert server.count("work") > ATTEMPTS


@pytest.mark.parametrize("provider", PROVIDERS)
def test_who_asks_for_patience_gets_it(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put(
            "work",
            faults.status(429, Retry_After="7"),
            faults.status(429, Retry_After="Thu, 01 Jan 2026 00:00:20 GMT"),
            faults.status(503),
            None,
        )
        endpoint.generate(PROMPT, 0, ticket=Leave())
        assert server.count("work") == 4
        assert clock.waits[0] == 7.0
        assert clock.waits[1] == pytest.approx(13.0, abs=0.5)


@pytest.mark.parametrize("step", ["question", "content"])
@pytest.mark.parametrize("provider", QUEUES)
def test_questions_and_downloads_are_repeated(provider: str, step: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put(step, faults.status(500), faults.reset, faults.status(502), None)
        endpoint.generate(PROMPT, 0, ticket=Leave())
        assert server.count("work") == 1
        assert sum(server.bills.values()) - server.bills[""] == 1


@pytest.mark.parametrize("trouble", [faults.reset, faults.status(502), faults.status(500)])
def test_with_an_idempotency_key_work_is_repeated_and_billed_once(
    trouble: Fault, clock: Clock
) -> None:
    with serving("openai") as server, opened("openai", server, idempotent=True) as endpoint:
        server.put("work", trouble, trouble, None)
        made = endpoint.generate(PROMPT, 0, ticket=Leave("one trial"))
        assert made.pixels.shape == (32, 48, 3)
        assert server.count("work") == 3
        assert {seen.headers["idempotency-key"] for seen in server.seen} == {"one trial"}
        # The second reset counts again, as this server bills before it looks; what it made is one.
        assert len(server.dialect.work) == 1  # pyright: ignore[reportAttributeAccessIssue]


def test_the_same_answer_twice_for_one_key_is_one_bill(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, idempotent=True) as endpoint:
        one, again = (endpoint.generate(PROMPT, 0, ticket=Leave("k")).pixels for _ in range(2))
        assert (one == again).all()
        assert server.bills == {"k": 1}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_one_work_is_never_asked_for_twice(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put("work", faults.reset, None)
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert isinstance(found, GenerationError)
        assert found.billed
        assert server.count("work") == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_nobody_listens(provider: str, clock: Clock) -> None:
    with serving(provider) as server:
        pass
    with opened(provider, server) as endpoint:
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert found.kind == "unreachable"
        assert isinstance(found, GenerationError)
        assert not found.billed
        assert len(clock.waits) == ATTEMPTS - 1


@pytest.mark.parametrize("target", [METADATA, "http://192.168.0.7/x.png", "file:///etc/passwd"])
@pytest.mark.parametrize("provider", ["openai", *QUEUES])
def test_an_answer_that_points_inwards(provider: str, target: str, clock: Clock) -> None:
    answer: dict[str, Any] = {
        "openai": {"created": 1, "data": [{"url": target}]},
        "fal": {"images": [{"url": target}]},
        "replicate": {
            "id": "w0", "model": "m", "version": "v", "status": "succeeded", "input": {},
            "output": target, "logs": "", "error": None, "metrics": None, "created_at": "",
            "started_at": None, "completed_at": None, "urls": {},
        },
    }[provider]  # fmt: skip
    step = {"openai": "work", "fal": "result", "replicate": "question"}[provider]
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put(step, faults.says(answer))
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert found.kind == "address_refused"
        assert isinstance(found, GenerationError)
        assert found.billed


@pytest.mark.parametrize("provider", PROVIDERS)
def test_one_picture_for_every_seed_is_seen_in_its_bytes(provider: str, clock: Clock) -> None:
    """Such answers are no error of a call: they are compared where all of them are."""
    with serving(provider, same_for_all=True) as server, opened(provider, server) as endpoint:
        one, other = (
            endpoint.generate(PROMPT, seed, ticket=Leave(f"t{seed}")).pixels for seed in (0, 1)
        )
        assert (one == other).all()
        assert server.count("work") == 2


@pytest.mark.parametrize("provider", PROVIDERS)
def test_another_size_than_asked_is_told(provider: str, clock: Clock) -> None:
    with (
        serving(provider) as server,
        opened(provider, server, width=1024, height=1024) as endpoint,
    ):
        made = endpoint.generate(PROMPT, 0, ticket=Leave())
        assert made.asked_size == (1024, 1024)
        assert made.pixels.shape[:2] == (32, 48)


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
