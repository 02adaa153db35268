"""Who makes a truth of what people say: review, reopen, mark_canary, and what is open to them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from backend.accounts.models import Consent, User
from ml.task import TASKS

from .models import Capture, Correction

DECIDE = "recognition.review_correction"
SECOND = "recognition.second_correction"
_Status = Correction.Status


class Refused(Exception):
    """A decision that was not taken; nothing changed."""


class NotYours(Refused):
    """This person has no say on this capture: it is their own, or they were given no right."""


class NotOpen(Refused):
    """It was decided otherwise before, or there is nothing decided to take back or keep."""


class NoConsent(Refused):
    """Its owner does not, or no longer, let others learn from it."""


class UnknownLabel(Refused):
    """The task has no such label."""


class Outcome(NamedTuple):
    """Where a capture stands: its truth, or rejected, or neither."""

    truth: str | None
    rejected: bool

    @property
    def open(self) -> bool:
        return self.truth is None and not self.rejected


def reviewable(task: str) -> QuerySet[Capture]:
    """The captures of a task that others may look at: their owner says yes to training, today."""
    consenting = User.objects.consenting(Consent.Purpose.TRAIN)
    return Capture.objects.filter(task=task, user__in=consenting)


def in_state(captures: QuerySet[Capture], state: str) -> QuerySet[Capture]:
    """Those that are `open`, `decided` (they have a truth) or `rejected`: always one of three.

    Rejected means that something was refused and nothing waits; a new word of the owner opens it.
    """
    said = Correction.objects.filter(capture=OuterRef("pk"))
    decided = Exists(said.filter(status=_Status.ACCEPTED))
    closed = Exists(said.filter(status=_Status.REJECTED)) & ~Exists(
        said.filter(status=_Status.PENDING)
    )
    if state == "decided":
        return captures.filter(decided)
    if state == "rejected":
        return captures.filter(~decided, closed)
    return captures.filter(~decided, ~closed)


def outcome(corrections: Sequence[Correction]) -> Outcome:
    """Say of one capture's corrections what `in_state` says in SQL."""
    statuses = {said.status for said in corrections}
    truth = next((said.label for said in corrections if said.status == _Status.ACCEPTED), None)
    rejected = truth is None and _Status.REJECTED in statuses and _Status.PENDING not in statuses
    return Outcome(truth, rejected)


def may_enter(user: User) -> bool:
    """Tell whether somebody's word counts beside the owner's; leaving the team ends it."""
    return user.is_staff and (user.has_perm(DECIDE) or user.has_perm(SECOND))


@transaction.atomic
def review(capture: Capture, *, by: User, label: str | None) -> Outcome:
    """Say what a capture shows, or with None that nothing can be learned from it.

    A reviewer decides alone. A volunteer only seconds: the truth is made where two independent
    people say the same, and a volunteer never rejects. Who repeats a decision changes nothing;
    who comes second with another one is told.

    Raises
    ------
    NotYours, NoConsent, UnknownLabel
        If this person may not say this of this capture.
    NotOpen
        If somebody decided otherwise before.
    """
    held = _held(capture, by)
    if label is not None and label not in TASKS[held.task].labels:
        raise UnknownLabel(label)
    if label is None and not by.has_perm(DECIDE):
        raise NotYours("a volunteer does not reject")
    before = outcome(_said(held))
    if not before.open:
        if before == Outcome(label, label is None):
            return before
        raise NotOpen(str(held))
    if label is None:
        _reject(held, by)
    elif by.has_perm(DECIDE):
        _decide(held, by, label)
    else:
        _second(held, by, label)
    return outcome(_said(held))


@transaction.atomic
def reopen(capture: Capture, *, by: User) -> Outcome:
    """Take a decision back: what its owner and volunteers said waits again.

    A volunteer takes back only their own word, and the truth it made where it made one.

    Raises
    ------
    NotYours, NoConsent
        As in `review`.
    NotOpen
        If there is nothing of theirs to take back.
    """
    held = _held(capture, by)
    said = _said(held)
    if by.has_perm(DECIDE):
        if outcome(said).open:
            raise NotOpen(str(held))
        # A reviewer's own row is the decision itself, not a word that could wait again.
        held.corrections.filter(author=F("reviewer")).delete()
        _wait_again(held)
    else:
        own = next((word for word in said if word.author_id == by.pk), None)
        truth = next((word for word in said if word.status == _Status.ACCEPTED), own)
        if own is None or truth is None or truth.reviewer_id or own.label != truth.label:
            raise NotOpen(str(held))
        own.delete()
        _wait_again(held)
    return outcome(_said(held))


