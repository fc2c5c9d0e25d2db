"""What errors of diffusers, torch and the hub mean: one line, and who is to blame."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterator
from errno import ENOSPC

from evals.errors import GenerationError, LoadError

_NO_MEMORY = ("out of memory", "can't allocate memory", "Invalid buffer size")
"""What allocators say: of CUDA, of a processor, and of MPS, which raises nothing more telling."""
_OF_DEVICE = ("CUDA error", "cuDNN error", "cuBLAS error", "MPS device", "MPS framework")
"""What drivers say, and PyTorch of what a device has no way to compute (float64 on MPS)."""
_UNREACHABLE = (
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "ConnectError",
    "ConnectTimeout",
    "ConnectionError",
    "RevisionResolutionError",
    "CachedRepoTreeNotFoundError",
    "ReadTimeout",
    "ReadError",
    "RemoteProtocolError",
)
"""Of the hub's client and the transports that its versions use, without importing any."""


def call_error(error: Exception) -> GenerationError | LoadError:
    """Who is to blame for a call that failed.

    The machine for memory and the driver, the model's file for arguments that the pipeline checks
    and refuses (no call can succeed with them: a LoadError), the model for the rest.
    """
    import torch

    text = first_line(error)
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or _says(text, _NO_MEMORY):
        return GenerationError(text, blame="infrastructure", kind="out_of_memory")
    if isinstance(error, torch.AcceleratorError | OSError) or _says(text, _OF_DEVICE):
        return GenerationError(text, blame="infrastructure", kind="device")
    if isinstance(error, ValueError | TypeError) and _checked_by_pipeline(error):
        return LoadError(f"the pipeline refuses its settings: {text}", kind="settings")
    return GenerationError(text, blame="model")


def _says(text: str, words: Collection[str]) -> bool:
    return any(word.casefold() in text.casefold() for word in words)


def _checked_by_pipeline(error: BaseException) -> bool:
    """Whether an error comes from where a pipeline looks at its arguments: its `check_inputs`, or
    the call itself rather than what it calls.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if any(frame.f_code.co_name == "check_inputs" for frame in frames):
        return True
    last = frames[-1] if frames else None
    module = "" if last is None else str(last.f_globals.get("__name__", ""))
    return last is not None and last.f_code.co_name == "__call__" and ".pipelines." in module


def drop_frames(error: BaseException) -> None:
    """Let go of what the calls that raised an error, or one of its causes, held: a pipeline that
    did not fit lives as long as its traceback.
    """
    for cause in _causes(error):
        traceback.clear_frames(cause.__traceback__)


def is_gated(error: BaseException) -> bool:
    """Whether the hub refused for want of permission, anywhere in the chain of causes."""
    return _caused_by(error, ("GatedRepoError",))


def is_unreachable(error: BaseException) -> bool:
    """Whether weights are not here and could not be asked for, anywhere in the chain of causes."""
    return _caused_by(error, _UNREACHABLE)


def load_error(
    error: Exception, source: str, revision: str | None, whole: bool = True
) -> LoadError:
    """Why what a hub repository or a folder holds did not load, and what to do about it.

    Args:
        error: as a library raised it.
        source: folder or hub name.
        revision: commit of a hub name.
        whole: whether all of its files are here.
    """
    text = first_line(error)
    full = next((one for one in _causes(error) if getattr(one, "errno", None) == ENOSPC), None)
    if full is not None:
        what = f"no space is left for the weights of {source}: {first_line(full)}"
        return LoadError(f"{what}; free some, or set HF_HOME to another disk", kind="disk_full")
    if "contains custom code" in text and "trust_remote_code" in str(error):
        fix = "read it, and write trust_remote_code = true into [settings] if you trust it"
        return LoadError(f"{source} comes with code that would be run; {fix}", kind="remote_code")
    if "necessary `safetensors` weights" in text:
        what = f"{source} has no safetensors for some component, and pickles can run code when"
        fix = "they are opened; save it again with safe_serialization=True, or check `variant`"
        return LoadError(f"{what} {fix}", kind="unsafe_weights")
    if is_gated(error):
        fix = f"ask for access at https://huggingface.co/{source}, then `hf auth login`"
        return LoadError(f"{text}; {fix}", kind="gated")
    if is_unreachable(error):
        fix = f"run `hf download {source} --revision {revision}` where there is a network"
        what = f"the weights of {source} are not here and the hub cannot be reached"
        return LoadError(f"{what}: {fix}", kind="no_weights")
    if not whole:
        fix = f"run `hf download {source} --revision {revision}`"
        return LoadError(f"{text}; not all of {source} is here: {fix}", kind="no_weights")
    return LoadError(text)


def first_line(error: BaseException) -> str:
    """The type of an error and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__


def _caused_by(error: BaseException, names: Collection[str]) -> bool:
    """Whether an error or one of its causes is of a class of one of these names."""
    return any(type(cause).__name__ in names for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, its cause, the cause of that, and so on."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
