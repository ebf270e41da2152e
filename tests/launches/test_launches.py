"""A definition that is launched several times: every launch is judged and counted, and named where it differs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

import hpolint as library
from hpolint.model.ignore_comment import today
from hpolint.model.job import TuningJob
from hpolint.model.source import Source
from hpolint.readers.python.reader import read_python
from hpolint.report.records import Diagnostic
from hpolint.suppressions.waivers import definition_digest
from tests.conftest import Command
from tests.launches.programs import IMPORTS, TUNER, WAYS, program

TYPES, PARALLEL = "policy/allowed-instance-types", "policy/max-parallel"
FORBIDDEN, ALLOWED = "ml.p3.16xlarge", "ml.m5.xlarge"
LOCK = f"""
select = ["{TYPES}", "{PARALLEL}"]
[rules."{TYPES}"]
types = ["{ALLOWED}", "ml.m5.large"]
locked = true
[rules."{PARALLEL}"]
parallel = 10
locked = true
"""
OPTIONS: dict[str, Any] = {
    "select": [TYPES, PARALLEL],
    "rules": {TYPES: {"types": [ALLOWED, "ml.m5.large"], "locked": True}, PARALLEL: {"parallel": 10, "locked": True}},
}


def findings(statements: str, **changes: Any) -> list[Diagnostic]:
    """The findings of the locked rules in a program with these statements."""
    report = library.check({"launch.py": f"{IMPORTS}{TUNER}\n{statements}\n"}, OPTIONS | changes, isolated=True)
    assert not report.failures
    return list(report.findings)


def sentences(statements: str, **changes: Any) -> list[str]:
    """The last sentence of each finding."""
    return [finding.text[-1] for finding in findings(statements, **changes)]


RECURSION = """
def every(kinds):
    launch(kinds[0])
    if len(kinds) > 1:
        every(kinds[1:])