@transaction.atomic
def mark_canary(capture: Capture, *, by: User, canary: bool = True) -> None:
    """Keep a decided capture as a past failure that no later model may repeat, or let it go.

    Raises
    ------
    NotYours, NoConsent
        As in `review`; volunteers do not choose canaries.
    NotOpen
        If it has no truth yet.
    """
    held = _held(capture, by)
    if not by.has_perm(DECIDE):
        raise NotYours("a volunteer chooses no canary")
    if outcome(_said(held)).truth is None:
        raise NotOpen(str(held))
    held.is_canary = canary
    held.save(update_fields=["is_canary"])


def _held(capture: Capture, by: User) -> Capture:
    """Hold the row until the transaction ends: who clicks at the same time waits here."""
    rows = Capture.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    held = rows.get(pk=capture.pk)
    if held.user_id == by.pk or not may_enter(by):
        raise NotYours(str(held))
    if not held.user.consents_to(Consent.Purpose.TRAIN):
        raise NoConsent(str(held))
    return held


def _said(held: Capture) -> list[Correction]:
    return list(held.corrections.select_related("author").order_by("pk"))


def _waiting(held: Capture) -> QuerySet[Correction]:
    return held.corrections.filter(status=_Status.PENDING)


def _refuse(words: QuerySet[Correction], by: User | None) -> None:
    words.update(status=_Status.REJECTED, reviewer=by, reviewed_at=timezone.now())


def _accept(word: Correction, by: User | None) -> None:
    """Make a word the truth; those who said otherwise are refused.

    Who said the same was right: their word stays as it is, a truth is one row.
    """
    word.status, word.reviewer, word.reviewed_at = _Status.ACCEPTED, by, timezone.now()
    word.save()
    _refuse(_waiting(word.capture).exclude(label=word.label), by)


def _own(held: Capture, by: User, label: str) -> Correction:
    """This person's row, made or said anew."""
    row = held.corrections.filter(author=by).first() or Correction(capture=held, author=by)
    row.label, row.status, row.reviewer, row.reviewed_at = label, _Status.PENDING, None, None
    return row


def _reject(held: Capture, by: User) -> None:
    """Refuse every word; where nobody spoke, the row says that the model's guess was refused."""
    if _waiting(held).exists():
        _refuse(_waiting(held), by)
        return
    guess = held.predictions.exclude(label=None).order_by("-origin", "-pk").first()
    label = guess.label if guess is not None and guess.label else TASKS[held.task].labels[-1]
    row = _own(held, by, label)
    row.status, row.reviewer, row.reviewed_at = _Status.REJECTED, by, timezone.now()
    row.save()


def _decide(held: Capture, by: User, label: str) -> None:
    """Accept the owner's word where it says the same, else the reviewer's own."""
    owners = _waiting(held).filter(author=held.user, label=label).first()
    _accept(owners or _own(held, by, label), by)


def _second(held: Capture, by: User, label: str) -> None:
    """Keep a volunteer's word; with the owner's, or an earlier volunteer's, it makes the truth.

    Volunteers replace neither an owner who says otherwise nor one another: where they do not
    agree, a reviewer decides.
    """
    _own(held, by, label).save()
    others = [
        word
        for word in _said(held)
        if word.status == _Status.PENDING and word.author_id != by.pk and _counts(word, held)
    ]
    owners = next((word for word in others if word.author_id == held.user_id), None)
    agreeing = owners or (others[0] if {word.label for word in others} == {label} else None)
    if agreeing is not None and agreeing.label == label:
        _accept(agreeing, None)


def _counts(word: Correction, held: Capture) -> bool:
    """Tell whether a word is one of two: the owner's, or that of somebody trusted today."""
    return word.author_id == held.user_id or may_enter(word.author)


def _wait_again(held: Capture) -> None:
    held.corrections.update(status=_Status.PENDING, reviewer=None, reviewed_at=None)
    # Without a truth there is nothing a model could be held to.
    held.is_canary = False
    held.save(update_fields=["is_canary"])
