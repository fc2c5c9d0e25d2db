"""A backend that other processes import as a plugin: noise, made at a given pace, with faults.

Each call first adds a line to a file, so that a test can count calls wherever they were made.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.backends import BackendSettings, RawMedia, procedural
from evals.types import Model, Prompt, Task

NAME = "faults"
TASKS: tuple[Task, ...] = ("text-to-image",)
NOISE = Model("noise", "Noise", "text-to-image", "procedural", {"kind": "noise"})


class Settings(BackendSettings):
    calls: str
    """File to which `prompt seed` is added for every call."""
    pace_s: float = 0.0
    kills: str = ""
    """Prompt whose call ends the process as the kernel does for want of memory."""
    hangs: str = ""
    """Prompt whose call never returns."""
    once: bool = False
    """Only the first call of a prompt and seed is faulty."""
    load: Literal["well", "kills"] = "well"
    device: Literal["cpu", "cuda"] = "cpu"
    threads: int = 1


@dataclass(frozen=True)
class _Faulty:
    settings: Settings
    device: str = "cpu"

    def generate(self, prompt: Prompt, seed: int) -> RawMedia:
        line = f"{prompt.id} {seed}\n"
        path = Path(self.settings.calls)
        again = path.exists() and line in path.read_text()
        with path.open("a") as calls:
            calls.write(line)
        if not (self.settings.once and again):
            if prompt.id == self.settings.kills:
                os.kill(os.getpid(), signal.SIGKILL)
            if prompt.id == self.settings.hangs:
                threading.Event().wait()
        time.sleep(self.settings.pace_s)
        with procedural.open_model(NOISE) as noise:
            return noise.generate(prompt, seed)


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[_Faulty]:
    del device
    settings = Settings.model_validate(dict(model.settings))
    if settings.load == "kills":
        os.kill(os.getpid(), signal.SIGKILL)
    yield _Faulty(settings)
