"""The fix of every rule in every call that makes a job: the fixed programs, and what the real SDKs make of them.

    HPOLINT_SDK2=PYTHON python -m tests.oracles.fixed_programs sdk2

asks the SDK, and writes ``records/sdk2/fixed.json``. A rule does not have to fire on a program: its fix is applied
wherever the job has a subject for it, with a value that the SDK takes. The fixes of all jobs of a program are written
together, as ``hpolint check --fix`` does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.fixes.fix_planner import FixPlanner, compatible, fixed_texts
from hpolint.model.finding import Finding
from hpolint.model.fix import Fix
from hpolint.model.job import TuningJob
from hpolint.model.node import Path, Scalar, ScalarValue, Unknown, follow, parse_path, path_text, place
from hpolint.model.rule import Rule
from hpolint.model.settings import RuleSettings, Settings
from hpolint.readers import read_source
from hpolint.registry.choosing import chosen_rules
from tests.oracles.comparison import capture
from tests.oracles.programs import HERE, ORACLES, Oracle, sections
from tests.oracles.record import RECORDS, StaleRecord, hashed, laid_out, made_with, other_versions

GENERATIONS = ("sdk2", "sdk3")
ESTIMATOR = "estimator "
"""The beginning of the titles of programs that differ from others only by the estimator's class."""

NAME = "HyperParameterTuningJobName"
VALUES: dict[str, ScalarValue] = {
    "CompleteOnConvergence": "Enabled",
    "ContentType": "text/csv;label_size=0",
    "EnableManagedSpotTraining": True,
    "EnableNetworkIsolation": True,
    "InstanceCount": 1,
    "InstanceType": "ml.m5.2xlarge",
    "MaxNumberOfTrainingJobs": 7,
    "MaxParallelTrainingJobs": 2,
    "MaxRuntimeInSeconds": 1800,
    "MaxValue": "0.7",
    "MaxWaitTimeInSeconds": 90000,
    "MinValue": "0.05",
    "Name": "renamed",
    "RandomSeed": 1,
    "Regex": "([0-9.]+)",
    "ScalingType": "Logarithmic",
    "Strategy": "Random",
    "TrainingJobEarlyStoppingType": "Auto",
    "Type": "Minimize",
}
"""A value for each member that a fix sets, where the rule computes the value from the job."""

Outcome = dict[str, Any]


@dataclass(frozen=True)
class FixedProgram:
    """A program with the fix of some rules, which is the same.

    ``promised`` are the fixes of each job, by its name. ``wanted`` are equal fixes of further jobs, which change with
    them where the jobs share what is changed.
    """

    maker: str
    rules: tuple[str, ...]
    before: str
    text: str
    promised: dict[str, list[Fix]]
    wanted: dict[str, list[Fix]]

    @property
    def hash(self) -> str:
        """What an answer depends on, beside the SDK: both texts, because it has their difference."""
        return hashed(self.before, self.text)


def makers(oracle: Oracle) -> dict[str, str]:
    """The programs that make jobs, by what makes them."""
    return sections((HERE / "makers" / f"{oracle.name}.txt").read_text("utf-8"))


@cache
def fixed_programs(oracle: Oracle) -> dict[str, FixedProgram]:
    """The fixed programs by their maker and their first rule; equal texts once."""
    found: dict[str, FixedProgram] = {}
    with_fix = [rule for rule in chosen_rules(Settings(rules=RuleSettings(select=("ALL",)))) if rule.fix is not None]
    for maker, text in makers(oracle).items():
        by_text: dict[str, FixedProgram] = {}
        source, reading = read_source("program.py", text.encode())
        jobs = [(job, EvaluationContext(job)) for job in reading.jobs]
        for rule in with_fix:
            if maker.startswith(ESTIMATOR) and rule.scope != "training":
                continue
            planner = FixPlanner(source, reading.jobs)
            program = _with_fix(maker, planner, jobs, rule)
            if program is None:
                continue
            same = by_text.get(program.text)
            rules = program.rules if same is None else (*same.rules, *program.rules)
            by_text[program.text] = replace(program, rules=rules)
        found |= {f"{maker}: {program.rules[0]}": program for program in by_text.values()}
    return found


def _with_fix(
    maker: str, planner: FixPlanner, jobs: list[tuple[TuningJob, EvaluationContext]], rule: Rule
) -> FixedProgram | None:
    """A program with the fix of a rule in all of its jobs, as far as the fix is written; None if it is in none."""
    findings = [finding for job, context in jobs for finding in _findings(job, context, rule)]
    if not findings:
        return None
    written = compatible(each for each in planner.edits_of(findings) if each.reason is None)
    if not written:
        return None
    (fixed,) = fixed_texts(written).values()
    fixes = [plan.finding.fix for plan in written]
    own = {id(plan.finding) for plan in written}
    promised = _fixes_by_job([plan.finding for plan in written])
    wanted = _fixes_by_job([each for each in findings if each.fix in fixes and id(each) not in own])
    return FixedProgram(maker, (rule.name,), jobs[0][0].source.text, fixed, promised, wanted)


