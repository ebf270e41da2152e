"""Collects finished tuning jobs from public notebooks: ``python -m evidence collect FILE``.

``FILE`` has a JSON object in each line: ``git_dir``, ``repo`` (owner/name), ``commit`` and ``path`` of a notebook or a
page in Markdown. Only figures are kept: the ranges as ``hpolint extract`` reads them from the same file, and each
trial's values, result, status and seconds. Names of jobs become digests, to find copies.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from evidence.real_jobs.summary import KEPT
from hpolint.facts.parameter_role import role

STATUS, RESULT, SECONDS = "TrainingJobStatus", "FinalObjectiveValue", "TrainingElapsedTimeSeconds"
NAME, JOB = "TrainingJobName", "TuningJobName"
OWN = {STATUS, RESULT, SECONDS, NAME, JOB, "index", "..."}
OWN |= {"TrainingStartTime", "TrainingEndTime", "TrainingJobDefinitionName"}
TRIAL = re.compile(r"(?P<job>.+-\d{6}-\d{4})-(?P<number>\d{3,})-[0-9a-f]{4,8}\Z")
"""The service's names of trials, if the name of the tuning job is the SDK's."""

BEST = re.compile(r"\{[^{}]*'_tuning_objective_metric'[^{}]*\}")
LEAST_TRIALS = 2
KINDS = {"ContinuousParameterRanges": "continuous", "IntegerParameterRanges": "integer"}
BOUNDS = ("MinValue", "MaxValue")


def collect(lines: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
    """The jobs in some files; of a job that several files show, the one with the most trials."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        git = ["git", f"--git-dir={line['git_dir']}", "show", f"{line['commit']}:{line['path']}"]
        shown = subprocess.run(git, capture_output=True, check=False)
        if shown.returncode:
            print(f"not there: {line['repo']} {line['path']}", file=sys.stderr)
            continue
        text = shown.stdout.decode("utf-8", "replace")
        definitions = _definitions(text, Path(line["path"]).suffix)
        for key, trials in _by_job(_tables(text, line["path"])).items():
            job = {name: line[name] for name in ("repo", "commit", "path")} | {"key": key}
            job |= _definition_of(trials, definitions) | {"results": trials}
            known = found.get(key)
            if known is None or (len(trials), bool(job.get("ranges"))) > (len(known["results"]), "ranges" in known):
                found[key] = job
        for key, values in _best_ones(text, line["path"]):
            definition = _definition_of([{"values": values}], definitions, is_whole=False)
            best = {each["name"]: values[each["name"]] for each in definition.get("ranges", [])}
            if best and key not in found and not _is_shown(best, line["repo"], found.values()):
                job = {name: line[name] for name in ("repo", "commit", "path")} | {"key": key}
                found[key] = job | definition | {"results": [], "best": best}
    large_enough = (job for job in found.values() if len(job["results"]) >= LEAST_TRIALS or "best" in job)
    return sorted(large_enough, key=lambda job: (job["repo"], job["key"]))


def _is_shown(best: dict[str, Any], repo: str, jobs: Iterable[dict[str, Any]]) -> bool:
    """Whether a job of the repository shows a trial with these values, up to how a table prints them."""

    def is_same(values: dict[str, Any]) -> bool:
        pairs = [(value, values.get(name)) for name, value in best.items()]
        numbers = [(one, other) for one, other in pairs if isinstance(one, float) and isinstance(other, float)]
        return len(numbers) == len(pairs) and all(
            math.isclose(one, other, rel_tol=1e-2, abs_tol=1e-6) for one, other in numbers
        )

    own = [job for job in jobs if job["repo"] == repo]
    shown = (values for job in own for values in (job.get("best", {}), *(each["values"] for each in job["results"])))
    return any(map(is_same, shown))


def save(jobs: list[dict[str, Any]]) -> None:
    """Write the jobs, one in each line."""
    KEPT.write_text("[\n" + ",\n".join(json.dumps(job, sort_keys=True) for job in jobs) + "\n]\n", "utf-8")


def _definitions(text: str, suffix: str) -> list[dict[str, Any]]:
    """The requests in a file, as ``hpolint extract`` prints them."""
    if suffix != ".ipynb":
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notebook.ipynb"
        path.write_text(text, "utf-8")
        command = [sys.executable, "-m", "hpolint", "extract", str(path)]
        found = subprocess.run(command, capture_output=True, check=False, text=True, timeout=300).stdout
    try:
        return [job["request"] for job in json.loads(found)["jobs"]]
    except ValueError:
        return []


def _tables(text: str, path: str) -> Iterator[list[dict[str, str]]]:
    """The rows of each table of trials in a notebook's outputs, or in a page."""
    for piece in _pieces(text, path):
        parser = _Tables()
        parser.feed(piece)
        for head, *rows in parser.tables:
            if RESULT not in head and head[-2:-1] == [JOB]:  # the analysis of aws-samples names it after the metric
                head[-1] = RESULT
            if {STATUS, RESULT, NAME} <= set(head):
                yield [dict(zip(head, row, strict=True)) for row in rows if len(row) == len(head)]


class _Tables(HTMLParser):
    """The tables of a page as rows of texts, as pandas writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._is_in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._is_in_cell = self._is_in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._is_in_cell:
            self.tables[-1][-1][-1] += data.strip()


def _pieces(text: str, path: str) -> Iterator[str]:
    """Tables as HTML."""
    if not path.endswith(".ipynb"):
        yield text if "<td" in text else _from_markdown(text)
        return
    for output in _outputs(text, path):
        html = "".join(output.get("data", {}).get("text/html", ""))
        if STATUS in html and "<td" in html:
            yield html


def _outputs(text: str, path: str) -> Iterator[dict[str, Any]]:
    """The outputs of a notebook's cells."""
    try:
        cells = json.loads(text)["cells"] if path.endswith(".ipynb") else []
    except (ValueError, KeyError, TypeError):
        return
    for cell in cells:
        yield from cell.get("outputs", [])


