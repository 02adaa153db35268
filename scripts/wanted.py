"""Print the requirements that pyproject.toml names: `dependencies`, an extra or a group each."""

import sys
import tomllib
from pathlib import Path


def wanted(names: list[str]) -> list[str]:
    """One line per requirement, in the order asked for."""
    declared = tomllib.loads(Path("pyproject.toml").read_text())
    lists = {
        "dependencies": declared["project"]["dependencies"],
        **declared["project"]["optional-dependencies"],
        **declared["dependency-groups"],
    }
    return [line for name in names for line in lists[name]]


if __name__ == "__main__":
    print("\n".join(wanted(sys.argv[1:])))
