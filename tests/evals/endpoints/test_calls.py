"""Jobs that go on after a crash, cancelling, the breaker, concurrency; and the pure parts."""

from __future__ import annotations

import base64
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import backends, tomlfile
from evals.endpoints import addresses, keys, patience, timing, verdicts
from evals.endpoints.addresses import Trust, refusal
from evals.endpoints.keys import Redactor
from evals.errors import BackendError, GenerationError, LoadError, RegistryError
from evals.types import Task
from tests.evals.loopback import dialects, faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, model, opened, serving
from tests.evals.loopback.server import Handler, Seen

PROVIDERS = ("openai", "fal", "replicate", "huggingface")
QUEUES: list[tuple[str, Task]] = [
    ("openai", "text-to-video"),
    ("fal", "text-to-image"),
    ("fal", "text-to-video"),
    ("replicate", "text-to-image"),
    ("replicate", "text-to-video"),
    ("routed", "text-to-video"),
]
WAITING = {
    "openai": {
        "id": "w0", "object": "video", "status": "in_progress", "model": "m", "created_at": 1,
        "progress": 5, "seconds": "1", "size": "48x32",
    },
    "fal": {"status": "IN_QUEUE", "queue_position": 3},
    "routed": {"status": "IN_PROGRESS"},
    "replicate": {
        "id": "w0", "model": "m", "version": "v", "status": "processing", "input": {},
        "output": None, "logs": "", "error": None, "metrics": None, "created_at": "",
        "started_at": None, "completed_at": None, "urls": {},
    },
}  # fmt: skip


def failing(run: object) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        run()  # pyright: ignore[reportCallIssue]
    return caught.value


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("provider", "task"), QUEUES)
def test_work_is_asked_after_until_it_is_done(provider: str, task: Task, clock: Clock) -> None:
    with serving(provider, task) as server, opened(provider, server, task) as endpoint:
        server.put("question", *[faults.says(WAITING[provider])] * 3, None)
        endpoint.generate(PROMPT, 0, ticket=Leave())
        assert server.count("work") == 1
        assert server.count("question") >= 4


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("provider", "task"), QUEUES)
def test_after_a_crash_work_is_taken_up_and_not_handed_in_again(
    provider: str, task: Task, clock: Clock
) -> None:
    first = Leave()
    with serving(provider, task) as server:
        with opened(provider, server, task) as endpoint:
            server.put("question", faults.status(401))
            with pytest.raises(BackendError):
                endpoint.generate(PROMPT, 0, ticket=first)
        assert len(first.handed_in) == 1
        server.put("question", None)
        with opened(provider, server, task) as endpoint:
            again = Leave(job=first.handed_in[0])
            made = endpoint.generate(PROMPT, 0, ticket=again)
        assert made.pixels.shape[-3:] == (32, 48, 3)
        assert server.count("work") == 1
        assert again.handed_in == []


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("provider", "task"), QUEUES)
def test_work_that_vanished_is_lost_and_billed(provider: str, task: Task, clock: Clock) -> None:
    job = Leave()
    with serving(provider, task) as server, opened(provider, server, task) as endpoint:
        server.put("question", faults.status(404))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=job))
        assert (found.kind, found.billed) == ("job_lost", True)
        assert server.count("work") == 1
        resumed = Leave(job=job.handed_in[0])
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=resumed))
        assert (found.kind, found.billed) == ("job_lost", True)
        assert server.count("work") == 1


@pytest.mark.parametrize(
    ("told", "kind", "blame"),
    [
        ("CUDA out of memory", "job_failed", "infrastructure"),
        ("NSFW content detected", "refused", "model"),
        ({"code": "moderation_blocked", "message": "no"}, "refused", "model"),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "fal", "replicate"])
def test_work_that_failed(provider: str, told: object, kind: str, blame: str, clock: Clock) -> None:
    task: Task = "text-to-video"
    text = told if isinstance(told, str) else "content_policy_violation"
    answer = {
        "openai": WAITING["openai"]
        | {"status": "failed", "error": told if isinstance(told, dict) else
           {"code": "x", "message": told}},
        "fal": {"status": "COMPLETED", "logs": [], "error": text, "error_type": "x"},
        "replicate": WAITING["replicate"] | {"status": "failed", "error": text},
    }[provider]  # fmt: skip
    with serving(provider, task) as server, opened(provider, server, task) as endpoint:
        server.put("question", faults.says(answer))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.blame) == (kind, blame)
        # fal bills no failure of its machines; whoever else ran something bills it.
        assert found.billed == (provider != "fal" or kind == "refused")


