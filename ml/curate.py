"""What of people's accepted corrections a dataset takes in, and what it leaves out, and why."""

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ml.errors import BadDataset
from ml.manifest import Item, split_of

# Two photos whose 64-bit perceptual hashes differ in at most this many bits are one photo.
NEAR = 4
SOURCE = "captures"
LICENCE = "contributor, consent to train"

_Words: TypeAlias = npt.NDArray[np.uint64]
_Reasons: TypeAlias = list[tuple[str, str] | None]  # of each contribution; None while it is kept
# The more held out, the earlier: what may be learned from gives way to what may not.
_HELD_OUT_FIRST = {"test": 0, "val": 1, "train": 2}


@dataclass(frozen=True)
class Contribution:
    """One photo with its accepted label, of a person who consents to `train`.

    `group` is the person's dataset group; `person` is any stable id, used for the caps only and
    written nowhere. `phash` is `ml.phash.phash` of the photo, 16 hex digits.
    """

    sha256: str
    phash: str
    label: str
    group: str
    person: str
    path: str
    source: str = SOURCE


@dataclass(frozen=True)
class Caps:
    """How much of one person or one label a dataset takes.

    Shares are of the curated contributions. The share of one person counts once `people` have
    contributed; under that nobody could stay within it. `always_…` may be taken whatever the
    share: with fewer than 50 contributions no model is trained (`bounds`), and in 50 these are
    just the shares, so that every dataset that is learned from keeps to them. `salt` decides
    which photos are over a cap; as long as it is secret nobody can choose them.
    """

    per_person: int = 100
    per_person_and_label: int = 30
    share_of_person: float = 0.2
    people: int = 5
    always_per_person: int = 10
    per_label: int = 1000
    share_of_label: float = 0.4
    always_per_label: int = 20
    salt: str = ""


@dataclass(frozen=True)
class LeftOut:
    """One contribution that a dataset does without; `reason` is one word of a closed list.

    near-held-out, contradicts-base, already-known, contradiction, duplicate, cap-person, cap-label
    """

    sha256: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Curated:
    """What became of all contributions: each stands in one of the three.

    `items` join the base for training (splits train and val). `field` are photos of people whose
    group is held out for ever: for reports, never for training and never for the gate.
    """

    items: tuple[Item, ...]
    field: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Due:
    """Whether enough came to train again, and in plain words why not.

    `new` contributions were not in the previous snapshot; `counted` is what remains of them when
    no label counts for more than its share; `gone` were there and are not any more.
    """

    due: bool
    new: int
    counted: int
    gone: int
    by_label: Mapping[str, int]
    reason: str


def curate(
    base: Sequence[Item],
    contributions: Iterable[Contribution],
    caps: Caps | None = None,
    *,
    phashes: Mapping[str, str],
) -> Curated:
    """Choose what joins `base`; the same for every order of the arguments.

    Photos alike (chains of near-duplicates) count once, or not at all where their labels differ.
    What looks like a base item is known already, or contradicts it, or would carry a held-out
    photo into training; it stays out.

    Parameters
    ----------
    base : the base dataset with its splits; it is not part of the result
    contributions : accepted corrections whose owners consent to `train`
    phashes : sha256 → perceptual hash of every base item

    Raises
    ------
    BadDataset
        If a base item has no perceptual hash, or a hash is not 16 hex digits.
    """
    caps = caps or Caps()
    ranked = sorted(contributions, key=lambda c: _rank(c, caps.salt))
    words = _words(c.phash for c in ranked)
    known = _Known(base, phashes)
    reasons = [known.reason(c, word) for c, word in zip(ranked, words, strict=True)]
    _mark_alike(ranked, words, reasons)
    _mark_over_caps(ranked, caps, reasons)
    both = list(zip(ranked, reasons, strict=True))
    kept = sorted((_item(c) for c, reason in both if not reason), key=lambda item: item.path)
    left_out = [LeftOut(c.sha256, *reason) for c, reason in both if reason]
    return Curated(
        items=tuple(item for item in kept if item.split != "test"),
        field=tuple(item for item in kept if item.split == "test"),
        left_out=tuple(sorted(left_out, key=lambda out: (out.sha256, out.reason, out.detail))),
    )


