"""Which addresses a call may connect to: public ones, and what the model's file trusts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Trust:
    """What the file of a model allows beside public addresses."""

    loopback: bool = False
    """Its own `base_url` names this machine."""
    hosts: frozenset[str] = frozenset()
    """`trusted_hosts`: names or addresses that may be private."""


def refusal(host: str, address: str, trust: Trust) -> str | None:
    """Why `address`, to which `host` was resolved, is not connected to; None if it may be.

    Args:
        host: as the URL names it.
        address: numeric; what the connection would really go to.
        trust: of the model's file.

    >>> refusal("example.org", "169.254.169.254", Trust(hosts=frozenset({"169.254.169.254"})))
    '169.254.169.254 is link-local'
    >>> refusal("gpu.lan", "10.1.2.3", Trust(hosts=frozenset({"gpu.lan"})))
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.is_link_local:
        return f"{address} is link-local"
    if ip.is_unspecified:
        return f"{address} is unspecified"
    if ip.is_multicast:
        return f"{address} is multicast"
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _inner(ip)
        if inner is not None and ip in _NAT64:
            # What a network without IPv4 makes of public IPv4 addresses.
            return refusal(host, str(inner), trust)
        if inner is not None:
            return f"{address} wraps an IPv4 address"
    if ip.is_loopback:
        return None if trust.loopback else f"{address} is loopback"
    if ip.is_global or {host.lower(), address} & trust.hosts:
        return None
    return f"{address} is private or reserved"


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address wraps, if it does."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    compatible = ip.packed[:12] == bytes(12) and int(ip) > 1
    return (
        ip.ipv4_mapped
        or ip.sixtofour
        or (teredo[1] if teredo else None)
        or (ipaddress.IPv4Address(int(ip)) if compatible else None)
    )


def host_of(url: str) -> str:
    """Host that a URL names, lower case and without brackets; empty if it names none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine: `localhost`, or a loopback address."""
    host = host_of(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
