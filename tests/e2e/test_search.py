"""An object by its name, beside the camera: typing errors allowed."""

import pytest

from .phone import Phone

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("typed", "bin"),
    [("pot de yaourt", "Bac ou sac jaune"), ("bouteile en vere", "verre"), ("pilles", "piles")],
)
def test_what_is_typed_leads_to_a_bin(phone: Phone, typed: str, bin: str) -> None:
    phone.first_visit()
    phone.tap(".search-link")
    phone.see("#query").send_keys(typed)
    first = phone.see(".product")
    assert bin in first.find_element("css selector", ".bin-name").text


def test_nothing_found_says_so(phone: Phone) -> None:
    phone.first_visit()
    phone.open("#/chercher")
    phone.see("#query").send_keys("xqzwkj")
    assert "xqzwkj" in phone.see(".empty[role=status]").text


def test_a_hit_by_an_everyday_word_says_so(phone: Phone) -> None:
    phone.first_visit()
    phone.open("#/chercher")
    phone.see("#query").send_keys("sopalin")
    assert "sopalin" in phone.see(".product .small").text
