"""What a model's file may say of an endpoint, and what it may not."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from evals import backends, tomlfile
from evals.errors import LoadError, RegistryError
from tests.evals.loopback import dialects, faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, model, opened, serving
from tests.evals.loopback.cases import PROVIDERS


def read(tmp_path: object, provider: str, **settings: object) -> backends.BackendSettings:
    from pathlib import Path

    schema = backends.get(provider).Settings
    path = Path(str(tmp_path)) / "m.toml"
    table = {"model": dialects.MODELS[provider]} | settings
    return tomlfile.validate(path, table, schema, at="settings")


HIDDEN = "sk-proj-abcdefghijklmnop1234567890"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "given",
    [
        {"api_key": HIDDEN},
        {"api_key": "short"},
        {"token": HIDDEN},
        {"key_env": HIDDEN},
        {"model": HIDDEN},
        {"arguments": {"nested": {"x": [f"Bearer {HIDDEN}"]}}},
        {"arguments": {"password": "hunter2hunter2"}},
        {"base_url": f"https://user:{HIDDEN}@example.org"},
        {"base_url": f"https://example.org/?k={HIDDEN}"},
        {"trusted_hosts": [HIDDEN]},
        {"arguments": {"x": "hf_abcdefghijklmnopqrstuv"}},
        {"arguments": {"x": "r8_abcdefghijklmnopqrstuv"}},
        {"arguments": {"x": "12345678-1234-1234-1234-123456789abc:0123456789abcdef0123456789"}},
    ],
)
def test_a_key_in_a_file_is_refused_and_not_repeated(
    tmp_path: object, provider: str, given: dict[str, object]
) -> None:
    with pytest.raises(RegistryError) as caught:
        read(tmp_path, provider, **given)
    said = str(caught.value)
    assert "key_env" in said
    assert "\n" not in said
    for secret in (HIDDEN, "hunter2", "abcdefghijklmnop", "0123456789abcdef"):
        assert secret not in said


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"base_url": "ftp://example.org"}, "base_url"),
        ({"base_url": "http://"}, "base_url"),
        ({"base_url": "http://169.254.169.254/v1"}, "link-local"),
        ({"base_url": "http://10.1.2.3/v1"}, "trusted_hosts"),
        ({"base_url": "http://[::ffff:127.0.0.1]/v1"}, "wraps"),
        ({"base_url": "http://example.org/v1", "key_env": "K"}, "unencrypted"),
        ({"width": 64}, "width and height"),
        ({"width": 0, "height": 4}, "width"),
        ({"deadline_s": 0.0}, "deadline_s"),
        ({"deadline_s": float("inf")}, "deadline_s"),
        ({"concurrency": 0}, "concurrency"),
        ({"trusted_hosts": ["*"]}, "trusted_hosts"),
        ({"sed_key": "x"}, 'did you mean "seed_key"'),
        ({"model": "a b"}, "model"),
        ({"arguments": {"x": float("nan")}}, "arguments"),
    ],
)
def test_settings_that_cannot_be(tmp_path: object, given: dict[str, object], named: str) -> None:
    with pytest.raises(RegistryError) as caught:
        read(tmp_path, "openai", **given)
    assert named in str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_name_for_the_start_picture_is_used_or_refused(provider: str, clock: Clock) -> None:
    start = np.zeros((24, 24, 3), np.uint8)
    with serving(provider, "image-edit") as server:
        opening = opened(provider, server, "image-edit", start_key="reference_image")
        if provider in ("openai", "huggingface"):
            with pytest.raises(LoadError, match="start_key"):
                opening.__enter__()
            return
        with opening as endpoint:
            endpoint.generate(PROMPT, 0, start, ticket=Leave())
        assert dialects.parsed(server.seen[0])["reference_image"].startswith("data:image/png;")


def test_an_address_without_its_path_is_told_what_it_lacks(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, base_url=server.base) as endpoint:
        server.put("work", faults.status(404))
        with pytest.raises(LoadError, match=f'base_url = "{server.base}/v1"') as caught:
            endpoint.generate(PROMPT, 0, ticket=Leave())
    assert caught.value.kind == "not_found"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_missing_key_is_told_by_the_name_of_its_variable(provider: str) -> None:
    asked = model(provider, "text-to-image", {"model": dialects.MODELS[provider]})
    variable = backends.get(provider).Settings.KEY  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(LoadError, match=variable) as caught:  # noqa: SIM117
        with backends.get(provider).open_model(asked):
            pass
    assert caught.value.kind == "auth"


def test_a_key_that_no_header_can_carry_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "line one\nline two")
    asked = model("openai", "text-to-image", {"model": "m"})
    with (
        pytest.raises(LoadError, match="OPENAI_API_KEY") as caught,
        backends.get("openai").open_model(asked),
    ):
        pass
    assert "line" not in str(caught.value)


def test_openai_itself_is_sent_no_seed() -> None:
    from evals.backends.openai_api import Settings

    assert Settings(model="m").seed_name() == ""
    assert Settings(model="m", base_url="https://example.org/v1").seed_name() == "seed"


def test_where_a_model_is_called_from_is_part_of_what_it_is() -> None:
    schema = backends.get("openai").Settings
    assert "base_url" not in schema.RUNTIME_ONLY
    assert {"key_env", "deadline_s", "idempotent"} <= schema.RUNTIME_ONLY


@pytest.mark.parametrize("module", ["openai", "fal_client", "replicate", "huggingface_hub"])
def test_a_client_that_is_not_installed_is_one_line(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evals.endpoints.endpoint import client_module

    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(LoadError, match=r"churnboard\[api\]"):
        client_module(module)


def test_no_client_is_imported_to_know_the_backends() -> None:
    code = (
        "import sys; from evals import backends; backends.discover();"
        "print([m for m in ('openai', 'fal_client', 'replicate', 'huggingface_hub', 'httpx',"
        " 'numpy', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
