"""Turn JUnit files into a Markdown table and the list of what failed, for a CI page."""

import sys
from pathlib import Path
from xml.etree import ElementTree

COUNTS = ("tests", "failures", "errors", "skipped")


def summary(paths: list[Path]) -> str:
    """One row per file, then one line per failed test."""
    lines = ["| report | tests | failed | errors | skipped |", "|---|---|---|---|---|"]
    failed = []
    for path in paths:
        suites = list(ElementTree.parse(path).getroot().iter("testsuite"))
        counts = [sum(int(suite.get(name) or 0) for suite in suites) for name in COUNTS]
        lines.append(f"| {path.stem} | " + " | ".join(map(str, counts)) + " |")
        for case in (case for suite in suites for case in suite.iter("testcase")):
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append(f"- `{case.get('classname')}::{case.get('name')}`")
    return "\n".join([*lines, "", *failed])


if __name__ == "__main__":
    print(summary([Path(name) for name in sys.argv[1:]]))