def bounds(
    items: Sequence[Item],
    previous: Collection[str],
    *,
    at_least: int = 50,
    share_of_label: float = 0.4,
) -> Due:
    """Say whether enough new items came since the snapshot that held `previous`.

    A label counts for at most `share_of_label` of what is needed or of what came: a flood of one
    class alone starts nothing, and it holds nothing up once the other classes have come.

    Parameters
    ----------
    items : the curated contributions of today
    previous : sha256 of those of the last snapshot
    """
    new = [item for item in items if item.sha256 not in previous]
    by_label = Counter(item.label for item in new)
    cap = max(math.ceil(share_of_label * at_least), _share_cap(by_label.values(), share_of_label))
    counted = sum(min(n, cap) for n in by_label.values())
    return Due(
        due=bool(new) and counted >= at_least,
        new=len(new),
        counted=counted,
        gone=len(set(previous) - {item.sha256 for item in items}),
        by_label=dict(sorted(by_label.items())),
        reason=_why(by_label, counted, at_least, share_of_label),
    )


def _why(by_label: Mapping[str, int], counted: int, at_least: int, share: float) -> str:
    new = sum(by_label.values())
    if not new:
        return "nothing new"
    if new < at_least:
        return f"{new} of {at_least} new items"
    if counted < at_least:
        most = max(by_label, key=lambda label: (by_label[label], label))
        return (
            f"{counted} of {at_least} new items count: {by_label[most]} of {new} are {most}, "
            f"no label counts for more than {share:.0%}"
        )
    return f"{new} new items"


class _Known:
    """The base, asked for what looks like a photo."""

    def __init__(self, base: Sequence[Item], phashes: Mapping[str, str]) -> None:
        missing = next((item for item in base if item.sha256 not in phashes), None)
        if missing is not None:
            raise BadDataset("missing-phash", f"no perceptual hash of {missing.path}")
        self._base = sorted(base, key=lambda item: item.path)
        self._words = _words(phashes[item.sha256] for item in self._base)
        self._by_content = {item.sha256: item for item in self._base}

    def reason(self, contribution: Contribution, word: np.uint64) -> tuple[str, str] | None:
        near = [self._base[i] for i in np.flatnonzero(_near(self._words, word)).tolist()]
        # The base's hashes came with it; the same bytes are the same photo whatever they say.
        if contribution.sha256 in self._by_content:
            near.append(self._by_content[contribution.sha256])
        for item in near:
            if item.split != "train":
                return "near-held-out", f"looks like {item.path}, which is held out"
        for item in near:
            if item.label != contribution.label:
                return "contradicts-base", f"looks like {item.path}, which is {item.label}"
        for item in near:
            return "already-known", f"looks like {item.path}"
        return None


def _mark_alike(ranked: Sequence[Contribution], words: _Words, reasons: _Reasons) -> None:
    """Leave out what looks like another contribution, or all of them where labels differ."""
    parts: dict[int, list[int]] = {}
    for row, part in enumerate(_parts(words)):
        parts.setdefault(part, []).append(row)
    for rows in parts.values():
        labels = sorted({ranked[row].label for row in rows})
        rest = [row for row in rows if not reasons[row]]
        if len(labels) > 1:
            for row in rest:
                reasons[row] = "contradiction", f"photos alike are called {', '.join(labels)}"
        elif rest:
            # Rows are ranked already: the first of those that are equally held out.
            kept = min(rest, key=lambda row: _HELD_OUT_FIRST[split_of(ranked[row].group)])
            for row in rest:
                if row != kept:
                    reasons[row] = "duplicate", f"looks like {ranked[kept].sha256}"


