"""The files of waste/data, read, checked line by line and expanded; no database here."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from ml.task import TASKS

DEFAULT = "default"
# An ISO date as exact as its source, "undated", or several of these for several sources.
_DAY = r"\d{4}(-\d{2}(-\d{2})?)?"
_ONE_DATE = rf"(undated|(about |after )?{_DAY}( to {_DAY})?)"
SOURCE_DATE = rf"^{_ONE_DATE}( ; {_ONE_DATE})*$"

_SLUG = r"^[a-z0-9_-]+$"
_FORMATS: Mapping[str, str] = {
    "regions.code": r"^\d{2}$",
    "departments.code": r"^(\d{2}|2[AB]|97\d)$",
    "territories.code": _SLUG,
    "territories.kind": r"^(intercommunality|commune)$",
    "categories.code": _SLUG,
    "containers.code": r"^[A-Z_]+$",
    "containers.kind": r"^(bin|drop_off|recycling_centre|take_back)$",
    "containers.colour": r"^(#[0-9A-Fa-f]{6})?$",
    "containers.icon": _SLUG,
    "rules.condition": _SLUG,
    "rules.priority": r"^\d{1,3}$",
    "rules.source_date": SOURCE_DATE,
    "rules.confidence": r"^(high|medium|low)$",
    "rules.undocumented_only": r"^[01]$",
    "products.code": _SLUG,
    "sources.url": r"^(https?://\S+)?$",
}
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sources": ("code", "title", "url", "date", "licence"),
    "regions": ("code", "name"),
    "departments": ("code", "name", "region"),
    "territories": ("code", "name", "department", "kind"),
    "categories": ("code", "name_fr", "name_en", "hint_fr", "hint_en"),
    "containers": (
        *("code", "name_fr", "name_en", "kind", "colour", "icon", "hint_fr", "hint_en"),
    ),
    "rules": (
        *("department", "territory", "category", "condition", "priority", "container"),
        *("other_containers", "condition_fr", "condition_en", "advice_fr", "advice_en"),
        *("sources", "source_date", "confidence", "undocumented_only"),
    ),
    "products": ("code", "name_fr", "synonyms", "category", "containers", "source"),
    "synonyms": ("product", "words"),
}
_MAY_BE_EMPTY = {
    *("department", "territory", "other_containers", "synonyms", "url", "colour"),
    *("hint_fr", "hint_en"),
}


# The columns of the tables are no longer; SQLite would not notice, PostgreSQL would.
_LONGEST: Mapping[str, int] = {
    "regions.name": 64,
    "departments.name": 64,
    "territories.code": 64,
    "territories.name": 128,
    "categories.code": 32,
    "categories.name_fr": 64,
    "categories.name_en": 64,
    "containers.code": 32,
    "containers.name_fr": 96,
    "containers.name_en": 96,
    "containers.icon": 32,
    "rules.condition": 32,
    "rules.condition_fr": 128,
    "rules.condition_en": 128,
    "rules.source_date": 64,
    "products.code": 80,
    "products.name_fr": 255,
    "sources.url": 500,
}
# What must be said once in a file, beside its key.
_UNIQUE = (
    ("regions", ("name",)),
    ("departments", ("name",)),
    ("territories", ("department", "name")),
    ("categories", ("name_fr",)),
    ("categories", ("name_en",)),
    ("containers", ("name_fr",)),
    ("containers", ("name_en",)),
    ("products", ("name_fr",)),
)


class InvalidReference(Exception):
    """The files contradict themselves; `errors` holds every fault as `file:line: message`."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Line:
    """One row of one file and where it stands."""

    file: str
    number: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def codes(self, column: str, *, separator: str = ";") -> tuple[str, ...]:
        """The column as an ordered list."""
        return tuple(part for part in self.values[column].split(separator) if part)


@dataclass(frozen=True)
class Rule:
    """One rule as stored: one place, one material, one condition."""

    department: str
    territory: str | None
    category: str
    condition: str
    priority: int
    container: str
    other_containers: tuple[str, ...]
    condition_fr: str
    condition_en: str
    advice_fr: str
    advice_en: str
    scope: str
    source_name: str
    source_url: str
    source_date: str
    confidence: str
    undocumented_only: bool


