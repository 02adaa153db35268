"""GET departments/, departments/{code}/rules/, products/?q=."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from backend.waste.models import Container, SortingRule
from ml.task import TASKS

pytestmark = pytest.mark.django_db


def rules(client: Client, code: str) -> dict[str, Any]:
    response = client.get(f"/api/departments/{code}/rules/")
    assert response.status_code == 200
    return {rule["category"]: rule for rule in response.json()}


def test_all_departments_are_listed_with_region_and_territories(client: Client) -> None:
    departments = client.get("/api/departments/").json()
    assert len(departments) == 101
    codes = [department["code"] for department in departments]
    assert codes == sorted(codes)
    assert {"01", "2A", "2B", "75", "976"} <= set(codes)
    gironde = next(d for d in departments if d["code"] == "33")
    assert gironde["name"] == "Gironde"
    assert gironde["region"] == {"code": "75", "name": "Nouvelle-Aquitaine"}
    assert {
        "code": "bordeaux-metropole",
        "name": "Bordeaux Métropole",
        "kind": "intercommunality",
    } in gironde["territories"]


@pytest.mark.parametrize("code", ["01", "2A", "33", "976"])
def test_a_department_has_one_sourced_rule_per_material(client: Client, code: str) -> None:
    found = client.get(f"/api/departments/{code}/rules/").json()
    assert tuple(rule["category"] for rule in found) == TASKS["waste"].labels
    containers = set(Container.objects.values_list("code", flat=True))
    for rule in found:
        for said in (rule, *rule["unless"], *rule["local"]):
            assert said["container"]["code"] in containers
            assert set(said["other_containers"]) <= containers
            assert said["source"]
            assert said["source_date"]
            assert said["advice_fr"]
            assert said["advice_en"]
            assert said["scope"] in ("national", "departmental", "local")


def test_gironde_has_its_thirteen_documented_rules(client: Client) -> None:
    gironde = rules(client, "33")
    assert {rule["scope"] for rule in gironde.values()} == {"departmental"}
    assert "Bordeaux Métropole" in gironde["plastique"]["source"]
    assert gironde["pierre"]["source_date"] == "2005-09-19"
    assert gironde["electronique"]["source_date"] == "undated"
    assert gironde["cuir"]["confidence"] == "low"


def test_exceptions_come_as_questions_likeliest_first(client: Client) -> None:
    plastic = rules(client, "35")["plastique"]
    keys = [exception["key"] for exception in plastic["unless"]]
    assert keys[0] == "object"
    assert "packaging-overseas" not in keys
    assert "default" not in keys
    priorities = [
        SortingRule.objects.get(
            department="35", territory=None, category="plastique", condition=key
        ).priority
        for key in keys
    ]
    assert priorities == sorted(priorities, reverse=True)


def test_a_territory_overrides_its_department_and_keeps_the_other_exceptions(
    client: Client,
) -> None:
    garden = rules(client, "33")["dechets_verts"]
    local = {rule["territory"]: rule for rule in garden["local"]}
    smicval = local["smicval-libournais-haute-gironde"]
    # Documented there: one exception only; the rest holds as around it.
    assert smicval["scope"] == "departmental"
    assert smicval["unless"][0]["key"] == "tontes"
    assert smicval["unless"][0]["scope"] == "local"
    assert {e["key"] for e in garden["unless"]} < {e["key"] for e in smicval["unless"]}
    assert "tontes" not in {e["key"] for e in garden["unless"]}


def test_where_paper_is_known_to_be_apart_nobody_is_asked(client: Client) -> None:
    asked = {"blue-bank"}
    assert asked <= {e["key"] for e in rules(client, "35")["papier"]["unless"]}
    vendee = rules(client, "85")["papier"]
    assert vendee["container"]["code"] == "BORNE_PAPIER"
    assert not asked & {e["key"] for e in vendee["unless"]}
    lille = next(r for r in rules(client, "59")["papier"]["local"])
    assert not asked & {e["key"] for e in lille["unless"]}


def test_rules_travel_once_and_small(client: Client) -> None:
    url = "/api/departments/33/rules/"
    first = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert len(first.content) < 20_000
    assert len(json.loads(gzip.decompress(first.content))) == 13
    again = client.get(
        url, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    SortingRule.objects.filter(department="33").update(advice_fr="Autre chose.")
    changed = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize("code", ["99", "2C", "00", "toString"])
def test_an_unknown_department_is_a_problem(client: Client, code: str) -> None:
    response = client.get(f"/api/departments/{code}/rules/")
    assert response.status_code == 404
    assert response.json()["type"] == "/problems/unknown-department"


def test_rules_and_departments_take_few_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        client.get("/api/departments/33/rules/")
    with django_assert_max_num_queries(2):
        client.get("/api/departments/")


@pytest.mark.parametrize(
    ("query", "category", "container"),
    [
        ("pot de yaourt", "plastique", "BAC_JAUNE"),
        ("boutteille en vere", "verre", "BORNE_VERRE"),
        ("pile jetable", "electronique", "BAC_PILES_LAMPES"),
    ],
)
def test_a_product_is_found_by_its_name_typos_allowed(
    client: Client, query: str, category: str, container: str
) -> None:
    found = client.get("/api/products/", {"q": query}).json()
    assert 1 <= len(found) <= 20
    scores = [product["score"] for product in found]
    assert scores == sorted(scores, reverse=True)
    assert found[0]["category"] == category
    assert container in [place["code"] for place in found[0]["containers"]]
    assert set(found[0]["containers"][0]) >= {"code", "name_fr", "name_en", "colour", "icon"}


def test_a_products_places_keep_their_order(client: Client) -> None:
    found = client.get("/api/products/", {"q": "Abattant de WC en bois"}).json()[0]
    codes = [place["code"] for place in found["containers"]]
    assert codes == ["POINT_BATIMENT", "ENCOMBRANTS", "DECHETERIE"]


@pytest.mark.parametrize("parameters", [{}, {"q": ""}, {"q": "   "}, {"q": "a" * 500}, {"q": "\0"}])
def test_a_search_for_nothing_is_malformed(client: Client, parameters: dict[str, str]) -> None:
    response = client.get("/api/products/", parameters)
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/malformed"
    assert response.json()["errors"][0]["pointer"] == "/q"


def test_a_search_that_finds_nothing_is_an_empty_list(client: Client) -> None:
    response = client.get("/api/products/", {"q": "xqzwvk"})
    assert (response.status_code, response.json()) == (200, [])


def test_a_hit_says_which_of_its_names_answered(client: Client) -> None:
    found = client.get("/api/products/", {"q": "sopalin"}).json()[0]
    assert found["matched"] == "sopalin"


def test_the_catalogue_lets_a_phone_search_alone(client: Client) -> None:
    response = client.get("/api/products/catalogue/")
    kept = response.json()
    assert len(kept["products"]) == 1248
    codes = [product["code"] for product in kept["products"]]
    assert codes == sorted(codes)
    places = {container["code"] for container in kept["containers"]}
    assert all(set(product["containers"]) <= places for product in kept["products"])
    asked = client.get("/api/products/", {"q": "sopalin"}).json()[0]
    listed = next(product for product in kept["products"] if product["code"] == asked["code"])
    assert asked["matched"] in listed["everyday"]
    assert listed["containers"] == [container["code"] for container in asked["containers"]]
    again = client.get("/api/products/catalogue/", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
