"""`churnboard compute`, on counts that are made up, and on models that ship with weights."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evals.compute import jobs, measure, measured, needed
from evals.compute.files import architectures, facts
from evals.compute.geometry import shot_of
from evals.compute.needed import Asked
from evals.compute.resolve import resolve
from evals.compute.types import Network
from evals.errors import InputError, NotFoundError
from evals.home import data_root
from leaderboard.cli import main
from tests.evals.compute.made_up import fill, keep


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command line in a home with counts; what it printed, or the one line of an error."""
    fill(home)

    def call(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["churnboard", "compute", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        if end.value.code:
            assert end.value.code == 2
            line = printed.err.removesuffix("\n")
            assert "\n" not in line
            return line
        return printed.out

    return call


def asked_of(name: str, home: Path, **shot: int) -> list[Any]:
    model = resolve(name, architectures(), home)
    return needed.model_jobs([Asked(model, shot_of(model, **shot))], facts())


def test_all_models_are_listed(run) -> None:
    answer = json.loads(run("--json"))
    assert {one["model"] for one in answer["models"]} == set(architectures())
    for one in answer["models"]:
        assert {"params", "flops_per_forward", "tokens", "passes", "units", "gpus"} <= set(one)
    assert answer["gpus"][0]["name"] == "H100-SXM"
    table = run()
    assert "hunyuanvideo1.5-720p" in table
    assert "H100-SXM" in table


def test_one_model_is_asked_at_another_size_for_one_gpu_at_a_price(run, home: Path) -> None:
    for job in asked_of("wan2.1-t2v-1.3b-480p", home, width=416, frames=41):
        keep(home, job)
    options = ("--width", "416", "--frames", "41", "--steps", "10", "--gpu", "L40S")
    text = run("wan2.1-t2v-1.3b-480p", *options, "--usd-per-hour", "3.6", "--json")
    (one,) = json.loads(text)["models"]
    assert (one["width"], one["height"], one["frames"], one["passes"]) == (416, 480, 41, 20)
    assert one["seconds"] == pytest.approx(41 / 16)
    (on,) = one["gpus"]
    assert on["usd_low"] == pytest.approx(on["seconds_low"] * 0.001)
    assert "stated" in on["usd_basis"]
    usual = json.loads(run("wan2.1-t2v-1.3b-480p", "--json"))["models"][0]
    assert one["tokens"] < usual["tokens"]
    assert one["flops_per_forward"] < usual["flops_per_forward"]
    assert "not counted: the network of its VAE is not in" in run("wan2.1-t2v-1.3b-480p")


def test_ladder_and_roofline_are_answered(run) -> None:
    ladder = json.loads(run("ladder", "--json"))
    assert len(ladder["rungs"]) == len(architectures())
    assert {one["method"] for one in ladder["scaling"]} == {"full attention", "linear attention"}
    assert "verdict: " in run("ladder")
    roofline = json.loads(run("roofline", "--json"))
    assert [one["gpu"] for one in roofline["roofs"]] == [gpu.name for gpu in facts().gpus]
    assert len(roofline["points"]) == len(architectures()) + 1 + len(needed.BATCHES)
    assert roofline["measured"] == []
    assert "verdict: " in run("roofline")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("flux.1-dex",), 'no architecture or registered model is called "flux.1-dex"; did you'),
        (("flux.1-dev", "--frames", "5"), "makes pictures and takes no frames"),
        (("flux.1-dev", "--width", "1001"), "flux.1-dev takes multiples of 16"),
        (("--width", "512"), "are of one model; name it"),
        (("--gpu", "H1000"), 'no GPU is called "H1000"; did you mean "H100-SXM"?'),
        (("flux.1-dev", "--usd-per-hour", "2"), "name it with one --gpu"),
        (("flux.1-dev", "--gpu", "L40S", "--usd-per-hour", "0"), "give US dollars above 0"),
        (("flux.1-dev", "--gpu", "L40S", "--usd-per-hour", "nan"), "give US dollars above 0"),
        (("renderer",), 'renderer is called through "procedural"'),
        (("pixart-sigma",), "its weights are no folder here"),
        (("flux.1-dev", "--measure"), "leave the model out"),
        (("reference-clip-large", "--frames", "17"), "has positions for 16 frames at most"),
    ],
)
def test_what_cannot_be_answered_is_one_line(run, arguments: tuple[str, ...], message: str) -> None:
    assert message in run(*arguments)


