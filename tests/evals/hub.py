"""A hub's cache as its client lays it out: blobs by hash, and snapshots that link to them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def put(cache: Path, repository: str, file: str, content: bytes, commit: str = COMMIT) -> Path:
    """Have a file of a repository in the cache, as if it had been downloaded; its path."""
    root = cache / f"models--{repository.replace('/', '--')}"
    blob = root / "blobs" / hashlib.sha256(content).hexdigest()
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(content)
    link = root / "snapshots" / commit / file
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    return link