every(["ml.m5.large", "ml.m5.large", "ml.m5.large", "ml.m5.large", "ml.p3.16xlarge"])
"""

STILL_UNDECIDED = {"walrus"}
"""Ways whose value stays unknown: each is named as undecided with its place."""


@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_past_a_lock(way: str) -> None:
    """A forbidden instance type that a program writes is an error, or a named unknown value; an allowed one is none."""
    report = library.check({"launch.py": program(way, FORBIDDEN)}, OPTIONS, isolated=True)
    assert not report.failures
    if way in STILL_UNDECIDED:
        assert [value.rules for value in report.open_locked_values] == [[TYPES]]
        return
    assert {finding.rule.id for finding in report.findings} == {TYPES}
    harmless = library.check({"launch.py": program(way, ALLOWED)}, OPTIONS, isolated=True)
    assert not harmless.findings
    assert not harmless.failures


def test_a_harmless_second_call_does_not_switch_a_lock_off() -> None:
    """One call has the finding without a sentence about launches; with another call, it names the one it is about."""
    (alone,) = findings('launch("ml.p3.16xlarge", 2)')
    (beside,) = findings('launch("ml.p3.16xlarge", 2)\nlaunch()')
    assert beside.span == alone.span
    assert beside.text == (*alone.text, "In the launch from line 20")
    assert [launch.label for launch in beside.launches] == ["the launch from line 20"]
    assert not alone.launches


def test_launches_are_named_by_their_passes() -> None:
    """Several together, an outer pass where it is enough, and no sentence if all break the rule."""
    loop = "for kind in {}:\n    for n in (1, 2):\n        launch(kind, n)"
    assert sentences(loop.format('["ml.m5.large", "ml.p3.2xlarge"]')) == [
        "In 2 of 4 launches: pass 2 of the loop at line 20"
    ]
    one_literal = 'BAD = "ml.p3.2xlarge"\nfor kind in [BAD, "ml.m5.large", BAD]:\n    launch(kind)'
    assert sentences(one_literal) == ["In 2 of 3 launches: passes 1 and 3 of the loop at line 21"]
    assert sentences('for kind in ("ml.p3.2xlarge", "ml.p3.2xlarge"):\n    launch(kind)') == [
        "Allowed types: `ml.m5.xlarge` and `ml.m5.large`"
    ]


def test_a_locked_rule_is_raised_by_a_launch_that_may_happen_and_another_rule_is_not() -> None:
    """What a condition guards may happen: the lock counts it, a plain rule stays undecided."""
    guarded = WAYS["continue before it"].replace("KIND", FORBIDDEN)
    assert sentences(guarded) == ["In a launch that may happen: pass 2 of the loop at line 20"]
    plain = {"rules": {TYPES: {"types": [ALLOWED]}}, "select": [TYPES]}
    assert sentences(guarded, **plain) == []
    assert len(sentences('launch("ml.p3.16xlarge")\nlaunch()', **plain)) == 1


def test_more_passes_than_are_interpreted_are_an_error_of_a_locked_rule() -> None:
    """Its value depends on the pass, so nobody may take it for met; a rule that no policy locks is undecided."""
    loop = "for n in range(300):\n    launch(n=n)"
    (finding,) = findings(loop)
    assert finding.rule.id == PARALLEL
    assert finding.text[0].startswith("This tuning job has more launches than hpolint judges")
    plain: dict[str, Any] = {"rules": {PARALLEL: {"parallel": 10}}, "select": [PARALLEL]}
    assert findings(loop, **plain) == []


@pytest.mark.parametrize(
    "statements",
    [
        RECURSION,
        'for n in range(190):\n    for _ in range(190):\n        launch(n=2)\nlaunch("ml.p3.16xlarge")',
    ],
)
def test_calls_that_are_not_interpreted_are_an_error_of_a_locked_rule(statements: str) -> None:
    """A recursion that is too deep, or more calls than are interpreted, may launch the job with any value."""
    (finding,) = findings(statements)
    assert finding.text[0].startswith("This tuning job has more launches than hpolint judges, so `policy/")
    assert findings(statements, rules={PARALLEL: {"parallel": 10}}, select=[PARALLEL]) == []


def test_a_launch_whose_ranges_are_not_known_is_undecided_beside_one_whose_ranges_are() -> None:
    """A rule about single ranges has no subject in it, and nobody may take it for met."""
    function = TUNER.replace("kind, n=2):", "kind, n=2, ranges=None):")
    function = function.replace("    ranges = ", "    ranges = ranges or ")
    calls = 'tuner_of("ml.m5.large").fit()\ntuner_of("ml.m5.large", ranges=load()).fit()\n'
    rule = "launch/reversed-range"
    report = library.check({"launch.py": f"{IMPORTS}{function}\n{calls}"}, {"select": [rule]}, isolated=True)
    labels = [[launch.label for launch in judgement.launches] for judgement in report.undecided]
    assert labels == [["the launch at line 21"]]


def test_forty_times_forty_passes_are_one_finding() -> None:
    """The rule is judged for each distinct value that it reads, and its finding names the passes."""
    kinds = [f"ml.m5.{number}xlarge" for number in range(39)]
    program = f"for kind in {[*kinds, FORBIDDEN]}:\n    for n in range(1, 41):\n        launch(kind, n)"
    options = {"select": [TYPES], "rules": {TYPES: {"types": kinds, "locked": True}}}
    assert sentences(program, **options) == ["In 40 of 1,600 launches: pass 40 of the loop at line 20"]


def test_a_comment_at_one_of_two_calls_silences_that_launch() -> None:
    """The finding stays for the other one; a comment at both leaves none."""
    plain: dict[str, Any] = {"select": [PARALLEL], "rules": {PARALLEL: {"parallel": 10}}}
    table = "N = 50\nlaunch(n=N){}\nlaunch(n=N){}\nlaunch()"
    ignore = f"  # hpolint: ignore[{PARALLEL}] approved for the demo"
    assert sentences(table.format("", ""), **plain) == [
        "In 2 of 3 launches: the launch from line 21 and the launch from line 22"
    ]
    assert sentences(table.format(ignore, ""), **plain) == ["In the launch from line 22"]
    assert sentences(table.format(ignore, ignore), **plain) == []


def costs(hpolint: Command, statements: str) -> list[tuple[float, str]]:
    """The worst-case hours of each job of a program and their kind."""
    hpolint.write("launch.py", f"{IMPORTS}{TUNER.replace('max_jobs', 'max_run_in=1, max_jobs')}\n{statements}\n")
    text = hpolint("cost", "launch.py", "--output", "json").stdout
    return [(job["hours"]["amount"], job["hours"]["kind"]) for job in json.loads(text)["jobs"]]


@pytest.mark.parametrize(
    ("statements", "launches", "kind"),
    [
        ("launch()", 1, "exact"),
        ("launch()\nlaunch(n=3)", 2, "exact"),
        ("for n in (1, 2, 3):\n    launch(n=n)", 3, "exact"),
        ("for n in (1, 2):\n    if os.path.exists('x'):\n        continue\n    launch(n=n)", 2, "at most"),
        ("if os.path.exists('x'):\n    launch()\nelse:\n    launch(n=3)", 1, "at most"),
        (WAYS["fallback"].replace("KIND", "ml.m5.large"), 1, "at most"),
        (WAYS["retry"].replace("KIND", "ml.m5.large"), 1, "exact"),
        ("while True:\n    launch()\n    if os.path.exists('x'):\n        break", 1, "at least"),
        ("for n in os.listdir('.'):\n    launch()", 1, "at least"),
        ("for n in range(300):\n    launch()", 300, "exact"),
    ],
)
def test_the_cost_of_a_job_is_the_sum_of_its_launches(
    hpolint: Command, statements: str, launches: int, kind: str
) -> None:
    """What may happen counts as if it did, of alternatives the dearest; a loop of unknown length is a lower bound."""
    trial_hours = 20 * 24
    assert costs(hpolint, statements) == [(launches * trial_hours, kind)]


def job_of(statements: str) -> TuningJob:
    """The job of a program."""
    (job,) = read_python(Source("launch.py", f"{IMPORTS}{TUNER}\n{statements}\n")).jobs
    return job


def test_a_digest_is_of_all_distinct_launches() -> None:
    """A moved call keeps it; another launch, a value, a condition or loop around one, or a second equal one changes it.

    Where there is only one launch, nothing is told apart: the digest is that of the definition.
    """
    variants = [
        "launch(n=3)",
        "launch(n=3)\nlaunch(n=4)",
        "launch(n=3)\nlaunch(n=5)",
        "launch(n=3)\nif os.path.exists('x'):\n    launch(n=4)",
        "launch(n=3)\nlaunch(n=4)\nlaunch(n=4)",
        "launch(n=3)\nfor i in os.listdir('.'):\n    launch(n=4)",
    ]
    digests = [definition_digest(job_of(variant)) for variant in variants]
    assert len(set(digests)) == len(variants)
    assert definition_digest(job_of("print(1)\n\nlaunch(n=4)\nlaunch(n=3)")) == digests[1]
    single = job_of("for i in os.listdir('.'):\n    launch(n=3)")
    assert definition_digest(single) == definition_digest(replace(single, launches=None))


def test_a_digest_is_of_what_an_option_of_one_launch_may_be() -> None:
    """Another possible value is another definition, though only one of several launches has it."""
    option = "parser = argparse.ArgumentParser()\nparser.add_argument('--kind', choices=['ml.m5.large'])\n"
    program = f"import argparse\n{option}launch(parser.parse_args().kind)\nlaunch(n=3)"
    digests = {definition_digest(job_of(text)) for text in (program, program.replace("large", "xlarge"))}
    assert len(digests) == 2


def test_a_baseline_entry_is_of_the_launches_that_break_the_rule(hpolint: Command) -> None:
    """A harmless new launch leaves it valid; another breaking value is reported."""
    hpolint.write("hpolint.toml", LOCK.replace("locked = true", ""))

    def left(statements: str, *options: str) -> int:
        hpolint.write("launch.py", f"{IMPORTS}{TUNER}\n{statements}\n")
        return len(json.loads(hpolint("check", "launch.py", "--output", "json", *options).stdout)["findings"])

    assert left("launch(n=50)\nlaunch(n=3)") == 1
    hpolint("check", "launch.py", "--write-baseline")
    assert left("launch(n=50)\nlaunch(n=3)") == 0
    assert left("launch(n=50)\nlaunch(n=3)\nlaunch(n=4)") == 0
    assert left("launch(n=50)\nlaunch(n=60)") == 1


def test_a_waiver_from_before_launches_were_told_apart_says_what_to_do(hpolint: Command) -> None:
    """Its finding is back with the new digest, and one command lists all such waivers."""
    hpolint.write("launch.py", f"{IMPORTS}{TUNER}\nlaunch(n=50)\nlaunch(n=3)\n")
    (job,) = read_python(Source("launch.py", (hpolint.folder / "launch.py").read_text())).jobs
    now, before = definition_digest(job), definition_digest(replace(job, launches=None))
    waiver = f"""
