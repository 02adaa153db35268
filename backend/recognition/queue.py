"""In which order a reviewer sees what is open, and what one look decides: queue."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db.models import Count, QuerySet

from backend.accounts.models import User
from ml.curate import NEAR

from .models import Capture, Correction, Prediction
from .review import DECIDE, in_state, reviewable

# One look decides at most that many: all of them are shown, small, beside the one.
TOGETHER = 24
# They add up to 1. A disagreement is the likeliest mistake; a guess with little behind it the next.
DISAGREEMENT, DOUBT, RARITY = 0.5, 0.3, 0.2


@dataclass(frozen=True)
class Entry:
    """One look: a capture, the near-duplicates it stands for, and why it comes where it comes.

    `disagreement`, `doubt` and `rarity` are in 0..1; `proposed` is what its owner says, else what
    a model says, else None.
    """

    capture: UUID
    twins: tuple[UUID, ...]
    proposed: str | None
    disagreement: float
    doubt: float
    rarity: float

    @property
    def value(self) -> float:
        return DISAGREEMENT * self.disagreement + DOUBT * self.doubt + RARITY * self.rarity


@dataclass
class _Row:
    """What is known of one open capture before it is ranked."""

    pk: UUID
    person: int
    phash: str
    received_at: datetime
    owners: str | None = None
    guessed: str | None = None
    score: float | None = None
    voices: set[str] = field(default_factory=set)

    @property
    def proposed(self) -> str | None:
        return self.owners or self.guessed


_Look = tuple[_Row, Entry]


def queue(
    task: str, by: User, *, label: str | None = None, version: int | None = None
) -> list[Entry]:
    """What this person may decide, the most instructive first.

    Left out are their own captures, what they have already said their word on, and everything
    whose owner does not let others learn from it. `label` keeps what is proposed as that label,
    `version` what that model has seen.

    One person's k-th capture counts a k-th of its value: however many somebody sends, the others
    come up in between.
    """
    captures = in_state(reviewable(task), "open").exclude(user=by)
    if not by.has_perm(DECIDE):
        captures = captures.exclude(corrections__author=by)
    if version is not None:
        captures = captures.filter(predictions__model_version=version)
    known = _truths(task)
    rows = [row for row in _rows(captures) if label is None or row.proposed == label]
    looks = [(row, _judged(row, known)) for row in rows]
    looks.sort(key=lambda look: (-look[1].value, look[0].received_at, look[0].pk))
    return _interleaved(_collapsed(looks))


def _rows(captures: QuerySet[Capture]) -> list[_Row]:
    """Read all of them in three queries; scores of three labels each would be most of the bytes."""
    facts = captures.values_list("pk", "user_id", "phash", "received_at")
    rows = {fact[0]: _Row(*fact) for fact in facts}
    which = captures.values("pk")
    words = Correction.objects.filter(capture__in=which, status=Correction.Status.PENDING)
    for capture, author, label in words.values_list("capture_id", "author_id", "label"):
        if row := rows.get(capture):
            row.voices.add(label)
            if author == row.person:
                row.owners = label
    guesses = Prediction.objects.filter(capture__in=which)
    # The server's newest word comes last, and stays: a phone's own score is hearsay.
    order = guesses.order_by("origin", "pk").values_list("capture_id", "label", "score")
    for capture, guess, score in order:
        if row := rows.get(capture):
            row.guessed, row.score = guess, score
            if guess is not None:
                row.voices.add(guess)
    return list(rows.values())


def _truths(task: str) -> Counter[str]:
    """How often each label was accepted so far."""
    accepted = Correction.objects.filter(capture__task=task, status=Correction.Status.ACCEPTED)
    counted = accepted.order_by().values("label").annotate(n=Count("pk"))
    return Counter({row["label"]: row["n"] for row in counted})


def _judged(row: _Row, known: Mapping[str, int]) -> Entry:
    """Say what a look at this capture is worth.

    disagreement: phone, server, engines, owner and volunteers say two things (½), or three (1).
    doubt: what the model leaves open, 1 where none answered.
    rarity: how far its label is behind the label accepted most often.
    """
    most = max(known.values(), default=0)
    return Entry(
        capture=row.pk,
        twins=(),
        proposed=row.proposed,
        disagreement=min(max(len(row.voices) - 1, 0), 2) / 2,
        doubt=1.0 if row.score is None else 1.0 - row.score,
        rarity=1.0 - known[row.proposed] / most if row.proposed and most else 0.0,
    )


def _collapsed(looks: Sequence[_Look]) -> list[_Look]:
    """Let the best of each heap of near-duplicates stand for all of them.

    Only what its owners call the same collapses: whoever is shown one photo must not decide of
    another claim. A heap holds what is near its first, never what is near a neighbour's
    neighbour.
    """
    claims: dict[str | None, list[int]] = defaultdict(list)
    for place, (row, _) in enumerate(looks):
        claims[row.owners].append(place)
    heads: dict[int, list[int]] = {}
    for places in claims.values():
        heads |= _heaps(places, [looks[place][0].phash for place in places])
    return [
        (looks[head][0], replace(looks[head][1], twins=tuple(looks[t][1].capture for t in twins)))
        for head, twins in sorted(heads.items())
    ]


def _heaps(places: Sequence[int], hashes: Sequence[str]) -> dict[int, list[int]]:
    """place → the places it stands for; the first come first, what has no hash stands alone."""
    seen = np.array([bool(text) for text in hashes])
    bits = np.array([int(text or "0", 16) for text in hashes], dtype=np.uint64)
    free = np.ones(len(places), dtype=bool)
    heaps: dict[int, list[int]] = {}
    for n, place in enumerate(places):
        if not free[n]:
            continue
        near = np.bitwise_count(bits[n:] ^ bits[n]) <= NEAR
        near &= free[n:] & seen[n:] & seen[n]
        near[0] = True
        heap = n + np.flatnonzero(near)[:TOGETHER]
        free[heap] = False
        heaps[place] = [places[twin] for twin in heap[1:]]
    return heaps


def _interleaved(looks: Iterable[_Look]) -> list[Entry]:
    """Count a person's k-th look as a k-th of its value."""
    seen: Counter[int] = Counter()
    ranked = []
    for row, entry in looks:
        seen[row.person] += 1
        ranked.append((-entry.value / seen[row.person], row.received_at, row.pk, entry))
    return [entry for *_, entry in sorted(ranked, key=lambda look: look[:3])]
