"""The world of a simulated year: held-out photos, people who send labels, and attackers."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ml.curate import NEAR, Contribution
from ml.manifest import Item, Split

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Attack = Literal["none", "flips", "targeted", "loud", "pseudonyms", "mixed"]

WEEKS = 52
# The half of the sources that the first champion knows; every label is among them. Photos of the
# other half are what people send during the year.
FIRST_HALF = frozenset({"trashnet", "trashnetr", "cloth", "ewaste", "plate", "bazenr", "potato"})
SLIP = 0.03  # of honest labels that name another material

# Of each half: a quarter is the gate's frozen test split, a quarter the audit the gate never sees.
_GATE, _AUDIT = 0.25, 0.5
_VAL = 0.1  # of what the first champion knows, to calibrate on
# A group of at most this many photos is one scene or one product and is dealt whole. A larger one
# is a whole source or kind of thing and is dealt photo by photo: the same homes tomorrow.
_SCENE = 12
_HOME = 20  # photos that are drawn together when a gate draws its test split again
_PER_PERSON = 10
_PARETO = 1.5  # few people send most
_FROM_THE_START = 0.5
_ACCOUNTS = {"flips": 20, "targeted": 12, "loud": 1}
_PER_PSEUDONYM = 3
_COPIES = 4  # of each photo of a flood


@dataclass(frozen=True)
class Photos:
    """Base photos and what the frozen network makes of them; row i of `features` is `items[i]`."""

    items: Sequence[Item]
    phashes: Mapping[str, str]
    features: Floats
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Scenario:
    """How one year goes.

    `poison` is the attackers' share of all labels that arrive in the weeks `attacked` (first and
    last), `caught` the share of wrong labels (slips too) that reviewers reject: 0 means that every
    label is accepted unseen.
    """

    name: str
    attack: Attack = "none"
    poison: float = 0.0
    caught: float = 0.0
    attacked: tuple[int, int] = (1, WEEKS)


@dataclass(frozen=True)
class Sent:
    """One accepted label: what the curation sees, the photo's features, what it really shows."""

    week: int
    contribution: Contribution
    features: Floats
    truth: str


@dataclass(frozen=True)
class Part:
    """Photos that play one part in a year, and their rows among all photos."""

    items: tuple[Item, ...]
    rows: Rows


@dataclass(frozen=True)
class Year:
    """One seed's photos and labels; nothing that is learned from looks like a held-out photo.

    `base` is what the first champion learns from and calibrates on, `gate` the frozen test split,
    `audit` as much again that no gate sees, `strict` the base dataset's own test split.
    """

    base: Part
    gate: Part
    audit: Part
    strict: Part
    sent: tuple[Sent, ...]


def make_year(photos: Photos, scenario: Scenario, *, seed: int, weeks: int = WEEKS) -> Year:
    """Deal the photos, then let people and attackers send labels for `weeks` weeks."""
    roles = _deal(photos, seed)
    sizes = Counter(item.source for item in photos.items)

    def part(*wanted: str) -> Part:
        rows = np.flatnonzero(np.isin(roles, wanted))
        items = [(photos.items[row], roles[row]) for row in rows.tolist()]
        homes = [_at_home(item, role, sizes[item.source], seed) for item, role in items]
        return Part(tuple(homes), rows)

    rng = np.random.default_rng(seed)
    pool = np.flatnonzero(roles == "people")
    honest = list(_honest(photos, pool, rng, seed=seed, weeks=weeks))
    # Attackers draw from numbers of their own: honest people do the same in every scenario.
    poison = _poison(photos, pool, scenario, Counter(sent.week for sent in honest), seed=seed)
    # Whether a reviewer sees a slip does not depend on who attacks either.
    sent = [
        one
        for one in [*honest, *poison]
        if one.truth == one.contribution.label
        or _share(f"{seed}:review:{one.contribution.sha256}") >= scenario.caught
    ]
    sent.sort(key=lambda one: (one.week, one.contribution.sha256))
    return Year(
        base=part("train", "val"),
        gate=part("gate"),
        audit=part("audit"),
        strict=part("strict"),
        sent=tuple(sent),
    )


def _deal(photos: Photos, seed: int) -> npt.NDArray[np.str_]:
    sizes = Counter(item.group for item in photos.items)
    roles = np.array([_role(item, sizes[item.group], seed) for item in photos.items])
    words = np.array([int(photos.phashes[item.sha256], 16) for item in photos.items], np.uint64)
    for held in ("gate", "audit"):
        elsewhere = words[roles != held]
        for row in np.flatnonzero(roles == held):
            if (np.bitwise_count(elsewhere ^ words[row]) <= NEAR).any():
                roles[row] = "unused"
    return roles


def _role(item: Item, size: int, seed: int) -> str:
    if item.split == "test":
        return "strict"
    share = _share(f"{seed}:{item.group if size <= _SCENE else item.sha256}")
    if share < _AUDIT:
        return "gate" if share < _GATE else "audit"
    if item.source not in FIRST_HALF:
        return "people"
    return "val" if share < _AUDIT + (1 - _AUDIT) * _VAL else "train"


def _at_home(item: Item, role: str, size: int, seed: int) -> Item:
    """The item in the split of its role, in one of the source's homes."""
    if role == "strict":
        return item
    home = int(_share(f"{seed}:home:{item.sha256}") * max(1, size * _GATE / _HOME))
    split: Split = "test" if role in ("gate", "audit") else "val" if role == "val" else "train"
    return replace(item, group=f"{role}-{item.source}-{home}", split=split)


