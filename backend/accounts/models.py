"""User, pseudonymous by default; Consent: what each allows, never rewritten; Session."""

from typing import Any, ClassVar, Self
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from backend.waste.models import Department

from .sessions import SessionStore


class UserQuerySet(models.QuerySet["User"]):
    """Reads of people."""

    def consenting(self, purpose: str) -> Self:
        """Those whose last word on a purpose is yes."""
        said = Consent.objects.filter(user=OuterRef("pk"), purpose=purpose).order_by("-pk")
        return self.annotate(_last_word=Subquery(said.values("granted")[:1])).filter(
            _last_word=True
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users; without a password nobody can log in as them."""

    def create_user(self, pseudonym: str, *, password: str | None = None, **fields: Any) -> "User":
        """Make a user; no password means an unusable one."""
        user: User = self.model(pseudonym=pseudonym, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, pseudonym: str, *, password: str | None = None, **fields: Any
    ) -> "User":
        """Make a user who may do everything in the admin."""
        return self.create_user(
            pseudonym, password=password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by a pseudonym."""

    class Locale(models.TextChoices):
        FR = "fr", "français"
        EN = "en", "English"

    pseudonym = models.CharField("pseudonyme", max_length=64, unique=True)
    # Null, not "", for those without: two of them must not collide.
    email = models.EmailField("courriel", null=True, blank=True, unique=True)  # noqa: DJ001
    department = models.ForeignKey(
        Department,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="département",
    )
    # Where this person's captures stand in a dataset: a random name, so that a snapshot tells
    # nobody who took them, and a fixed one, so that they never change sides of a split.
    dataset_group = models.UUIDField(
        "groupe du jeu de données", default=uuid4, unique=True, editable=False
    )
    locale = models.CharField("langue", max_length=2, choices=Locale.choices, default=Locale.FR)
    is_staff = models.BooleanField("équipe", default=False)
    is_active = models.BooleanField("actif", default=True)
    joined_at = models.DateTimeField("arrivée", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "pseudonym"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "personne"
        constraints = [
            models.CheckConstraint(condition=~Q(pseudonym=""), name="user_has_a_pseudonym"),
            # A CHECK passes on NULL; here that is meant: no email at all.
            models.CheckConstraint(
                condition=Q(email__isnull=True) | (Q(email=Lower("email")) & ~Q(email="")),
                name="email_is_lower_case",
            ),
            models.CheckConstraint(condition=Q(locale__in=["fr", "en"]), name="locale_is_spoken"),
        ]

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def is_guest(self) -> bool:
        """Known by a session alone: whoever loses it has no way back."""
        return not self.has_usable_password()

    def consents_to(self, purpose: str) -> bool:
        """Tell this person's last word on a purpose; silence is no."""
        last = self.last_word(purpose)
        return last is not None and last.granted

    def last_word(self, purpose: str) -> "Consent | None":
        """What this person said last on a purpose, if anything."""
        return self.consents.filter(purpose=purpose).order_by("-pk").first()

    def last_words(self) -> "dict[str, Consent | None]":
        """What this person said last on each purpose; None where nothing was ever said."""
        said = {consent.purpose: consent for consent in self.consents.order_by("pk")}
        return {purpose: said.get(purpose) for purpose in Consent.Purpose.values}

    def exported(self) -> dict[str, Any]:
        """What a person is told of themselves."""
        return {
            "pseudonym": self.pseudonym,
            "email": self.email,
            "locale": self.locale,
            "department": self.department_id,
            "dataset_group": str(self.dataset_group),
            "joined_at": self.joined_at.isoformat(),
        }


class Consent(models.Model):
    """One word of one person on one purpose; the last one counts, all of them stay."""

    class Purpose(models.TextChoices):
        STORE = "store", "garder mes captures"
        TRAIN = "train", "apprendre de mes captures"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField("usage", max_length=16, choices=Purpose.choices)
    granted = models.BooleanField("accordé")
    text_version = models.CharField("version du texte", max_length=16)
    created_at = models.DateTimeField("dit le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "consentement"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["user", "purpose", "-created_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(purpose__in=["store", "train"]), name="purpose_is_known"
            ),
            models.CheckConstraint(condition=~Q(text_version=""), name="consent_names_its_text"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.purpose} {'oui' if self.granted else 'non'}"

    def exported(self) -> dict[str, Any]:
        """What a person is told of this word of theirs."""
        return {
            "purpose": self.purpose,
            "granted": self.granted,
            "text_version": self.text_version,
            "at": self.created_at.isoformat(),
        }


class Session(AbstractBaseSession):
    """A session and whose it is: who is erased, or carried over, leaves none behind."""

    # Without a constraint: a request that ends after the erasure must not fail on it.
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="sessions", db_constraint=False
    )

    class Meta:
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore
