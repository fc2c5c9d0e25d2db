"""A call has a deadline and can be called off; both are looked at after every step."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from evals import backends
from evals.backends._diffusers_watch import Watch
from evals.errors import GenerationError
from tests.evals.tiny_pipelines.cases import PROMPT, model, saved, start_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


def opened(root: Path, name: str, **more: Any) -> Any:
    return backends.get("diffusers").open_model(model(name, saved(root, name), **more))


class Ticks:
    """A clock that goes on by one second whenever it is read."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self) -> float:
        self.read += 1
        return float(self.read)


# One with a callback of today, one with the callback of old.
@pytest.mark.parametrize("name", ["stable_diffusion", "pixart", "upscaler", "wan"])
def test_a_call_past_its_deadline_ends_at_the_next_step(root: Path, name: str) -> None:
    with opened(root, name, steps=20, deadline_s=3.5) as generator:
        clock = generator.timer = Ticks()
        with pytest.raises(GenerationError, match=r"deadline_s allows 3\.5") as caught:
            generator.generate(PROMPT, 0, start_of(name))
        assert clock.read == 5  # at the start, and after four of twenty steps
        generator.timer = lambda: 0.0
        assert generator.generate(PROMPT, 0, start_of(name)).pixels.size
    assert (caught.value.kind, caught.value.blame) == ("timeout", "infrastructure")


def test_a_deadline_that_is_kept_changes_nothing(root: Path) -> None:
    with opened(root, "stable_diffusion", deadline_s=3600) as generator:
        kept = generator.generate(PROMPT, 0).pixels
    with opened(root, "stable_diffusion") as generator:
        assert (generator.generate(PROMPT, 0).pixels == kept).all()


def test_a_pipeline_without_callbacks_is_judged_afterwards(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(root, "stable_diffusion", steps=3, deadline_s=0.5) as generator:
        known = {k: v for k, v in generator.call.known.items() if "callback" not in k}
        monkeypatch.setattr("evals.backends._diffusers_watch.Watch.hooks", lambda *_: {})
        assert "callback_on_step_end" not in known
        clock = generator.timer = Ticks()
        with pytest.raises(GenerationError) as caught:
            generator.generate(PROMPT, 0)
    assert caught.value.kind == "timeout"
    assert clock.read == 2


def test_no_hook_is_given_to_a_pipeline_that_takes_none() -> None:
    assert Watch(None).hooks({"prompt": None, "callback": None}) == {}
    assert set(Watch(None).hooks({"callback": None, "callback_steps": None})) == {
        "callback",
        "callback_steps",
    }


def test_a_running_call_is_called_off_from_another_thread(root: Path) -> None:
    reached, gone = threading.Event(), threading.Event()
    with opened(root, "stable_diffusion", steps=50) as generator:

        def clock() -> float:
            if generator._watch is not None:  # within the call, in a step
                reached.set()
                assert gone.wait(30)
            return 0.0

        def call_off() -> None:
            assert reached.wait(30)
            generator.cancel()
            gone.set()

        generator.timer = clock
        other = threading.Thread(target=call_off)
        other.start()
        with pytest.raises(GenerationError) as caught:
            generator.generate(PROMPT, 0)
        other.join()
        generator.timer = lambda: 0.0
        # With nothing running there is nothing to call off, and the next call is another.
        generator.cancel()
        assert generator.generate(PROMPT, 0).pixels.shape == (32, 32, 3)
    assert (caught.value.kind, caught.value.blame) == ("cancelled", "infrastructure")
