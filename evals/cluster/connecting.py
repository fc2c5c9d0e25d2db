"""A cluster to work on: a running one by its address, or one on this machine alone."""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from evals.errors import InputError

MISSING = "--executor ray needs Ray: pip install 'churnboard[cluster]'"
ANSWERS_S = 5.0
"""Seconds in which a cluster's port answers. Ray itself tries for minutes, without a word."""


def check(address: str | None) -> None:
    """InputError if Ray is not installed, or `address` is of a kind that cannot be driven."""
    if find_spec("ray") is None:
        raise InputError(MISSING)
    if address is not None and "://" in address:
        raise InputError(
            f"--ray-address {address}: connect from a machine of the cluster by host:port, or auto;"
            " Ray's client cannot pass media"
        )


@contextmanager
def connected(address: str | None) -> Generator[Any]:
    """The module `ray`, connected; disconnected at the end if it was not before.

    Workers are no detached ones: they die with this process, however it ends.

    Raises:
        InputError: as `check`; or the cluster cannot be reached.
    """
    check(address)
    # A tool that measures others reports to nobody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # The devices that workers see are their node's; Ray warns of an old habit otherwise.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address is None:
        # Whoever reaches a cluster's port runs code as its owner. A running one has its own rule
        # (RAY_AUTH_MODE and RAY_AUTH_TOKEN_PATH, the same on all nodes), which Ray reads itself.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        if "RAY_AUTH_TOKEN_PATH" not in os.environ:
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    ray: Any = importlib.import_module("ray")
    if ray.is_initialized():
        yield ray
        return
    # Printed lines would tear the progress bar, and no warning of Ray's is ours to cure.
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        options["include_dashboard"] = False
    else:
        _answers(address)
    try:
        ray.init(address=address or "local", **options)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        where = f"--ray-address {address}" if address else "a cluster on this machine"
        raise InputError(f"{where}: Ray cannot connect: {said[:300]}") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _answers(address: str) -> None:
    """InputError if nobody listens at `host:port`; of any other address Ray says what it is."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWERS_S).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise InputError(
            f"--ray-address {address}: nobody answers there ({error}); start a cluster with"
            " `ray start --head --port 6379`, and give its first machine's host:port"
        ) from error
