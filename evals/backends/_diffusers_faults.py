"""What errors of diffusers, torch and the hub mean: one line, and who is to blame."""

from __future__ import annotations

from collections.abc import Collection

from evals.errors import GenerationError, LoadError

_UNREACHABLE = (
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "ConnectError",
    "ConnectTimeout",
    "ConnectionError",
    "RevisionResolutionError",
    "CachedRepoTreeNotFoundError",
)
"""Of the hub's client and the transports that its versions use, without importing any."""


def generation_error(error: Exception) -> GenerationError:
    """Who is to blame: the machine for memory and the driver, the model for the rest."""
    import torch

    text = first_line(error)
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in text:
        return GenerationError(text, blame="infrastructure", kind="out_of_memory")
    if isinstance(error, torch.AcceleratorError | OSError) or "CUDA error" in text:
        return GenerationError(text, blame="infrastructure", kind="device")
    return GenerationError(text, blame="model")


def is_gated(error: BaseException) -> bool:
    """Whether the hub refused for want of permission, anywhere in the chain of causes."""
    return _caused_by(error, ("GatedRepoError",))


def is_unreachable(error: BaseException) -> bool:
    """Whether weights are not here and could not be asked for, anywhere in the chain of causes."""
    return _caused_by(error, _UNREACHABLE)


def load_error(error: Exception, source: str, revision: str | None) -> LoadError:
    """Why what a hub repository or a folder holds did not load, and what to do about it.

    Args:
        error: as a library raised it.
        source: folder or hub name.
        revision: commit of a hub name.
    """
    if is_gated(error):
        fix = f"ask for access at https://huggingface.co/{source}, then `hf auth login`"
        return LoadError(f"{first_line(error)}; {fix}", kind="gated")
    if is_unreachable(error):
        fix = f"run `hf download {source} --revision {revision}` where there is a network"
        what = f"the weights of {source} are not here and the hub cannot be reached"
        return LoadError(f"{what}: {fix}", kind="no_weights")
    return LoadError(first_line(error))


def first_line(error: BaseException) -> str:
    """The type of an error and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__


def _caused_by(error: BaseException, names: Collection[str]) -> bool:
    """Whether an error or one of its causes is of a class of one of these names."""
    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ in names:
            return True
        cause = cause.__cause__ or cause.__context__
    return False
