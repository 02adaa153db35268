"""join, change_settings, give_consent, withdraw_consent."""

import secrets
from collections.abc import Callable

from django.db import IntegrityError, transaction

from backend.waste.services import check_place

from .models import Consent, User

# The conditions people read today; an older text stays valid for those who said yes to it.
TEXT_VERSION = "2026-11"

# Animals and manners that agree whatever the gender.
_WHO = (
    *("abeille", "alouette", "belette", "bergeronnette", "blaireau", "castor", "cerf"),
    *("chevreuil", "chouette", "cigale", "cigogne", "coccinelle", "colibri", "cygne", "dauphin"),
    *("fauvette", "fourmi", "genette", "grenouille", "grillon", "grive", "hermine", "hirondelle"),
    *("huppe", "libellule", "loutre", "marmotte", "merle", "moineau", "mouette", "papillon"),
    *("pinson", "renard", "rouge-gorge", "salamandre", "sarcelle", "sittelle", "tortue"),
)
_HOW = (
    *("agile", "agréable", "aimable", "alerte", "calme", "candide", "digne", "drôle", "facile"),
    *("fidèle", "habile", "honnête", "intrépide", "juste", "libre", "logique", "lucide"),
    *("magique", "modeste", "noble", "optimiste", "paisible", "poétique", "rapide", "sage"),
    *("serviable", "sincère", "solide", "sympathique", "tenace", "tranquille", "utile"),
)
_TRIES = 10


class ConsentRequired(Exception):
    """The person has not said yes to this purpose."""

    def __init__(self, purpose: str) -> None:
        super().__init__(f"there is no consent to {purpose}")


class StoreFirst(Exception):
    """Nothing can be learned from what may not be kept."""


def join() -> User:
    """Make a person with a pseudonym and nothing else."""
    return _retry(lambda: User.objects.create_user(_pseudonym()))


def change_settings(user: User, **settings: str | None) -> None:
    """Change the locale or the department of a person.

    Raises
    ------
    UnknownDepartment
        If the department does not exist; none at all is allowed.
    """
    if "locale" in settings:
        user.locale = settings["locale"] or User.Locale.FR
    if "department" in settings:
        check_place(settings["department"], territory=None)
        user.department_id = settings["department"]
    user.save(update_fields=["locale", "department"])


@transaction.atomic
def give_consent(user: User, purpose: str, *, text_version: str = TEXT_VERSION) -> Consent:
    """Write down a yes once per text.

    Raises
    ------
    StoreFirst
        If it is a yes to learning from what may not be kept.
    """
    _lock(user)
    if purpose == Consent.Purpose.TRAIN and not user.consents_to(Consent.Purpose.STORE):
        raise StoreFirst
    last = user.last_word(purpose)
    if last and last.granted and last.text_version == text_version:
        return last
    return _say(user, purpose, granted=True, text_version=text_version)


@transaction.atomic
def withdraw_consent(user: User, purpose: str, *, text_version: str = TEXT_VERSION) -> Consent:
    """Write down a no once; who may not keep may not learn either."""
    _lock(user)
    train = Consent.Purpose.TRAIN
    if purpose == Consent.Purpose.STORE and user.consents_to(train):
        _say(user, train, granted=False, text_version=text_version)
    last = user.last_word(purpose)
    if last and not last.granted:
        return last
    return _say(user, purpose, granted=False, text_version=text_version)


def _say(user: User, purpose: str, *, granted: bool, text_version: str) -> Consent:
    return user.consents.create(purpose=purpose, granted=granted, text_version=text_version)


def _lock(user: User) -> None:
    """Let requests of one person wait for each other until the transaction ends."""
    User.objects.select_for_update().get(pk=user.pk)


def _pseudonym() -> str:
    """Two words and four digits: 12 million of them, none of which says anything."""
    return f"{secrets.choice(_WHO)}-{secrets.choice(_HOW)}-{secrets.randbelow(10_000):04}"


def _retry(make: Callable[[], User]) -> User:
    """Try again where chance chose a pseudonym that somebody has."""
    for _ in range(_TRIES - 1):
        try:
            with transaction.atomic():
                return make()
        except IntegrityError:
            continue
    return make()
