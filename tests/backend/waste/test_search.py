"""search: an everyday query finds an accepted outlet first; noise finds nothing, quickly."""

import csv
import json
import string
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from django.test import Client

from backend.waste.french import fold, sound, stem
from backend.waste.search import Hit, SearchIndex, read_everyday
from tests.golden.search.make import DATA, EXPECTED, answers, entries

QUERIES = Path(__file__).with_name("queries.csv")

with (DATA / "products.csv").open(encoding="utf-8", newline="") as rows:
    PRODUCTS = list(csv.DictReader(rows))
PLACES = {row["code"]: row["containers"].split(";") for row in PRODUCTS}
EVERYDAY = read_everyday(DATA / "synonyms.csv")
ENTRIES = list(entries())


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex(ENTRIES)


def first_place(hits: list[Hit]) -> str:
    """Where the first result goes once it is beyond use."""
    places = PLACES[hits[0].code] if hits else []
    return next((place for place in places if place != "REEMPLOI"), "")


def share_right(half: str, rank: Callable[[str], list[Hit]]) -> float:
    with QUERIES.open(encoding="utf-8") as rows:
        asked = [row for row in csv.DictReader(rows) if row["half"] == half]
    right = [first_place(rank(row["query"])) in row["containers"].split(";") for row in asked]
    return sum(right) / len(right)


def trigrams(text: str) -> set[str]:
    padded = [f"  {word} " for word in fold(text).split()]
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}


NAMES = [
    (trigrams(name), entry.code, name)
    for entry in ENTRIES
    for name in (entry.name, *entry.synonyms)
]


def by_trigrams(query: str) -> list[Hit]:
    """The baseline: the name that shares most trigrams with the query."""
    asked = trigrams(query)
    best = max((len(asked & own) / len(asked | own), code, name) for own, code, name in NAMES)
    return [Hit(best[1], best[0], best[2])]


# `tune` was tuned on; `held` only measured, until its last errors were read. `fresh`, `late` and
# `blind` were each written against a frozen search: 97, 92 and 99 % right at their first reading.
@pytest.mark.parametrize("half", ["tune", "held", "fresh", "late", "blind"])
def test_an_everyday_query_with_typos_finds_an_accepted_outlet_first(
    index: SearchIndex, half: str
) -> None:
    assert share_right(half, index.rank) >= 0.97


def test_it_finds_far_more_than_trigrams_do(index: SearchIndex) -> None:
    assert share_right("blind", index.rank) >= share_right("blind", by_trigrams) + 0.15


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("pot de yaourt", "BAC_JAUNE"),
        ("bouteille de shampoing", "BAC_JAUNE"),
        ("éponge", "ORDURES_MENAGERES"),
        ("coton tige", "ORDURES_MENAGERES"),
        ("huile de friture", "DECHETERIE"),
        ("sapin", "DECHETS_VERTS"),
        ("médicaments périmés", "PHARMACIE"),
        ("où jeter une vieille poêle ?", "POINT_COLLECTE"),
        ("VÊTEMENTS", "BORNE_TEXTILE"),
        ("bouteil", "BAC_JAUNE"),
        ("bouteille de vain", "BORNE_VERRE"),
        ("essuietout", "BIODECHETS"),
        ("tetra pak", "BAC_JAUNE"),
    ],
)
def test_what_people_say_goes_where_it_belongs(index: SearchIndex, query: str, place: str) -> None:
    assert first_place(index.rank(query)) == place


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("verre", "BORNE_VERRE"),
        ("plastique", "BAC_JAUNE"),
        ("carton", "BAC_JAUNE"),
        ("textile", "BORNE_TEXTILE"),
        ("bois", "DECHETERIE"),
        ("alu", "BAC_JAUNE"),
    ],
)
def test_a_bare_material_answers_with_its_usual_place(
    index: SearchIndex, query: str, place: str
) -> None:
    assert first_place(index.rank(query)) == place


