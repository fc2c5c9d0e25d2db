"""Families.

A base and its variants: how far each lies from the base, whether it earns a row of its own on
boards, and both their pictures side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from evals.errors import MediaError
from leaderboard.dashboard import family_charts, gallery, reads, text, widgets
from leaderboard.distinctness.answers import Families, Variant
from leaderboard.distinctness.words import CLAIM, NO_LANGUAGE, claim_told, key_of, rows_told
from leaderboard.edition import Edition
from leaderboard.run_answers import GalleryItem

ORDER = 11
ICON = ":material/account_tree:"

WIDTH = 192
"""Least width in pixels at which a picture is handed to the browser."""
COLUMNS = 5
_SMALL_NUMBERS = (
    *("style distance", "seed distance", "ratio", "MMD²", "MMD² of seeds"),
    *("p", "q", "content drift", "Vendi ratio"),
)


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("Is a fine-tune another model?", anchor=False)
    found = reads.families(edition)
    _claim(found)
    variants = () if found is None else found.variants
    if found is None or not any(one.suite_id for one in variants):
        st.markdown("No variant was evaluated beside its base yet.")
        st.code("churnboard eval --suite variants\nchurnboard refresh", language="shell")
    if found is None or not variants:
        return
    bases = _bases(variants)
    base = widgets.menu("Base", list(bases), key="base", format_func=bases.__getitem__)
    family = [one for one in variants if one.base == base]
    if all(one.simulated for one in family):
        widgets.simulated_note()
    suites = sorted({one.suite_id for one in family if one.suite_id is not None})
    suite = widgets.choice("Suite", suites, key="suite") if suites else None
    shown = [one for one in family if one.suite_id in (suite, None)]
    widgets.figure(
        family_charts.tree(bases[base], shown, found.factor),
        key="tree",
        alt=f"{bases[base]} and its variants, by how far their style is off",
    )
    for line in rows_told(shown):
        st.caption(text.plain(text.sentence(line)))
    _table(shown, found)
    for one in shown:
        if one.verdict == "not measured":
            st.caption(text.plain(f"{one.name}: not measured: {one.reason}."))
    if suite is not None:
        _pairs(edition, suite, base, [one for one in shown if one.suite_id is not None])


def _claim(found: Families | None) -> None:
    told = claim_told(found)
    st.markdown(f"**Claim.** {text.plain(CLAIM)}")
    st.markdown(f"**Measurement.** {text.plain(told.measurement)}")
    st.markdown(f"**Verdict.** {text.plain(text.sentence(told.verdict))}")
    st.caption(text.plain(NO_LANGUAGE))


def _bases(variants: Sequence[Variant]) -> dict[str, str]:
    """Id -> name: those with something measured first."""
    measured = {one.base for one in variants if one.measured is not None}
    names = {one.base: one.base_name for one in variants}
    return dict(sorted(names.items(), key=lambda item: (item[0] not in measured, item[1])))


def _table(shown: Sequence[Variant], found: Families) -> None:
    measured = [(one, one.measured) for one in shown if one.measured is not None]
    if not measured:
        return
    changes = sorted({name for _, it in measured for name in it.alignment})
    small = [*_SMALL_NUMBERS, *(f"Δ {text.measure(name)}" for name in changes)]
    st.dataframe(
        [
            {
                "variant": one.name,
                "kind": one.kind,
                "adapter × strength": key_of(one),
                "verdict": one.verdict,
                "own row": one.own_row,
                "style distance": it.style_distance,
                "seed distance": it.seed_distance,
                "ratio": it.ratio,
                "MMD²": it.mmd2,
                "MMD² of seeds": it.seed_mmd2,
                "p": it.p,
                "q": one.q,
                "content drift": it.content_drift,
                "Vendi ratio": it.vendi_ratio,
                **{f"Δ {text.measure(name)}": value for name, value in it.alignment.items()},
                "prompts": it.prompts,
            }
            for one, it in measured
        ],
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.3g") for name in small},
    )
    st.caption(
        text.plain(
            f"Distinct: q up to {found.rate:g} and a ratio of at least {found.factor:g}. Style"
            " distance: what is the same step at every prompt; seed distance: what another seed"
            " changes in the base, along that step. Content drift: 0 shows what the base shows, 1"
            " as if of another prompt. Vendi ratio below 1: fewer different pictures. Δ: change at"
            " the same prompt and seed."
        )
    )


def _pairs(edition: Edition, suite: str, base: str, variants: Sequence[Variant]) -> None:
    """The same prompt and seed, by the base and by its variants."""
    st.subheader("Same prompt, same seed", anchor=False)
    prompts = [prompt for prompt in reads.prompts(edition, suite) if prompt.seeds]
    if not prompts:
        st.caption("No generation of this suite has been kept.")
        return
    prompt, seed = gallery.chosen(prompts)
    items = {item.model: item for item in reads.gallery(edition, suite, prompt.id, seed)}
    verdicts = {base: "base", **{one.variant: one.verdict for one in variants}}
    models = [model for model in verdicts if model in items]
    for start in range(0, len(models), COLUMNS):
        row = models[start : start + COLUMNS]
        for model, column in zip(row, st.columns(COLUMNS), strict=False):
            with column:
                _picture(items[model], verdicts[model])


def _picture(item: GalleryItem, verdict: str) -> None:
    reason = item.reason
    if item.path is None:
        shown = reads.blank(WIDTH)
    else:
        try:
            shown = reads.thumbnail(item.path, item.fps, WIDTH)
        except (MediaError, OSError) as error:
            shown, reason = reads.blank(WIDTH), f"the file cannot be read: {error}"
    st.image(shown, width="stretch", alt=f"Generated by {item.name}")
    st.markdown(f"**{text.plain(item.name)}** · {verdict}")
    if reason is not None:
        st.caption(":material/hide_image: " + text.plain(reason))
