"""User: pseudonymous by default, an email only for those who want to log in."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Makes users; without a password nobody can log in as them."""

    def create_user(self, pseudonym: str, *, password: str | None = None, **fields: Any) -> "User":
        """Make a user; no password means an unusable one."""
        user = self.model(pseudonym=pseudonym, **fields)
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
