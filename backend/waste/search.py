"""search: which product does a French query name, in its own or everyday words, typos allowed?

No Django: the phone's twin (`pwa/src/waste/search.ts`) gives the same answers offline.
"""

import csv
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log
from pathlib import Path

from .french import WEAK, letters, likeness, reach, sound, stem, telling

MAX_QUERY = 120  # characters read of a query; the rest cannot name a thing more exactly
MAX_WORDS = 8
MAX_NAME = 100  # a longer synonym is a remark, not a name
FLOOR = 0.5  # under it a hit says nothing
UNLIKE = 0.6  # under it two words have nothing in common

_MATERIALS: Mapping[str, str] = {
    "acier": "metal",
    "alu": "metal",
    "aluminium": "metal",
    "bois": "bois",
    "carton": "carton",
    "cuir": "cuir",
    "fer": "metal",
    "inox": "metal",
    "metal": "metal",
    "metallique": "metal",
    "papier": "papier",
    "plastique": "plastique",
    "polystyrene": "plastique",
    "pvc": "plastique",
    "tissu": "textile",
    "verre": "verre",
}


@dataclass(frozen=True)
class Entry:
    """A product as the index sees it; `everyday` are the words people say for it."""

    code: str
    name: str
    synonyms: tuple[str, ...] = ()
    everyday: tuple[str, ...] = ()
    category: str = ""


@dataclass(frozen=True)
class Hit:
    """A product found, how well (0..1), and which of its names answered."""

    code: str
    score: float
    matched: str


@dataclass(frozen=True)
class _Name:
    """One of the names of a product, and what each of its words is worth in it."""

    code: str
    text: str
    trust: float
    material: str
    worths: tuple[float, ...]


@dataclass(frozen=True)
class _Match:
    """A word of the query met in a name: how alike, and which word of the name."""

    likeness: float
    position: int


_NONE = _Match(0.0, 0)


