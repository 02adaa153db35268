"""What the README lists is what exists, and what exists is listed."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
# Where the environment is read; the tests' own folder is named by the last row of the table.
READERS = ["backend/config/settings.py", "gunicorn.conf.py", "scripts/phone.py"]
READ = re.compile(r"""(?:environ(?:\.get\(|\[)|_\w+\()\s*["']([A-Z][A-Z0-9_]*)["']""")


def section(title: str) -> str:
    """The text under one `## title` of the README."""
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> set[str]:
    """The code words that open the rows of a table."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def test_each_variable_that_is_read_is_documented_and_no_other():
    read = {name for path in READERS for name in READ.findall((ROOT / path).read_text())}
    assert rows(section("Settings")) == read


def test_each_word_of_the_makefile_is_documented_and_no_other():
    words = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert words is not None
    documented = {row.removeprefix("make ") for row in rows(section("Two commands"))}
    assert documented == set(words[1].split())


def test_each_word_of_the_makefile_is_a_script_that_can_run():
    words = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert words is not None
    for word in words[1].split():
        assert (ROOT / "scripts" / word).stat().st_mode & 0o111, word


def test_the_map_names_folders_that_exist_and_none_is_missing():
    named = set(re.findall(r"^([\w.]+)/ ", section("Map"), re.MULTILINE))
    made = {"node_modules", "var", "build", "reports", "staticfiles"}
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "__")) and path.name not in made
    }
    assert named == folders


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_each_file_a_document_names_exists(path):
    text = (ROOT / path).read_text()
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    names = re.findall(r"`((?:backend|ml|pwa|tests|scripts|requirements)/[\w./-]+)`", text)
    made = {"pwa/dist"}
    assert not [name for name in {*links, *names} - made if not (ROOT / name).exists()]


def test_the_model_figures_are_those_of_the_shipped_card():
    card = json.loads((ROOT / "ml/bundles/waste/net/card.json").read_text())
    metrics, baseline = card["metrics"], card["metrics"]["baseline"]
    shown = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", section("Figures"), re.MULTILINE))
    assert shown["photos"] == str(metrics["n"])
    for row, name in (("first guess", "accuracy"), ("macro-F1", "macro_f1")):
        assert shown[row] == f"{metrics[name]:.1%}"
        assert f"| {row} | {metrics[name]:.1%} | {baseline[name]:.1%} |" in README
    assert shown["among the first three"] == f"{metrics['top3_accuracy']:.1%}"
    assert shown["calibration error (ECE)"] == f"{metrics['ece']:.1%}"
    assert shown["sure enough to answer"] == f"{metrics['coverage']:.1%}"
    assert shown["right when sure"] == f"{metrics['accepted_accuracy']:.1%}"
