"""rule_for: territory, else department, else nation."""

import pytest

from backend.waste.services import UnknownDepartment, UnknownTerritory, rule_for

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("department", "territory", "category", "scope", "container"),
    [
        (None, None, "plastique", "national", "BAC_JAUNE"),
        ("35", None, "plastique", "national", "BAC_JAUNE"),
        ("85", None, "papier", "departmental", "BORNE_PAPIER"),
        ("35", "rennes-metropole", "plastique", "local", "BAC_JAUNE"),
        ("35", "rennes-metropole", "cuir", "national", "BORNE_TEXTILE"),
        (None, "rennes-metropole", "plastique", "local", "BAC_JAUNE"),
        ("33", None, "verre", "departmental", "BORNE_VERRE"),
        ("33", "bordeaux-metropole", "verre", "local", "BORNE_VERRE"),
        ("33", "sictom-du-sud-gironde", "verre", "departmental", "BORNE_VERRE"),
        ("974", None, "plastique", "departmental", "BAC_JAUNE"),
    ],
)
def test_the_nearest_documented_place_speaks(
    department: str | None, territory: str | None, category: str, scope: str, container: str
) -> None:
    ruling = rule_for(department, category, territory=territory)
    assert (ruling.rule.scope, ruling.rule.container_id) == (scope, container)
    assert ruling.rule.condition == "default"
    assert all(rule.category_id == category for rule in ruling.unless)
    priorities = [rule.priority for rule in ruling.unless]
    assert priorities == sorted(priorities, reverse=True)


@pytest.mark.parametrize(
    ("department", "territory", "error"),
    [
        ("99", None, UnknownDepartment),
        ("35", "nowhere", UnknownTerritory),
        ("35", "bordeaux-metropole", UnknownTerritory),
    ],
)
def test_a_place_that_does_not_exist_is_refused(
    department: str, territory: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        rule_for(department, "verre", territory=territory)


def test_one_lookup_is_few_queries(django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        rule_for("33", "verre")
