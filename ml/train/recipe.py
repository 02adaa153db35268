"""read_recipe(file): numbers of a run that differ from the recipe in the code."""

import json
import math
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ml.errors import MLError
from ml.train.fit import Recipe

R = TypeVar("R")


class BadRecipe(MLError):
    """A recipe file names what no recipe has, or gives it a value that makes no sense."""


def read_recipe(path: Path) -> Recipe:
    """The recipe in the code with what the JSON object in `path` says otherwise.

    Raises
    ------
    BadRecipe
        `unreadable-recipe`, `unknown-field` or `invalid-value`, with the name of the field.
    """
    recipe = overridden(Recipe(), path)
    if not 0 < recipe.crop <= 1:
        raise BadRecipe("invalid-value", f"recipe.crop: 0 < {recipe.crop} <= 1 is not true")
    return recipe


def overridden(recipe: R, path: Path | None) -> R:
    """Any recipe, a frozen dataclass, with what the JSON object in `path` says otherwise.

    Raises
    ------
    BadRecipe
        As `read_recipe`.
    """
    if path is None:
        return recipe
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadRecipe("unreadable-recipe", f"{path.name}: {error}") from error
    changed: R = _override(recipe, said, "recipe")
    return changed


def _override(now: Any, said: Any, where: str) -> Any:
    """`now` with the values of `said`, which must be of its kind."""
    if is_dataclass(now) and isinstance(said, dict):
        known = {field.name: getattr(now, field.name) for field in fields(now)}
        return replace(now, **_members(known, said, where))  # type: ignore[type-var]
    if isinstance(now, dict) and isinstance(said, dict):
        return {**now, **_members(now, said, where)}
    if isinstance(now, tuple) and isinstance(said, list) and len(now) == len(said):
        pairs = enumerate(zip(now, said, strict=True))
        return tuple(_override(old, new, f"{where}[{i}]") for i, (old, new) in pairs)
    # A bool is an int to Python; no field is one.
    if type(now) is int and type(said) is int and said >= 1:
        return said
    if type(now) is float and type(said) in (int, float) and math.isfinite(said) and said >= 0:
        return float(said)
    raise BadRecipe("invalid-value", f"{where}: {said!r} cannot stand for {now!r}")


def _members(known: dict[str, Any], said: dict[str, Any], where: str) -> dict[str, Any]:
    unknown = sorted(said.keys() - known.keys())
    if unknown:
        raise BadRecipe("unknown-field", f"{where}.{unknown[0]}: known are {', '.join(known)}")
    return {name: _override(known[name], new, f"{where}.{name}") for name, new in said.items()}
