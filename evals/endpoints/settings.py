"""What the file of a model behind an address may say, whichever the provider is."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, cast

from pydantic import Field, model_validator

from evals.backends import BackendSettings
from evals.endpoints import addresses, keys
from evals.endpoints.addresses import Trust
from evals.types import Task

Side = Annotated[int, Field(ge=1, le=16_384)]
VIDEO_TASKS: tuple[Task, ...] = ("text-to-video", "image-to-video")
STARTED_TASKS: tuple[Task, ...] = ("image-edit", "image-to-video")
"""Tasks that begin with a picture."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_NO_KEYS = (
    "keys have no place in a model's file: put it into an environment variable, and name that with"
    ' key_env = "…"'
)


class EndpointSettings(BackendSettings):
    """Base of the settings of every backend that calls an endpoint."""

    RUNTIME_ONLY: ClassVar[frozenset[str]] = frozenset(
        {
            "key_env",
            "trusted_hosts",
            "deadline_s",
            "concurrency",
            "poll_s",
            "breaker_after",
            "cooldown_s",
        }
    )
    HOME: ClassVar[str]
    """The provider's own address: what calls go to without a `base_url`."""
    KEY: ClassVar[str]
    """Environment variable of the key for that address, and for no other."""

    model: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
    """As the endpoint calls it."""
    base_url: Annotated[str, Field(max_length=500)] | None = None
    """Address of another server that speaks the same API."""
    width: Side | None = None
    """Of what is made, in pixels; without it, the endpoint chooses."""
    height: Side | None = None
    seconds: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] | None = None
    """Length of a clip that is asked for."""
    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Further arguments, as the API spells them; they win."""
    seed_key: Annotated[str, Field(max_length=100)] | None = None
    """What the API calls the seed; "" where it takes none. Unset: the backend's usual name."""
    start_key: Annotated[str, Field(max_length=100)] | None = None
    """What the API calls the picture to begin with; a plural is sent as a list."""
    key_env: str | None = None
    """Environment variable that holds the key for this model; "" where none is needed."""
    trusted_hosts: list[str] = Field(default_factory=list[str])
    """Names or addresses of hosts of one's own, which may be private."""
    deadline_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None
    """Longest that a call may take, waits and retries included; unset: 300 s, 1800 s for clips."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    """Calls in flight at once."""
    poll_s: Annotated[float, Field(ge=0.01, le=600, allow_inf_nan=False)] = 2.0
    """Pause between two questions after the same work."""
    breaker_after: Annotated[int, Field(ge=1, le=1000)] = 5
    """Failures of the endpoint in a row after which it is left alone for a while."""
    cooldown_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 60.0
    """That while."""

    @model_validator(mode="before")
    @classmethod
    def _no_keys(cls, given: Any) -> Any:
        """Before anything else is checked: the errors of other checks show what was given."""
        table: Mapping[str, Any] = {}
        if isinstance(given, Mapping):
            table = cast("Mapping[str, Any]", given)
        for name, text in _texts(table, ""):
            last = name.rpartition(".")[2]
            named = last not in _NAMES and bool(keys.NAMES_OF_KEYS.match(last))
            if (named and text) or keys.looks_like_a_key(text):
                raise ValueError(f"{name}: {_NO_KEYS}")
        variable = table.get("key_env")
        if isinstance(variable, str) and variable and not _VARIABLE.fullmatch(variable):
            raise ValueError(
                "key_env is the name of an environment variable (letters, digits, _), not a key"
            )
        return cast("Any", given)

    @model_validator(mode="after")
    def _sound(self) -> EndpointSettings:
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height go together: give both, or leave both to the API")
        try:
            json.dumps(self.arguments, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"arguments cannot be sent as JSON: {error}") from error
        for host in self.trusted_hosts:
            if not host or "/" in host or "*" in host:
                raise ValueError(
                    f"trusted_hosts: {host!r} is no host: a name or an address, without port or"
                    " path"
                )
        fault = self._address_fault()
        if fault is not None:
            raise ValueError(f"base_url {fault}")
        return self

    def _address_fault(self) -> str | None:
        url = self.base_url
        if url is None:
            return None
        host = addresses.host_of(url)
        if not url.startswith(("http://", "https://")) or not host:
            return "must begin with http:// or https:// and name a host"
        if "?" in url or "#" in url or "@" in url:
            return "must be an address alone: no query, no user"
        try:
            address = str(ipaddress.ip_address(host))
        except ValueError:
            address = None
        refused = addresses.refusal(host, address, self.trust()) if address else None
        if refused is not None:
            return f'is not called: {refused}; if it is yours, trusted_hosts = ["{host}"] says so'
        own = addresses.is_loopback(url) or host in self.trust().hosts
        if url.startswith("http://") and self.key_env and not own:
            return "would send the key unencrypted: use https://, or name it in trusted_hosts"
        return None

    def fault(self, task: Task) -> tuple[str, str] | None:
        """The length of what has none."""
        if self.seconds is not None and task not in VIDEO_TASKS:
            return "seconds", f"is of clips, and {task} makes pictures; leave it out"
        if self.start_key is not None and task not in STARTED_TASKS:
            return "start_key", f"is of tasks that begin with a picture, and {task} does not"
        return None

    def address(self) -> str:
        """Where calls go, without a final slash."""
        return (self.base_url or self.HOME).rstrip("/")

    def trust(self) -> Trust:
        """Which addresses beside public ones may be connected to."""
        return Trust(
            addresses.is_loopback(self.base_url or ""),
            frozenset(host.lower() for host in self.trusted_hosts),
        )

    def variable(self) -> str | None:
        """Environment variable of the key; None where no key is sent.

        The provider's own key goes to the provider alone. Another server gets one if the file says
        which.
        """
        if self.key_env is not None:
            return self.key_env or None
        return self.KEY if self.base_url is None else None

    def asked_size(self) -> tuple[int, int] | None:
        """Width and height in pixels, where the file says them."""
        if self.width is None or self.height is None:
            return None
        return self.width, self.height

    def longest(self, task: Task) -> float:
        """Seconds that a call may take."""
        return self.deadline_s or (1800.0 if task in VIDEO_TASKS else 300.0)


_NAMES = frozenset({"key_env", "seed_key", "start_key"})


def _texts(value: Any, at: str) -> Iterable[tuple[str, str]]:
    """Dotted key and text of everything in nested tables; what is no text as an empty one."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _texts(item, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item, at)
    else:
        yield at, value if isinstance(value, str) else ""