def _mark_over_caps(ranked: Sequence[Contribution], caps: Caps, reasons: _Reasons) -> None:
    """Cut to the caps; what is held out teaches nothing, so only a person's own caps apply."""
    learned = []
    for held_out in (True, False):
        rows = [r for r, c in enumerate(ranked) if (split_of(c.group) == "test") is held_out]
        pairs = [(ranked[r].person, ranked[r].label) for r in rows]
        _cut(rows, pairs, caps.per_person_and_label, "person", reasons)
        _cut(rows, [ranked[r].person for r in rows], caps.per_person, "person", reasons)
        learned = rows
    # Each cut makes the shares of all others grow: again until nothing is over.
    over = 1
    while over:
        learned = [r for r in learned if not reasons[r]]
        people, labels = ([getattr(ranked[r], a) for r in learned] for a in ("person", "label"))
        over = _cut(learned, people, _person_cap(people, caps), "person", reasons)
        over += _cut(learned, labels, _label_cap(labels, caps), "label", reasons)


def _person_cap(people: Iterable[str], caps: Caps) -> int:
    counts = Counter(people)
    if len(counts) < caps.people:
        return caps.per_person
    return max(caps.always_per_person, _share_cap(counts.values(), caps.share_of_person))


def _label_cap(labels: Iterable[str], caps: Caps) -> int:
    share = _share_cap(Counter(labels).values(), caps.share_of_label)
    return min(caps.per_label, max(caps.always_per_label, share))


def _cut(
    rows: Sequence[int], keys: Sequence[Hashable], cap: int, what: str, reasons: _Reasons
) -> int:
    """Leave out what comes after the first `cap` of each key, rows being ranked; say how many."""
    seen: Counter[Hashable] = Counter()
    over = 0
    for row, key in zip(rows, keys, strict=True):
        if reasons[row]:
            continue
        seen[key] += 1
        if seen[key] > cap:
            reasons[row] = f"cap-{what}", f"more than {cap} of one {what}"
            over += 1
    return over


def _share_cap(counts: Iterable[int], share: float) -> int:
    """The largest cap under which nobody has more than `share` of what all together keep."""
    many = np.array(list(counts), dtype=np.int64)
    caps = np.arange(1, int(many.max(initial=0)) + 1)
    kept = np.minimum(many[:, np.newaxis], caps).sum(axis=0)
    fits = caps[caps <= share * kept + 1e-9]
    return int(fits.max(initial=0))


def _rank(contribution: Contribution, salt: str) -> tuple[str, str, str, str]:
    mixed = hashlib.sha256(f"{salt}:{contribution.sha256}".encode()).hexdigest()
    # One content sent twice: the same of the two, whatever the order they are listed in.
    return mixed, contribution.label, contribution.group, contribution.path


def _words(phashes: Iterable[str]) -> _Words:
    try:
        return np.array([int.from_bytes(bytes.fromhex(h)) for h in phashes], dtype=np.uint64)
    except (ValueError, OverflowError) as error:
        raise BadDataset("invalid-phash", f"16 hex digits expected: {error}") from error


def _near(words: _Words, word: np.uint64) -> npt.NDArray[np.bool_]:
    near: npt.NDArray[np.bool_] = np.bitwise_count(words ^ word) <= NEAR
    return near


def _parts(words: _Words) -> list[int]:
    """Number the parts of which every word is near another; one row at a time, so memory is n."""
    part = np.full(len(words), -1)
    for first in range(len(words)):
        if part[first] >= 0:
            continue
        part[first] = first
        todo = [first]
        while todo:
            found = np.flatnonzero(_near(words, words[todo.pop()]) & (part < 0))
            part[found] = first
            todo.extend(found.tolist())
    return [int(number) for number in part]


def _item(contribution: Contribution) -> Item:
    return Item(
        path=contribution.path,
        label=contribution.label,
        group=contribution.group,
        source=contribution.source,
        licence=LICENCE,
        sha256=contribution.sha256,
        split=split_of(contribution.group),
    )
