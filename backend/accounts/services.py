"""join, attach_login, log_in, change_settings, give_consent, withdraw_consent, erase_person."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import suppress
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest

from backend.waste.services import check_place

from .models import Consent, User

_log = logging.getLogger(__name__)

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


class WrongLogin(Exception):
    """This address and this password are nobody's together."""


class TooManyTries(Exception):
    """Too many wrong logins for one address; `wait` is in seconds."""

    wait = 5 * 60


class NoWayBack(Exception):
    """A pseudonym without a login would be lost with its session."""


class EmailTaken(Exception):
    """Another account logs in with this address."""


def join() -> User:
    """Make a person with a pseudonym and nothing else."""
    for _ in range(_TRIES - 1):
        # Somebody may have what chance chose.
        with suppress(IntegrityError), transaction.atomic():
            return User.objects.create_user(_pseudonym())
    return User.objects.create_user(_pseudonym())


def change_settings(user: User, **wanted: str | None) -> None:
    """Change the locale or the department of a person.

    Raises
    ------
    UnknownDepartment
        If the department does not exist; none at all is allowed.
    """
    if "department" in wanted:
        check_place(wanted["department"])
    for name, column in (("locale", "locale"), ("department", "department_id")):
        if name in wanted:
            setattr(user, column, wanted[name])
    user.save(update_fields=["locale", "department"])


def attach_login(
    request: HttpRequest, user: User, *, email: str, password: str, current_password: str = ""
) -> None:
    """Give a person a way back; who has one already shows its password to change it.

    Raises
    ------
    ValidationError
        If the password is easily guessed.
    WrongLogin, TooManyTries
        If the login they have was not shown.
    EmailTaken
        If another account logs in with this address.
    """
    email = email.lower()
    if not user.is_guest:
        _prove(user, current_password or password)
    user.email = email
    get_adapter().clean_password(password, user=user)
    user.set_password(password)
    address = _keep_login(user, email)
    if settings.EMAIL_HOST and not address.verified:
        _ask_to_verify(request, address)


def log_in(request: HttpRequest, *, email: str, password: str) -> User:
    """Find who this is; what they did here as a guest becomes theirs, and the guest ends.

    Raises
    ------
    WrongLogin, TooManyTries
    """
    account = _authenticate(request, email.lower(), password)
    guest = request.user
    if isinstance(guest, User) and guest.is_guest and guest != account:
        # The same request twice: the other one was first, and the guest is gone.
        with suppress(User.DoesNotExist):
            _carry_over(guest, account)
    return account


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


@transaction.atomic
def erase_person(user: User) -> None:
    """Erase a person: rows, files and sessions, and what the admin's log says of them."""
    _lock(user)
    person = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=person, object_id=str(user.pk)).delete()
    user.delete()


def _say(user: User, purpose: str, *, granted: bool, text_version: str) -> Consent:
    return user.consents.create(purpose=purpose, granted=granted, text_version=text_version)


def _lock(user: User) -> None:
    """Let requests of one person wait for each other until the transaction ends.

    Raises
    ------
    User.DoesNotExist
        If the person has gone meanwhile.
    """
    User.objects.select_for_update().get(pk=user.pk)


def _pseudonym() -> str:
    """Two words and four digits: 12 million of them, none of which says anything."""
    return f"{secrets.choice(_WHO)}-{secrets.choice(_HOW)}-{secrets.randbelow(10_000):04}"


def _authenticate(request: HttpRequest, email: str, password: str) -> User:
    """Look a login up, counted and limited by allauth."""
    try:
        user = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise TooManyTries from error
    if not isinstance(user, User) or not user.is_active:
        raise WrongLogin
    return user


def _prove(user: User, password: str) -> None:
    """Let a person show the password they have, counted as a login is."""
    try:
        proven = get_adapter().reauthenticate(user, password)
    except ValidationError as error:
        raise TooManyTries from error
    if not proven:
        raise WrongLogin


def _keep_login(user: User, email: str) -> EmailAddress:
    """Write a login down, and its address where allauth's mails look for it."""
    elsewhere = EmailAddress.objects.filter(email=email, verified=True).exclude(user=user)
    if elsewhere.exists():
        raise EmailTaken
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "password"])
            EmailAddress.objects.filter(user=user).exclude(email=email).delete()
            address, _ = EmailAddress.objects.get_or_create(
                user=user, email=email, defaults={"primary": True}
            )
    except IntegrityError:
        raise EmailTaken from None
    return address


def _ask_to_verify(request: HttpRequest, address: EmailAddress) -> None:
    """Send the mail that proves an address, not too often; the login is there without it."""
    if not ratelimit.consume(request, action="confirm_email", key=address.email):
        return
    try:
        address.send_confirmation(request)
    except (SMTPException, OSError) as error:
        _log.error("no mail could be sent: %s", error)


@transaction.atomic
def _carry_over(guest: User, account: User) -> None:
    """Make everything of a guest the account's, then end the guest."""
    for user in sorted((guest, account), key=lambda each: each.pk):
        _lock(user)
    guest.sessions.all().delete()
    for key in _keys_to_people():
        _hand_over(key.model._base_manager.filter(**{key.name: guest}), key, account)
    # The last words of the two may not go together.
    store, train = Consent.Purpose.STORE, Consent.Purpose.TRAIN
    if account.consents_to(train) and not account.consents_to(store):
        _say(account, train, granted=False, text_version=TEXT_VERSION)
    guest.delete()


def _keys_to_people() -> Iterator[models.ForeignKey[Any, Any]]:
    """Every foreign key to a person, of whatever app."""
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            yield relation.field


def _hand_over(rows: models.QuerySet[Any], key: models.ForeignKey[Any, Any], account: User) -> None:
    """Give rows to an account; where the account has the like of one, its own stays."""
    try:
        with transaction.atomic():
            rows.update(**{key.name: account})
    except IntegrityError:
        for row in rows:
            _hand_over_one(row, key, account)


def _hand_over_one(row: models.Model, key: models.ForeignKey[Any, Any], account: User) -> None:
    setattr(row, key.name, account)
    try:
        with transaction.atomic():
            row.save(update_fields=[key.name])
    except IntegrityError:
        row.delete()
