"""Makes the tables equal to a checked reference: create, change, remove; the load's machinery."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Concat

from .models import (
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
from .reference import Reference, Rule

_BATCH = 500
_Key = tuple[Any, ...]


@dataclass(frozen=True)
class Changes:
    """How many rows one load touched."""

    created: int
    changed: int
    removed: int


def make_equal(reference: Reference) -> Changes:
    """Write what differs, and nothing else; the caller holds the transaction."""
    rules = {
        (rule.department, rule.territory, rule.category, rule.condition): rule
        for rule in reference.rules
    }
    wanted: list[_Table] = [
        _Table(Region, {(r["code"],): {"name": r["name"]} for r in reference.regions}),
        _Table(
            Department,
            {(r["code"],): _named(r.values, region_id=r["region"]) for r in reference.departments},
        ),
        _Table(
            Territory,
            {
                (r["code"],): _named(r.values, department_id=r["department"], kind=r["kind"])
                for r in reference.territories
            },
        ),
        _Table(
            Category,
            {
                (r["code"],): _without_code(r.values) | {"position": position}
                for position, r in enumerate(reference.categories)
            },
        ),
        _Table(Container, {(r["code"],): _without_code(r.values) for r in reference.containers}),
        _Table(
            SortingRule,
            {key: _rule_values(rule) for key, rule in rules.items()},
            key=("department_id", "territory_id", "category_id", "condition"),
        ),
        _Table(
            Product,
            {
                (r["code"],): {
                    "name_fr": r["name_fr"],
                    "synonyms": list(r.codes("synonyms", separator="|")),
                    "category_id": r["category"],
                    "source_name": reference.source_titles[r["source"]],
                }
                for r in reference.products
            },
        ),
    ]
    for table in wanted:
        table.write()
    stored = wanted[5].rows
    listed = _relist(
        RuleAlternative,
        "rule_id",
        {stored[key].pk: rule.other_containers for key, rule in rules.items()},
    ) + _relist(
        ProductContainer,
        "product_id",
        {r["code"]: r.codes("containers") for r in reference.products},
    )
    for table in reversed(wanted):  # what others point to goes last
        table.remove_stale()
    return Changes(
        created=sum(table.created for table in wanted),
        changed=sum(table.changed for table in wanted) + listed,
        removed=sum(len(table.stale) for table in wanted),
    )


def _named(values: Mapping[str, str], **links: str) -> dict[str, Any]:
    return {"name": values["name"], **links}


def _without_code(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "code"}


def _rule_values(rule: Rule) -> dict[str, Any]:
    return {
        "priority": rule.priority,
        "container_id": rule.container,
        "condition_fr": rule.condition_fr,
        "condition_en": rule.condition_en,
        "advice_fr": rule.advice_fr,
        "advice_en": rule.advice_en,
        "scope": rule.scope,
        "source_name": rule.source_name,
        "source_url": rule.source_url,
        "source_date": rule.source_date,
        "confidence": rule.confidence,
    }


class _Table:
    """One table, its wanted rows by key, and what had to be done."""

    def __init__(
        self,
        model: type[models.Model],
        wanted: Mapping[_Key, Mapping[str, Any]],
        *,
        key: Sequence[str] = ("pk",),
    ) -> None:
        self.model = model
        self.wanted = wanted
        self.key = key
        self.rows: dict[_Key, models.Model] = {}
        self.stale: list[Any] = []
        self.created = self.changed = 0

    def write(self) -> None:
        """Create the missing rows and change those that differ."""
        manager = self.model._default_manager
        present = {tuple(getattr(row, name) for name in self.key): row for row in manager.all()}
        self.stale = [row.pk for key, row in present.items() if key not in self.wanted]
        self._free_names()
        new, changed = [], []
        for key, values in self.wanted.items():
            row = present.get(key) or self.model(**dict(zip(self.key, key, strict=True)))
            self.rows[key] = row
            differs = [name for name, value in values.items() if getattr(row, name) != value]
            for name in differs:
                setattr(row, name, values[name])
            if key not in present:
                new.append(row)
            elif differs:
                changed.append(row)
        manager.bulk_create(new, batch_size=_BATCH)
        if changed:
            names = list(next(iter(self.wanted.values())))
            manager.bulk_update(changed, names, batch_size=_BATCH)
        self.created, self.changed = len(new), len(changed)

    def _free_names(self) -> None:
        """Let a row under a new code take the name of the one that goes."""
        for field in self.model._meta.concrete_fields:
            if field.unique and not field.primary_key and isinstance(field, models.CharField):
                for part in _parts(self.stale):
                    gone = self.model._default_manager.filter(pk__in=part)
                    gone.update(**{field.name: Concat(Value("gone: "), F("pk"))})

    def remove_stale(self) -> None:
        """Remove the rows that no file names any more."""
        for part in _parts(self.stale):
            self.model._default_manager.filter(pk__in=part).delete()


def _relist(model: type[models.Model], parent: str, wanted: Mapping[Any, Sequence[str]]) -> int:
    """Rewrite the ordered containers of each parent whose list differs; return how many did."""
    manager = model._default_manager
    present: dict[Any, list[str]] = {}
    for owner, container in manager.order_by("position").values_list(parent, "container_id"):
        present.setdefault(owner, []).append(container)
    differs = [owner for owner, codes in wanted.items() if present.get(owner, []) != list(codes)]
    for part in _parts([owner for owner in differs if owner in present]):
        manager.filter(**{f"{parent}__in": part}).delete()
    manager.bulk_create(
        [
            model(**{parent: owner, "container_id": code, "position": position})
            for owner in differs
            for position, code in enumerate(wanted[owner])
        ],
        batch_size=_BATCH,
    )
    return sum(owner in present for owner in differs)


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a long list: SQLite takes few parameters at once."""
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
