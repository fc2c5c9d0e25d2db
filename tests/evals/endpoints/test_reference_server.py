"""The whole way with a real server: registered in an empty home, evaluated beside a local model."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import backends, record, registry, run
from evals.errors import GenerationError, LoadError
from evals.record_types import RunRecord, Scored
from evals.request import Request
from evals.types import Model, Prompt
from tests.evals.loopback.bench import Leave

pytestmark = pytest.mark.slow

SERVER = Path(__file__).parents[3] / "docs" / "serve_reference.py"
CLIPS = "reference-clip-turbo"
PRICES = {"text-to-image": "usd_per_image", "text-to-video": "usd_per_clip_second"}


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The reference server, started as its docstring says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("server")
    command = [sys.executable, SERVER, "reference-small-r8", CLIPS]
    with subprocess.Popen([*command, "--port", str(port), "--home", str(home)]) as server:
        try:
            for _ in range(600):
                if server.poll() is not None:
                    pytest.fail("the reference server ended at once")
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def register(home: Path, name: str, base_url: str, model: str, task: str) -> None:
    path = home / "models" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'task = "{task}"\nbackend = "openai"\nprice = {{ {PRICES[task]} = 0.002 }}\n'
        f'settings = {{ base_url = "{base_url}", model = "{model}" }}\n'
    )


def shas(records: list[RunRecord], model: str) -> dict[tuple[str, int], str]:
    return {
        (result.trial.prompt_id, result.trial.seed): result.generation.media.sha256
        for one in records
        for result in one.results
        if result.trial.model_id == model and result.generation.media is not None
    }


def evaluated(home: Path, suite: str, models: tuple[str, ...]) -> list[RunRecord]:
    request = Request(suite, models, seeds=(0, 1), prompts=2)
    run.evaluate(home, request)
    return list(record.read_all(home))


def test_a_model_behind_an_endpoint_is_evaluated_as_it_is_on_this_machine(
    tmp_path: Path, base_url: str
) -> None:
    register(tmp_path, "mine", base_url, "reference-small-r8", "text-to-image")
    records = evaluated(tmp_path, "calibration", ("mine", "reference-small-r8"))
    called, direct = shas(records, "mine"), shas(records, "reference-small-r8")
    assert len(called) == 4
    assert called == direct
    costs = [
        result.generation.cost_usd
        for one in records
        for result in one.results
        if result.trial.model_id == "mine"
    ]
    assert costs == [0.002] * 4
    assert len(set(called.values())) == 4
    scored = [line for one in records for line in one.scored if isinstance(line, Scored)]
    assert len(scored) == 8
    assert all(score.value is not None for line in scored for score in line.scores)


def test_so_is_a_model_of_clips(tmp_path: Path, base_url: str) -> None:
    register(tmp_path, "mine", base_url, CLIPS, "text-to-video")
    known = registry.load(tmp_path)
    suite = known.model(CLIPS).suites[0]
    records = evaluated(tmp_path, suite, ("mine", CLIPS))
    called, direct = shas(records, "mine"), shas(records, CLIPS)
    assert len(called) == 4
    assert called == direct


def test_a_model_that_is_not_served_is_told_by_name(base_url: str) -> None:
    settings = {"base_url": base_url, "model": "not-here"}
    asked = Model("m", "M", "text-to-image", "openai", settings)
    with backends.get("openai").open_model(asked) as endpoint:
        with pytest.raises(LoadError, match="not-here") as caught:
            endpoint.generate(Prompt("p", "x"), 0, ticket=Leave())  # pyright: ignore[reportCallIssue]
        assert caught.value.kind == "not_found"


def test_another_size_than_the_model_makes_is_rejected(base_url: str) -> None:
    settings = {"base_url": base_url, "model": "reference-small-r8", "width": 128, "height": 128}
    asked = Model("m", "M", "text-to-image", "openai", settings)
    with backends.get("openai").open_model(asked) as endpoint:
        with pytest.raises(GenerationError, match="64x64") as caught:
            endpoint.generate(Prompt("p", "a red circle"), 0, ticket=Leave())  # pyright: ignore[reportCallIssue]
        assert (caught.value.kind, caught.value.billed) == ("rejected", False)


def test_with_an_idempotency_key_the_server_makes_one(base_url: str) -> None:
    settings = {"base_url": base_url, "model": "reference-small-r8", "idempotent": True,
                "seed_key": ""}  # fmt: skip
    asked = Model("m", "M", "text-to-image", "openai", settings)
    with backends.get("openai").open_model(asked) as endpoint:
        one, again, other = (
            endpoint.generate(Prompt("p", "x"), 0, ticket=Leave(key)).pixels  # pyright: ignore[reportCallIssue]
            for key in ("a", "a", "b")
        )
    assert (one == again).all()
    assert not (one == other).all()
