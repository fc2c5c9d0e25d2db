"""Shares of counts, what they say of the claim, and the edition, command and page that tell it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit
from typer.testing import CliRunner

from leaderboard import queries
from leaderboard.cli import build
from leaderboard.usage import shift_words
from leaderboard.usage.adoption import median_interval, typical
from leaderboard.usage.answers import Lag, RankPoint, Share, Typical, UsageReport
from leaderboard.usage.calls import Kind
from leaderboard.usage.counts import Count
from leaderboard.usage.kept_counts import import_counts
from leaderboard.usage.shift import adoption_reports, trend, verdict
from leaderboard.usage.words import typical_words
from tests.leaderboard.domain_worlds import market_home

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def month(number: int) -> date:
    return date(2023 + number // 12, number % 12 + 1, 1)


def of(number: int, kind: Kind, count: int, model: str | None = None, to: str = "c") -> Count:
    return Count(to, month(number), model, kind, count)


def classes(shares: np.ndarray, size: int = 1000) -> list[Count]:
    """AI's count and the rest, month by month."""
    return [
        one
        for n, share in enumerate(shares)
        for one in (
            of(n, "ai", round(size * share)),
            of(n, "traditional", size - round(size * share)),
        )
    ]


def s_curve(level: float, dates: int = 24) -> np.ndarray:
    return level * expit(12 * (np.linspace(0, 1, dates) - 0.5))


@pytest.mark.parametrize(
    ("shares", "answer", "said"),
    [
        (s_curve(0.8), "holds so far", "passes 50 % about 20"),
        (s_curve(0.3), "does not hold", "levels off at 30% ["),
        (np.linspace(0.1, 0.8, 24), "not decided", "grows (+70 points over these dates)"),
        (np.linspace(0.8, 0.1, 24), "does not hold", "falls (-70 points over these dates)"),
        (np.full(24, 0.4), "does not hold", "does not surely grow"),
        (s_curve(0.8)[:5], "not decided", "5 dates with counts; a curve needs 8"),
    ],
)
def test_the_answer_follows_from_the_counts(shares: np.ndarray, answer: str, said: str) -> None:
    (report,) = adoption_reports(classes(shares))
    assert report.answer == answer
    assert said in report.why
    (own,) = report.trends
    assert (own.fit is None) == (own.reason is not None)
    assert [point.share for point in own.points] == pytest.approx(list(shares), abs=0.001)
    assert all(point.low <= point.share <= point.high for point in own.points)


def test_an_open_level_holds_in_part() -> None:
    random = np.random.default_rng(2)
    shares = random.binomial(400, s_curve(0.5)) / 400
    (report,) = adoption_reports(classes(shares, 400))
    fit = report.trends[0].fit
    assert fit is not None
    assert fit.level_low < 0.5 < fit.level_high
    assert report.answer == "holds only in part"
    if fit.half is not None:
        assert fit.half_high is None  # half may never be reached


def test_without_both_classes_there_is_no_data() -> None:
    assert shift_words.answers(()) == [shift_words.NO_DATA]
    assert adoption_reports(()) == ()
    (report,) = adoption_reports([of(n, "ai", 10) for n in range(20)])
    assert (report.answer, report.trends) == ("no data", ())
    (said,) = shift_words.answers([report])
    assert said.startswith("no data: import counts of AI and of traditional work side by side")
    assert verdict(None)[0] == "no data"


def test_a_class_that_is_not_counted_on_a_date_is_not_zero() -> None:
    counts = [*classes(s_curve(0.8)), of(30, "ai", 500)]
    (report,) = adoption_reports(counts)
    assert len(report.trends[0].points) == 24
    assert report.notes == ("dates with counts of one class only, left out: 1",)


def test_models_share_what_ai_made_beside_their_rank() -> None:
    counts = [
        one
        for n in range(12)
        for one in (of(n, "ai", 60 - n, "a"), of(n, "ai", 40 + n, "b"), of(n, "traditional", 9))
    ]
    ranks = {"b": [RankPoint(datetime(2023, m, 1, tzinfo=UTC), "b", 4 - m) for m in (2, 3)]}
    (report,) = adoption_reports(counts, places=ranks)
    ai, a, b = report.trends
    assert (ai.what, a.name, b.name) == ("class", "a", "b")
    assert [one.share for one in a.points[:2]] == pytest.approx([0.6, 0.59])
    assert [point.rank for point in b.points[:4]] == [None, 2, 1, 1]
    assert all(p.hits + q.hits == p.of for p, q in zip(a.points, b.points, strict=True))


def test_a_date_without_any_count_is_passed_over() -> None:
    found = trend(
        "class", "ai", [(month(n), 0 if n == 1 else 5, 0 if n == 1 else 9) for n in range(3)]
    )
    assert [point.day for point in found.points] == [month(0), month(2)]
    assert trend("class", "ai", []).reason == "0 dates with counts; a curve needs 8"


