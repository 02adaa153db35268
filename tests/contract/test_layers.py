"""Imports follow the table of the house: a row may import rows below it, never above."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# From the top down; what stands on one line does not know its neighbours.
BACKEND = (
    ("backend.config.urls", "backend.config.settings", "backend.config.wsgi"),
    ("backend.operations",),
    ("backend.config",),
    ("backend.retraining",),
    ("backend.recognition",),
    ("backend.accounts",),
    ("backend.waste",),
)
LIGHT_ML = (
    ("ml.__main__",),
    ("ml.judge",),
    ("ml.gate", "ml.exam"),
    ("ml.evaluate", "ml.curate"),
    ("ml.predict", "ml.phash"),
    ("ml.engines", "ml.decode", "ml.sound"),
    ("ml.ffmpeg",),
    ("ml.bundle", "ml.manifest", "ml.features", "ml.containers"),
    ("ml.spectra",),
    ("ml.task",),
    ("ml.errors",),
)
HEAVY = ("tensorflow", "keras", "sklearn", "pyspark", "ml.train")


def imports_of(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in the file."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def files(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def within(module: str, *names: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def level(module: str, layers: tuple[tuple[str, ...], ...]) -> int | None:
    return next((n for n, names in enumerate(layers) if within(module, *names)), None)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def upward(paths: list[Path], layers: tuple[tuple[str, ...], ...]) -> list[str]:
    """The imports that go up, or to a neighbour on the same line."""
    found = []
    for path in paths:
        own = level(name_of(path), layers)
        for module in imports_of(path):
            theirs = level(module, layers)
            if own is None or theirs is None:
                continue
            same = any(within(module, n) and within(name_of(path), n) for n in layers[own])
            if theirs < own or (theirs == own and not same):
                found.append(f"{name_of(path)} imports {module}")
    return found


def test_an_app_imports_only_apps_below_it() -> None:
    assert upward(files("backend"), BACKEND) == []


def test_light_ml_imports_only_what_is_below_it() -> None:
    light = [path for path in files("ml") if "train" not in path.parts]
    assert upward(light, LIGHT_ML) == []


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        ("backend", HEAVY),
        ("ml", ("django", "rest_framework", "backend", "pyspark")),
        ("scripts", ("tensorflow", "backend")),
    ],
)
def test_a_folder_stays_out_of_what_is_not_its_business(
    folder: str, never: tuple[str, ...]
) -> None:
    found = [
        f"{name_of(path)} imports {module}"
        for path in files(folder)
        for module in imports_of(path)
        if within(module, *never)
    ]
    assert found == []


def test_only_training_knows_tensorflow() -> None:
    found = [
        f"{name_of(path)} imports {module}"
        for path in files("ml")
        if "train" not in path.parts
        for module in imports_of(path)
        if within(module, "tensorflow", "keras", "sklearn")
    ]
    assert found == []


def test_nobody_imports_the_tests() -> None:
    found = [
        name_of(path)
        for path in files("backend", "ml", "scripts")
        if any(within(module, "tests", "notebooks") for module in imports_of(path))
    ]
    assert found == []


def test_the_check_sees_an_import_that_goes_up(tmp_path: Path) -> None:
    layers = (("upper",), ("lower",))
    assert level("upper.x", layers) == 0
    assert level("lower", layers) == 1
    assert level("uppermost", layers) is None
    assert "backend.waste.services.rule_for" in set(
        imports_of(ROOT / "backend" / "recognition" / "api.py")
    )
