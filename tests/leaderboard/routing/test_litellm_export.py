"""A configuration of LiteLLM in which every name leads somewhere, and no key stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.types import Model
from leaderboard.pick_answers import Call, Role
from leaderboard.routing.litellm import NO_KEY, Exported, as_text, faults, litellm_config
from tests.leaderboard.routing import offered

BASE = "http://127.0.0.1:1/v1"
LARGE, SMALL = offered.served("large", BASE), offered.served("small", BASE)
LOCAL = Model("mine", "Mine", "text-to-image", "diffusers", {"source": "a/b", "steps": 2})
HERO = offered.pick("large")
HORSE = offered.pick("small", "workhorse", cost=0.001)


def exported(*decided: Any, models: tuple[Model, ...] = (LARGE, SMALL, LOCAL)) -> Exported:
    return litellm_config(offered.document(offered.picks_of(*decided), *models))


def both() -> Any:
    found = exported(
        (HERO, offered.made(HERO, offered.line("small"))),
        (HORSE, offered.made(HORSE, offered.line("large"))),
    )
    assert found.left_out == ()
    return found.config


def test_roles_are_aliases_and_fallbacks_stand_under_both_names() -> None:
    config = both()
    assert [one["model_name"] for one in config["model_list"]] == [
        "large:text-to-image",
        "small:text-to-image",
    ]
    assert config["router_settings"] == {
        "model_group_alias": {
            "hero-text-to-image": "large:text-to-image",
            "workhorse-text-to-image": "small:text-to-image",
        },
        "fallbacks": [
            {"hero-text-to-image": ["small:text-to-image"]},
            {"large:text-to-image": ["small:text-to-image"]},
            {"workhorse-text-to-image": ["large:text-to-image"]},
            {"small:text-to-image": ["large:text-to-image"]},
        ],
    }
    large = config["model_list"][0]
    assert large["litellm_params"] == {
        "model": "openai/large",
        "api_base": BASE,
        "api_key": NO_KEY,
    }
    info = large["model_info"]
    assert (info["mode"], info["output_cost_per_image"]) == ("image_generation", 0.02)
    assert info["churnboard"]["rating"] == 1040.0
    assert info["churnboard"]["roles"] == ["hero-text-to-image"]


def test_a_key_is_the_name_of_a_variable() -> None:
    model = offered.served("large", "https://example.org/v1", key_env="MY_KEY")
    found = exported((HERO, offered.made(HERO)), models=(model,))
    assert found.config["model_list"][0]["litellm_params"]["api_key"] == "os.environ/MY_KEY"


def test_a_public_board_is_priced_by_litellms_own_map() -> None:
    one = offered.pick("veo", source="arena", call=Call(litellm="gemini/veo", size="1024x1024"))
    (entry,) = exported((one, offered.made(one))).config["model_list"]
    assert "output_cost_per_image" not in entry["model_info"]
    assert entry["model_info"]["churnboard"]["cost_usd"] == 0.02
    assert entry["litellm_params"]["api_key"] == "os.environ/GEMINI_API_KEY"


def test_who_cannot_be_called_is_named_and_the_next_in_line_stands_in() -> None:
    mine = offered.pick("mine")
    found = exported((mine, offered.made(mine, offered.line("unknown", "small"))))
    aliases = found.config["router_settings"]["model_group_alias"]
    assert aliases == {"hero-text-to-image": "small:text-to-image"}
    assert found.config["router_settings"]["fallbacks"] == []
    assert len(found.left_out) == 3
    assert "mine: runs on a machine of one's own" in found.left_out[0]
    assert "unknown: nobody knows" in found.left_out[1]
    assert "small:text-to-image, the next in line, stands in" in found.left_out[2]


def test_a_role_that_nobody_can_fill_has_no_alias() -> None:
    mine = offered.pick("mine")
    found = exported((mine, offered.made(mine)))
    assert found.config["model_list"] == []
    assert found.config["router_settings"]["model_group_alias"] == {}
    assert "hero-text-to-image" in found.left_out[-1]


def test_a_domain_has_aliases_of_its_own() -> None:
    flat = offered.pick("small", domain="flat")
    found = exported((flat, offered.made(flat)), (HERO, offered.made(HERO))).config
    assert found["router_settings"]["model_group_alias"] == {
        "hero-text-to-image": "large:text-to-image",
        "hero-text-to-image-flat": "small:text-to-image",
    }


def test_tasks_of_one_name_are_not_mixed() -> None:
    picture = offered.pick("m", source="arena", call=Call(litellm="gemini/m"))
    edit = offered.pick("m", task="image-edit", source="arena", call=Call(litellm="gemini/m-edit"))
    found = exported((picture, offered.made(picture)), (edit, offered.made(edit))).config
    assert {one["model_name"]: one["model_info"]["mode"] for one in found["model_list"]} == {
        "m:text-to-image": "image_generation",
        "m:image-edit": "image_edit",
    }


def lost_alias(config: Any) -> None:
    config["router_settings"]["model_group_alias"]["hero-text-to-image"] = "nobody"


def lost_fallback(config: Any) -> None:
    config["router_settings"]["fallbacks"][0]["hero-text-to-image"] = ["nobody"]


def lost_name(config: Any) -> None:
    config["router_settings"]["fallbacks"].append({"nobody": ["large:text-to-image"]})


def other_mode(config: Any) -> None:
    config["model_list"][1]["model_info"]["mode"] = "video_generation"


def no_mode(config: Any) -> None:
    config["model_list"][0]["model_info"]["mode"] = "image_genaration"


def a_key(config: Any) -> None:
    config["model_list"][0]["litellm_params"]["api_key"] = "sk-1"


def twice(config: Any) -> None:
    config["model_list"].append(config["model_list"][0])


def itself(config: Any) -> None:
    config["router_settings"]["fallbacks"][0]["hero-text-to-image"] = ["large:text-to-image"]


def shadowed(config: Any) -> None:
    config["router_settings"]["model_group_alias"]["small:text-to-image"] = "large:text-to-image"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lost_alias, "leads to nobody"),
        (lost_fallback, "falls back to nobody"),
        (lost_name, "fallbacks of nobody"),
        (other_mode, "makes something else"),
        (no_mode, "no mode is called image_genaration"),
        (a_key, "api_key is no os.environ/NAME"),
        (twice, "stands twice"),
        (itself, "falls back to itself"),
        (shadowed, "an alias and a model"),
    ],
)
def test_what_litellm_accepts_and_stumbles_over_is_found(
    change: Callable[[Any], None], why: str
) -> None:
    config = both()
    assert list(faults(config)) == []
    change(config)
    assert any(why in fault for fault in faults(config))


ids = st.sampled_from(["large", "small", "mine", "absent"])


@given(
    st.lists(
        st.tuples(
            ids,
            st.sampled_from(["hero", "workhorse"]),
            st.sampled_from(["all", "flat"]),
            st.lists(ids, max_size=3, unique=True),
        ),
        max_size=4,
        unique_by=lambda one: (one[1], one[2]),
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_was_picked_every_name_leads_somewhere(
    chosen: list[tuple[str, Role, str, list[str]]],
) -> None:
    decided = []
    for model, role, domain, others in chosen:
        one = offered.pick(model, role, domain=domain)
        line = offered.line(*(other for other in others if other != model))
        decided.append((one, offered.made(one, line)))
    config = exported(*decided).config
    assert list(faults(config)) == []
    named = {one["model_name"] for one in config["model_list"]}
    assert named <= {"large:text-to-image", "small:text-to-image"}


def test_yaml_and_json_are_told_by_the_name() -> None:
    found = Exported(both(), ("a\nline",))
    assert json.loads(as_text(found, ".json")) == found.config
    text = as_text(found, ".yaml")
    assert "# Left out: a line\n" in text
    assert '"model_name": "large:text-to-image"' in text