def test_a_log_that_tells_classes_apart_is_a_series_too() -> None:
    weeks = tuple(
        Share(month(n), name, calls, calls / 100)
        for n, share in enumerate(s_curve(0.9, 16))
        for name, calls in (("ai", round(100 * share)), ("traditional", 100 - round(100 * share)))
    )
    nothing = Typical(0, 0, None, None)
    usage = UsageReport(
        *("text-to-image", "arena", False, month(0), month(15), 9, 30, (), (), (), ()),
        *(weeks, (), (), (), nothing, nothing),
    )
    (report,) = adoption_reports((), [usage])
    assert (report.series, report.origin, report.answer) == ("text-to-image", "log", "holds so far")
    one_class = tuple(one for one in weeks if one.name == "ai")
    from dataclasses import replace

    assert adoption_reports((), [replace(usage, classes=one_class)]) == ()


def lag(days: int | None, watched: int | None = None) -> Lag:
    return Lag("switch", "a", "all", "hero", None, AT, days, watched, None, None, None)


def test_the_median_lag_has_an_interval_from_ranks_alone() -> None:
    # Of ten, the second and the ninth enclose the median in 97.9 % (binomial).
    ten = [lag(n) for n in range(10)]
    assert median_interval(ten) == (1.0, 9.0)
    assert median_interval([lag(n) for n in range(5)]) == (None, None)
    assert median_interval([lag(n) for n in range(6)]) == (0.0, 6.0)
    late = [*(lag(n) for n in range(5)), *[lag(None, 50)] * 5]
    assert median_interval(late) == (1.0, None)
    found = typical(ten)
    assert (found.low, found.high) == (1.0, 9.0)
    assert "95 %: 1 to 9 days; 10 of 10 have ended" in typical_words("a switch", found)
    assert "too few for an interval" in typical_words("a switch", typical(ten[:3]))


@pytest.mark.parametrize("count", [6, 11, 30])
def test_it_covers_whatever_lags_are_made_of_and_cut_off(count: int) -> None:
    random = np.random.default_rng(count)
    true = 10 * np.log(2)
    covered = 0
    for _ in range(500):
        days, watched = random.exponential(10, count), random.uniform(8, 40, count)
        lags = [
            lag(int(d)) if d < w else lag(None, int(w)) for d, w in zip(days, watched, strict=True)
        ]
        low, high = median_interval(lags)
        covered += low is not None and low <= true and (high is None or true <= high)
    assert covered / 500 >= 0.94


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with counts of a company, a model of the board among them."""
    home = tmp_path_factory.mktemp("counted")
    rows = ["date,class,model,count"]
    for n, share in enumerate(s_curve(0.8)):
        ai = round(1000 * share)
        rows += [f"{month(n)},ai,studio,{ai - ai // 3}", f"{month(n)},ai,other,{ai // 3}"]
        rows += [f"{month(n)},traditional,,{1000 - ai}"]
    path = home / "counts.csv"
    path.write_text("\n".join(rows))
    import_counts(home, path, NOW)
    market_home(home, 24)
    return home


def test_the_edition_and_the_command_tell_it(counted: Path) -> None:
    with queries.open_edition(counted) as edition:
        (report,) = queries.adoption(edition)
    assert report.answer == "holds so far"
    told = CliRunner().invoke(build(), ["usage", "adoption", "--json", "--home", str(counted)])
    body = json.loads(told.output)
    (series,) = body["series"]
    assert series["answer"] == "holds so far"
    assert series["trends"][0]["fit"]["half_low"] < series["trends"][0]["fit"]["half_high"]
    assert series["trends"][0]["points"][0]["share"] == pytest.approx(0.002, abs=0.001)
    table = CliRunner().invoke(build(), ["usage", "adoption", "--home", str(counted)])
    assert "counts: holds so far" in " ".join(table.output.split())


def test_without_counts_the_command_says_what_to_do(published_home: Path) -> None:
    said = CliRunner().invoke(build(), ["usage", "adoption", "--home", str(published_home)])
    assert "no data: import counts" in said.output


def test_the_page_shows_claim_measurement_and_verdict(
    counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("CHURNBOARD_HOME", str(counted))
    app = AppTest.from_string(
        "from leaderboard.dashboard import reads\n"
        "from leaderboard.dashboard.pages import usage\n"
        "usage.show(reads.current())\n",
        default_timeout=60,
    ).run()
    assert not app.exception
    said = "\n".join(one.value for one in app.markdown).replace("\\", "")
    for part in ("**Claim.** AI in creative work", "**Measurement.**", "**Verdict.** Counts"):
        assert part in said
    table = app.dataframe[0].value
    assert list(table["share of"]) == ["AI, of all work", "studio, of AI's", "other, of AI's"]
