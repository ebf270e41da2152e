"""``hpolint diff`` compares the launches of a job with each other: each is matched with itself, wherever it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.diff.repositories import Repository, fields
from tests.launches.programs import IMPORTS, TUNER
from tests.launches.test_terraform_modules import MODULE, VARIABLES, call

KIND = "TrainingJobDefinition.ResourceConfig.InstanceType"
AT_ONCE = "HyperParameterTuningJobConfig.ResourceLimits.MaxParallelTrainingJobs"
FIRST_LINE = len((IMPORTS + TUNER).splitlines()) + 1
LOOP = "for n in [2, 3, {last}]:\n    launch(n=n)"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository without a job."""
    return Repository(tmp_path)


def changed(repository: Repository, before: str, after: str) -> dict[str, Any]:
    """The change of the job when the calls of its program change. There is only one job, and it is never new."""
    repository.write("tune.py", f"{IMPORTS}{TUNER}{before}\n")
    repository.commit()
    repository.write("tune.py", f"{IMPORTS}{TUNER}{after}\n")
    (job,) = repository.diff("HEAD")["jobs"]
    assert job["kind"] == "changed"
    return dict(job)


def launches(job: dict[str, Any]) -> list[tuple[str, str, dict[str, tuple[str | None, str | None]]]]:
    """The changed launches of a job: their kinds, their labels and their fields."""
    return [(launch["kind"], launch["launch"], fields(launch)) for launch in job.get("launches", ())]


@pytest.mark.parametrize("calls", ['launch()\nlaunch("ml.p3.16xlarge", 9)', 'launch("ml.p3.16xlarge", 9)\nlaunch()'])
def test_an_expensive_call_that_is_added_is_one_new_launch(repository: Repository, calls: str) -> None:
    """Before or after the harmless one: that one is the same, no value is unknown, and the new findings are its."""
    job = changed(repository, "launch()", calls)
    line = FIRST_LINE + calls.splitlines().index('launch("ml.p3.16xlarge", 9)')
    new = {KIND: (None, "ml.p3.16xlarge"), AT_ONCE: (None, "9")}
    assert (job["fields"], launches(job)) == ([], [("added", f"the launch from line {line}", new)])
    assert job["hours"]["after"]["amount"] == 2 * job["hours"]["before"]["amount"]
    assert {finding["rule"] for finding in job["new"]} >= {"compute/retired-instance"}
    assert job["resolved"] == []
    text = repository("diff", "HEAD").stdout.decode()
    assert f"    + launch from line {line}: `max_parallel_jobs` 9, `instance_type` ml.p3.16xlarge\n" in text
    assert "unknown" not in text
    assert f"+ launch from line {line}:" in repository("diff", "HEAD", "-o", "markdown").stdout.decode()


def test_a_call_that_is_removed_leaves_the_other_as_it_was(repository: Repository) -> None:
    """Its line is that of the earlier state, and its findings are resolved."""
    job = changed(repository, 'launch()\nlaunch("ml.p3.16xlarge", 9)', "launch()")
    gone = {KIND: ("ml.p3.16xlarge", None), AT_ONCE: ("9", None)}
    assert (job["fields"], launches(job)) == ([], [("removed", f"the launch from line {FIRST_LINE + 1}", gone)])
    assert job["new"] == []
    assert {finding["rule"] for finding in job["resolved"]} >= {"compute/retired-instance"}
    assert f"    - launch from line {FIRST_LINE + 1}: " in repository("diff", "HEAD").stdout.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('launch()\nlaunch("ml.p3.16xlarge", 9)', '# first\nlaunch()\n\nlaunch("ml.p3.16xlarge", 9)'),
        ('launch()\nlaunch("ml.p3.16xlarge", 9)', 'launch("ml.p3.16xlarge", 9)\nlaunch()'),
        (LOOP.format(last=4), "\n" + LOOP.format(last=4)),
        ("for n in [2, 3]:\n    launch(n=n)", "for n in [3, 2]:\n    launch(n=n)"),
        ("for n in [2, 3]:\n    launch(n=n)", "launch(n=2)\nlaunch(n=3)"),
    ],
)
def test_launches_that_only_move_are_unchanged(repository: Repository, before: str, after: str) -> None:
    """To another line, past each other, or out of a loop: no job differs, and no finding is new."""
    repository.write("tune.py", f"{IMPORTS}{TUNER}{before}\n")
    repository.commit()
    repository.write("tune.py", f"{IMPORTS}{TUNER}{after}\n")
    found = repository.diff("HEAD")
    assert (found["jobs"], found["unchanged"]) == ([], 1)


