"""Which addresses are connected to."""

from __future__ import annotations

import pytest

from evals.endpoints import addresses
from evals.endpoints.addresses import Trust, refusal
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.cases import failing

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
NEVER = [
    "169.254.169.254", "fe80::1", "fe80::1%eth0", "0.0.0.0", "::",  # noqa: S104 - refused
    "224.0.0.1", "ff02::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "2002:a9fe:a9fe::1",
    "64:ff9b::a9fe:a9fe", "::7f00:1",
]  # fmt: skip
PRIVATE = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "198.18.0.1"]


def test_public_addresses_are_allowed() -> None:
    assert [refusal("x", address, Trust()) for address in PUBLIC] == [None] * len(PUBLIC)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_connected_to(address: str) -> None:
    trust = Trust(loopback=True, hosts=frozenset({address, "x"}))
    assert refusal("x", address, trust) is not None


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_trust(address: str) -> None:
    assert refusal("x", address, Trust(loopback=True)) is not None
    assert refusal("x", address, Trust(hosts=frozenset({"x"}))) is None
    assert refusal("y", address, Trust(hosts=frozenset({address}))) is None


def test_loopback_needs_a_base_url_that_names_it() -> None:
    for address in ("127.0.0.1", "127.9.9.9", "::1"):
        assert refusal("x", address, Trust()) is not None
        assert refusal("x", address, Trust(loopback=True)) is None
    for url in (
        "http://localhost:1/v1",
        "http://127.0.0.1",
        "https://[::1]:8/",
        "http://a.localhost",
    ):
        assert addresses.is_loopback(url)
    for url in ("http://localhost.example.org", "http://example.org#localhost", "", "http://[x"):
        assert not addresses.is_loopback(url)


def test_a_name_that_resolves_inwards_is_refused(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The name is public, what it resolves to is not: what is connected to counts."""
    import socket

    from evals.endpoints import sockets

    def inwards(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with serving("openai") as server:
        port = server.base.rpartition(":")[2]
        monkeypatch.setattr(sockets.socket, "getaddrinfo", inwards)
        with opened("openai", server, base_url=f"http://public.example:{port}/v1") as endpoint:
            found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.billed) == ("address_refused", False)
        assert server.seen == []
