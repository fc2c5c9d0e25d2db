"""The judge at work: one embedding per picture and per text, shared by every metric that wants it.

A score must not depend on what else is in the batch, on how many workers share the work or on how
many pictures a caller hands over at once. So pictures go through the network in micro-batches of
one fixed shape, the last one filled up, in float32 and on a fixed number of threads. That a picture
comes out the same, bit for bit, wherever it stands in the micro-batch is checked on the machine
before the first is encoded; where it does not hold, pictures go through one at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from evals import encoder_kinds, machine, probes
from evals.embeddings import EmbeddingStore, store_of
from evals.encoder_kinds import Network
from evals.errors import LoadError, MediaError, ScoreError
from evals.judges import checkpoints
from evals.judges import pins as judges
from evals.judges.pins import Judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Stack:
    """Pictures that belong together: the frames of a clip, or one picture alone."""

    sha256: str
    """Of the media, under which the embeddings are kept; empty: they are not."""
    size: int
    """How many pictures."""
    read: Callable[[], Iterable[Picture]]
    """Gives them, each height x width x 3 uint8; asked only when they are needed."""


@dataclass
class Encoder:
    """A loaded judge. Embeddings are not normalised: float32 that half precision can hold."""

    judge: Judge
    device: str
    network: Network
    store: EmbeddingStore | None = None
    """Where embeddings are kept; None to keep none."""
    encoded: int = 0
    """Pictures that went through the network so far, probes not counted."""
    _texts: dict[str, Tensor] = field(default_factory=dict[str, "Tensor"])
    _heads: dict[str, Mapping[str, Tensor]] = field(
        default_factory=dict[str, "Mapping[str, Tensor]"]
    )
    _slots: int | None = None

    @property
    def environment(self) -> str:
        """Where it computes, in words: what may move a score although nothing strict changed."""
        return machine.judging(self.device, self.judge.threads)

    def images(
        self, pictures: Sequence[tuple[str, Callable[[], Picture]]]
    ) -> list[Tensor | ScoreError]:
        """Embeddings (width,) of pictures, in step.

        Args:
            pictures: sha256 of the media, under which its embedding is kept (empty: it is not),
                and what gives its pixels (height x width x 3 uint8); asked only when they are
                needed. A picture that cannot be read has the error in its place.
        """
        alone = [Stack(sha256, 1, lambda read=read: [read()]) for sha256, read in pictures]
        return [made if isinstance(made, ScoreError) else made[0] for made in self.stacks(alone)]

    def stacks(self, wanted: Sequence[Stack]) -> list[Tensor | ScoreError]:
        """Embeddings (pictures, width) of stacks, in step.

        A micro-batch may hold pictures of several stacks, and a stack may take several. A stack
        that cannot be read has the error in its place.
        """
        found: dict[int, Tensor | ScoreError] = {}
        first: dict[str, int] = {}
        rows: dict[int, list[Tensor]] = {}
        inputs: list[tuple[int, Tensor]] = []
        for place, stack in enumerate(wanted):
            kept = self._kept(stack)
            if kept is not None:
                found[place] = kept
            elif not stack.sha256 or first.setdefault(stack.sha256, place) == place:
                try:
                    pictures = stack.read()
                except (MediaError, OSError) as error:
                    found[place] = ScoreError(f"the picture cannot be read: {error}")
                    continue
                rows[place] = []
                for picture in pictures:
                    inputs.append((place, self.network.preprocess(picture)))
                    if len(inputs) == self.slots:
                        self._through(inputs, rows)
                        inputs = []
        if inputs:
            self._through(inputs, rows)
        for place, made in rows.items():
            found[place] = self._keep(wanted[place], made)
        return [
            found[place] if place in found else found[first[stack.sha256]]
            for place, stack in enumerate(wanted)
        ]

    def text(self, text: str) -> Tensor:
        """Embedding (width,) of a text; made once per text, alone in its batch."""
        if text not in self._texts:
            with self._fixed():
                made = self.network.texts([text])[0]
            self._texts[text] = made.float().cpu()
        return self._texts[text]

    def distance(self, one: Picture, other: Picture) -> float:
        """Perceptual distance of two pictures (each height x width x 3 uint8)."""
        with self._fixed():
            pair = [
                self.network.preprocess(picture)[None].to(self.device) for picture in (one, other)
            ]
            return float(self.network.distance(pair[0], pair[1])[0])

    def head(self, metric: str) -> Mapping[str, Tensor]:
        """The further weights of one metric, by their names in its file.

        Raises:
            ScoreError: the judge's file gives the metric none.
        """
        weights = self.judge.heads.get(metric)
        if weights is None or weights.path is None:
            raise ScoreError(f"judge {self.judge.id} has no head for {metric}")
        if metric not in self._heads:
            self._heads[metric] = checkpoints.read(weights.path)
        return self._heads[metric]

    @property
    def slots(self) -> int:
        """Pictures per call: the judge's micro-batch, or 1 where a place in it makes a difference.

        Decided once, by encoding one picture in every place, alone and among others.
        """
        if self._slots is None:
            self._slots = self.judge.micro_batch if self._places_agree() else 1
        return self._slots

    def _places_agree(self) -> bool:
        import torch

        size = self.judge.micro_batch
        shown = [self.network.preprocess(picture) for _, picture in probes.probes()]
        everywhere = self._call(torch.stack([shown[0]] * size))
        among = self._call(torch.stack([shown[place % len(shown)] for place in range(size)]))
        same = bool((everywhere == everywhere[:1]).all())
        return same and bool((among[0] == everywhere[0]).all())

    def _kept(self, stack: Stack) -> Tensor | None:
        import torch

        if self.store is None or not stack.sha256:
            return None
        kept = self.store.get(stack.sha256, stack.size)
        return None if kept is None else torch.from_numpy(kept).float()

    def _keep(self, stack: Stack, rows: Sequence[Tensor]) -> Tensor:
        """The rows of a whole stack, as they will be read back from the store."""
        import torch

        made = torch.stack(list(rows)).half()
        if self.store is not None and stack.sha256:
            self.store.put(stack.sha256, cast("NDArray[np.float16]", made.numpy()))
        return made.float()

    def _through(
        self, inputs: Sequence[tuple[int, Tensor]], rows: Mapping[int, list[Tensor]]
    ) -> None:
        """One micro-batch; each picture's row is added to those of its stack."""
        import torch

        filled = [picture for _, picture in inputs]
        filled += [torch.zeros_like(filled[0])] * (self.slots - len(filled))
        for row, (place, _) in zip(self._call(torch.stack(filled)), inputs, strict=False):
            rows[place].append(row)
        self.encoded += len(inputs)

    def _call(self, batch: Tensor) -> Tensor:
        with self._fixed():
            return self.network.images(batch.to(self.device)).float().cpu()

    @contextlib.contextmanager
    def _fixed(self) -> Generator[None]:
        """Compute on the judge's threads and reproducibly, then as before."""
        import torch

        with (
            machine.torch_threads(self.judge.threads),
            torch.inference_mode(),
            torch.backends.cudnn.flags(deterministic=True, benchmark=False, allow_tf32=False),
        ):
            yield