[[waivers]]
rule = "{PARALLEL}"
file = "launch.py"
digest = "{before}"
until = {today() + timedelta(days=20)}
reason = "the pilot"
approved-by = "ML platform"
"""
    hpolint.write("hpolint.toml", LOCK + waiver)
    printed = hpolint("check", "launch.py").stdout.decode()
    assert f"check, then replace the digest of the waiver in hpolint.toml:10 by {now}" in printed
    listed = hpolint("waiver", "--outdated", ".").stdout.decode()
    assert listed == f"hpolint.toml:10: the digest of `{PARALLEL}` for launch.py, line 13 is now {now}\n"
    hpolint.write("hpolint.toml", LOCK + waiver.replace(before, now))
    assert hpolint("waiver", "--outdated", ".").stdout == b"no outdated waivers\n"
    assert hpolint("check", "launch.py").returncode == 0


def test_a_call_from_another_module_is_a_launch(hpolint: Command) -> None:
    """A forbidden value is an error where it is written; the module's own values are not reported again."""
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write("jobs.py", f"{IMPORTS}{TUNER}\nif __name__ == '__main__':\n    launch(n=60)\n")
    hpolint.write("run.py", 'from jobs import launch\n\nlaunch("ml.p3.16xlarge")\nlaunch()\n')
    hpolint.write("harmless.py", 'import jobs\n\njobs.launch("ml.m5.large")\njobs.tuner_of("ml.m5.xlarge").fit()\n')
    for options in ((), ("--no-cache",), ()):
        found = json.loads(hpolint("check", ".", "--output", "json", *options).stdout)["findings"]
        places = [(finding["path"], finding["line"], finding["rule"]) for finding in found]
        assert places == [("jobs.py", 21, PARALLEL), ("run.py", 3, TYPES)]