@pytest.mark.parametrize(("provider", "task"), [q for q in QUEUES if q[0] != "routed"])
def test_work_that_never_ends_times_out(provider: str, task: Task, clock: Clock) -> None:
    leave = Leave()
    with (
        serving(provider, task) as server,
        opened(provider, server, task, poll_s=30.0) as endpoint,
    ):
        server.put("question", faults.says(WAITING[provider]))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=leave))
        assert (found.kind, found.billed) == ("timeout", True)
        assert len(leave.handed_in) == 1
        assert clock.skipped <= (1800.0 if task.endswith("video") else 300.0)


def test_a_placard_of_the_safety_checker_is_a_refusal(clock: Clock) -> None:
    answer = {"images": [{"url": "http://127.0.0.1:1/x.png"}], "has_nsfw_concepts": [True]}
    with serving("fal") as server, opened("fal", server) as endpoint:
        server.put("result", faults.says(answer))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.blame, found.billed) == ("refused", "model", True)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_call_that_hangs_can_be_cancelled(provider: str, clock: Clock) -> None:
    reached = threading.Event()

    def hang(handler: Handler, seen: Seen) -> None:
        reached.set()
        faults.hang(handler, seen)

    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put("work", hang)
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(endpoint.generate, PROMPT, 0, ticket=Leave())
            assert reached.wait(10)
            endpoint.cancel()
            found = call.exception(10)
        assert isinstance(found, GenerationError)
        assert (found.kind, found.billed) == ("cancelled", True)
        late = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (late.kind, late.billed) == ("cancelled", False)
        assert server.count("work") == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_back_off_can_be_cancelled(
    provider: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(seconds: float, cancelled: threading.Event) -> None:
        assert not cancelled.is_set()
        cancelled.set()

    monkeypatch.setattr(timing, "REAL", replace(clock.timing(), wait=wait))
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put("work", faults.status(429, Retry_After="100"))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.billed) == ("cancelled", False)
        assert server.count("work") == 1


def test_the_real_wait_ends_with_the_event() -> None:
    cancelled = threading.Event()
    cancelled.set()
    begun = time.monotonic()
    timing.Timing().wait(60.0, cancelled)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_dead_endpoint_costs_minutes(provider: str, clock: Clock) -> None:
    with serving(provider) as server:
        pass
    with opened(provider, server, breaker_after=3, cooldown_s=60.0) as endpoint:
        kinds = [
            failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind for _ in range(50)
        ]
        assert kinds == ["unreachable"] * 3 + ["endpoint_down"] * 47
        assert clock.skipped < 120
        clock.skipped += 61
        # One call tries it again, and fails; the rest is spared.
        kinds = [
            failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind for _ in range(3)
        ]
        assert kinds == ["unreachable", "endpoint_down", "endpoint_down"]


def test_an_endpoint_that_recovers_is_used_again(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, breaker_after=2) as endpoint:
        server.put("work", faults.status(500), faults.status(500), None)
        for kind in ("server_error", "server_error", "endpoint_down"):
            assert failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind == kind
        clock.skipped += 61
        endpoint.generate(PROMPT, 0, ticket=Leave())
        endpoint.generate(PROMPT, 1, ticket=Leave("t2"))


def test_what_the_model_refuses_does_not_open_the_breaker(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, breaker_after=2) as endpoint:
        server.put("work", faults.says({"error": {"code": "moderation_blocked"}}, 400))
        for _ in range(5):
            assert failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind == "refused"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_calls_side_by_side_do_not_mix(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server, concurrency=8) as endpoint:
        with ThreadPoolExecutor(8) as pool:
            made = list(
                pool.map(
                    lambda seed: endpoint.generate(PROMPT, seed, ticket=Leave(f"t{seed}")).pixels,
                    range(24),
                )
            )
        alone = [
            endpoint.generate(PROMPT, seed, ticket=Leave(f"a{seed}")).pixels for seed in range(24)
        ]
        assert all(np.array_equal(one, other) for one, other in zip(made, alone, strict=True))


