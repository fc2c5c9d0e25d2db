"""Kept embeddings, read back without the judge that made them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evals.embeddings import kept, store_of

JUDGE = "0123456789abcdef" * 4


def test_one_environment_answers_and_clips_by_their_mean(tmp_path: Path) -> None:
    here, there = (store_of(tmp_path, JUDGE, words, 3) for words in ("here", "there"))
    here.put("aa", np.array([[1, 2, 3]], dtype=np.float16))
    here.put("bb", np.array([[1, 0, 0], [3, 0, 2]], dtype=np.float16))
    there.put("aa", np.array([[9, 9, 9]], dtype=np.float16))
    store_of(tmp_path, "f" * 64, "here", 3).put("cc", np.ones((1, 3), np.float16))
    found = kept(tmp_path, JUDGE, {"aa": 1, "bb": 2, "cc": 1})
    assert {name: row.tolist() for name, row in found.items()} == {
        "aa": [1.0, 2.0, 3.0],
        "bb": [2.0, 0.0, 1.0],
    }


def test_what_is_not_kept_or_damaged_is_absent(tmp_path: Path) -> None:
    assert kept(tmp_path, JUDGE, {"aa": 1}) == {}
    here = store_of(tmp_path, JUDGE, "here", 3)
    here.put("aa", np.ones((1, 3), np.float16))
    here.put("bb", np.ones((1, 3), np.float16))
    here.path("bb").write_bytes(b"torn")
    assert kept(tmp_path, JUDGE, {"aa": 1, "bb": 1}).keys() == {"aa"}
