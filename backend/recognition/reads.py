"""Reads of what people sent: CaptureQuerySet; plain, a row as JSON has it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Max, Q

from backend.accounts.models import Consent, User

if TYPE_CHECKING:
    from .models import Capture  # noqa: F401 (named in a string below)


class CaptureQuerySet(models.QuerySet["Capture"]):
    """Captures with what is told of them, in as many queries for a hundred as for one."""

    def shown(self) -> Self:
        """With what its owner sees on the phone; `snapshot` is the newest dataset it stands in."""
        return self.annotate(snapshot=Max("snapshots")).prefetch_related(
            "predictions__model_version", "corrections"
        )

    def visible_to(self, user: User) -> Self:
        """Those whose file a person may see: their own, and to the review desk what may teach."""
        own = Q(user=user)
        if user.is_staff and (
            user.has_perm("recognition.review_correction")
            or user.has_perm("recognition.second_correction")
        ):
            own |= Q(user__in=User.objects.consenting(Consent.Purpose.TRAIN))
        return self.filter(own)


def plain(row: models.Model, *names: str) -> dict[str, Any]:
    """Some attributes of a row as JSON has them."""
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
