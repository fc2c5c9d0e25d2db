"""A branch of a hub repository is the commit that it was when it was first asked for."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from evals import backends, hub, registry, revision
from evals.errors import InputError, LoadError, RegistryError
from tests.evals import tiny_pipelines
from tests.evals.hub import COMMIT
from tests.evals.tiny_pipelines.cases import PROMPT, model
from tests.evals.worlds import Write, model_toml

NAME = "owner/name"
BRANCHED = f'source = "{NAME}"\nrevision = "main"\nsteps = 2'


def refer(cache: Path, branch: str, commit: str) -> Path:
    """Have the cache know a branch, as the hub's client writes it."""
    path = cache / "models--owner--name" / "refs" / branch
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(commit)
    return path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A hub on the loopback address that knows one repository; the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/api/models/"):
                asked.append(self.path)
            known = self.path.startswith(f"/api/models/{NAME}/revision/")
            told = {
                "id": NAME,
                "sha": COMMIT,
                "gated": "auto",
                "cardData": {"license": "other", "license_name": "of-its-own"},
                "siblings": [{"rfilename": "vae/a.safetensors", "size": 7}, {"rfilename": "x"}],
            }
            body = json.dumps(told if known else {"error": "none"}).encode()
            self.send_response(200 if known else 403 if "auth-check" in self.path else 404)
            if "auth-check" in self.path:
                self.send_header("X-Error-Code", "GatedRepo")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(
        "huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}"
    )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_commit_is_itself_and_nobody_is_asked(hub_cache: Path, served: list[str]) -> None:
    assert hub.commit_of(NAME, COMMIT) == COMMIT
    assert served == []


def test_the_cache_goes_before_the_hub(hub_cache: Path, served: list[str]) -> None:
    other = COMMIT[::-1]
    refer(hub_cache, "main", other)
    assert hub.commit_of(NAME, "main") == other
    assert served == []


def test_the_hubs_answer_is_kept(hub_cache: Path, served: list[str]) -> None:
    assert hub.commit_of(NAME, "refs/pr/1") == COMMIT
    assert len(served) == 1
    assert hub.commit_of(NAME, "refs/pr/1", online=False) == COMMIT
    assert len(served) == 1


def test_what_a_repository_holds_and_on_what_terms(hub_cache: Path, served: list[str]) -> None:
    told = hub.listing(NAME, COMMIT)
    assert told == hub.Listing({"vae/a.safetensors": 7, "x": 0}, True, False, "of-its-own")
    assert told.absent(["vae/a.safetensors", "y"], hub_cache) == 7
    here = hub_cache / "vae" / "a.safetensors"
    here.parent.mkdir(parents=True)
    here.touch()
    assert told.absent(["vae/a.safetensors", "y"], hub_cache) == 0


@pytest.mark.parametrize("online", [True, False])
def test_what_nobody_knows_is_one_line_that_says_what_to_do(hub_cache: Path, online: bool) -> None:
    with pytest.raises(InputError) as caught:
        hub.commit_of(NAME, "main", online)
    said = str(caught.value)
    assert "hf download owner/name --revision main" in said
    assert "\n" not in said
    assert not hub_cache.exists()


def test_a_repository_that_is_none_is_no_crash(hub_cache: Path, served: list[str]) -> None:
    with pytest.raises(InputError, match="did not answer"):
        hub.commit_of("owner/other", "main")


@pytest.mark.parametrize("wrong", ["../../x", "/etc", "a b", "x" * 300, "-x", "a/../b", "x\x00"])
def test_a_revision_cannot_lead_out_of_the_cache(hub_cache: Path, wrong: str) -> None:
    with pytest.raises(InputError, match="no commit, branch or tag"):
        hub.commit_of(NAME, wrong)


@pytest.mark.parametrize("content", ["", "main", "0" * 39])
def test_a_damaged_reference_is_not_believed(hub_cache: Path, content: str) -> None:
    refer(hub_cache, "main", content)
    with pytest.raises(InputError):
        hub.commit_of(NAME, "main", online=False)


def test_a_branch_is_the_model_that_its_commit_is(
    data: Path, home: Path, write: Write, hub_cache: Path
) -> None:
    write("models/m.toml", model_toml(BRANCHED, backend="diffusers"))
    write("models/n.toml", model_toml(BRANCHED.replace("main", COMMIT), backend="diffusers"))
    known = registry.load(home, data)
    with pytest.raises(RegistryError, match=r"settings\.revision.*hf download"):
        revision.pinned(known, known.model("m"))
    refer(hub_cache, "main", COMMIT)
    branched, pinned = (revision.pinned(known, known.model(name)) for name in ("m", "n"))
    assert branched.revision == pinned.revision
    assert branched.settings["revision"] == COMMIT
    refer(hub_cache, "main", COMMIT[::-1])
    assert revision.pinned(known, known.model("m")).revision != branched.revision
    # What a run has begun with stays what it is.
    assert revision.located(known, branched).settings["revision"] == COMMIT