def test_the_hubs_own_client_works_as_before(clock: Clock) -> None:
    """Outside of a call, the switch lets everything through, offline mode included."""
    from huggingface_hub import get_session
    from huggingface_hub.errors import OfflineModeIsEnabled

    with serving("huggingface") as server, opened("huggingface", server):
        with pytest.raises(OfflineModeIsEnabled):
            get_session().get(f"{server.base}/x")
        assert server.seen == []


# -- settings and keys ---------------------------------------------------------------------------


def read(tmp_path: object, provider: str, **settings: object) -> backends.BackendSettings:
    from pathlib import Path

    schema = backends.get(provider).Settings
    path = Path(str(tmp_path)) / "m.toml"
    table = {"model": dialects.MODELS[provider]} | settings
    return tomlfile.validate(path, table, schema, at="settings")


HIDDEN = "sk-proj-abcdefghijklmnop1234567890"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "given",
    [
        {"api_key": HIDDEN},
        {"api_key": "short"},
        {"token": HIDDEN},
        {"key_env": HIDDEN},
        {"model": HIDDEN},
        {"arguments": {"nested": {"x": [f"Bearer {HIDDEN}"]}}},
        {"arguments": {"password": "hunter2hunter2"}},
        {"base_url": f"https://user:{HIDDEN}@example.org"},
        {"base_url": f"https://example.org/?k={HIDDEN}"},
        {"trusted_hosts": [HIDDEN]},
        {"arguments": {"x": "hf_abcdefghijklmnopqrstuv"}},
        {"arguments": {"x": "r8_abcdefghijklmnopqrstuv"}},
        {"arguments": {"x": "12345678-1234-1234-1234-123456789abc:0123456789abcdef0123456789"}},
    ],
)
def test_a_key_in_a_file_is_refused_and_not_repeated(
    tmp_path: object, provider: str, given: dict[str, object]
) -> None:
    with pytest.raises(RegistryError) as caught:
        read(tmp_path, provider, **given)
    said = str(caught.value)
    assert "key_env" in said
    assert "\n" not in said
    for secret in (HIDDEN, "hunter2", "abcdefghijklmnop", "0123456789abcdef"):
        assert secret not in said


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"base_url": "ftp://example.org"}, "base_url"),
        ({"base_url": "http://"}, "base_url"),
        ({"base_url": "http://169.254.169.254/v1"}, "link-local"),
        ({"base_url": "http://10.1.2.3/v1"}, "trusted_hosts"),
        ({"base_url": "http://[::ffff:127.0.0.1]/v1"}, "wraps"),
        ({"base_url": "http://example.org/v1", "key_env": "K"}, "unencrypted"),
        ({"width": 64}, "width and height"),
        ({"width": 0, "height": 4}, "width"),
        ({"deadline_s": 0.0}, "deadline_s"),
        ({"deadline_s": float("inf")}, "deadline_s"),
        ({"concurrency": 0}, "concurrency"),
        ({"trusted_hosts": ["*"]}, "trusted_hosts"),
        ({"sed_key": "x"}, 'did you mean "seed_key"'),
        ({"model": "a b"}, "model"),
        ({"arguments": {"x": float("nan")}}, "arguments"),
    ],
)
def test_settings_that_cannot_be(tmp_path: object, given: dict[str, object], named: str) -> None:
    with pytest.raises(RegistryError) as caught:
        read(tmp_path, "openai", **given)
    assert named in str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_missing_key_is_told_by_the_name_of_its_variable(provider: str) -> None:
    asked = model(provider, "text-to-image", {"model": dialects.MODELS[provider]})
    variable = backends.get(provider).Settings.KEY  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(LoadError, match=variable) as caught:  # noqa: SIM117
        with backends.get(provider).open_model(asked):
            pass
    assert caught.value.kind == "auth"


def test_a_key_that_no_header_can_carry_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "line one\nline two")
    asked = model("openai", "text-to-image", {"model": "m"})
    with (
        pytest.raises(LoadError, match="OPENAI_API_KEY") as caught,
        backends.get("openai").open_model(asked),
    ):
        pass
    assert "line" not in str(caught.value)


