"""What a dollar of generation saves, by domain: traditional cost / (cost / acceptance) (pure).

Per picture, or per second of clip. Every generation is paid for, and of `1 / acceptance` of them
one is accepted; tries that failed are taken to cost what the others cost. The span of an index
joins the lower end of the acceptance's 95 % interval with the low traditional cost, and the upper
one with the high: it holds the truth at least 95 times in 100 where the traditional cost lies
between its bounds. The index itself stands at the geometric middle of these bounds.

A public board judges no generations of a domain, so acceptance is unknown there. What is told is an
upper bound, as if every generation were accepted, and the acceptance at which both cost the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

from leaderboard.advantage.acceptance import Floor, acceptances, floor_share
from leaderboard.advantage.answers import (
    Acceptance,
    AdvantageReport,
    DomainAdvantage,
    Modality,
    ModelAdvantage,
    ProductionCost,
)
from leaderboard.advantage.verdict import verdict
from leaderboard.answers import ALL_DOMAINS, Board, Pick
from leaderboard.boards.rated import Rated
from leaderboard.evidence import SuiteEvidence
from leaderboard.pick_answers import ROLES, Role
from leaderboard.picks.conclude import Case
from leaderboard.picks.policy import Policy

WHOLE: Mapping[str, Modality] = {"text-to-image": "image", "text-to-video": "video"}
"""Tasks that make the whole of what a client gets. The others begin with a picture that somebody
made, so the cost of making one from nothing is no measure of them."""
UNKNOWN = "no generation was judged in this domain: an upper bound, as if every one were accepted"
Costs = Mapping[tuple[str, str], ProductionCost]
"""By modality and domain."""


def reports(
    rated: Iterable[Rated],
    evidence: Iterable[SuiteEvidence],
    public: Iterable[Case],
    picks: Sequence[Pick],
    policy: Policy,
    costs: Iterable[ProductionCost],
) -> tuple[AdvantageReport, ...]:
    """One report for every board that picks are decided from, own ones first.

    Args:
        rated: own boards of the suites that decide, of every domain.
        evidence: of all suites.
        public: outside boards that decide a task.
        picks: of both.
        policy: the floors.
        costs: of traditional work.
    """
    known = {(one.modality, one.domain): one for one in costs}
    suites = {suite.suite_id: suite for suite in evidence}
    own: dict[str, list[Board]] = {}
    for one in rated:
        own.setdefault(one.board.suite_id or "", []).append(one.board)
    found = [_own(suites[suite], boards, picks, policy, known) for suite, boards in own.items()]
    outside = [_outside(case, picks, known) for case in public if case.field.task in WHOLE]
    return (*found, *outside)


def advantage(
    model: str,
    name: str,
    roles: tuple[Role, ...],
    usd: float | None,
    basis: str | None,
    traditional: ProductionCost,
    acceptance: Acceptance | str,
) -> ModelAdvantage:
    """One model's index.

    Args:
        model: its id.
        name: its title.
        roles: that it holds.
        usd: US dollars per picture or second of clip; `None` or 0 and below are unknown.
        basis: what the cost is, or why it is unknown.
        traditional: of the domain.
        acceptance: of its generations, or why it is unknown: then the index is an upper bound.
    """
    told = None if isinstance(acceptance, str) else acceptance
    known = usd if usd is not None and usd > 0 else None
    if known is None:
        return ModelAdvantage(
            *(model, name, roles, None, basis, told),
            *(None, None, None, told is None, None, None),
            f"its cost is unknown: {basis or 'nobody states one'}",
        )
    low, high = traditional.usd_low / known, traditional.usd_high / known
    reason = acceptance if isinstance(acceptance, str) else None
    share, least, most = (1.0, 1.0, 1.0) if told is None else (told.share, told.low, told.high)
    if told is not None and not told.share:
        reason = f"none of its {told.generations} generations was accepted"
    return ModelAdvantage(
        *(model, name, roles, known, basis, told),
        sqrt(low * high) * share if share else None,
        low * least,
        high * most,
        told is None,
        1 / high,
        1 / low,
        reason,
    )


def _own(
    suite: SuiteEvidence,
    boards: Sequence[Board],
    picks: Sequence[Pick],
    policy: Policy,
    costs: Costs,
) -> AdvantageReport:
    board = boards[0]
    domains = tuple(
        _own_domain(suite, one, picks, policy, costs) for one in boards if one.domain != ALL_DOMAINS
    )
    return AdvantageReport(
        suite.task,
        board.source,
        suite.suite_id,
        board.simulated,
        "second of clip" if WHOLE.get(suite.task) == "video" else "picture",
        domains,
        verdict(domains),
    )


def _own_domain(
    suite: SuiteEvidence,
    board: Board,
    picks: Sequence[Pick],
    policy: Policy,
    costs: Costs,
) -> DomainAdvantage:
    modality = WHOLE.get(suite.task)
    if modality is None:
        why = f"{suite.task} begins with a picture that was made before: no cost from nothing fits"
        return DomainAdvantage(board.domain, None, (), False, (), why)
    traditional = costs.get((modality, board.domain))
    if traditional is None:
        why = f"no traditional cost is given for domain {board.domain} ({modality})"
        return DomainAdvantage(board.domain, None, (), False, (), why)
    held = _held(picks, suite.task, board.domain, board.source, board.simulated)
    hero = next((model for model, roles in held.items() if "hero" in roles), None)
    if hero is None:
        why = "no hero was picked, and its work is the floor"
        return DomainAdvantage(board.domain, traditional, (), False, (), why)
    samples = [one for one in suite.samples if board.domain in suite.domains.get(one.prompt, ())]
    prompts = {sample.prompt for sample in samples}
    floor = Floor(
        hero,
        floor_share(policy.rules(suite.task, board.domain).workhorse),
        suite.specs,
        {one.metric: one.weight for one in board.weights},
        tuple(vote for vote in suite.votes if vote.prompt in prompts),
    )
    found = acceptances(samples, floor)
    clips = modality == "video"
    models = [
        advantage(
            row.model,
            row.name,
            held.get(row.model, ()),
            row.usd_per_clip_second if clips else row.cost_usd,
            row.cost_basis,
            traditional,
            found.get(row.model, "nothing of it was judged"),
        )
        for row in board.rows
        if row.anchor is None
    ]
    seen = {metric for sample in samples for metric in sample.marks}
    facts = [name for name in floor.facts if name in seen]
    checks = [f"takes at least {floor.share:.0%} of the judges' weight from another try of {hero}"]
    checks += [f"every fact of its prompt is there ({', '.join(facts)})"] if facts else []
    checks += ["not found bad by most who voted on it"] if floor.votes else []
    absolute = bool(facts or floor.votes)
    return DomainAdvantage(
        board.domain, traditional, tuple(checks), absolute, _ordered(models), None
    )


def _outside(case: Case, picks: Sequence[Pick], costs: Costs) -> AdvantageReport:
    field, modality = case.field, WHOLE[case.field.task]
    held = _held(picks, field.task, field.domain, field.source, field.simulated)
    domains = tuple(
        DomainAdvantage(
            cost.domain,
            cost,
            (),
            False,
            _ordered(
                advantage(
                    one.model,
                    one.name,
                    held.get(one.model, ()),
                    one.usd_per_clip_second if modality == "video" else one.cost_usd,
                    one.cost_basis,
                    cost,
                    UNKNOWN,
                )
                for one in field.candidates
            ),
            None,
        )
        for cost in costs.values()
        if cost.modality == modality
    )
    per = "second of clip" if modality == "video" else "picture"
    return AdvantageReport(
        field.task, field.source, None, field.simulated, per, domains, verdict(domains)
    )


def _held(
    picks: Iterable[Pick], task: str, domain: str, source: str, simulated: bool
) -> dict[str, tuple[Role, ...]]:
    """Model -> the roles that it holds at one place."""
    place = (task, domain, source, simulated)
    here = [p for p in picks if (p.task, p.domain, p.source, p.simulated) == place]
    roles = {(pick.model, pick.role) for pick in here}
    return {one.model: tuple(role for role in ROLES if (one.model, role) in roles) for one in here}


def _ordered(models: Iterable[ModelAdvantage]) -> tuple[ModelAdvantage, ...]:
    return tuple(sorted(models, key=lambda one: (one.index is None, -(one.index or 0), one.model)))
