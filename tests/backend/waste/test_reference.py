"""waste/data: what it says, and that every fault in it is named with its line."""

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.waste.models import (
    Category,
    Container,
    Department,
    Product,
    Region,
    SortingRule,
    Territory,
)
from backend.waste.reference import (
    _COLUMNS,
    _FORMATS,
    _LONGEST,
    DEFAULT,
    InvalidReference,
    read_reference,
)
from backend.waste.services import DATA
from ml.task import TASKS

Rows = list[dict[str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of waste/data to spoil."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def spoil(folder: Path, name: str, change: Callable[[Rows], object]) -> None:
    """Rewrite one file after `change`."""
    path = folder / name
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    change(rows)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def errors(folder: Path) -> list[str]:
    with pytest.raises(InvalidReference) as caught:
        read_reference(folder)
    return list(caught.value.errors)


def test_every_department_has_a_default_for_every_material() -> None:
    reference = read_reference(DATA)
    assert (len(reference.regions), len(reference.departments)) == (18, 101)
    assert (len(reference.containers), len(reference.products)) == (16, 1248)
    defaults = Counter(
        (rule.department, rule.category)
        for rule in reference.rules
        if rule.condition == DEFAULT and rule.territory is None
    )
    assert len(defaults) == 101 * len(TASKS["waste"].labels) == 1313
    assert set(defaults.values()) == {1}


def test_every_territory_that_says_something_has_its_default_too() -> None:
    places: dict[tuple[str, str], set[str]] = {}
    for rule in read_reference(DATA).rules:
        if rule.territory:
            places.setdefault((rule.territory, rule.category), set()).add(rule.condition)
    assert places
    assert all(DEFAULT in conditions for conditions in places.values())


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "said"),
    [
        ("departments.csv", 3, "region", "00", "region '00' is not in regions.csv"),
        ("departments.csv", 3, "code", "1", "code '1' is not of the form"),
        ("territories.csv", 0, "kind", "village", "kind 'village' is not of the form"),
        ("containers.csv", 2, "colour", "grey", "colour 'grey' is not of the form"),
        ("containers.csv", 2, "name_fr", "", "name_fr is empty"),
        ("containers.csv", 2, "name_en", " Bin", "name_en has spaces around it"),
        ("rules.csv", 5, "container", "POUBELLE", "container 'POUBELLE' is not in containers.csv"),
        ("rules.csv", 5, "sources", "HEARSAY", "sources 'HEARSAY' is not in sources.csv"),
        ("rules.csv", 5, "sources", "", "sources is empty"),
        ("rules.csv", 5, "source_date", "last year", "source_date 'last year' is not of the form"),
        ("rules.csv", 5, "confidence", "sure", "confidence 'sure' is not of the form"),
        ("rules.csv", 5, "priority", "0", "priority is 0 for the default and for it only"),
        ("rules.csv", 5, "territory", "bordeaux-metropole", "is not in department ''"),
        ("products.csv", 9, "containers", "", "containers is empty"),
        ("products.csv", 9, "containers", "PHARMACIE;PHARMACIE", "containers lists a code twice"),
        ("products.csv", 9, "category", "or", "category 'or' is not in categories.csv"),
        ("rules.csv", 5, "condition_fr", "si " * 50 + "x", "condition_fr is longer than 128"),
        ("containers.csv", 5, "name_en", "Garden shed" * 9, "name_en is longer than 96"),
        ("containers.csv", 12, "name_fr", "Pharmacie", "'Pharmacie' is already on line"),
        ("synonyms.csv", 4, "product", "licorne", "product 'licorne' is not in products.csv"),
        ("sources.csv", 4, "url", "on paper", "url 'on paper' is not of the form"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(
    data: Path, name: str, row: int, column: str, value: str, said: str
) -> None:
    spoil(data, name, lambda rows: rows[row].update({column: value}))
    found = errors(data)
    assert any(line.startswith(f"{name}:{row + 2}: ") and said in line for line in found), found


def test_all_faults_are_told_at_once(data: Path) -> None:
    spoil(data, "rules.csv", lambda rows: [row.update(confidence="?") for row in rows[:7]])
    spoil(data, "products.csv", lambda rows: rows[0].update(category="?"))
    assert len(errors(data)) >= 8


def test_a_line_number_counts_lines_not_rows(data: Path) -> None:
    def change(rows: Rows) -> None:
        rows[0]["hint_fr"] = "one\ntwo\nthree"
        rows[1]["kind"] = "?"

    spoil(data, "containers.csv", change)
    assert errors(data)[0].startswith("containers.csv:5: kind")


@pytest.mark.parametrize("name", ["rules.csv", "products.csv", "regions.csv"])
def test_a_repeated_row_is_a_fault(data: Path, name: str) -> None:
    spoil(data, name, lambda rows: rows.append(dict(rows[0])))
    assert any("is already on line 2" in error for error in errors(data))


def test_a_material_without_a_national_rule_is_a_fault(data: Path) -> None:
    spoil(
        data,
        "rules.csv",
        lambda rows: rows.remove(next(row for row in rows if row["category"] == "verre")),
    )
    assert "rules.csv:1: 'verre' has no national default" in errors(data)


def test_the_materials_are_the_labels_of_the_task_in_order(data: Path) -> None:
    spoil(data, "categories.csv", lambda rows: rows.reverse())
    assert any(error.startswith("categories.csv:1: ") for error in errors(data))


def test_a_file_in_another_encoding_is_a_fault(data: Path) -> None:
    text = (data / "departments.csv").read_text()
    (data / "departments.csv").write_bytes(text.encode("latin-1"))
    line = next(n for n, row in enumerate(text.splitlines(), 1) if not row.isascii())
    assert f"departments.csv:{line}: not UTF-8" in errors(data)


def test_no_file_may_say_more_than_a_table_holds() -> None:
    """Every length the tables have is checked before the load."""
    tables = {"sources.url": SortingRule._meta.get_field("source_url").max_length}
    models = {
        "regions": Region,
        "departments": Department,
        "territories": Territory,
        "categories": Category,
        "containers": Container,
        "rules": SortingRule,
        "products": Product,
    }
    for name, model in models.items():
        for field in model._meta.concrete_fields:
            key = f"{name}.{field.name}"
            # A ForeignKey's code was checked where it is defined.
            fixed = key in _FORMATS and key not in _LONGEST
            if field.name in _COLUMNS[name] and field.max_length and not fixed:
                tables[key] = field.max_length
    assert {key: _LONGEST.get(key) for key in tables} == tables


def test_a_missing_file_or_column_is_a_fault(data: Path) -> None:
    (data / "regions.csv").unlink()
    text = (data / "sources.csv").read_text()
    (data / "sources.csv").write_text(text.replace("licence", "license", 1))
    (data / "territories.csv").write_text("code,name,department,kind\na,b\n")
    found = errors(data)
    assert "regions.csv:1: the file is missing" in found
    assert any(error.startswith("sources.csv:1: columns must be") for error in found)
    assert "territories.csv:2: 2 cells instead of 4" in found
