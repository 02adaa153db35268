"""Admin of the rules: read, filtered, searched, with their source; never changed."""

import pytest
from django.test import Client

from backend.waste.models import SortingRule
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/waste/sortingrule/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user("chef", is_staff=True, is_superuser=True))
    return client


def test_a_rule_is_found_by_place_and_shows_its_source(staff: Client) -> None:
    page = staff.get(LIST, {"q": "Vendée papier", "department__code__exact": "85"})
    text = page.content.decode()
    assert "colonne" in text or "Trivalis" in text
    assert "https://trivalis.fr/le-papier-dans-les-colonnes-bleues" in text


@pytest.mark.parametrize("filters", [{"scope__exact": "local"}, {"confidence__exact": "low"}])
def test_rules_can_be_filtered(staff: Client, filters: dict[str, str]) -> None:
    assert staff.get(LIST, filters).status_code == 200


@pytest.mark.filterwarnings("ignore:The default scheme:DeprecationWarning")
def test_rules_cannot_be_changed_there(staff: Client) -> None:
    rule = SortingRule.objects.all()[0]
    assert staff.get(f"{LIST}{rule.pk}/change/").status_code == 200
    assert staff.post(f"{LIST}{rule.pk}/change/", {"advice_fr": "x"}).status_code == 403
    assert staff.get(f"{LIST}add/").status_code == 403


def test_the_page_of_rules_takes_few_queries(
    staff: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        staff.get(LIST)
