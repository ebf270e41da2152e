"""The section "Measured" of each rule's page, and the factors of ``hpolint cost --tradeoff``, from the results.

No figure is typed by hand: a sentence says what was compared, and the table below it is made of the results.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from evidence.running import all_experiments, read

ROOT = Path(__file__).parent.parent
WIDTH = 120
HEAD = "## Measured\n"
SECTION = re.compile(r"^## Measured\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
EVIDENCE = "[Evidence](https://hpolint.github.io/hpolint/evidence/)"


@cache
def sections() -> dict[str, list[dict[str, Any]]]:
    """The parts of each rule's section, as ``measured.toml`` describes them."""
    return tomllib.loads((Path(__file__).parent / "measured.toml").read_text("utf-8"))


@cache
def _results(name: str) -> dict[str, Any]:
    return read(all_experiments()[name])


def section_of(rule: str) -> str:
    """The section of a rule's page, from its heading to the next one's."""
    parts: list[str] = []
    tasks: set[str] = set()
    for part in sections()[rule]:
        parts += [textwrap.fill(part["text"], WIDTH), "\n".join(_table(part))]
        tasks |= _results(part["experiment"])["tables"].keys()
    end = f"On {len(tasks)} tasks; 95% intervals. How it was measured, and what is weak about it: {EVIDENCE}."
    return HEAD + "\n\n".join([*parts, textwrap.fill(end, WIDTH)]) + "\n\n"


def _table(part: dict[str, Any]) -> Iterator[str]:
    also: dict[str, str] = part.get("also", {})
    heads = [*part["columns"].values(), part["value"], *also.values()]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for each in _results(part["experiment"])["conditions"]:
        condition = each["condition"]
        where = part.get("where", {})
        if condition.keys() == {*part["columns"], *where} and all(condition[name] == where[name] for name in where):
            values = (condition[name] for name in part["columns"])
            cells = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
            measures = [each["measures"][name] for name in (part["measure"], *also)]
            yield f"| {' | '.join([*cells, *map(shown, measures)])} |"


def shown(measure: dict[str, Any]) -> str:
    """An effect with its interval: a ratio, a share in percent, or a difference of regrets."""
    form: Callable[[float], str]
    if measure["kind"] == "share":
        form = "{:.0%}".format
    elif measure["kind"] == "difference":
        form = "{:+.2f}".format
    else:
        form = "{:.2f}".format
    low, high = measure["interval"]
    return f"{form(measure['effect'])} ({form(low)} to {form(high)})"


def rewritten(rule: str, page: str) -> str:
    """A rule's page with its section "Measured" as the results have it, before its examples if it has none yet."""
    section = section_of(rule)
    if SECTION.search(page):
        return SECTION.sub(lambda _: section, page, count=1)
    return page.replace("## Examples\n", f"{section}## Examples\n", 1)


def factors() -> str:
    """``data/parallelism.yaml``: the factors of the trade-off."""
    found = _results("parallelism")
    lines = [
        "# How many more trials Bayesian search needs to reach the same target where several run at once",
        "# instead of one at a time. A factor of 1.2 is a fifth more trials.",
        "# Intervals: 95 %.",
        "# Written by `python -m evidence pages` from evidence/results/parallelism.json.",
        "source: docs/evidence.md",
    ]
    by_trials: dict[int, list[dict[str, Any]]] = {}
    for each in found["conditions"]:
        by_trials.setdefault(each["condition"]["trials"], []).append(each)
    lines.append("tasks: {" + ", ".join(f"{trials}: {len(found['tables'])}" for trials in by_trials) + "}")
    lines.append("factors:")
    for trials, own in by_trials.items():
        lines.append(f"  {trials}:")
        for each in own:
            measure = each["measures"]["trials"]
            values = ", ".join(f"{value:.2f}" for value in (measure["effect"], *measure["interval"]))
            lines.append(f"    {each['condition']['at_once']}: [{values}]")
    return "\n".join(lines) + "\n"


def written() -> dict[Path, str]:
    """Every file that is made of the results, with its text."""
    found = {}
    for rule in sections():
        path = ROOT / "rules" / f"{rule}.md"
        found[path] = rewritten(rule, path.read_text("utf-8"))
    found[ROOT / "hpolint" / "data" / "parallelism.yaml"] = factors()
    return found
