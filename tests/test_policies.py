"""The policies that the documentation shows work as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import hpolint as library
from tests.conftest import ROOT, Command
from tests.harness.git import git
from tests.requests import sound

PAGE = (ROOT / "docs" / "policies.md").read_text("utf-8")
BLOCKS = re.findall(r"^(````*)(\w+)\n(.*?)^\1$", PAGE, re.MULTILINE | re.DOTALL)
(POLICY,) = [text for _, words, text in BLOCKS if words == "markdown"]
LOCKING, PROOF, WAIVER = [text for _, words, text in BLOCKS if words == "toml"]
(TEMPLATE,) = [text for _, words, text in BLOCKS if words == "json"]
(SAID,) = [text for _, words, text in BLOCKS if words == "text"]
(PROGRAM,) = [text for _, words, text in BLOCKS if words == "python"]


@pytest.fixture
def organisation(hpolint: Command) -> Command:
    """A repository with the platform team's policies, and a project beside them."""
    git(hpolint.folder, "init", "-q", ".")
    hpolint.write("policies/acme/gpu-needs-approval.md", POLICY)
    hpolint.write("policies/hpolint.toml", LOCKING)
    hpolint.write("project/hpolint.toml", 'extend = "../policies/hpolint.toml"\nignore = ["acme", "policy"]\n')
    return hpolint


def test_the_cost_policy_holds_in_a_project_that_would_ignore_it(organisation: Command) -> None:
    """It is proven, listed and explained like a built-in rule, and locked."""
    assert organisation("test", "policies").stdout == b"1 rule, 4 examples: all sound\n"
    project = Command(organisation.folder / "project")
    assert b"acme/gpu-needs-approval" in project("rules").stdout
    assert project("rule", "gpu-needs-approval").stdout.startswith(b"# acme/gpu-needs-approval\n")
    request = sound()
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] = "ml.g5.2xlarge"
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = 300
    project.write("job.json", json.dumps(request, indent=1))
    run = project("check")
    assert run.returncode == 1
    assert b"error[acme/gpu-needs-approval] The trials run on GPUs, and no tag gpu-approved-by says" in run.stdout
    assert b"error[policy/max-instance-hours] The job can bill up to" in run.stdout
    assert b"are locked in ../policies/hpolint.toml" in run.stderr
    request["Tags"] = [{"Key": "gpu-approved-by", "Value": "the platform team"}]
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = 7
    project.write("job.json", json.dumps(request, indent=1))
    assert project("check").returncode == 0


def test_a_condition_without_an_end_costs_itself(hpolint: Command) -> None:
    """It is ended after a bounded number of steps and named with its file; the other rules go on, and the code is 2."""
    numbers = ", ".join(map(str, range(40)))
    inner = "a + b + c + d + e > -1"
    for name in "edcba":
        inner = f"options.many.all({name}, {inner})"
    policy = POLICY.replace("options:", f"options:\n  many: {{default: [{numbers}], help: Many}}")
    policy = re.sub(r"when: .*", f'when: "{inner} || !approved"', policy)
    hpolint.write("policies/acme/runaway.md", policy)
    hpolint.write("hpolint.toml", "policies = ['policies']\n")
    hpolint.write("job.json", json.dumps(sound() | {"Nonsense": 1}))
    run = hpolint("check")
    assert run.returncode == 2
    assert b"error[launch/invalid-request]" in run.stdout
    assert re.match(
        rb"hpolint: job.json:1: the rule acme/runaway failed: .*fix it in policies/acme/runaway.md\n", run.stderr
    )


def test_the_policy_with_proof_says_what_the_page_shows(hpolint: Command) -> None:
    """To the letter; with AllowedValues that all satisfy it there is nothing to say, with others there is."""
    hpolint.write("hpolint.toml", PROOF)
    hpolint.write("template.json", TEMPLATE)
    assert hpolint("check", "--select", "policy/allowed-instance-types").stdout.decode().startswith(SAID)
    for values, code in (
        ('["ml.m5.xlarge", "ml.m5.2xlarge"]', 0),
        ('["ml.m5.xlarge", "ml.p3.2xlarge"]', 1),
        ('["ml.p2.xlarge", "ml.p3.2xlarge"]', 1),
    ):
        hpolint.write(
            "template.json", TEMPLATE.replace('"Type": "String"', f'"Type": "String", "AllowedValues": {values}')
        )
        assert hpolint("check", "--select", "policy/allowed-instance-types").returncode == code


def test_the_waiver_of_the_page_is_valid(hpolint: Command) -> None:
    """It can be pasted into the file with the lock."""
    hpolint.write("hpolint.toml", WAIVER)
    run = hpolint("config", "--waivers")
    assert run.stdout.startswith(b"hpolint.toml:6: policy/require-vpc for churn, jobs/churn.json in acme/churn\n")


def test_a_test_of_a_repository_is_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It passes where there is nothing, and fails with what is found."""
    names: dict[str, object] = {}
    exec(PROGRAM, names)
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path)
    test = names["test_no_tuning_job_breaks_the_policy"]
    assert callable(test)
    test()
    (tmp_path / "infra" / "job.json").write_text(json.dumps(sound() | {"Nonsense": 1}))
    with pytest.raises(AssertionError, match="Nonsense"):
        test()


def test_sources_at_hand_are_checked_as_files_of_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file; a name decides the language and the configuration."""
    monkeypatch.chdir(tmp_path)
    text = json.dumps(sound() | {"Nonsense": 1}, indent=1)
    report = library.check({"a/job.json": text, "notes.json": "{}", "job.yaml": text.encode()})
    assert [each.source for each in report.findings] == ["a/job.json", "job.yaml"]
    assert report.files == 3
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "hpolint.toml").write_text("select = []")
    assert [each.source for each in library.check({"a/job.json": text, "b/job.json": text}).findings] == ["b/job.json"]
