"""rule_for (the one lookup of a bin), rules_of, search, load_rules."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path

from django.db import transaction

from .models import Department, Product, RuleQuerySet, SortingRule, Territory
from .reference import DEFAULT, read_reference
from .search import Entry, SearchIndex, read_everyday
from .tables import Changes, make_equal

DATA = Path(__file__).parent / "data"


class UnknownDepartment(Exception):
    """No department has this code."""


class UnknownTerritory(Exception):
    """No territory has this code, or it is in another department."""


@dataclass(frozen=True)
class Ruling:
    """What one place does with one material: its rule and its exceptions, likeliest first.

    `local` holds what places inside it document instead.
    """

    rule: SortingRule
    unless: tuple[SortingRule, ...]
    local: tuple["Ruling", ...] = ()


@dataclass(frozen=True)
class Found:
    """A product, how well a name of it fits what was asked (0..1), and which name that is."""

    product: Product
    score: float
    matched: str


@dataclass(frozen=True)
class Listed:
    """A product and the everyday words people say for it."""

    product: Product
    everyday: tuple[str, ...]


@dataclass(frozen=True)
class Loaded:
    """What one load did."""

    rules: int
    defaults: int
    products: int
    changes: Changes


def rule_for(department: str | None, category: str, *, territory: str | None = None) -> Ruling:
    """Answer territory, else department, else nation; `rule.scope` says which level spoke.

    Raises
    ------
    UnknownDepartment, UnknownTerritory
        If the place does not exist; a territory may be given without its department.
    """
    rules = SortingRule.objects.readable().filter(category=category)
    if territory:
        department = _department_of(territory, department)
        if local := _rulings(rules.of_territory(territory)):
            return local[0]
    if department is None:
        return _national(rules)
    if here := _rulings(rules.of_department(department)):
        return here[0]
    raise UnknownDepartment(department)


def rules_of(department: str) -> list[Ruling]:
    """Give what a department does, one ruling per material, each with its territories' own.

    Raises
    ------
    UnknownDepartment
        If there is no such department.
    """
    rules = SortingRule.objects.readable().filter(department=department)
    rulings = _rulings(rules.of_department(department))
    if not rulings:
        raise UnknownDepartment(department)
    local: dict[str, list[Ruling]] = {}
    for ruling in _rulings(rules.of_territories()):
        local.setdefault(ruling.rule.category_id, []).append(ruling)
    return [
        replace(ruling, local=tuple(local.get(ruling.rule.category_id, ()))) for ruling in rulings
    ]


def search(text: str) -> list[Found]:
    """Find products by name or synonym, typos allowed, best first."""
    hits = _index().rank(text)
    products = Product.objects.prefetch_related("outlets__container").in_bulk(
        [hit.code for hit in hits]
    )
    # Another process may have loaded other products since this one prepared its names.
    return [
        Found(products[hit.code], hit.score, hit.matched) for hit in hits if hit.code in products
    ]


def catalogue() -> list[Listed]:
    """All products with every name they are found by: what a phone needs to search alone."""
    everyday = read_everyday(DATA / "synonyms.csv")
    products = Product.objects.prefetch_related("outlets").order_by("code")
    return [Listed(product, everyday.get(product.code, ())) for product in products]


@cache
def _index() -> SearchIndex:
    """Prepare the names of all products, once per process and load."""
    return SearchIndex(
        Entry(
            listed.product.code,
            listed.product.name_fr,
            tuple(listed.product.synonyms),
            listed.everyday,
            listed.product.category_id,
        )
        for listed in catalogue()
    )


def check_place(department: str | None, *, territory: str | None = None) -> None:
    """Refuse a place that does not exist.

    Raises
    ------
    UnknownDepartment, UnknownTerritory
    """
    if department and not Department.objects.filter(pk=department).exists():
        raise UnknownDepartment(department)
    if territory:
        _department_of(territory, department)


def _department_of(territory: str, department: str | None) -> str:
    home = Territory.objects.filter(pk=territory).values_list("department", flat=True).first()
    if home is None or department not in (None, home):
        raise UnknownTerritory(territory)
    return home


def _national(rules: RuleQuerySet) -> Ruling:
    """Read the national rule in a department that has no other; it is stored with each."""
    plain = rules.filter(condition=DEFAULT, scope=SortingRule.Scope.NATIONAL, territory=None)
    department = plain.order_by("department").values_list("department", flat=True).first()
    if department is None:
        raise UnknownDepartment("")
    return _rulings(rules.of_department(department))[0]


def _rulings(rules: Iterable[SortingRule]) -> list[Ruling]:
    """Group ordered rules by place and material."""
    found = []
    for _, group in groupby(rules, key=lambda rule: (rule.territory_id, rule.category_id)):
        *unless, default = group  # the default has priority 0: it comes last
        found.append(Ruling(default, tuple(unless)))
    return found


def load_rules(folder: Path = DATA) -> Loaded:
    """Make the tables equal to the files of `folder`, or change nothing.

    Raises
    ------
    InvalidReference
        If the files have faults; all of them are listed.
    """
    reference = read_reference(folder)
    with transaction.atomic():
        changes = make_equal(reference)
    _index.cache_clear()
    return Loaded(
        rules=len(reference.rules),
        defaults=sum(
            rule.condition == DEFAULT and rule.territory is None for rule in reference.rules
        ),
        products=len(reference.products),
        changes=changes,
    )
