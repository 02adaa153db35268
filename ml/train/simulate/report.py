"""What the simulated years showed: results.json, a table in words, and one picture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ml.evaluate import rounded
from ml.train.simulate.serve import LOOPS, SETS, Trace, worst_drop
from ml.train.simulate.world import SLIP, Scenario

Years = Mapping[str, Sequence[Trace]]

AIM = 0.5  # points of macro-F1 that the gated loop may end a week below its best
NAMES = {
    "gated": "gated",
    "second": "gated, second try",
    "latest": "latest serves",
    "uncurated": "latest, no curation",
    "never": "never retrained",
}
_MOVING = LOOPS[:-1]
_SETS = {
    "audit": "audit: photos like the gate's, which the gate never sees",
    "gate": "gate: the frozen test split that the gate decides by",
    "strict": "strict: the base's own 781 test photos, of sources unlike the rest",
}
_ABOUT = """# A simulated year

The first champion knows one half of the sources. For 52 weeks people of the other half send
labels ({slip:.0%} slips; few people send most), beside attackers, whose share of the labels that
arrive names the scenario. Every label is accepted unseen, except where reviewed: there, half of
the wrong ones are caught. *flood*: nine labels in ten are poison in weeks 27 to 30. Where no kind
of attack is named, four share the poison: random flips, glass called plastic, one loud person, and
fresh pseudonyms who send each photo four times.

Each week `ml.curate` takes what its rules allow, the **head** is fitted anew on features of the
frozen MobileNetV2 (**the tail is not fine-tuned here**; size, speed, browser and canaries are not
simulated), and `ml.gate` compares it with who serves and with the best that ever served.

