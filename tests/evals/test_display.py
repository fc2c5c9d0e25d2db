"""What a run says on the terminal while it goes."""

from __future__ import annotations

import pytest

from evals.display import ProgressBar
from evals.run import Progress


def test_the_same_failure_is_said_once_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    why = "not called: 5 calls in a row failed; [asked] again in 60 s, " + "x" * 100
    with ProgressBar() as bar:
        for done in range(3):
            bar.show(Progress(done, 4, "a-model", "failed", why))
        bar.show(Progress(3, 4, "a-model", "failed", "another reason"))
    out, err = capsys.readouterr()
    lines = [line.rstrip() for line in err.splitlines() if "a-model: failed" in line]
    assert lines == [
        f"a-model: failed: {why}",
        "a-model: failed: another reason",
        f"3 times: a-model: failed: {why}",
    ]
    assert out == ""
