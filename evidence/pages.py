"""The section "Measured" of each rule's page, what messages quote, and the factors of ``hpolint cost
--tradeoff``: all from the results.

No figure is typed by hand: a sentence says what was compared, and the table below it is made of the results.
"""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from math import ceil, exp, log, sqrt
from pathlib import Path
from typing import Any

from evidence.experiment import tasks
from evidence.experiments.scales import DISTANCES
from evidence.lines import Line
from evidence.published import pages as published
from evidence.real_jobs import summary as real_jobs
from evidence.running import all_experiments, read
from evidence.tasks import FIRST_TASKS, LATER_TASKS, LEFT_OUT, TASKS
from evidence.usual import usual_space

ROOT = Path(__file__).parent.parent
WIDTH = 120
LOSS = 1.1
"""The ratio of trials from which on a loss counts in the model of parallel trials."""

HEAD = "## Measured\n"
SECTION = re.compile(r"^## Measured\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
EVIDENCE = "[Evidence](https://hpolint.github.io/hpolint/evidence/)"


@cache
def _described() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "measured.toml").read_text("utf-8"))


def sections() -> dict[str, list[dict[str, Any]]]:
    """The parts of each rule's section, as ``measured.toml`` describes them."""
    return {name: parts for name, parts in _described().items() if "/" in name}


@cache
def _results(name: str) -> dict[str, Any]:
    return read(all_experiments()[name])


def section_of(rule: str) -> str:
    """The section of a rule's page, from its heading to the next one's."""
    parts: list[str] = []
    measured_on: set[str] = set()
    for part in sections()[rule]:
        parts += [textwrap.fill(part["text"], WIDTH), "\n".join(_table(part))]
        measured_on |= _results(part["experiment"])["tables"].keys()
    end = (
        f"On up to {len(measured_on)} tasks; 95% intervals. How it was measured, and what is weak about it: {EVIDENCE}."
    )
    return HEAD + "\n\n".join([*parts, textwrap.fill(end, WIDTH)]) + "\n\n"


def _table(part: dict[str, Any]) -> Iterator[str]:
    also: dict[str, str] = part.get("also", {})
    heads = [*part["columns"].values(), part["value"], *also.values(), "Tasks"]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for each in _conditions(part):
        values = (each["condition"][name] for name in part["columns"])
        cells = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
        measures = [each["measures"][name] for name in (part["measure"], *also)]
        yield f"| {' | '.join([*cells, *map(shown, measures), str(len(measures[0]['tasks']))])} |"


