"""Reading a clip file takes no more memory than its clip: small files that claim much included."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.evals.clips.clip_files import claiming, patched, pattern, repeated, written

pytestmark = pytest.mark.slow

MEASURE = """
import resource, sys
from pathlib import Path
from evals.clips import codec as clips
from evals.errors import MediaError
import av, numpy

def peak():  # of this process: ru_maxrss of a fresh one begins with its parent's
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024

data, before = Path(sys.argv[1]).read_bytes(), peak()
try:
    print(clips.decode(data).frames.nbytes // 2**20, end=" ")
except MediaError as error:
    print("refused", end=" ")
print(peak() - before)
"""


def measured(data: bytes, folder: Path) -> tuple[str, int]:
    """What came of it (MiB of the clip, or `refused`), and MiB that reading it took at most."""
    path = folder / "clip"
    path.write_bytes(data)
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    outcome, took = answer.stdout.split()
    return outcome, int(took)


def flat(height: int, width: int) -> np.ndarray:
    """A frame that is large and whose code is small."""
    return np.full((height, width, 3), 90, np.uint8)


def many_frames() -> bytes:
    return claiming(written(pattern(16)), 10**6)


def endless_table() -> bytes:
    return claiming(written(pattern(16)), 2**26)


def long() -> bytes:
    return repeated(pattern(1)[0], 20_000)


def large_together() -> bytes:
    return repeated(flat(2160, 3840), 200)


def large_each() -> bytes:
    return repeated(flat(8_200, 8_200), 2)


def larger_than_told() -> bytes:
    """Frames of 16 million pixels in a file whose header says 16 × 16."""
    return patched(repeated(flat(4_000, 4_000), 60), b"jpeg", 24, 16 << 16 | 16)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
@pytest.mark.parametrize(
    "make", [many_frames, endless_table, long, large_together, large_each, larger_than_told]
)
def test_what_claims_much_is_refused_in_little_memory(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    outcome, took = measured(make(), tmp_path)
    assert outcome == "refused"
    assert took < 400


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_a_clip_is_held_once(tmp_path: Path) -> None:
    outcome, took = measured(repeated(flat(1080, 1920), 60), tmp_path)
    assert outcome == "355"
    assert took < 355 + 100
