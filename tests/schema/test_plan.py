"""What a plan says: typed differences, drift that is left alone, and what would be lost."""

from wonward.schema.plan import Difference, contradictions, plan

STAGE = ("property", "deal.colour")
RED = {"label": "Colour", "type": "enumeration", "options": [{"value": "red"}, {"value": "blue"}]}


def test_equal_definitions_need_no_change() -> None:
    assert plan({STAGE: RED}, {STAGE: RED}, frozenset()).changes == ()


def test_a_definition_only_the_blueprint_has_is_created() -> None:
    (change,) = plan({}, {STAGE: RED}, frozenset()).changes
    assert (change.action, change.name, change.loses) == ("create", "deal.colour", "")


def test_a_definition_only_the_portal_has_is_drift_and_stays() -> None:
    found = plan({STAGE: RED}, {}, frozenset())
    assert found.changes == ()
    assert found.drift == (STAGE,)


def test_a_changed_label_names_the_place_and_both_texts() -> None:
    (change,) = plan({STAGE: RED}, {STAGE: {**RED, "label": "Farve på døren"}}, frozenset()).changes
    assert change.differences == (Difference("label", "Colour", "Farve på døren"),)
    assert not change.loses


def test_an_option_is_known_by_its_value_wherever_it_stands() -> None:
    wanted = {**RED, "options": [{"value": "blue"}, {"value": "red"}, {"value": "green"}]}
    (change,) = plan({STAGE: RED}, {STAGE: wanted}, frozenset()).changes
    assert [difference.path for difference in change.differences] == ["options.green", "options order"]
    assert not change.loses


def test_an_option_taken_away_says_so() -> None:
    (change,) = plan({STAGE: RED}, {STAGE: {**RED, "options": [{"value": "red"}]}}, frozenset()).changes
    assert change.loses == "the option blue of deal.colour"


def test_text_may_become_long_text_but_not_a_number() -> None:
    text = {STAGE: {"label": "Colour", "type": "text"}}
    assert not plan(text, {STAGE: {"label": "Colour", "type": "long_text"}}, frozenset()).destructive
    assert plan(text, {STAGE: {"label": "Colour", "type": "number"}}, frozenset()).destructive


def test_a_number_may_become_text() -> None:
    number = {STAGE: {"label": "Colour", "type": "number"}}
    assert not plan(number, {STAGE: {"label": "Colour", "type": "text"}}, frozenset()).destructive


def test_a_tombstone_removes_and_says_what_is_lost() -> None:
    (change,) = plan({STAGE: RED}, {}, frozenset({STAGE})).changes
    assert (change.action, change.loses) == ("remove", "every value of deal.colour")


def test_a_removed_object_type_takes_its_properties_along() -> None:
    present = {("object_type", "deal"): {"label": "Deal"}, STAGE: RED, ("property", "dealer.name"): RED}
    found = plan(present, {}, frozenset({("object_type", "deal")}))
    assert {change.name for change in found.changes} == {"deal", "deal.colour"}


def test_a_tombstone_for_what_is_gone_already_does_nothing() -> None:
    assert plan({}, {}, frozenset({STAGE})).changes == ()


def test_defining_and_removing_at_once_is_a_contradiction() -> None:
    (problem,) = contradictions({STAGE: RED}, frozenset({STAGE}))
    assert "deal.colour" in problem.message