def _best_ones(text: str, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The hyperparameters of a job's best trial as ``best_estimator().hyperparameters()`` prints them, by a digest."""
    for output in _outputs(text, path):
        printed = "".join(output.get("data", {}).get("text/plain", output.get("text", "")))
        for match in BEST.finditer(printed):
            try:
                found = ast.literal_eval(match[0])
            except (ValueError, SyntaxError):
                continue
            name = str(found.get("sagemaker_job_name") or match[0])
            yield hashlib.sha256(name.encode()).hexdigest()[:12], {key: _value(each) for key, each in found.items()}


def _from_markdown(text: str) -> str:
    """The tables of a page in Markdown as HTML."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.strip().startswith("|")]
    starts = [number for number, row in enumerate(rows) if STATUS in {cell.strip() for cell in row}]
    found = []
    for start in starts:
        own = [row for row in rows[start:] if len(row) == len(rows[start]) and not set("".join(row)) <= set("-: ")]
        lines = ["".join(f"<td>{cell.strip()}</td>" for cell in row) for row in own[1:]]
        head = "".join(f"<th>{cell.strip()}</th>" for cell in rows[start])
        found.append(f"<table><thead><tr>{head}</tr></thead><tbody><tr>{'</tr><tr>'.join(lines)}</tr></tbody></table>")
    return "\n".join(found)


def _by_job(tables: Iterable[list[dict[str, str]]]) -> dict[str, list[dict[str, Any]]]:
    """The trials of each tuning job by its digest, in the order in which the service named them."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for table in tables:
        for record in table:
            match = TRIAL.match(record[NAME])
            if match:
                key = hashlib.sha256(match["job"].encode()).hexdigest()[:12]
                trial = _trial(record, int(match["number"]))
                known = found.setdefault(key, {}).get(trial["number"], {"values": {}})
                if len(trial["values"]) >= len(known["values"]):
                    found[key][trial["number"]] = trial
    return {key: [own[number] for number in sorted(own)] for key, own in found.items()}


def _trial(record: dict[str, str], number: int) -> dict[str, Any]:
    values = {name.strip("'\""): _value(each) for name, each in record.items() if name and name not in OWN}
    found = {"number": number, "status": str(record[STATUS]), "values": values}
    for name, key in ((RESULT, "result"), (SECONDS, "seconds")):
        value = _value(record.get(name))
        found[key] = value if isinstance(value, float) and abs(value) < 1e300 else None
    found["start"] = str(record.get("TrainingStartTime", ""))[:19] or None
    return found


def _value(value: Any) -> float | str | None:
    """A number where it is one, also in quotes, as lists show theirs; an empty text for any other value."""
    text = str(value).strip().strip("\"'")
    try:
        number = float(text)
    except ValueError:
        return ""
    return number if number == number else None


def _definition_of(
    trials: list[dict[str, Any]], definitions: list[dict[str, Any]], *, is_whole: bool = True
) -> dict[str, Any]:
    """What the last definition says whose ranges hold the values; nothing without one.

    It tunes all names of a table's columns (``is_whole``), or its names are among those that a dictionary has.
    """
    named = {name for trial in trials for name, value in trial["values"].items() if value is not None}
    best: dict[str, Any] = {}
    for request in definitions:
        found = _read(request)
        own = {each["name"] for each in found.get("ranges", [])}
        if (
            own
            and named
            and (named <= own if is_whole else own <= named)
            and all(_holds(each, trials) for each in found["ranges"])
        ):
            best = found
    return best


def _read(request: dict[str, Any]) -> dict[str, Any]:
    config = request.get("HyperParameterTuningJobConfig")
    if not isinstance(config, dict):
        return {}
    limits, objective, ranges = (
        _structure(config.get(name))
        for name in ("ResourceLimits", "HyperParameterTuningJobObjective", "ParameterRanges")
    )
    found = []
    for key, kind in KINDS.items():
        for each in _structures(ranges.get(key)):
            low, high = (_value(each.get(name)) for name in BOUNDS)
            if isinstance(low, float) and isinstance(high, float):
                name = str(each.get("Name")).strip("'\"")
                found.append(
                    {"name": name, "role": _role(name), "kind": kind, "low": low, "high": high}
                    | {"scale": each.get("ScalingType")}
                )
    for each in _structures(ranges.get("CategoricalParameterRanges")):
        values = each.get("Values")
        name = str(each.get("Name")).strip("'\"")
        count = len(values) if isinstance(values, list) else None
        found.append({"name": name, "role": _role(name), "kind": "categorical", "values": count})
    return {
        "strategy": _text(config.get("Strategy")),
        "type": _text(objective.get("Type")),
        "trials": _whole(limits.get("MaxNumberOfTrainingJobs")),
        "at_once": _whole(limits.get("MaxParallelTrainingJobs")),
        "ranges": found,
    }


def _structure(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _structures(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    return int(value) if str(value).isdigit() else None


def _role(name: str) -> str | None:
    found = role(name, None)
    return found if isinstance(found, str) else None


def _holds(given: dict[str, Any], trials: list[dict[str, Any]]) -> bool:
    """Whether a range holds the values that the trials had, up to how they are printed."""
    if given["kind"] == "categorical":
        return True
    values = [trial["values"].get(given["name"]) for trial in trials]
    margin = 1e-5 * max(abs(given["low"]), abs(given["high"]), 1)
    return all(given["low"] - margin <= value <= given["high"] + margin for value in values if isinstance(value, float))