def test_a_changed_pass_of_a_loop_is_reported_with_its_change_alone(repository: Repository) -> None:
    """The other passes are the same, also where the loop is on another line now."""
    job = changed(repository, LOOP.format(last=4), "\n" + LOOP.format(last=50))
    label = f"pass 3 of the loop at line {FIRST_LINE + 1}"
    assert (job["fields"], launches(job)) == ([], [("changed", label, {AT_ONCE: ("4", "50")})])
    assert f"    in {label}: `max_parallel_jobs` 4 → 50\n" in repository("diff", "HEAD").stdout.decode()


def test_an_item_before_the_others_is_one_new_pass(repository: Repository) -> None:
    """The passes of unchanged items are the same, although their numbers differ."""
    job = changed(repository, LOOP.format(last=4), "for n in [9, 2, 3, 4]:\n    launch(n=n)")
    (launch,) = launches(job)
    assert launch == ("added", f"pass 1 of the loop at line {FIRST_LINE}", {AT_ONCE: (None, "9")})


def test_a_call_is_matched_by_its_text_then_by_the_fewest_differences(repository: Repository) -> None:
    """Not by its line: each line has another call now."""
    before = 'N = 2\nlaunch("ml.m5.xlarge", N)\nlaunch("ml.c5.xlarge", 5)\nlaunch("ml.r5.xlarge", 6)'
    after = 'N = 5\nlaunch("ml.r5.xlarge", 7)\nlaunch("ml.m5.xlarge", N)\nlaunch("ml.c5.xlarge", 8)'
    assert [values for _, _, values in launches(changed(repository, before, after))] == [
        {AT_ONCE: ("6", "7")},
        {AT_ONCE: ("2", "5")},
        {AT_ONCE: ("5", "8")},
    ]


def test_a_value_that_all_launches_share_is_a_field_of_the_job(repository: Repository) -> None:
    """It is reported once, and not for each launch."""
    before = LOOP.format(last=4)
    job = changed(repository, before, before.replace("launch(", 'launch("ml.c5.xlarge", '))
    assert [field["path"] for field in job["fields"]] == [KIND]
    assert "launches" not in job


def test_a_launch_that_becomes_conditional_or_is_repeated_is_changed(repository: Repository) -> None:
    """How certain it is and how often it happens are parts of a launch, although no value differs."""
    job = changed(repository, "launch()\nlaunch(n=3)", "launch()\nif os.environ['MORE']:\n    launch(n=3)")
    (launch,) = job["launches"]
    assert (launch["kind"], launch["fields"]) == ("changed", [])
    assert launch["certainty"] == {"before": "sent", "after": "perhaps"}
    assert "happens always → perhaps" in repository("diff", "HEAD").stdout.decode()
    job = changed(repository, "launch()", "for path in os.listdir():\n    launch()")
    assert [launch["count"] for launch in job["launches"]] == [{"before": 1, "after": None}]


def test_a_finding_is_that_of_the_launch_that_breaks_the_rule(repository: Repository) -> None:
    """It stays the same beside a harmless new launch; that another launch breaks the rule now is a new finding."""
    before = 'A, B = "ml.p3.16xlarge", "ml.m5.xlarge"\nlaunch(A)\nlaunch(B, 3)'
    job = changed(repository, "launch('ml.p3.16xlarge')", before)
    assert (job["new"], job["resolved"]) == ([], [])
    job = changed(repository, before, before.replace("A, B", "B, A"))
    new, resolved = ({finding["rule"] for finding in job[kind]} for kind in ("new", "resolved"))
    assert "compute/retired-instance" in new & resolved


def test_a_single_launch_stays_a_change_of_the_job(repository: Repository) -> None:
    """Of two launches one goes and the other changes: its changes are those of the job, and nothing is unknown."""
    job = changed(repository, 'launch()\nlaunch("ml.p3.16xlarge", 9)', "launch(n=3)")
    assert fields(job) == {AT_ONCE: ("2", "3")}
    assert [kind for kind, _, _ in launches(job)] == ["removed"]


def test_a_call_of_a_terraform_module_is_a_launch_of_its_job(repository: Repository) -> None:
    """A new call is a new launch, and other values beside a root are another cost of the job that it calls."""
    repository.write("mod/main.tf", VARIABLES + MODULE)
    repository.write("dev/main.tf", 'variable "kind" {}\n' + call("x", "kind = var.kind"))
    repository.write("dev/terraform.tfvars", 'kind = "ml.m5.xlarge"\n')
    repository.commit()
    repository.write("prod/main.tf", call("y", 'kind = "ml.p3.16xlarge"\n  n = 9'))
    (job,) = repository.diff("HEAD")["jobs"]
    assert launches(job) == [("added", "module `y`", {KIND: (None, "ml.p3.16xlarge"), AT_ONCE: (None, "9")})]
    repository.commit()
    repository.write("dev/terraform.tfvars", 'kind = "ml.p3.2xlarge"\n')
    (job,) = repository.diff("HEAD")["jobs"]
    assert job["money"]["after"]["amount"] > job["money"]["before"]["amount"]