@dataclass(frozen=True)
class Reference:
    """Everything waste/data says, checked; rules are expanded to every department."""

    regions: tuple[Line, ...]
    departments: tuple[Line, ...]
    territories: tuple[Line, ...]
    categories: tuple[Line, ...]
    containers: tuple[Line, ...]
    products: tuple[Line, ...]
    rules: tuple[Rule, ...]
    source_titles: Mapping[str, str]


def read_reference(folder: Path) -> Reference:
    """Read and check all files of `folder`.

    Raises
    ------
    InvalidReference
        With every fault found, not only the first.
    """
    errors: list[str] = []
    tables = {name: tuple(_lines(folder, name, errors)) for name in _COLUMNS}
    errors += _faults(tables)
    if errors:
        raise InvalidReference(errors)
    sources = {line["code"]: line for line in tables["sources"]}
    facts = [_rule(line, sources) for line in tables["rules"]]
    return Reference(
        regions=tables["regions"],
        departments=tables["departments"],
        territories=tables["territories"],
        categories=tables["categories"],
        containers=tables["containers"],
        products=tables["products"],
        rules=tuple(_expanded(facts, tables["departments"], tables["categories"])),
        source_titles={code: line["title"] for code, line in sources.items()},
    )


def _lines(folder: Path, name: str, errors: list[str]) -> Iterator[Line]:
    """Yield the well-formed rows of one file; note the others."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        errors.append(f"{path.name}:1: the file is missing")
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        before = path.read_bytes()[: error.start].count(b"\n")
        errors.append(f"{path.name}:{before + 1}: not UTF-8")
        return
    reader = csv.reader(StringIO(text, newline=""))
    header = tuple(next(reader, ()))
    if header != _COLUMNS[name]:
        errors.append(f"{path.name}:1: columns must be {','.join(_COLUMNS[name])}")
        return
    start = 2
    for cells in reader:
        number, start = start, reader.line_num + 1
        if len(cells) != len(header):
            errors.append(f"{path.name}:{number}: {len(cells)} cells instead of {len(header)}")
            continue
        yield Line(path.name, number, dict(zip(header, cells, strict=True)))


def _faults(tables: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    """Yield every fault of well-formed rows, by file and line."""
    codes = {
        name: {line["code"] for line in lines}
        for name, lines in tables.items()
        if "code" in _COLUMNS[name]
    }
    for name, lines in tables.items():
        for line in lines:
            for message in _cell_faults(name, line):
                yield f"{line.file}:{line.number}: {message}"
    for name in tables:
        yield from _repeats(tables[name], _KEYS[name])
    for name, columns in _UNIQUE:
        yield from _repeats(tables[name], columns)
    yield from _unknown_codes(tables, codes)
    yield from _rule_faults(tables)
    labels = TASKS["waste"].labels
    if tuple(line["code"] for line in tables["categories"]) != labels:
        yield f"categories.csv:1: the codes must be the labels of the task: {' '.join(labels)}"


def _cell_faults(name: str, line: Line) -> Iterator[str]:
    for column, value in line.values.items():
        if value != value.strip():
            yield f"{column} has spaces around it"
        if not value and column not in _MAY_BE_EMPTY:
            yield f"{column} is empty"
        elif len(value) > _LONGEST.get(f"{name}.{column}", len(value)):
            yield f"{column} is longer than {_LONGEST[f'{name}.{column}']} characters"
        elif (pattern := _FORMATS.get(f"{name}.{column}")) and not re.search(pattern, value):
            yield f"{column} {value!r} is not of the form {pattern}"


_KEYS: Mapping[str, tuple[str, ...]] = {
    **{name: ("code",) for name in _COLUMNS},
    "rules": ("department", "territory", "category", "condition"),
    "synonyms": ("product",),
}


def _repeats(lines: Sequence[Line], columns: Sequence[str]) -> Iterator[str]:
    """Yield the rows that say again what must be said once, whatever the case."""
    first: dict[tuple[str, ...], int] = {}
    for line in lines:
        key = tuple(line[column].casefold() for column in columns)
        if (seen := first.setdefault(key, line.number)) != line.number:
            said = ", ".join(line[column] for column in columns)
            yield f"{line.file}:{line.number}: {said!r} is already on line {seen}"


def _unknown_codes(
    tables: Mapping[str, Sequence[Line]], codes: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """Yield the references to rows that do not exist."""
    links = (
        ("departments", "region", "regions"),
        ("territories", "department", "departments"),
        ("rules", "department", "departments"),
        ("rules", "territory", "territories"),
        ("rules", "category", "categories"),
        ("rules", "container", "containers"),
        ("rules", "other_containers", "containers"),
        ("rules", "sources", "sources"),
        ("products", "category", "categories"),
        ("products", "containers", "containers"),
        ("products", "source", "sources"),
        ("synonyms", "product", "products"),
    )
    for name, column, target in links:
        for line in tables[name]:
            listed = line.codes(column)
            for code in listed:
                if code not in codes[target]:
                    yield f"{line.file}:{line.number}: {column} {code!r} is not in {target}.csv"
            if len(set(listed)) != len(listed):
                yield f"{line.file}:{line.number}: {column} lists a code twice"


def _rule_faults(tables: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    """Yield what a rule says against itself or against its place."""
    home = {line["code"]: line["department"] for line in tables["territories"]}
    for line in tables["rules"]:
        where = f"{line.file}:{line.number}"
        if line["territory"] and home.get(line["territory"], "") != line["department"]:
            yield f"{where}: {line['territory']!r} is not in department {line['department']!r}"
        if (line["condition"] == DEFAULT) != (line["priority"] == "0"):
            yield f"{where}: priority is 0 for the default and for it only"
        if line["container"] in line.codes("other_containers"):
            yield f"{where}: the container is also among the others"
        if line["undocumented_only"] == "1" and (
            line["department"] or line["condition"] == DEFAULT
        ):
            yield f"{where}: only a national exception may be undocumented_only"
    told = {
        line["category"]
        for line in tables["rules"]
        if not line["department"] and line["condition"] == DEFAULT
    }
    for line in tables["categories"]:
        if line["code"] not in told:
            yield f"rules.csv:1: {line['code']!r} has no national default"


def _rule(line: Line, sources: Mapping[str, Line]) -> Rule:
    """Read one checked row of rules.csv; an empty department means the whole country."""
    cited = [sources[code] for code in line.codes("sources")]
    scope = "departmental" if line["department"] else "national"
    return Rule(
        department=line["department"],
        territory=line["territory"] or None,
        category=line["category"],
        condition=line["condition"],
        priority=int(line["priority"]),
        container=line["container"],
        other_containers=line.codes("other_containers"),
        condition_fr=line["condition_fr"],
        condition_en=line["condition_en"],
        advice_fr=line["advice_fr"],
        advice_en=line["advice_en"],
        scope="local" if line["territory"] else scope,
        source_name=" ; ".join(source["title"] for source in cited),
        source_url=next((source["url"] for source in cited if source["url"]), ""),
        source_date=line["source_date"],
        confidence=line["confidence"],
        undocumented_only=line["undocumented_only"] == "1",
    )


def _expanded(
    facts: Sequence[Rule], departments: Sequence[Line], categories: Sequence[Line]
) -> Iterator[Rule]:
    """Yield the full table: every department, and every territory where it says something."""
    by_place: dict[tuple[str, str | None, str], list[Rule]] = {}
    for fact in facts:
        by_place.setdefault((fact.department, fact.territory, fact.category), []).append(fact)
    territories: dict[tuple[str, str], list[str]] = {}
    for department, territory, category in by_place:
        if territory:
            territories.setdefault((department, category), []).append(territory)
    for department in (line["code"] for line in departments):
        for category in (line["code"] for line in categories):
            whole = _merged(
                by_place["", None, category], by_place.get((department, None, category), [])
            )
            yield from (replace(rule, department=department) for rule in whole)
            for territory in territories.get((department, category), []):
                local = _merged(whole, by_place[department, territory, category])
                yield from (
                    replace(rule, department=department, territory=territory) for rule in local
                )


def _merged(wider: Sequence[Rule], narrower: Sequence[Rule]) -> list[Rule]:
    """Let what a place documents replace what holds around it, condition by condition."""
    rules = {rule.condition: rule for rule in wider}
    if any(rule.condition == DEFAULT for rule in narrower):
        # The place's own rule is known: nobody needs to be asked about it.
        rules = {key: rule for key, rule in rules.items() if not rule.undocumented_only}
    rules.update({rule.condition: rule for rule in narrower})
    return list(rules.values())