@pytest.mark.parametrize(
    ("plastic", "other"),
    [
        ("bouteille en plastique", "bouteille en verre"),
        ("pot de yaourt en plastique", "pot de yaourt en verre"),
        ("couverts en plastique", "couverts en métal"),
    ],
)
def test_a_material_word_chooses_between_products(
    index: SearchIndex, plastic: str, other: str
) -> None:
    assert first_place(index.rank(plastic)) == "BAC_JAUNE"
    assert first_place(index.rank(other)) not in ("BAC_JAUNE", "")


@pytest.mark.parametrize("name", ["bouteille", "médicament", "chaussures", "matelas"])
def test_a_word_is_found_while_it_is_typed(index: SearchIndex, name: str) -> None:
    whole = first_place(index.rank(name))
    for end in range(len(name) * 2 // 3, len(name)):
        assert first_place(index.rank(name[:end])) == whole, name[:end]


def test_every_product_is_found_by_its_own_name(index: SearchIndex) -> None:
    lost = [
        row["name_fr"]
        for row in PRODUCTS[::4]
        if len(row["name_fr"]) <= 60
        and row["code"] not in [hit.code for hit in index.rank(row["name_fr"])]
    ]
    assert lost == []


@pytest.mark.parametrize(
    "query",
    ["", "   ", "?!…", "🍾", "'; DROP TABLE waste_product; --", "licorne", "qsdfghjklm", "Привет"],
)
def test_what_names_nothing_finds_nothing(index: SearchIndex, query: str) -> None:
    assert index.rank(query) == []


@pytest.mark.parametrize(
    "query",
    ["a" * 10_000, "bouteille " * 1_000, "é\u0301" * 5_000, "\x00\ud800 verre", "x y " * 999],
)
def test_an_endless_query_is_answered_at_once(index: SearchIndex, query: str) -> None:
    start = perf_counter()
    index.rank(query)
    assert perf_counter() - start < 1.0


def test_any_noise_gets_an_ordered_answer(index: SearchIndex) -> None:
    random = Random(1)
    for _ in range(50):
        query = "".join(random.choices(string.printable, k=random.randrange(1, 40)))
        hits = index.rank(query)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert all(0 < hit.score <= 1 for hit in hits)


def test_the_answer_does_not_depend_on_the_order_of_the_products(index: SearchIndex) -> None:
    turned = SearchIndex(reversed(ENTRIES))
    for query in ("bouteille", "vieux jouet", "boite", "table", "sac", "pile de montre"):
        assert turned.rank(query) == index.rank(query)


def test_no_more_results_than_asked(index: SearchIndex) -> None:
    assert len(index.rank("table", 3)) == 3
    assert len(index.rank("bouteille")) <= 20


def test_everyday_words_name_known_products_and_only_one_each() -> None:
    assert set(EVERYDAY) <= set(PLACES)
    words = [fold(word) for said in EVERYDAY.values() for word in said]
    assert sorted(set(words)) == sorted(words)


@pytest.mark.parametrize(
    ("written", "heard_as"),
    [
        ("bouteil", "bouteille"),
        ("champoing", "shampoing"),
        ("plastik", "plastique"),
        ("konserve", "conserve"),
        ("anpoule", "ampoule"),
        ("frigidère", "frigidaire"),
        ("vain", "vin"),
        ("telefone", "téléphone"),
    ],
)
def test_words_that_sound_alike_are_written_alike(written: str, heard_as: str) -> None:
    assert sound(fold(written)) == sound(fold(heard_as))


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("journaux", "journal"), ("tuyaux", "tuyau"), ("couteaux", "couteau"), ("os", "os")],
)
def test_a_plural_is_its_singular(plural: str, singular: str) -> None:
    assert stem(plural) == stem(singular)


def test_the_golden_answers_the_phone_is_held_to_are_of_today() -> None:
    assert json.loads(EXPECTED.read_text(encoding="utf-8")) == answers()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "code", "place"),
    [
        ("sopalin", "essuie-tout-papier", "BIODECHETS"),
        ("vieux télefone", "telephone-mobile", "REPRISE_MAGASIN"),
    ],
)
def test_the_api_answers_with_the_product_and_its_places(
    client: Client, query: str, code: str, place: str
) -> None:
    products = client.get("/api/products/", {"q": query}).json()
    assert products[0]["code"] == code
    assert place in [container["code"] for container in products[0]["containers"]]