@pytest.mark.slow
def test_measuring_needs_a_gpu(run) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    assert "no CUDA GPU here, and --measure needs one" in run("--measure")


def test_registered_models_have_the_network_of_an_architecture(home: Path) -> None:
    known = architectures()
    turbo = resolve("sdxl-turbo", known, home)
    assert turbo.network == known["sdxl-base"].network
    assert (turbo.defaults.width, turbo.defaults.steps, turbo.defaults.passes_per_step) == (
        512,
        1,
        1,
    )
    (home / "models").mkdir(parents=True)
    shutil.copy(data_root() / "models" / "flux.1-dev.toml", home / "models" / "mine.toml")
    assert resolve("mine", known, home).network == known["flux.1-dev"].network


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "forwards"), [("reference-large", 24), ("reference-clip-large", 16)]
)
def test_reference_models_are_counted_from_their_folders(
    run, home: Path, name: str, forwards: int
) -> None:
    from diffusers import UNet2DConditionModel, UNetMotionModel

    (one,) = json.loads(run(name, "--json"))["models"]
    kind = UNet2DConditionModel if one["modality"] == "image" else UNetMotionModel
    place = resolve(name, architectures(), home).origin
    model = kind.from_pretrained(place, subfolder="unet")
    assert one["params"] == sum(parameter.numel() for parameter in model.parameters())
    assert one["passes"] == forwards
    assert one["flops_vae"] > 0
    assert one["model"] == name


def test_names_are_found_or_the_nearest_is_said(home: Path) -> None:
    with pytest.raises(NotFoundError, match='did you mean "reference-large"'):
        resolve("reference-larg", architectures(), home)


@pytest.mark.slow
def test_the_core_of_measuring_runs_on_a_processor(home: Path) -> None:
    decoder = Network(
        "LlamaForCausalLM",
        {
            "hidden_size": 64,
            "intermediate_size": 96,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "vocab_size": 50,
        },
        "made up",
        "transformers",
    )
    model = resolve("reference-small-r1", architectures(), home)
    work = [jobs.denoising(model, shot_of(model)), jobs.token("small", decoder, 2, 8)]
    counts = jobs.all_counts(home, work)
    at = datetime(2026, 12, 1, tzinfo=UTC)
    points = measure.measure(work, counts, "cpu", at, repeats=2)
    for point, job in zip(points, work, strict=True):
        assert point.seconds > 0
        assert point.flops_per_second == pytest.approx(counts[job.key].flops / point.seconds)
        assert point.intensity == pytest.approx(point.flops_per_second / point.bytes_per_second)
    path = measured.keep(home, points)
    assert set(measured.measured_points(home)) == set(points)
    measured.keep(home, points[:1])
    assert measured.measured_points(home) == tuple(points[:1])
    path.write_text("[{]")
    with pytest.raises(InputError, match="is damaged"):
        measured.measured_points(home)


def test_what_is_measured_holds_reference_models_real_blocks_and_decoding(home: Path) -> None:
    labels = [job.label for job in measure.workloads(home)]
    assert labels[:2] == list(measure.REFERENCES)
    assert any(label.startswith("flux.1-dev, ") for label in labels)
    assert any(label.startswith("wan2.1-t2v-1.3b-480p, ") for label in labels)
    assert sum("decoding" in label for label in labels) == len(needed.BATCHES)