def read_everyday(file: Path) -> dict[str, tuple[str, ...]]:
    """Read what people say for a product, or for a thing that goes where the product goes."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["product"]: tuple(row["words"].split("|")) for row in csv.DictReader(rows)}


class SearchIndex:
    """Names of products, ready to be asked; built once, then read by any thread."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._words: dict[str, int] = {}
        self._spelt: list[str] = []
        self._sounds: list[str] = []
        self._by_sound: dict[str, list[int]] = {}
        self._by_length: dict[int, list[tuple[int, str, int]]] = {}
        self._places: list[list[tuple[int, int]]] = []  # of a word: (name, position in it)
        holders: list[set[str]] = []
        named: list[tuple[Entry, str, float, list[tuple[int, float]]]] = []
        for entry in entries:
            for text, trust in _names_of(entry):
                shares = []
                for position, (word, share) in enumerate(_weighed(text)):
                    if word not in self._words:
                        self._learn(word)
                        holders.append(set())
                    at = self._words[word]
                    holders[at].add(entry.code)
                    self._places[at].append((len(named), position))
                    shares.append((at, share))
                named.append((entry, text, trust, shares))
        self._sorted = sorted(self._words)
        known = len({entry.code for entry, *_ in named})
        # How much a word tells: parfum more than bouteille.
        self._worth = [_rounded(1 + log((1 + known) / (1 + len(codes)))) for codes in holders]
        self._unknown = _rounded(1 + log(1 + known) / 2)
        self._names = [
            _Name(
                entry.code,
                text,
                trust,
                _material(text, entry),
                tuple(self._worth[at] * share for at, share in shares),
            )
            for entry, text, trust, shares in named
        ]

    def _learn(self, word: str) -> None:
        at, heard = len(self._words), sound(word)
        self._words[word] = at
        self._spelt.append(word)
        self._sounds.append(heard)
        self._by_sound.setdefault(heard, []).append(at)
        self._by_length.setdefault(len(word), []).append((at, word, letters(word)))
        self._places.append([])

    def rank(self, query: str, limit: int = 20) -> list[Hit]:
        """Give the products a query may mean, best first; none rather than any."""
        best: dict[str, tuple[float, str]] = {}
        for reading in self._readings(telling(query[:MAX_QUERY])[:MAX_WORDS]):
            for score, name in self._scores(reading):
                if score >= FLOOR and score > best.get(name.code, (0.0, ""))[0]:
                    best[name.code] = (score, name.text)
        hits = [Hit(code, _rounded(score), text) for code, (score, text) in best.items()]
        return sorted(hits, key=lambda hit: (-hit.score, len(hit.matched), hit.code))[:limit]

    def _readings(self, words: list[str]) -> Iterator[list[str]]:
        """Read the query as typed, with two words joined, or with one cut in two."""
        if words:
            yield words
        for at in range(len(words) - 1):
            joined = words[at] + words[at + 1]
            if self._knows(joined):
                yield [*words[:at], joined, *words[at + 2 :]]
        for at, word in enumerate(words):
            cuts = () if self._knows(word) else range(3, len(word) - 2)
            for cut in cuts:
                left, right = stem(word[:cut]), word[cut:]
                if self._knows(left) and self._knows(right):
                    yield [*words[:at], left, right, *words[at + 1 :]]

    def _knows(self, word: str) -> bool:
        return word in self._words or (len(word) > 3 and sound(word) in self._by_sound)

    def _scores(self, words: Sequence[str]) -> Iterator[tuple[float, _Name]]:
        """Weigh every name that shares a word with the query: what is said, what is left out."""
        similar = [
            self._similar(word, typing=at == len(words) - 1) for at, word in enumerate(words)
        ]
        head = next((at for at, word in enumerate(words) if word not in WEAK), 0)
        weights = [
            self._weight(word, found) * (1.4 if at == head else 1.0)
            for at, (word, found) in enumerate(zip(words, similar, strict=True))
        ]
        asked = {_MATERIALS[word] for word in words if word in _MATERIALS}
        for name, met in self._meet(similar):
            heard = sum(weights[at] * match.likeness for at, match in met.items())
            told: dict[int, float] = {}
            for match in met.values():
                told[match.position] = max(match.likeness, told.get(match.position, 0.0))
            covered = sum(name.worths[position] * alike for position, alike in told.items())
            score = 0.75 * heard / sum(weights) + 0.25 * covered / sum(name.worths)
            score *= name.trust
            order = [match.position for match in met.values()]
            if order != sorted(order):  # "pile de montre" is no "montre à pile"
                score *= 0.95
            if asked and name.material and name.material not in asked:
                score *= 0.8
            yield score, name

    def _weight(self, word: str, similar: Mapping[int, float]) -> float:
        """Say how much a word of the query counts: as much as the known word it is likest."""
        weight = self._unknown
        if similar:
            at = min(similar, key=lambda at: (-similar[at], self._spelt[at]))
            weight = self._worth[at] if similar[at] > 0.7 else weight
        return weight * (0.15 if word in WEAK else 1.0)

    def _meet(
        self, similar: Sequence[Mapping[int, float]]
    ) -> Iterator[tuple[_Name, dict[int, _Match]]]:
        """Gather, name by name, the best match of each word of the query."""
        matches: dict[int, dict[int, _Match]] = {}
        for at, found in enumerate(similar):
            for word, alike in found.items():
                for name, position in self._places[word]:
                    met = matches.setdefault(name, {})
                    best = met.get(at, _NONE)
                    if (-alike, position) < (-best.likeness, best.position):
                        met[at] = _Match(alike, position)
        return ((self._names[name], met) for name, met in matches.items())

    def _similar(self, word: str, *, typing: bool) -> dict[int, float]:
        """Find the known words that may be meant by one typed word, with their likeness 0..1."""
        heard, own_letters, far = sound(word), letters(word), reach(word)
        similar: dict[int, float] = {}
        for length in range(len(word) - far, len(word) + far + 1):
            for at, other, other_letters in self._by_length.get(length, ()):
                near = far if other[0] == word[0] else min(far, 1)
                if (own_letters ^ other_letters).bit_count() <= 2 * near:
                    alike = likeness(word, other, heard, self._sounds[at], near)
                    if alike >= UNLIKE:
                        similar[at] = alike
        if typing and len(word) > 1:
            for other in self._sorted[bisect_left(self._sorted, word) :]:
                if not other.startswith(word):
                    break
                at = self._words[other]
                similar[at] = max(similar.get(at, 0.0), 0.75 + 0.2 * len(word) / len(other))
        for at in self._by_sound.get(heard, ()):
            similar[at] = max(similar.get(at, 0.0), 0.9)
        if word in self._words:  # a word of the index is hardly a slip for another one
            similar = {at: 0.8 * alike for at, alike in similar.items()}
            similar[self._words[word]] = 1.0
        return similar


def _rounded(value: float) -> float:
    """Keep four decimals, the same ones in every language."""
    return floor(value * 10_000 + 0.5) / 10_000


def _names_of(entry: Entry) -> Iterator[tuple[str, float]]:
    yield from ((text, 1.0) for text in entry.everyday)
    yield entry.name, 0.99
    yield from ((text, 0.97) for text in entry.synonyms if len(text) <= MAX_NAME)


def _weighed(text: str) -> list[tuple[str, float]]:
    """Cut a name into words and shares; what stands in brackets only explains."""
    weighed: list[tuple[str, float]] = []
    for part in re.findall(r"\([^)]*\)?|[^(]+", re.sub(r"\bhors\b.*", "", text)):
        share = 0.4 if part.startswith("(") else 1.0
        weighed += [(word, share) for word in telling(part)]
    if weighed:
        weighed[0] = (weighed[0][0], weighed[0][1] * 1.4)
    return weighed


def _material(text: str, entry: Entry) -> str:
    """Say what a name is made of: its own word for it, else the class of its product."""
    stated = [_MATERIALS[word] for word in telling(text) if word in _MATERIALS]
    return stated[0] if stated else entry.category
