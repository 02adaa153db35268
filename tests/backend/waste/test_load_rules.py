"""manage.py load_rules: the tables equal the files, or nothing changes."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.waste.models import Container, Product, SortingRule, Territory
from tests.backend.waste.test_reference import data, spoil

__all__ = ["data"]
pytestmark = pytest.mark.django_db


def load(folder: Path | None = None) -> str:
    out = StringIO()
    options: dict[str, Any] = {"data": folder} if folder else {}
    call_command("load_rules", stdout=out, **options)
    return out.getvalue()


def test_a_second_load_changes_nothing() -> None:
    before = list(SortingRule.objects.order_by("pk").values())
    said = load()
    assert "1313 defaults" in said
    assert said.count("\n") == 1
    assert said.endswith("0 rows created, 0 changed, 0 removed\n")
    assert list(SortingRule.objects.order_by("pk").values()) == before


def test_a_faulty_file_changes_nothing_and_lists_its_faults(data: Path) -> None:
    spoil(data, "products.csv", lambda rows: rows.pop())
    spoil(data, "rules.csv", lambda rows: rows[0].update(confidence="?"))
    with pytest.raises(CommandError, match=r"rules\.csv:2: confidence"):
        load(data)
    assert Product.objects.count() == 1248


def test_a_changed_rule_reaches_every_department_that_follows_it(data: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0].update(advice_fr="Brûlez ce que vous lisez.", other_containers="PHARMACIE")

    spoil(data, "rules.csv", change)
    load(data)
    changed = SortingRule.objects.filter(advice_fr="Brûlez ce que vous lisez.")
    assert set(changed.values_list("category", flat=True)) == {"bois"}
    assert changed.filter(territory=None).count() == 100  # all but Gironde
    assert [rule.other_containers for rule in changed[:3]] == [["PHARMACIE"]] * 3


def test_what_left_the_files_leaves_the_tables(data: Path) -> None:
    gone = "metropole-de-lyon"
    assert SortingRule.objects.filter(territory=gone).exists()

    def drop(rows: list[dict[str, str]], column: str, value: str) -> None:
        rows[:] = [row for row in rows if row[column] != value]

    spoil(data, "rules.csv", lambda rows: drop(rows, "territory", gone))
    spoil(data, "territories.csv", lambda rows: drop(rows, "code", gone))
    spoil(data, "products.csv", lambda rows: drop(rows, "code", "abattant-de-wc-en-bois"))
    spoil(data, "synonyms.csv", lambda rows: drop(rows, "product", "abattant-de-wc-en-bois"))
    said = load(data)
    assert " 0 removed" not in said
    assert not Territory.objects.filter(pk=gone).exists()
    assert not SortingRule.objects.filter(territory=gone).exists()
    assert Product.objects.count() == 1247
    load()
    assert Territory.objects.filter(pk=gone).exists()


def test_a_products_places_can_change_their_order(data: Path) -> None:
    spoil(data, "products.csv", lambda rows: rows[0].update(containers="DECHETERIE;POINT_BATIMENT"))
    load(data)
    product = Product.objects.get(pk="abattant-de-wc-en-bois")
    assert [place.code for place in product.places] == ["DECHETERIE", "POINT_BATIMENT"]


def test_a_new_container_may_replace_an_old_one_everywhere(data: Path) -> None:
    for name in ("rules.csv", "products.csv", "containers.csv"):
        path = data / name
        path.write_text(path.read_text().replace("PHARMACIE", "OFFICINE"))
    load(data)
    assert not Container.objects.filter(pk="PHARMACIE").exists()
    assert SortingRule.objects.filter(container="OFFICINE").exists()