{seeds} seeds; each has its own held-out photos, people and attackers. Macro-F1 in per cent at the
end of the year: mean (lowest to highest). *Worst drop*: the most points that a loop ever ended a
week below its best so far, in the worst seed; the aim is {aim} at most.
"""

_LEGEND = """
*Second try*: where a label's recall holds the challenger, it is fitted once more without the
disputed photos: those that the serving model would rather call by a label that suffers than by the
one they were sent under. *Mended*: weeks in which that passed. *Poisoned*: wrong labels among those
that the last challenger learned from, after the curation.
"""


def write_report(out: Path, scenarios: Sequence[Scenario], years: Years) -> None:
    """Write `results.json`, `simulate.md` and `simulate.png` into `out`."""
    told = {
        scenario.name: {
            "scenario": asdict(scenario),
            "summary": summary(years[scenario.name]),
            "years": [asdict(trace) for trace in years[scenario.name]],
        }
        for scenario in scenarios
    }
    (out / "results.json").write_text(json.dumps(rounded(told), ensure_ascii=False, indent=1))
    (out / "simulate.md").write_text(in_words(years), encoding="utf-8")
    draw(out / "simulate.png", {name: years[name] for name in _PANELS if name in years})


def summary(traces: Sequence[Trace]) -> dict[str, Any]:
    """Over the seeds: macro-F1 at the end (mean, lowest, highest), worst drop, promotions."""
    ends = {
        part: {loop: _band([t.macro_f1[loop][part][-1] for t in traces]) for loop in LOOPS}
        for part in SETS
    }
    drops = {
        part: {loop: max(worst_drop(t.macro_f1[loop][part]) for t in traces) for loop in LOOPS}
        for part in SETS
    }
    weeks = len(traces[0].taken) - 1
    promoted = float(np.mean([len(t.promoted["gated"]) for t in traces]))
    return {
        "end": ends,
        "worst_drop": drops,
        "promoted": promoted,
        "held": weeks - promoted,
        "mended": float(np.mean([len(t.mended) for t in traces])),
        "poison_taken": float(np.mean([t.wrong[-1] / max(1, t.taken[-1]) for t in traces])),
        "held_by": _held_by(traces),
    }


def in_words(years: Years) -> str:
    """The tables, one for each held-out set."""
    sums = {name: summary(traces) for name, traces in years.items()}
    seeds = len(next(iter(years.values())))
    lines = [_ABOUT.format(slip=SLIP, seeds=seeds, aim=AIM)]
    for part, title in _SETS.items():
        lines += [f"## {title[0].upper()}{title[1:]}", ""]
        lines += _head(["end of the year", *(NAMES[loop] for loop in LOOPS)])
        for name, total in sums.items():
            lines.append(_row([name, *(_told(total["end"][part][loop]) for loop in LOOPS)]))
        lines += ["", *_head(["worst drop", *(NAMES[loop] for loop in _MOVING)])]
        for name, total in sums.items():
            lines.append(_row([name, *(f"{total['worst_drop'][part][x]:.2f}" for x in _MOVING)]))
        lines.append("")
    lines += ["## The gate at work, weeks a year", ""]
    lines += _head(["scenario", "promoted", "held", "mended", "poisoned", "checks that held"])
    for name, total in sums.items():
        counts = [f"{total[key]:.0f}" for key in ("promoted", "held", "mended")]
        by = ", ".join(f"{check} {n:.0f}" for check, n in total["held_by"].items())
        lines.append(_row([name, *counts, f"{total['poison_taken']:.0%}", by]))
    return "\n".join([*lines, _LEGEND])


def _held_by(traces: Sequence[Trace]) -> dict[str, float]:
    """Check → weeks a year in which it did not pass, the most frequent first."""
    names = sorted({name for trace in traces for name in trace.held})
    weeks = {name: float(np.mean([t.held.get(name, 0) for t in traces])) for name in names}
    return dict(sorted(weeks.items(), key=lambda pair: -pair[1]))


def _band(values: Sequence[float]) -> list[float]:
    return [float(np.mean(values)), min(values), max(values)]


def _told(band: Sequence[float]) -> str:
    mean, low, high = band
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


def _head(cells: Sequence[str]) -> list[str]:
    return [_row(cells), _row(["---"] * len(cells))]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


# ── the picture ──

_PANELS = {
    "0 %": "No poison, 3 % honest slips",
    "10 %": "10 % poison, nobody reviews",
    "30 %": "30 % poison, nobody reviews",
    "30 % glass → plastic": "30 % poison: glass called plastic",
    "flood": "90 % poison in weeks 27 to 30",
}
_LINES: dict[str, tuple[str, Any, float]] = {
    "never": ("#6b6b6b", (0, (1, 1.4)), 2.2),
    "uncurated": ("#b3530b", (0, (4, 1.5, 1, 1.5)), 2.0),
    "latest": ("#8a2f7f", (0, (5, 2)), 2.0),
    "second": ("#0f766e", (0, (9, 2)), 2.6),
    "gated": ("#0b4f9e", "solid", 3.4),
}
_LINE_HEIGHT = 2.4  # of the words beside a panel, in points of macro-F1
_COLOURS = 64  # of the file: a picture of a few lines needs no more


def draw(path: Path, years: Years) -> None:
    """One panel a scenario, the loops by week on the audit set; readable without colour.

    The second try is drawn where it makes a difference.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 2.9 * len(years) + 0.6), dpi=100, layout="constrained")
    axes = figure.subplots(len(years), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, (name, traces) in zip(axes, years.items(), strict=True):
        _panel(axis, traces)
        axis.set_title(_PANELS.get(name, name), loc="left", fontsize=17, fontweight="bold")
    axes[-1].set_xlabel("week", fontsize=15)
    seeds = max(len(traces) for traces in years.values())
    figure.suptitle(
        f"Macro-F1 on photos the gate never sees, %\nmean of {seeds} seeds; band: gated, all seeds",
        x=0.02,
        ha="left",
        fontsize=15,
    )
    figure.savefig(path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(path, optimize=True)


def _panel(axis: Any, traces: Sequence[Trace]) -> None:
    ends: dict[str, float] = {}
    for loop, (colour, style, width) in _LINES.items():
        seeds = np.array([trace.macro_f1[loop]["audit"] for trace in traces])
        gated = np.array([trace.macro_f1["gated"]["audit"] for trace in traces])
        if loop == "second" and abs(seeds - gated).mean() < 1:
            continue
        weeks = np.arange(seeds.shape[1])
        axis.plot(weeks, seeds.mean(axis=0), color=colour, linestyle=style, linewidth=width)
        if loop == "gated":
            axis.fill_between(weeks, seeds.min(axis=0), seeds.max(axis=0), color=colour, alpha=0.15)
        ends[loop] = float(seeds[:, -1].mean())
    last = len(traces[0].taken) - 1
    for loop, height in _apart(ends, _LINE_HEIGHT).items():
        axis.annotate(
            f"{NAMES[loop]} {ends[loop]:.0f}",
            (last, height),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=14,
            color=_LINES[loop][0],
            fontweight="bold" if loop == "gated" else "normal",
            annotation_clip=False,
        )
    axis.set_xlim(0, last)
    axis.grid(axis="y", color="#dddddd")
    axis.tick_params(labelsize=14)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _apart(heights: Mapping[str, float], least: float) -> dict[str, float]:
    """Where words may stand so that none covers another: neighbours give way to each other."""
    names = sorted(heights, key=heights.__getitem__)
    places = np.array([heights[name] for name in names])
    for _ in range(100):
        overlap = np.maximum(0, least - np.diff(places)) / 2
        places[:-1] -= overlap
        places[1:] += overlap
    return dict(zip(names, places.tolist(), strict=True))