def _honest(
    photos: Photos, pool: Rows, rng: np.random.Generator, *, seed: int, weeks: int
) -> Iterator[Sent]:
    """Each photo of the second half is sent once, by one of several people of its source.

    Half of them are there from the start, the others come in the course of the first half of the
    year; all stay. A scene is one person's.
    """
    for source in sorted({photos.items[row].source for row in pool}):
        rows = [row for row in pool if photos.items[row].source == source]
        n_people = max(2, round(len(rows) / _PER_PERSON))
        activity = rng.pareto(_PARETO, n_people) + 0.1
        came = rng.integers(1, weeks // 2 + 2, n_people)
        came[rng.random(n_people) < _FROM_THE_START] = 1
        whose: dict[str, int] = {}
        sizes = Counter(photos.items[row].group for row in rows)
        for row in rows:
            item = photos.items[row]
            scene = item.group if sizes[item.group] <= _SCENE else item.sha256
            person = whose.setdefault(scene, int(rng.choice(n_people, p=activity / activity.sum())))
            label = item.label
            if rng.random() < SLIP:
                label = _other(photos.labels, label, rng)
            yield Sent(
                week=int(rng.integers(came[person], weeks + 1)),
                contribution=_contribution(
                    f"{seed}:{source}-{person}", label, item.sha256, photos.phashes[item.sha256]
                ),
                features=photos.features[row],
                truth=item.label,
            )


def _poison(
    photos: Photos, pool: Rows, scenario: Scenario, honest: Mapping[int, int], *, seed: int
) -> Iterator[Sent]:
    """Wrong labels, as many a week as `scenario` says beside what honest people send."""
    if scenario.attack == "none":
        return
    rng = np.random.default_rng([seed, 1])
    kinds = [*_ACCOUNTS, "pseudonyms"] if scenario.attack == "mixed" else [scenario.attack]
    shooters = {kind: _Shooter(photos, pool, kind, rng, seed) for kind in kinds}
    first, last = scenario.attacked
    for week in range(first, last + 1):
        n_honest = honest.get(week, 0)
        n = round(n_honest * scenario.poison / (1 - scenario.poison))
        for number in range(n):
            yield shooters[kinds[number % len(kinds)]].send(week)


class _Shooter:
    """Sends photos of its own with wrong labels, in the way of one kind of attack.

    A photo is made halfway between two photos of one material that honest people send: new to the
    curation, and more typical of the material than most. `flips` says a wrong label drawn anew
    for each photo, `targeted` calls glass plastic, `loud` is one account that takes each material
    for one certain other, `pseudonyms` does so too, with a new account every three photos and each
    photo sent four times, slightly altered.
    """

    def __init__(
        self, photos: Photos, pool: Rows, kind: str, rng: np.random.Generator, seed: int
    ) -> None:
        self._photos = photos
        self._kind = kind
        self._rng = rng
        self._seed = seed
        self._n = 0
        self._by_label: dict[str, list[int]] = {}
        for row in pool:
            self._by_label.setdefault(photos.items[row].label, []).append(int(row))
        shown = sorted(self._by_label)
        self._called = dict(zip(shown, np.roll(shown, 1), strict=True))
        self._pool = [row for label in shown for row in self._by_label[label]]
        if kind == "targeted":
            self._pool = self._by_label["verre"]
        self._shot = self._shoot()

    def send(self, week: int) -> Sent:
        flood = self._kind == "pseudonyms"
        copy = self._n % _COPIES if flood else 0
        if not copy:
            self._shot = self._shoot()
        label, features, phash = self._shot
        account = self._n // _PER_PSEUDONYM
        if not flood:
            account = int(self._rng.integers(_ACCOUNTS[self._kind]))
        name = f"{self._seed}:{self._kind}-{account}"
        content = hashlib.sha256(f"{name}:{self._n}".encode()).hexdigest()
        self._n += 1
        return Sent(
            week=week,
            # The last two bits: copies are near-duplicates of each other.
            contribution=_contribution(name, self._wrong(label), content, f"{phash ^ copy:016x}"),
            features=features,
            truth=label,
        )

    def _shoot(self) -> tuple[str, Floats, int]:
        label = self._photos.items[self._rng.choice(self._pool)].label
        pair = self._rng.choice(self._by_label[label], 2)
        features: Floats = self._photos.features[pair].mean(axis=0, dtype=np.float32)
        return label, features, int(self._rng.integers(2**63))

    def _wrong(self, label: str) -> str:
        if self._kind == "flips":
            return _other(self._photos.labels, label, self._rng)
        return "plastique" if self._kind == "targeted" else str(self._called[label])


def _contribution(person: str, label: str, content: str, phash: str) -> Contribution:
    group = hashlib.sha256(person.encode()).hexdigest()[:32]
    return Contribution(
        sha256=content,
        phash=phash,
        label=label,
        group=group,
        person=person,
        path=f"captures/{content}",
    )


def _other(labels: Sequence[str], label: str, rng: np.random.Generator) -> str:
    return str(rng.choice([other for other in labels if other != label]))


def _share(text: str) -> float:
    """A number from 0 to 1 that follows from the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