def _fixes_by_job(findings: list[Finding]) -> dict[str, list[Fix]]:
    found: dict[str, list[Fix]] = {}
    for finding in findings:
        assert finding.job is not None
        assert finding.fix is not None
        found.setdefault(finding.job.name or "", []).append(finding.fix)
    return found


def _findings(job: TuningJob, context: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """A finding with the rule's fix for each subject that the job has for the rule."""
    for subject in context.subjects(rule.scope, rule.observes):
        fix = _fix(job, rule, subject.root)
        if fix is not None:
            path = next(iter((*fix.set, *fix.remove)))
            span = place(job.request, path)[0]
            yield Finding(rule, rule.levels[0], job.source.name, span, ((rule.summary,),), path, job, fix=fix)


def _fix(job: TuningJob, rule: Rule, root: Path) -> Fix | None:
    """The fix of a rule for a subject; None if it would change nothing, or a value that is unknown."""
    template = rule.fix
    assert template is not None
    changed: dict[Path, ScalarValue] = {}
    for text, value in template.set.items():
        path = (*root, *parse_path(text))
        node = follow(job.request, path)
        wanted = value
        if isinstance(value, str) and value.startswith("{"):
            wanted = VALUES[str(path[-1])]
        if path[-1] == "Name" and "IntegerParameterRanges" in path:
            wanted = f"{wanted}_integer"  # beside a continuous range with a new name
        is_of_value = isinstance(follow(job.request, path[:-1]), Scalar)  # a static hyperparameter has no members
        if isinstance(node, Unknown) or is_of_value:
            return None
        if not (isinstance(node, Scalar) and node.value == wanted):
            changed[path] = wanted
    removed = [(*root, *parse_path(text)) for text in template.remove]
    present = tuple(path for path in removed if follow(job.request, path) is not None)
    return Fix("unsafe", changed, present) if changed or present else None


def recorded_answers(oracle: Oracle) -> dict[str, Outcome]:
    """What the SDK made of each fixed program. Raises StaleRecord."""
    path = RECORDS / oracle.name / "fixed.json"
    record = json.loads(path.read_text("utf-8"))
    for what, now in made_with(oracle).items():
        if record[what] != now:
            raise StaleRecord(oracle, f"fixed.json was made with other {what} (tests.oracles.fixed_programs makes it).")
    programs, answers = fixed_programs(oracle), record["answers"]
    changed = sorted(programs.keys() ^ answers.keys())
    changed += [name for name in programs.keys() & answers.keys() if answers[name]["program"] != programs[name].hash]
    if changed:
        reason = f"fixed.json has no answer, or one too many: {', '.join(changed[:9])}."
        raise StaleRecord(oracle, f"{reason} tests.oracles.fixed_programs makes it.")
    return {name: answers[name] for name in programs}


def asked_answers(oracle: Oracle, programs: dict[str, FixedProgram]) -> dict[str, Outcome]:
    """What the SDK makes of some fixed programs: the error, and the members that differ by the fix."""
    if others := other_versions(oracle):
        raise StaleRecord(oracle, f"The environment of {oracle.variable} is another one: {', '.join(others[:9])}.")
    texts = list(dict.fromkeys(program.before for program in programs.values()))
    before = dict(zip(texts, capture(oracle.python, oracle.name, texts), strict=True))
    after = capture(oracle.python, oracle.name, [program.text for program in programs.values()])
    return {
        name: _answer(program, before[program.before], outcome)
        for (name, program), outcome in zip(programs.items(), after, strict=True)
    }


def _answer(program: FixedProgram, before: Outcome, after: Outcome) -> Outcome:
    own_error = before["error"] and before["error"].splitlines()[0]
    error = after["error"] and after["error"].splitlines()[0]
    names = [request.get(NAME, "") for request in after["requests"]]
    pairs = zip(before["requests"], after["requests"], strict=False)  # what was refused may be taken now
    changed = {name: dict(_changed(*pair)) for name, pair in zip(names, pairs, strict=False)}
    return {
        "program": program.hash,
        "error": error,
        "error_before": own_error,
        "changed": changed,
    }


def _changed(one: Any, other: Any, path: Path = ()) -> Iterator[tuple[str, Any]]:
    """The paths whose values differ between two requests, with the second's value; None if it is gone."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _changed(one.get(name), other.get(name), (*path, name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _changed(left, right, (*path, index))
    elif one != other:
        yield path_text(path), other


def write(oracle: Oracle) -> None:
    """Ask the SDK about the fixed programs that have no answer yet, and record what it answers."""
    path = RECORDS / oracle.name / "fixed.json"
    record = json.loads(path.read_text("utf-8")) if path.exists() else {}
    is_current = all(record.get(what) == now for what, now in made_with(oracle).items())
    answers = record["answers"] if is_current else {}
    programs = fixed_programs(oracle)
    kept = {name: answers[name] for name in programs if answers.get(name, {}).get("program") == programs[name].hash}
    missing = {name: program for name, program in programs.items() if name not in kept}
    record = {**made_with(oracle), "answers": kept | asked_answers(oracle, missing)}
    path.write_text(laid_out(record) + "\n", "utf-8")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or GENERATIONS:
        write(ORACLES[chosen])
