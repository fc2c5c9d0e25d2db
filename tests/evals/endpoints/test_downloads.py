"""What was made, as it is fetched: broken, hostile, elsewhere, of another size, always the same."""

from __future__ import annotations

from typing import Any

import pytest

from evals.errors import GenerationError
from tests.evals.loopback import dialects, faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.cases import (
    ATTEMPTS,
    METADATA,
    PROVIDERS,
    QUEUES,
    Case,
    attempt,
    check,
    outcome,
)
from tests.evals.loopback.dialects import MP4, PNG

pytestmark = pytest.mark.usefixtures("small_limit")
PICTURE = dialects.picture("x")
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n"
GIF = b"GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x00;"
BOMB_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00"
)


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
    Case("403 for the picture", faults.status(403), "gone", billed=True),
    Case("400 for the picture", faults.status(400), "download_failed", billed=True),
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

AT_CONTENT = [(provider, case) for case in CONTENT for provider in ("openai", "fal", "replicate")]


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
