"""Write what search answers to a hundred queries; the phone's twin must answer the same.

python -m tests.golden.search.make
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.waste.search import Entry, SearchIndex, read_everyday

DATA = Path(__file__).parents[3] / "backend/waste/data"
QUERIES = Path(__file__).parents[2] / "backend/waste/queries.csv"
EXPECTED = Path(__file__).with_name("expected.json")
EDGES = ["", "  ", "🍾", "ŒUFS", "verre\u00a0vide", "e\u0301ponge", "b", "bou", "jeter", "12"]


def entries() -> Iterator[Entry]:
    """Give every product of the reference data, with its everyday words."""
    everyday = read_everyday(DATA / "synonyms.csv")
    with (DATA / "products.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            synonyms = tuple(filter(None, row["synonyms"].split("|")))
            said = everyday.get(row["code"], ())
            yield Entry(row["code"], row["name_fr"], synonyms, said, row["category"])


def answers() -> dict[str, list[Any]]:
    """Ask every eleventh query of the evaluation and some edges: the five best of each."""
    index = SearchIndex(entries())
    with QUERIES.open(encoding="utf-8", newline="") as rows:
        asked = [row["query"] for row in csv.DictReader(rows)][::11] + EDGES
    return {
        query: [[hit.code, hit.score, hit.matched] for hit in index.rank(query, 5)]
        for query in asked
    }


if __name__ == "__main__":
    EXPECTED.write_text(
        json.dumps(answers(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
