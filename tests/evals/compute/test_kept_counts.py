"""Counts are kept by what they depend on; answers from kept ones need no torch."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from evals.compute import jobs, needed, survey
from evals.compute.files import architectures, facts
from evals.compute.geometry import shot_of
from evals.compute.jobs import Job
from evals.compute.types import Network, Tensor
from evals.errors import InputError
from tests.evals.compute.made_up import fill, forward_of, keep

DAY = date(2026, 12, 1)
MODEL = architectures()["flux.2-klein-4b"]
SMALL = Job(
    "small",
    "decode_latents",
    Network(
        "AutoencoderKL",
        {
            "block_out_channels": [8, 8],
            "norm_num_groups": 4,
            "latent_channels": 2,
            "down_block_types": ["DownEncoderBlock2D"] * 2,
            "up_block_types": ["UpDecoderBlock2D"] * 2,
        },
        "made up",
    ),
    {"z": Tensor((1, 2, 4, 4))},
)


def test_a_key_depends_on_what_is_counted_and_on_nothing_else() -> None:
    job = jobs.denoising(MODEL, shot_of(MODEL))
    same = replace(job, label="by another name")
    assert same.key == job.key
    steps = jobs.denoising(MODEL, shot_of(MODEL, steps=9))
    assert steps.key == job.key
    other_source = replace(job, network=replace(job.network, source="elsewhere"))
    assert other_source.key == job.key
    others = {
        jobs.denoising(MODEL, shot_of(MODEL, width=512)).key,
        jobs.denoising(replace(MODEL, text=replace(MODEL.text, tokens=9)), shot_of(MODEL)).key,
        replace(job, call="decode_latents").key,
        replace(
            job, network=replace(job.network, arguments={**job.network.arguments, "num_layers": 6})
        ).key,
    }
    assert len(others | {job.key}) == 5


@pytest.mark.slow
def test_a_count_is_made_once(home: Path) -> None:
    told: list[tuple[int, int, str]] = []
    made = jobs.all_counts(home, [SMALL, SMALL], lambda *step: told.append(step))
    assert told == [(0, 1, "small"), (1, 1, "")]
    (path,) = jobs.folder(home).iterdir()
    assert path.name == f"{SMALL.key}.json"
    told.clear()
    assert jobs.all_counts(home, [SMALL], lambda *step: told.append(step)) == made
    assert told == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"params": 1}', '{"params": -1, "flops": 1}', "null"]
)
def test_a_damaged_count_is_made_again(home: Path, damage: str) -> None:
    whole = jobs.all_counts(home, [SMALL])
    (path,) = jobs.folder(home).iterdir()
    path.write_text(damage)
    assert jobs.kept(home, [SMALL]) == {}
    assert jobs.all_counts(home, [SMALL]) == whole


def test_a_home_that_cannot_be_written_is_named(home: Path) -> None:
    home.mkdir()
    (home / "compute").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        jobs.all_counts(home, [SMALL])


def test_a_report_is_there_as_far_as_it_was_counted(home: Path) -> None:
    assert survey.kept_report(home, DAY) is None
    for job in needed.roofline_jobs(facts()):
        keep(home, job)
    report = survey.kept_report(home, DAY)
    assert report is not None
    assert report.roofline is not None
    assert (report.models, report.ladder) == ((), None)
    report = survey.kept_report(fill(home), DAY)
    assert report is not None
    assert report.ladder is not None
    assert {one.model for one in report.models} == set(architectures())


def test_totals_are_the_sums_of_their_parts(home: Path) -> None:
    report = survey.kept_report(fill(home), DAY)
    assert report is not None
    for one in report.models:
        assert one.flops_denoise == one.passes * one.flops_per_forward
        parts = (one.flops_denoise, one.flops_text_encoder or 0, one.flops_vae or 0)
        assert one.flops_total == sum(parts)
        assert one.text_encoder_basis
        assert one.vae_basis
        assert one.passes % one.steps == 0
        for on in one.gpus:
            assert 0 < on.seconds_low <= on.seconds_high
            assert (on.usd_low is None) == (on.usd_per_hour is None)
            assert on.usd_basis
    flux = next(one for one in report.models if one.model == "flux.1-dev")
    shot = shot_of(architectures()["flux.1-dev"])
    assert (
        flux.flops_per_forward
        == forward_of(jobs.denoising(architectures()["flux.1-dev"], shot)).flops
    )
    h100 = flux.gpus[0]
    assert h100.usd_per_hour == 2.95
    assert h100.usd_low == pytest.approx(h100.seconds_low / 3600 * 2.95)
    assert flux.gpus[1].usd_low is None


def test_clips_on_the_ladder_are_of_five_seconds(home: Path) -> None:
    for model in architectures().values():
        shot = needed.rung_shot(model)
        if shot.seconds is not None:
            assert shot.seconds == pytest.approx(5, abs=0.2)


def test_kept_counts_are_answered_without_torch(home: Path) -> None:
    fill(home)
    code = (
        "import sys\n"
        "from leaderboard.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'pandas', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    for arguments in (["compute"], ["compute", "ladder"], ["compute", "roofline"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
