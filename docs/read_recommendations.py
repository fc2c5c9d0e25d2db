"""Read recommendations.json in a router: copy this file; it needs Python 3.11 and nothing else.

said = load("recommendations.json", seen=last_sequence)   # keep said["sequence"] for next time
for call in calls(said, "text-to-image", role="hero"):    # the pick, then its fallbacks
    ...                                                   # call["provider"], call["model"], …
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path


def load(path, seen=0, now=None):
    """The file, if it may be obeyed; else ValueError says why not: keep to the last good one.

    seen: the highest `sequence` read so far. The same again is fine; a lower one is a replay.
    """
    said = json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=_once)
    if not isinstance(said, dict) or said.get("schema_version") != "1.0":
        raise ValueError(f"{path}: no recommendations of version 1.0")
    content = {key: value for key, value in said.items() if key != "sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if hashlib.sha256(text.encode()).hexdigest() != said.get("sha256"):
        raise ValueError(f"{path}: edited: it does not have the digest that it names")
    now = now or datetime.now(UTC)
    if datetime.fromisoformat(said["generated_at"]) > now + timedelta(minutes=5):
        raise ValueError(f"{path}: from the future")
    if datetime.fromisoformat(said["expires_at"]) <= now:
        raise ValueError(f"{path}: expired at {said['expires_at']}")
    if said["sequence"] < seen:
        raise ValueError(f"{path}: replayed: {said['sequence']}, and {seen} was seen before")
    return said


def pick(said, task, domain="all", role="hero"):
    """The pick of a domain, else that of all domains; None where nobody qualified."""
    for place in (domain, "all"):
        for one in said["picks"]:
            if (one["task"], one["domain"], one["role"]) == (task, place, role):
                return one
    return None


def calls(said, task, domain="all", role="hero"):
    """How to call the pick, then its fallbacks, the best first; whoever cannot be called is not in.

    Each is a `call` of the file with `cost_usd`; its key is in the environment, by `key_env`.
    """
    found = pick(said, task, domain, role)
    line = [found, *found["fallbacks"]] if found else []
    return [one["call"] | {"cost_usd": one["cost_usd"]} for one in line if one["call"]]


def _once(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return dict(pairs)
