"""How far a judge can be trusted, measured on captions that no network was trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata  # pyright: ignore[reportUnknownVariableType]

from evals.calibration.corpus import is_unseen, unseen_scenes
from evals.calibration.scenes import VOCABULARY, Picture, Scene, caption, render

Judge = Callable[[Sequence[Picture], Sequence[str]], ArrayLike]
"""(pictures, captions in step) -> one score each."""


def load_judge(folder: Path) -> Judge:
    """The judge's cosine of pictures and captions, by open_clip's own loader."""
    import open_clip
    import torch
    from PIL import Image

    name = f"local-dir:{folder}"
    loaded: Any = open_clip.create_model_from_pretrained(name)
    model, preprocess = loaded
    tokenizer: Any = open_clip.get_tokenizer(name)
    model.eval()

    @torch.inference_mode()
    def score(pictures: Sequence[Picture], captions: Sequence[str]) -> Any:
        pixels = torch.stack([preprocess(Image.fromarray(picture)) for picture in pictures])
        image = model.encode_image(pixels, normalize=True)
        text = model.encode_text(tokenizer(list(captions)), normalize=True)
        return (image * text).sum(dim=1).numpy()

    return score


@dataclass(frozen=True)
class Pair:
    """A picture, the caption it shows, and one that differs in a single word."""

    scene: Scene
    other: Scene
    attribute: str
    seed: int


def auc(positive: ArrayLike, negative: ArrayLike) -> float:
    """Area under the ROC curve: P(positive > negative) + P(tie) / 2, by midranks (Mann-Whitney).

    >>> auc([3, 2], [1, 2])
    0.875
    """
    above, below = np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)
    if not len(above) or not len(below):
        raise ValueError("an AUC needs scores on both sides")
    ranks: NDArray[np.float64] = rankdata(np.concatenate([above, below]))
    excess = ranks[: len(above)].sum() - len(above) * (len(above) + 1) / 2
    return float(excess / (len(above) * len(below)))


def pairs(count: int, seed: int) -> list[Pair]:
    """`count` random pairs in which both captions are unseen, attributes in equal shares."""
    rng = np.random.default_rng(seed)
    pool = unseen_scenes()
    attributes = list(VOCABULARY)
    chosen: list[Pair] = []
    while len(chosen) < count:
        scene = pool[int(rng.integers(len(pool)))]
        attribute = attributes[len(chosen) % len(attributes)]
        words = [word for word in VOCABULARY[attribute] if word != scene.words[attribute]]
        other = Scene(**{**scene.words, attribute: words[int(rng.integers(len(words)))]})
        if is_unseen(other):
            chosen.append(Pair(scene, other, attribute, int(rng.integers(10**6))))
    return chosen


def judge_auc(judge: Judge, count: int = 600, seed: int = 0) -> dict[str, float]:
    """How well a judge tells the caption a picture shows from one with a single word changed.

    Returns:
        attribute -> AUC, and `"all"`: the AUC over all pairs pooled, scores of different captions
        compared with each other too.
    """
    drawn = pairs(count, seed)
    pictures = [render(pair.scene, pair.seed) for pair in drawn]
    match = np.asarray(judge(pictures, [caption(pair.scene) for pair in drawn]), dtype=float)
    miss = np.asarray(judge(pictures, [caption(pair.other) for pair in drawn]), dtype=float)
    result = {"all": auc(match, miss)}
    for attribute in VOCABULARY:
        of = np.array([pair.attribute == attribute for pair in drawn])
        result[attribute] = auc(match[of], miss[of])
    return result