def open_judge(judge: Judge, home: Path | None = None) -> Encoder:
    """Load a judge on the device there is, after checking its pinned hash.

    Args:
        judge: as registered.
        home: where embeddings are kept; None keeps none.

    Raises:
        LoadError: files missing, weights that are not the pinned ones, no such device, or weights
            that do not fit the kind of the judge.
    """
    judges.check(judge)
    device = _device(judge)
    kind = encoder_kinds.get(judge.kind)
    try:
        network = kind.load(judge, device)
    except LoadError:
        raise
    except Exception as error:
        detail = (str(error).strip().splitlines() or [""])[0][:300]
        raise LoadError(
            f"judge {judge.id}: {judge.kind} cannot load {judge.weights.wanted}:"
            f" {type(error).__name__}: {detail}"
        ) from error
    encoder = Encoder(judge, device, network)
    if home is not None and network.width:
        identity = judges.identity(judge)
        encoder.store = store_of(home, identity, encoder.environment, network.width)
    return encoder


def _device(judge: Judge) -> str:
    import torch

    usable = {"cpu": True, "cuda": torch.cuda.is_available()}
    usable["mps"] = torch.backends.mps.is_available()
    if judge.device == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if usable[kind])
    if not usable.get(judge.device, False):
        raise LoadError(f'judge {judge.id}: device "{judge.device}" is not available here')
    return judge.device
