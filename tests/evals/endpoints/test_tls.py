"""https: the certificate is checked against the name, on the guarded connection."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from evals.endpoints import transport
from evals.errors import GenerationError
from tests.evals.loopback import dialects
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened
from tests.evals.loopback.server import Server

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of `localhost` signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    command = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run(
        [str(OPENSSL), *command, "-addext", "subjectAltName=DNS:localhost", "-out", made,
         "-keyout", key],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made, key


def over_tls(certificate: tuple[Path, Path]) -> Server:
    server = Server(dialects.DIALECTS["openai"]())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.wrap(context)
    return server


@pytest.mark.parametrize(
    ("host", "trusted", "kind"),
    [
        ("localhost", True, None),
        ("localhost", False, "unreachable"),
        ("127.0.0.1", True, "unreachable"),
    ],
)
def test_who_is_connected_to_is_who_the_address_names(
    certificate: tuple[Path, Path],
    host: str,
    trusted: bool,
    kind: str | None,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.create_default_context(cafile=certificate[0] if trusted else None)
    monkeypatch.setattr(transport, "_certificates", lambda: context)
    with over_tls(certificate).running() as server:
        port = server.base.rpartition(":")[2]
        with opened("openai", server, base_url=f"https://{host}:{port}/v1") as endpoint:
            if kind is None:
                made = endpoint.generate(PROMPT, 0, ticket=Leave())
                assert made.pixels.shape == (32, 48, 3)
                return
            with pytest.raises(GenerationError) as caught:
                endpoint.generate(PROMPT, 0, ticket=Leave())
        assert (caught.value.kind, caught.value.billed) == (kind, False)
        assert "certificate" in str(caught.value).lower()
        assert server.seen == []
