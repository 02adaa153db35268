"""The way back: the same history on another phone; and the way out: nothing left."""

import re
from collections.abc import Callable

import pytest

from .conftest import Photo
from .phone import Phone
from .server import Server

pytestmark = pytest.mark.e2e

PASSWORD = "un tamis laisse passer"


def _attach(phone: Phone, email: str) -> None:
    phone.open("#/compte")
    phone.see("#attach-email").send_keys(email)
    phone.see("#attach-password").send_keys(PASSWORD)
    phone.tap("button", text="Ajouter ce courriel")
    phone.see(".who", text=email)


def _log_in(phone: Phone, email: str, password: str) -> None:
    phone.open("#/compte")
    phone.see("#login-email").send_keys(email)
    phone.see("#login-password").send_keys(password)
    phone.tap("button", text="Se connecter")


def _scan(phone: Phone, photo: Photo) -> None:
    phone.open()
    phone.see(".status[data-good]")
    phone.pick(photo[0])
    phone.answers(count=1)
    phone.told(sent=1)


def test_the_same_history_on_another_phone_and_what_that_one_kept_joins_it(
    make_phone: Callable[..., Phone], sure: Photo, unsure: Photo
) -> None:
    one, other = make_phone(), make_phone()
    one.first_visit()
    one.allow()
    _scan(one, sure)
    _attach(one, "deux@exemple.fr")
    other.first_visit()
    other.allow()
    _scan(other, unsure)
    _log_in(other, "deux@exemple.fr", PASSWORD)
    other.see(".who", text="deux@exemple.fr")
    other.open("#/historique")
    other.wait(lambda _driver: len(other.all(".past-head img")) == 2)
    assert not other.all("[data-fate=former]")
    assert len(other.kept("photos")) == 1, "the other photo is shown from the server"
    one.open("#/historique")
    one.wait(lambda _driver: len(one.all(".past")) == 2)
    # Leaving the second phone leaves nothing on it, and all of it in the account.
    other.open("#/compte")
    other.tap(".list-row", text="Se déconnecter")
    other.see(".who", text="pas de compte")
    assert other.kept("captures") == other.kept("photos") == []
    assert len(one.api("/api/captures/")[1]["results"]) == 2


def test_a_wrong_login_says_so(phone: Phone) -> None:
    phone.first_visit()
    _log_in(phone, "personne@exemple.fr", "pas le bon mot")
    assert "ne vont pas ensemble" in phone.see("[role=alert]").text
    assert any("403" in complaint for complaint in phone.complaints())


def test_a_forgotten_password_is_chosen_anew_by_a_mail(
    make_phone: Callable[..., Phone], server: Server, sure: Photo
) -> None:
    one, other = make_phone(), make_phone()
    one.first_visit()
    one.allow()
    _scan(one, sure)
    _attach(one, "oubli@exemple.fr")
    other.first_visit()
    other.open("#/compte")
    other.tap(".quiet", text="Mot de passe oublié")
    other.see("#forgotten-email").send_keys("oubli@exemple.fr")
    other.tap("button", text="Envoyer le lien")
    assert other.see("[role=status]", text="un lien vient de partir")

    def key(_driver: object) -> str | None:
        found = re.search(r"/#/mot-de-passe/([\w-]+)", server.output.read_text(errors="replace"))
        return found and found[1]

    other.open(f"#/mot-de-passe/{other.wait(key)}")
    other.see("#new-password").send_keys("un autre tamis fin")
    other.tap("button", text="Choisir ce mot de passe")
    assert other.see("[role=status]", text="Mot de passe changé")
    _log_in(other, "oubli@exemple.fr", "un autre tamis fin")
    other.see(".who", text="oubli@exemple.fr")
    other.complaints()  # allauth's 401: done, and not logged in by it


def test_everything_is_erased_by_a_word(phone: Phone, server: Server, sure: Photo) -> None:
    before = server.photos()
    phone.first_visit()
    phone.allow(train=True)
    _scan(phone, sure)
    assert len(server.photos() - before) == 1
    phone.open("#/compte")
    assert not phone.see("button.danger").is_enabled()
    phone.see("#erase-word").send_keys("effacer")
    phone.tap("button.danger", text="Effacer pour toujours")
    phone.see(".who", text="pas de compte")
    assert server.photos() == before
    assert phone.kept("captures") == phone.kept("photos") == []
    assert phone.api("/api/me/")[0] == 403
    assert any("403" in complaint for complaint in phone.complaints())