def test_a_model_that_needs_weights_is_listed_without_them(
    data: Path, home: Path, write: Write, hub_cache: Path
) -> None:
    text = model_toml(BRANCHED, 'needs = ["weights"]', backend="diffusers")
    write("models/m.toml", text)
    known = registry.load(home, data)
    assert revision.known(known, known.model("m")).revision == ""
    refer(hub_cache, "main", COMMIT)
    assert revision.known(known, known.model("m")).revision != ""
    write("models/m.toml", text.replace("weights", "wieghts"))
    with pytest.raises(RegistryError, match=r"needs\[0\].*weights"):
        registry.load(home, data)


def test_without_weights_loading_says_how_to_get_them(hub_cache: Path) -> None:
    registered = model("stable_diffusion", NAME, revision=COMMIT)
    with pytest.raises(LoadError) as caught, backends.get("diffusers").open_model(registered):
        pass
    said = str(caught.value)
    assert caught.value.kind == "no_weights"
    assert f"hf download {NAME} --revision {COMMIT}" in said
    assert "\n" not in said


def test_an_adapter_that_is_not_here_says_how_to_get_it(hub_cache: Path) -> None:
    from evals.backends._diffusers_extras import use_adapters
    from evals.backends._diffusers_settings import Adapter

    class Pipeline:
        def load_lora_weights(self) -> None: ...

    adapter = Adapter(source=f"{NAME}@{COMMIT}", file="a.safetensors", name="ink")
    with pytest.raises(LoadError, match=f"adapter ink: .*hf download {NAME}") as caught:
        use_adapters(Pipeline(), [adapter])
    assert caught.value.kind == "no_weights"


def test_a_part_that_is_not_here_says_how_to_get_it(hub_cache: Path) -> None:
    from evals.backends._diffusers_load import component
    from evals.backends._diffusers_settings import Component

    part = Component(name="vae", source=f"{NAME}@{COMMIT}", kind="AutoencoderKL")
    with pytest.raises(LoadError, match="component vae: ") as caught:
        component(part, "float32")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_repository_in_the_cache_needs_no_network(hub_cache: Path, tmp_path: Path) -> None:
    snapshot = hub_cache / "models--owner--name" / "snapshots" / COMMIT
    shutil.copytree(tiny_pipelines.stable_diffusion(tmp_path / "w"), snapshot)
    registered = model("stable_diffusion", NAME, revision=COMMIT)
    with backends.get("diffusers").open_model(registered) as generator:
        assert generator.generate(PROMPT, 0).pixels.shape == (32, 32, 3)
    shutil.rmtree(snapshot / "vae")
    with pytest.raises(LoadError), backends.get("diffusers").open_model(registered):
        pass


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_download_that_was_cut_off_is_taken_up_again(
    hub_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small files come first: every component is there, and some weights are not."""
    from diffusers import DiffusionPipeline

    snapshot = hub_cache / "models--owner--name" / "snapshots" / COMMIT
    shutil.copytree(tiny_pipelines.stable_diffusion(tmp_path / "w"), snapshot)
    unet = "unet/diffusion_pytorch_model.safetensors"
    weights = snapshot / "unet" / "diffusion_pytorch_model.safetensors"
    late = weights.rename(tmp_path / "late")
    registered = model("stable_diffusion", NAME, revision=COMMIT)
    with pytest.raises(LoadError, match=f"hf download {NAME}") as caught:
        backends.get("diffusers").open_model(registered).__enter__()
    assert caught.value.kind == "no_weights"
    asked: list[str] = []

    def download(name: str, **options: object) -> Path:
        asked.append(f"{name}@{options['revision']}")
        return late.rename(weights).parent.parent

    monkeypatch.setattr(DiffusionPipeline, "download", download)
    monkeypatch.setattr(hub, "listing", lambda *_: hub.Listing({unet: 7}, False, True, None))
    with monkeypatch.context() as patch:
        patch.setattr(hub, "free_space", lambda: 6)
        with pytest.raises(LoadError, match="set HF_HOME to another disk") as full:
            backends.get("diffusers").open_model(registered).__enter__()
    assert (full.value.kind, asked) == ("disk_full", [])
    for _ in range(2):  # once here, it is not asked for again
        with backends.get("diffusers").open_model(registered) as generator:
            assert generator.generate(PROMPT, 0).pixels.shape == (32, 32, 3)
    assert asked == [f"{NAME}@{COMMIT}"]
