"""HTTP for every client: guarded, patient, and read within limits.

A request for work that may have been received is sent again only where the endpoint honours an
idempotency key. What was certainly not taken in (no connection, 425, 429, 503) is sent again, and
so are questions and downloads. Connections are not kept: a dead one would leave it open whether a
request was received.
"""

from __future__ import annotations

import ssl
from functools import cache

import httpcore
import httpx

from evals.endpoints import bodies, calls, patience, verdicts
from evals.endpoints.addresses import Trust
from evals.endpoints.calls import Call
from evals.endpoints.sockets import GuardedBackend
from evals.endpoints.verdicts import Purpose, Verdict
from evals.errors import GenerationError

MOST_REDIRECTS = 5


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes as long as a small answer."""
    return httpx.create_ssl_context()


class Transport(httpx.BaseTransport):
    """What clients of endpoints send through; usable within a call only."""

    def __init__(self, trust: Trust, most_connections: int = 100) -> None:
        trusted = _certificates()
        self._inner = httpx.HTTPTransport(verify=trusted)
        # httpx offers no way to say how connections are made.
        self._inner._pool = httpcore.ConnectionPool(  # pyright: ignore[reportPrivateUsage]
            ssl_context=trusted,
            max_connections=most_connections,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(trust),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send until there is a success, or no use or no time in trying on.

        Raises:
            GenerationError, LoadError: as `evals.endpoints.verdicts` says.
        """
        call = calls.current()
        if call is None:
            raise RuntimeError("an endpoint is asked outside of a call")
        if request.url.scheme not in ("http", "https"):
            message = f"{request.url.scheme}: is no address of an endpoint: http and https only"
            raise GenerationError(message, kind="address_refused", billed=call.billed)
        request.read()
        request.headers["Accept-Encoding"] = bodies.ENCODINGS
        purpose = _purpose(request, call)
        harmless = purpose != "work" or call.idempotent
        attempt = 0
        while True:
            attempt += 1
            outcome = self._once(request, call, purpose)
            if isinstance(outcome, httpx.Response):
                return outcome
            verdict, retry_after = outcome
            wait = _wait(verdict, retry_after, attempt, harmless, call)
            if wait is None:
                raise verdict.error(call.redactor.line(verdict.message), call.billed)
            call.pause(wait)

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()

    def _once(
        self, request: httpx.Request, call: Call, purpose: Purpose
    ) -> httpx.Response | tuple[Verdict, str | None]:
        """One try: a success (or a redirect of a question), or what else came of it."""
        call.check()
        call.sent = False
        where = _where(request.url)
        if purpose == "work":
            call.unsure = False
        try:
            response = self._inner.handle_request(request)
            if purpose == "work":
                call.unsure = True
            try:
                headers = {key.lower(): value for key, value in response.headers.items()}
                good = response.status_code < 300
                cap = bodies.LARGEST if good else bodies.LARGEST_ERROR
                # As it came: what httpx unpacks is unpacked whole.
                body = bodies.read(response.stream, headers, cap, cut=not good)  # pyright: ignore[reportArgumentType]
            finally:
                response.close()
        except httpx.TransportError as error:
            if purpose == "work":
                call.unsure = call.sent
            return _broken(error, call, where), None
        except GenerationError as error:
            # The guard's, or a limit's: what they know of billing is the call's to say.
            if purpose == "work":
                call.unsure = call.sent
            if error.billed or not call.billed:
                raise
            raise GenerationError(
                str(error), blame=error.blame, kind=error.kind, billed=True
            ) from error
        if purpose == "work":
            call.unsure = False
        if good:
            return _success(request, response.status_code, headers, body, call, purpose)
        if response.status_code < 400 and purpose != "work":
            return httpx.Response(response.status_code, headers=response.headers, request=request)
        verdict = verdicts.of_answer(response.status_code, headers, body, purpose, where)
        if verdict.billed and purpose == "work":
            call.unsure = True
        return verdict, headers.get("retry-after")


def _success(
    request: httpx.Request,
    status: int,
    headers: dict[str, str],
    body: bytes,
    call: Call,
    purpose: Purpose,
) -> httpx.Response:
    content_type = headers.get("content-type", "")
    wrong = bodies.wrong_content(content_type, body, call.expects)
    if wrong is not None:
        # A page for people was not made by a model; anything else may have been.
        call.accepted = call.accepted or (purpose == "work" and not wrong.startswith("HTML"))
        raise GenerationError(
            call.redactor.line(f"{_where(request.url)} answered {status} with {wrong}"),
            kind="wrong_content",
            billed=call.billed,
        )
    if purpose == "work":
        call.accepted = True
    call.headers |= headers
    kept = {
        key: value
        for key, value in headers.items()
        if key not in ("content-encoding", "content-length", "transfer-encoding", "set-cookie")
    }
    if call.expects == "json":
        # Some clients give the bare text of JSON that is not called JSON.
        kept["content-type"] = "application/json"
    return httpx.Response(status, headers=kept, content=body, request=request)


def _purpose(request: httpx.Request, call: Call) -> Purpose:
    if call.expects == "media":
        return "download"
    return "work" if request.method == "POST" else "question"


def _broken(error: httpx.TransportError, call: Call, where: str) -> Verdict:
    """What a connection that failed means."""
    unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    if unsent and not call.sent:
        return Verdict("unreachable", f"{where} cannot be reached: {error}", again="always")
    if call.left() <= 0:
        raise call.timeout()
    said = str(error) or type(error).__name__
    return Verdict("connection_lost", f"{where} broke off: {said}", again="if harmless")


def _wait(
    verdict: Verdict, retry_after: str | None, attempt: int, harmless: bool, call: Call
) -> float | None:
    """Seconds to wait before the next try; None where there is to be none."""
    if verdict.again == "never" or (verdict.again == "if harmless" and not harmless):
        return None
    asked = patience.asked(retry_after, call.timing.now())
    if asked is not None:
        wait = max(asked, patience.SHORTEST_S)
        return wait if wait <= min(patience.RETRY_AFTER_CAP_S, call.left()) else None
    if verdict.kind != "rate_limited" and attempt >= patience.ATTEMPTS:
        return None
    wait = patience.backoff(attempt, call.rng)
    return wait if wait < call.left() else None


def _where(url: httpx.URL) -> str:
    """An address for people: no query, which may hold a signature."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}{url.path}"


def client(transport: httpx.BaseTransport, **options: object) -> httpx.Client:
    """An HTTP client that reads nothing from the environment: no proxies, no .netrc."""
    return httpx.Client(
        transport=transport,
        timeout=None,  # noqa: S113 - the transport holds the call's deadline
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        trust_env=False,
        **options,  # pyright: ignore[reportArgumentType]
    )