def _conditions(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of a part's experiment that are varied by its columns alone, and have the values of ``where``."""
    where = part.get("where", {})
    for each in _results(part["experiment"])["conditions"]:
        condition = each["condition"]
        if condition.keys() == {*part["columns"], *where} and all(condition[name] == where[name] for name in where):
            yield each


def effects() -> str:
    """``data/measured.json``: what sentences of messages quote; null where no effect is shown to exist."""
    lines = []
    messages = {name: list(_message_rows(part)) for name, part in _described()["messages"].items()}
    messages["published-scale"] = list(published.message_rows())
    for name, rows in messages.items():
        order = sorted(rows, key=lambda row: [(isinstance(value, str), value) for value in row[:-1]])
        inner = ",\n".join(f"   {json.dumps(row)}" for row in order)
        lines.append(f"  {json.dumps(name)}: [\n{inner}\n  ]")
    return '{\n "source": "docs/evidence.md",\n "experiments": {\n' + ",\n".join(lines) + "\n }\n}\n"


def _message_rows(part: dict[str, Any]) -> Iterator[list[Any]]:
    """The conditions of an experiment, each followed by its effect as a message quotes it."""
    for each in _conditions(part):
        measure = each["measures"][part["measure"]]
        text = shown(measure) if _is_shown_to_exist(measure) else None
        yield [*(each["condition"][column] for column in part["columns"]), text]


def _is_shown_to_exist(measure: dict[str, Any]) -> bool:
    """Whether the interval of an effect, as it is shown, leaves out that there is none."""
    none = {"ratio": 1, "difference": 0, "share": 1}[measure["kind"]]
    low, high = (round(each, 2) for each in measure["interval"])
    return bool(low > none or high < none)


FORMS: dict[str, Callable[[float], str]] = {
    "share": "{:.0%}".format,
    "difference": "{:+.2f}".format,
    "ratio": "{:.2f}".format,
}


def shown(measure: dict[str, Any], part: str | None = None) -> str:
    """An effect with its interval: a ratio, a share in percent, or a difference of regrets.

    ``part`` is ``first``, ``later`` or a family for the effect on these tasks alone.
    """
    form = FORMS[measure["kind"]]
    effect, low, high = measure[part] if part else (measure["effect"], *measure["interval"])
    return f"{form(effect)} ({form(low)} to {form(high)})"


def _parts(heads: dict[str, str]) -> Iterator[str]:
    """The main effects on some of the tasks, which the results name, below headings."""
    yield f"| What | {' | '.join(heads.values())} |"
    yield "|---" * (len(heads) + 1) + "|"
    for each in _described()["main"]:
        found = _results(each["experiment"])["conditions"]
        measure = next(one["measures"][each["measure"]] for one in found if one["condition"] == each["condition"])
        cells = (shown(measure, part) if part in measure else "too few tasks" for part in heads)
        yield f"| {each['what']} | {' | '.join(cells)} |"


def _replication() -> Iterator[str]:
    first, later = (sum(each in own for each in tasks()) for own in (FIRST_TASKS, LATER_TASKS))
    return _parts({"first": f"The first {first} tasks", "later": f"The {later} later ones"})


def _families() -> Iterator[str]:
    names = {"network": "networks", "linear": "linear models", "trees": "boosted trees"}
    return _parts({name: f"{len(tasks(name))} {words}" for name, words in names.items()})


def _left_out() -> Iterator[str]:
    yield "| Task | Deviation between seeds, of the distance from the best to the median | |"
    yield "|---|---|---|"
    for task in TASKS:
        yield f"| {task.name} | {usual_space(task).noise:.2f} | {'left out' if task.name in LEFT_OUT else ''} |"


def _expected() -> Iterator[str]:
    """What the logarithmic scale gains where the best learning rates lie as in public notebooks, or by chance."""
    ranges = [each for each in real_jobs.places() if each.role == "learning_rate" and each.decades >= real_jobs.WIDE]
    names = [name for _, name in DISTANCES]
    classes = list(pairwise([0.0, *(most for most, _ in DISTANCES)]))
    observed, chance = ([_share(ranges, each, by) for each in classes] for by in (_is_within, _chance_within))
    yield f"| Best value below the top, in powers of ten | {' | '.join(names)} | Notebooks | Chance |"
    yield "|---" * (len(names) + 3) + "|"
    for what, shares in (("In public notebooks", observed), ("By chance alone", chance)):
        yield f"| {what} | {' | '.join(f'{share:.0%}' for share in shares)} | | |"
    found = {tuple(each["condition"].items()): each for each in _results("learning-rate-scale")["conditions"]}
    for strategy in ("Bayesian", "Random"):
        wide = (("strategy", strategy), ("width", "2 and more"))
        effects = [found[*wide, ("distance", name)]["measures"]["trials"]["effect"] for name in names]
        whole = [
            exp(sum(share * log(effect) for share, effect in zip(shares, effects, strict=True)))
            for shares in (observed, chance)
        ]
        cells = " | ".join(f"{each:.2f}" for each in [*effects, *whole])
        yield f"| {strategy} search: times fewer trials | {cells} |"


Ends = tuple[float, float]


def _share(ranges: list[real_jobs.Place], ends: Ends, by: Callable[[real_jobs.Place, Ends], float]) -> float:
    return real_jobs.figure_of_places(ranges, lambda each: by(each, ends)).value


def _is_within(place: real_jobs.Place, ends: Ends) -> float:
    """Whether the best value is so far from the top."""
    return float(ends[0] <= max(place.from_top, 0) < ends[1])


def _chance_within(place: real_jobs.Place, ends: Ends) -> float:
    """How likely it is if it lies anywhere in the range, evenly on the logarithmic scale."""
    return max(min(ends[1], place.decades) - ends[0], 0) / place.decades


def _worth() -> Iterator[str]:
    """What each piece of advice is worth: the contrasts, and main effects on the project's own tables."""
    yield "| Advice | Measured | Is it shown? |"
    yield "|---|---|---|"
    for line in _described()["worth"]:
        if "contrast" in line:
            measured, shows = published.effect(line["contrast"]), published.verdict(line["contrast"])
        else:
            found = _results(line["experiment"])["conditions"]
            measure = next(each["measures"] for each in found if each["condition"] == line["condition"])
            measured, shows = shown(measure[line["measure"]]), "not tested: the project's own tables"
        yield f"| {line['advice']} | {line['unit']} {measured} | {shows} |"


def _parallel_model() -> Iterator[str]:
    """How well the loss of several trials at once follows their number, and how well the rounds of the search."""
    trials, at_once, losses = [], [], []
    for each in _results("parallelism")["conditions"]:
        trials.append(each["condition"]["trials"])
        at_once.append(each["condition"]["at_once"])
        losses.append(log(each["measures"]["trials"]["effect"]))
    by_number = Line.through_origin([sqrt(number - 1) for number in at_once], losses)
    rounds = [count / number for count, number in zip(trials, at_once, strict=True)]
    by_rounds = Line.fitted([log(count) for count in rounds], losses)
    reached = 1 + (log(LOSS) / by_number.slope) ** 2
    yield f"| Variable | Explained | The loss exceeds {LOSS - 1:.0%} |"
    yield "|---|---|---|"
    yield f"| Square root of the number at once | {by_number.explained:.0%} | from {ceil(reached)} at once |"
    fewest = exp((log(LOSS) - by_rounds.start) / by_rounds.slope)
    yield f"| Logarithm of the rounds | {by_rounds.explained:.0%} | below {fewest:.0f} rounds |"


TABLES: dict[str, dict[str, Callable[[], Iterator[str]]]] = {
    "evidence.md": {"worth": _worth, "widths": real_jobs.width_lines},
    "evidence-details.md": {
        "noise": _left_out,
        "replication": _replication,
        "families": _families,
        "real jobs": real_jobs.table_lines,
        "expected": _expected,
        "auto": real_jobs.auto_lines,
        "data sets": published.data_table,
        "noisy ranges": published.noise_table,
        "regrets": published.regret_table,
        "sensitivity": published.sensitivity_table,
        "grids": published.grid_table,
        "parallel model": _parallel_model,
    },
}
"""The tables of each page of ``docs/``."""


def with_tables(page: str, tables: dict[str, Callable[[], Iterator[str]]]) -> str:
    """A page with its tables, each below a comment with its name and before an empty line."""
    for name, lines in tables.items():
        mark = f"<!-- {name} -->\n"
        before, _, after = page.partition(mark)
        text = "\n".join(lines())
        page = f"{before}{mark}{text}\n\n{after.partition(chr(10) * 2)[2]}"
    return page


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
    for name, tables in TABLES.items():
        page = ROOT / "docs" / name
        found[page] = with_tables(page.read_text("utf-8"), tables)
    found[ROOT / "hpolint" / "data" / "parallelism.yaml"] = factors()
    found[ROOT / "hpolint" / "data" / "measured.json"] = effects()
    return found