def test_reports_name_the_launches_only_where_there_are_several(hpolint: Command) -> None:
    """JSON of a finding and of `extract`, and one SARIF result with the sentence, the places and a property."""
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write("launch.py", f"{IMPORTS}{TUNER}\nN = 50\nlaunch(n=N)\nlaunch()\n")
    (finding,) = json.loads(hpolint("check", "launch.py", "--output", "json").stdout)["findings"]
    (launch,) = finding["launches"]
    assert (launch["launch"], launch["line"]) == ("the launch from line 21", 21)
    assert (launch["certainty"], launch["count"]) == ("sent", 1)
    (result,) = json.loads(hpolint("check", "launch.py", "--output", "sarif").stdout)["runs"][0]["results"]
    assert result["properties"] == {"launches": ["the launch from line 21"]}
    assert "In the launch from line 21." in result["message"]["text"]
    (place,) = result["relatedLocations"]
    assert place["physicalLocation"]["region"]["startLine"] == 21
    (job,) = json.loads(hpolint("extract", "launch.py").stdout)["jobs"]
    path = "HyperParameterTuningJobConfig.ResourceLimits.MaxParallelTrainingJobs"
    assert [each["values"] for each in job["launches"]] == [{path: 50}, {path: 2}]
    hpolint.write("launch.py", f"{IMPORTS}{TUNER}\nlaunch(n=50)\n")
    assert b"launches" not in hpolint("check", "launch.py", "--output", "json").stdout
    assert b"launches" not in hpolint("extract", "launch.py").stdout


DEFAULTED = """
class Search:
    def configure(self, kind="ml.p3.16xlarge"):
        estimator = XGBoost(entry_point="train.py", role="r", instance_count=1, instance_type=kind,
            framework_version="1.7-1")
        self.tuner = HyperparameterTuner(estimator, "loss", {"lr": ContinuousParameter(0.1, 0.9)}, max_jobs=4)

    def run(self):
        self.tuner.fit()


def search(kinds):
    searched = Search()
    searched.configure()
    searched.run()
"""


def test_a_default_is_one_finding_in_the_launches_that_have_it() -> None:
    """A launch that leaves the parameter out has the value that is the default of the others."""
    text = f"{IMPORTS}from sagemaker.xgboost import XGBoost\n{DEFAULTED}"
    (finding,) = library.check({"launch.py": text}, OPTIONS | {"select": [TYPES]}, isolated=True).findings
    assert finding.text[-1] == f"By default, `instance_type` is `{FORBIDDEN}`"