def test_openai_itself_is_sent_no_seed() -> None:
    from evals.backends.openai_api import Settings

    assert Settings(model="m").seed_name() == ""
    assert Settings(model="m", base_url="https://example.org/v1").seed_name() == "seed"


def test_where_a_model_is_called_from_is_part_of_what_it_is() -> None:
    schema = backends.get("openai").Settings
    assert "base_url" not in schema.RUNTIME_ONLY
    assert {"key_env", "deadline_s", "idempotent"} <= schema.RUNTIME_ONLY


@pytest.mark.parametrize("module", ["openai", "fal_client", "replicate", "huggingface_hub"])
def test_a_client_that_is_not_installed_is_one_line(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evals.endpoints.endpoint import client_module

    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(LoadError, match=r"churnboard\[api\]"):
        client_module(module)


def test_no_client_is_imported_to_know_the_backends() -> None:
    code = (
        "import sys; from evals import backends; backends.discover();"
        "print([m for m in ('openai', 'fal_client', 'replicate', 'huggingface_hub', 'httpx',"
        " 'numpy', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- pure parts -----------------------------------------------------------------------------------

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
NEVER = [
    "169.254.169.254", "fe80::1", "fe80::1%eth0", "0.0.0.0", "::",  # noqa: S104 - refused
    "224.0.0.1", "ff02::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "2002:a9fe:a9fe::1",
    "64:ff9b::a9fe:a9fe", "::7f00:1",
]  # fmt: skip
PRIVATE = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "198.18.0.1"]


def test_public_addresses_are_allowed() -> None:
    assert [refusal("x", address, Trust()) for address in PUBLIC] == [None] * len(PUBLIC)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_connected_to(address: str) -> None:
    trust = Trust(loopback=True, hosts=frozenset({address, "x"}))
    assert refusal("x", address, trust) is not None


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_trust(address: str) -> None:
    assert refusal("x", address, Trust(loopback=True)) is not None
    assert refusal("x", address, Trust(hosts=frozenset({"x"}))) is None
    assert refusal("y", address, Trust(hosts=frozenset({address}))) is None


def test_loopback_needs_a_base_url_that_names_it() -> None:
    for address in ("127.0.0.1", "127.9.9.9", "::1"):
        assert refusal("x", address, Trust()) is not None
        assert refusal("x", address, Trust(loopback=True)) is None
    for url in (
        "http://localhost:1/v1",
        "http://127.0.0.1",
        "https://[::1]:8/",
        "http://a.localhost",
    ):
        assert addresses.is_loopback(url)
    for url in ("http://localhost.example.org", "http://example.org#localhost", "", "http://[x"):
        assert not addresses.is_loopback(url)


def test_a_name_that_resolves_inwards_is_refused(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The name is public, what it resolves to is not: what is connected to counts."""
    import socket

    from evals.endpoints import sockets

    def inwards(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with serving("openai") as server:
        port = server.base.rpartition(":")[2]
        monkeypatch.setattr(sockets.socket, "getaddrinfo", inwards)
        with opened("openai", server, base_url=f"http://public.example:{port}/v1") as endpoint:
            found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.billed) == ("address_refused", False)
        assert server.seen == []


@given(st.integers(1, 200), st.integers(0, 10_000))
def test_waits_grow_and_are_bounded(attempt: int, seed: int) -> None:
    wait = patience.backoff(attempt, random.Random(seed))
    assert 0 <= wait <= min(patience.LONGEST_S, patience.FIRST_S * 2.0 ** (attempt - 1))


@given(st.text(max_size=60))
def test_any_retry_after_is_a_number_or_nothing(header: str) -> None:
    found = patience.asked(header, datetime(2026, 1, 1, tzinfo=UTC))
    assert found is None or found >= 0


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


ODD = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(ODD)
def test_whatever_is_told_there_is_a_verdict(value: object) -> None:
    import json

    body = json.dumps(value).encode()
    for status in (302, 400, 401, 404, 418, 429, 500, 503, 599):
        for purpose in ("work", "question", "download"):
            found = verdicts.of_answer(status, {}, body, purpose, "x")
            assert found.kind
            assert isinstance(found.error("line"), BackendError)
