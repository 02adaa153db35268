"""The database refuses what must not be: each constraint is tried with a bad row."""

from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from backend.waste.models import (
    Category,
    Container,
    Department,
    Product,
    ProductContainer,
    Region,
    RuleAlternative,
    SortingRule,
    Territory,
)

pytestmark = pytest.mark.django_db


def refused(row: models.Model, *, by: str | None = None) -> None:
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        row.save(force_insert=True)


def rule(**changes: Any) -> SortingRule:
    """A new, good rule, then changed."""
    values = {
        "department_id": "35",
        "category_id": "verre",
        "condition": "novel",
        "priority": 5,
        "condition_fr": "Neuf",
        "condition_en": "New",
        "container_id": "BORNE_VERRE",
        "advice_fr": "Ici.",
        "advice_en": "Here.",
        "scope": "national",
        "source_name": "ADEME",
        "source_date": "2025-01",
        "confidence": "high",
    }
    return SortingRule(**{**values, **changes})


def test_a_good_rule_is_taken() -> None:
    rule().save()
    rule(condition="other", territory_id="rennes-metropole", scope="local").save()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"source_name": ""}, "rule_has_a_source"),
        ({"source_date": ""}, "rule_has_a_source"),
        ({"source_date": "hier"}, "rule_has_a_source"),
        ({"condition": "default"}, "default_has_no_priority"),
        ({"priority": 0}, "default_has_no_priority"),
        ({"condition": ""}, "default_has_no_priority"),
        ({"condition_fr": ""}, "rule_speaks_both_languages"),
        ({"advice_en": ""}, "rule_speaks_both_languages"),
        ({"scope": "local"}, "local_rule_has_a_territory"),
        ({"scope": "European"}, "local_rule_has_a_territory"),
        ({"confidence": ""}, "rule_confidence_is_known"),
    ],
)
def test_a_bad_rule_is_refused(changes: dict[str, Any], constraint: str) -> None:
    refused(rule(**changes), by=constraint)


@pytest.mark.parametrize(
    "column", ["department_id", "category_id", "container_id", "source_name", "scope", "priority"]
)
def test_a_rule_is_never_null_where_it_must_speak(column: str) -> None:
    refused(rule(**{column: None}))


@pytest.mark.parametrize("territory", [None, "rennes-metropole"])
def test_one_place_has_one_rule_per_material_and_condition(territory: str | None) -> None:
    rule(territory_id=territory).save()
    refused(rule(territory_id=territory))


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (Region(code="1", name="Ailleurs"), "region_code_is_insee"),
        (Region(code="99", name=""), "region_has_a_name"),
        (Region(code="99", name="Bretagne"), None),
        (Department(code="2C", name="Corse du Milieu", region_id="94"), "department_code_is_insee"),
        (Department(code="9", name="Petit", region_id="94"), "department_code_is_insee"),
        (Department(code="978", name="Gironde", region_id="75"), None),
        (Territory(code="x", name="X", department_id="35", kind="pays"), "territory_kind_is_known"),
        (Territory(code="x", name="", department_id="35", kind="commune"), "territory_has_a_name"),
        (Category(code="or", name_fr="Or", name_en="", position=99), "category_has_its_names"),
        (Category(code="or", name_fr="Or", name_en="Gold", position=0), None),
        (Category(code="or", name_fr="Verre", name_en="Gold", position=99), None),
        (
            Container(code="X", name_fr="X", name_en="X", kind="bin", icon="x", colour="red"),
            "container_colour_is_rrggbb",
        ),
        (
            Container(code="X", name_fr="X", name_en="X", kind="hole", icon="x"),
            "container_kind_is_known",
        ),
        (
            Container(code="X", name_fr="X", name_en="X", kind="bin", icon=""),
            "container_has_its_names",
        ),
        (
            Product(code="x", name_fr="X", category_id="verre", source_name=""),
            "product_has_name_and_source",
        ),
    ],
)
def test_a_bad_row_is_refused(row: models.Model, constraint: str | None) -> None:
    refused(row, by=constraint)


def test_a_department_names_a_territory_once() -> None:
    twin = Territory(code="x", name="Rennes Métropole", department_id="35", kind="commune")
    refused(twin)


def test_a_list_of_places_has_no_repeats_and_no_ties() -> None:
    parent = rule()
    parent.save()
    RuleAlternative(rule=parent, container_id="PHARMACIE", position=0).save()
    refused(RuleAlternative(rule=parent, container_id="PHARMACIE", position=1))
    refused(RuleAlternative(rule=parent, container_id="DECHETERIE", position=0))
    product = Product.objects.all()[0]
    taken = product.outlets.all()[0]
    refused(ProductContainer(product=product, container=taken.container, position=99))
    refused(ProductContainer(product=product, container_id="PHARMACIE", position=0))


def test_what_rules_stand_on_cannot_be_deleted() -> None:
    for row in (Region.objects.all()[0], Department.objects.all()[0], Container.objects.all()[0]):
        with pytest.raises(models.ProtectedError):
            row.delete()
