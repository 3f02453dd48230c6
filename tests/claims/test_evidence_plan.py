from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from claimbot.claims.evidence_plan import EvidencePlans, missing, plan_for, planned, unfilled
from claimbot.claims.facts import Facts, FaultFamily, Known, PhotoSheet
from claimbot.claims.lines import Line
from claimbot.claims.rules import RuleError

SLOT = {"words": {"en": "Plate", "zh": "铭牌"}, "good": {"en": "Sharp", "zh": "清晰"}}
SMALL = {
    "slots": {"plate": SLOT},
    "usual": [{"slot": "plate"}],
    "gap_reasons": {"gone": {"words": {"en": "Gone", "zh": "没有"}}},
}

facts_of_claims = st.builds(
    Facts,
    fault_family=st.sampled_from(get_args(FaultFamily)),
    remedy=st.sampled_from(["repaired", "replaced"]),
    fault_codes=st.sampled_from([None, (), ("P0301",)]),
)


def names(plans: EvidencePlans, known: Known, facts: Facts) -> dict[str, bool]:
    return {slot.name: slot.required for slot in plan_for(plans, facts, known)}


def test_the_shipped_plans_have_no_problems(plans: EvidencePlans) -> None:
    assert plans.problems() == ()


def test_new_and_old_part_are_asked_only_when_it_was_replaced(plans: EvidencePlans, known: Known) -> None:
    repaired = names(plans, known, Facts(fault_family="engine", remedy="repaired"))
    replaced = names(plans, known, Facts(fault_family="engine", remedy="replaced"))
    assert replaced.keys() - repaired.keys() == {"new_part", "old_part_tag"}


def test_the_fault_code_screen_is_required_only_with_fault_codes(plans: EvidencePlans, known: Known) -> None:
    bare = names(plans, known, Facts(fault_family="engine", remedy="repaired"))
    coded = names(plans, known, Facts(fault_family="engine", remedy="repaired", fault_codes=("P0301",)))
    assert (bare["fault_code_screen"], coded["fault_code_screen"]) == (False, True)


def test_a_type_of_claim_adds_pictures_and_makes_others_optional(plans: EvidencePlans, known: Known) -> None:
    normal = Facts(fault_family="engine", remedy="repaired", fault_codes=("P0301",))
    usual = names(plans, known, normal)
    damaged = names(plans, known, normal.model_copy(update={"claim_type": "transport_damage"}))
    assert damaged.keys() - usual.keys() == {"whole_car", "delivery_receipt"}
    assert (usual["fault_code_screen"], damaged["fault_code_screen"]) == (True, False)


def test_an_invoice_and_a_preauthorisation_have_a_place_once_there_is_one(plans: EvidencePlans, known: Known) -> None:
    bare = Facts(fault_family="engine", remedy="repaired")
    sublet = Line(kind="sublet", code="INV-1", unit_price=Decimal(300))
    both = bare.model_copy(update={"lines": (sublet,), "preauth_state": "granted"})
    more = names(plans, known, both)
    assert more.keys() - names(plans, known, bare).keys() == {"sublet_invoice", "preauth_letter"}
    assert more["sublet_invoice"], "makers refuse sublet work without it"
    assert not more["preauth_letter"]


def test_only_a_battery_has_a_battery_readout(plans: EvidencePlans, known: Known) -> None:
    having = {
        family
        for family in get_args(FaultFamily)
        if "battery_readout" in names(plans, known, Facts(fault_family=family, remedy="repaired"))
    }
    assert having == {"traction_battery"}


def test_a_plan_is_not_made_before_the_fault_family_and_the_remedy_are_known(
    plans: EvidencePlans, known: Known
) -> None:
    assert plans.reads == {"fault_family", "remedy"}
    with pytest.raises(RuleError):
        plan_for(plans, Facts(remedy="repaired"), known)
    with pytest.raises(RuleError):
        plan_for(plans, Facts(fault_family="engine"), known)


@given(facts=facts_of_claims, data=st.data())
def test_missing_is_what_is_required_and_has_neither_picture_nor_reason(
    plans: EvidencePlans, known: Known, facts: Facts, data: st.DataObject
) -> None:
    plan = plan_for(plans, facts, known)
    every = [slot.name for slot in plan]
    held = data.draw(st.sets(st.sampled_from(every)))
    excused = data.draw(st.sets(st.sampled_from(every)))
    sheet = PhotoSheet(slots=dict.fromkeys(held, ("a" * 64,)), gaps=dict.fromkeys(excused, "no label"))
    required = {slot.name for slot in plan if slot.required}
    assert {slot.name for slot in missing(plan, sheet)} == required - held - excused
    assert {slot.name for slot in unfilled(plan, sheet)} == required - held
    full = PhotoSheet(slots=dict.fromkeys(required, ("a" * 64,)))
    assert missing(plan, full) == ()
    assert len(set(every)) == len(every)


def test_a_blank_reason_or_an_empty_slot_is_no_answer(plans: EvidencePlans) -> None:
    plate = planned(plans, "vin_plate")
    assert missing((plate,), PhotoSheet(slots={"vin_plate": ()}, gaps={"vin_plate": "  "})) == (plate,)


@pytest.mark.parametrize(
    ("part", "value", "what"),
    [
        ("usual", [{"slot": "plte"}], "there is no slot plte"),
        ("usual", [{"slot": "plate"}, {"slot": "plate"}], "plate stands twice in this plan"),
        ("usual", [{"slot": "plate", "when": "is_raining"}], "there is no rule is_raining"),
        ("usual", [{"slot": "plate", "required_when": "is_raining"}], "there is no rule is_raining"),
        ("families", {"engine": [{"slot": "none"}]}, "there is no slot none"),
        ("always", [{"slot": "plte"}], "there is no slot plte"),
        ("types", {"campaign": {"also": [{"slot": "plte"}]}}, "there is no slot plte"),
        ("types", {"campaign": {"without": ["plte"]}}, "no plan has the slot plte"),
        ("slots", {"plate": SLOT, "spare": SLOT}, "no plan uses the slot spare"),
        ("gap_reasons", {"gone": {"words": {"en": "", "zh": "没有"}}}, "there are no words"),
        (
            "gap_reasons",
            {
                "gone": {"words": {"en": "Gone", "zh": "没有"}},
                "dark": {"words": {"en": "Dark", "zh": "无显示"}, "slots": ["screen"]},
            },
            "there is no slot screen",
        ),
    ],
)
def test_each_mistake_in_a_plan_is_told(part: str, value: object, what: str) -> None:
    assert EvidencePlans.model_validate(SMALL).problems() == ()
    problems = EvidencePlans.model_validate({**SMALL, part: value}).problems()
    assert any(each.what == what and each.at[0] == part for each in problems)


@pytest.mark.parametrize("name", ["a_name_of_over_20_char", "Plate", "车架号"])
def test_slot_names_are_short_and_plain(name: str) -> None:
    with pytest.raises(ValidationError):
        EvidencePlans.model_validate({**SMALL, "slots": {name: SLOT}})
