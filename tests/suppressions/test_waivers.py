"""Waivers: the only way past a lock, for one job as it is, until a day, and always listed."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import tomllib
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from hpolint.cli.waiver_output import waivers_text
from hpolint.io.git_remote import repository_name
from hpolint.model.ignore_comment import today
from hpolint.model.settings import Waiver
from hpolint.readers import read_source
from hpolint.suppressions.waivers import definition_digest, job_label
from tests.config.test_lookup import costly
from tests.conftest import Command
from tests.requests import sound

VPC = "policy/require-vpc"
LOCK = f'extend-select = ["{VPC}"]\n[rules.require-vpc]\nlocked = true\n'
UNDECIDED = f'[undecided]\n"{VPC}" = "error"\n'
DAY = timedelta(days=1)


@pytest.fixture
def project(hpolint: Command) -> Command:
    """A repository with a job that breaks a locked rule."""
    subprocess.run(["git", "init", "-q", "."], cwd=hpolint.folder, check=True)
    remote = ["git", "remote", "add", "origin", "git@github.com:acme/churn.git"]
    subprocess.run(remote, cwd=hpolint.folder, check=True)
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write("jobs/churn.json", costly())
    return hpolint


def waiver(project: Command, **changes: Any) -> str:
    """The table that the command prints, completed; with some values changed, or left out if None."""
    run = project("waiver", VPC)
    assert run.returncode == 0, run.stderr
    values: dict[str, Any] = dict(re.findall(r'^([\w-]+) = "?([^"\n]*)"?$', run.stdout.decode(), re.MULTILINE))
    values |= {"reason": "the pilot ends soon", "approved-by": "ML platform", "ticket": "OPS-7"}
    values |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [
        f"{name} = {value if name in ('until', 'since') else json.dumps(value)}"
        for name, value in values.items()
        if value is not None
    ]
    return "\n".join(["[[waivers]]", *lines, ""])


def found(project: Command, *arguments: str) -> tuple[dict[str, dict[str, Any]], int]:
    """The findings of the locked rule and of the waivers' rule, by rule, and the exit code."""
    run = project("check", "-o", "json", "--no-cache", *arguments)
    findings = json.loads(run.stdout)["findings"]
    return {each["rule"]: each for each in findings if each["rule"] in (VPC, "hygiene/waived")}, run.returncode


def test_the_printed_table_waives_the_finding(project: Command) -> None:
    """Completed with a reason and a name it silences the finding, which a note lists with both and the last day.

    It names its job, and holds also where the command runs in another folder.
    """
    assert found(project)[0].keys() == {VPC}
    assert '\njob = "example"\n' in project("waiver", VPC).stdout.decode()
    project.write("hpolint.toml", LOCK + waiver(project))
    findings, _ = found(project, "--select", VPC)
    assert findings.keys() == {"hygiene/waived"}
    assert findings["hygiene/waived"]["message"] == [
        f"`{VPC}` is waived until {today() + 30 * DAY}: the pilot ends soon",
        "Approved by ML platform, OPS-7, in hpolint.toml:4",
    ]
    around = Command(project.folder.parent)
    assert found(around, project.folder.name, "--select", VPC)[0].keys() == {"hygiene/waived"}


@pytest.mark.parametrize("arguments", [[], ["--ignore", "hygiene"], ["--fail-on", "note", "--select", VPC]])
def test_nothing_hides_a_waiver_and_it_fails_no_run(project: Command, arguments: list[str]) -> None:
    """The note stays where its category is ignored; it does not count for the exit code."""
    project.write("hpolint.toml", LOCK + waiver(project))
    findings, code = found(project, *arguments)
    assert findings.keys() == {"hygiene/waived"}
    assert code == (0 if "--select" in arguments else 1)


@pytest.mark.parametrize("output", ["text", "sarif", "github", "markdown", "gitlab", "junit", "checkstyle"])
def test_every_format_lists_it(project: Command, output: str) -> None:
    """Whatever reads the report, the reason is in it."""
    project.write("hpolint.toml", LOCK + waiver(project))
    assert b"the pilot ends soon" in project("check", "-o", output, "--all").stdout


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"until": today() - DAY, "since": today() - 9 * DAY}, f"ended on {today() - DAY}"),
        ({"since": today() + DAY}, f"begins on {today() + DAY}"),
        ({"digest": "0" * 16}, "is for another definition of this job"),
        ({"digest": "f" * 16}, "is for another definition of this job"),
        ({"job": "another"}, None),
        ({"job": "other"}, None),
        ({"file": "jobs/another.json"}, None),
        ({"file": "jobs/other.json"}, None),
        ({"repository": "acme/another"}, None),
        ({"repository": "acme/other"}, None),
    ],
)
def test_a_waiver_for_another_day_job_or_definition_is_none(
    project: Command, changes: dict[str, Any], reason: str | None
) -> None:
    """The finding is there, with the reason if the waiver is for its job."""
    project.write("hpolint.toml", LOCK + waiver(project, **changes))
    findings, code = found(project)
    assert findings.keys() == {VPC}
    assert reason is None or reason in findings[VPC]["message"][-1]
    assert code == 1


def test_a_changed_job_needs_another_waiver(project: Command) -> None:
    """Any value of the definition, also within a list; a moved line and another order of members change nothing."""
    project.write("hpolint.toml", LOCK + waiver(project))
    reordered = dict(reversed(json.loads(costly()).items()))
    for text in ("\n\n" + costly(), json.dumps(reordered)):
        project.write("jobs/churn.json", text)
        assert found(project)[0].keys() == {"hygiene/waived"}
    for before, after in (("100", "101"), ("0.0001", "0.0002")):
        project.write("jobs/churn.json", costly().replace(before, after))
        assert found(project)[0].keys() == {VPC}


def test_another_unknown_value_needs_another_waiver(project: Command) -> None:
    """What is not known may be anything, so that it has to come from the same place as when it was approved."""
    text = costly().replace('"MaxNumberOfTrainingJobs": 100', '"MaxNumberOfTrainingJobs": "$TRIALS"')
    project.write("jobs/churn.json", text)
    project.write("hpolint.toml", LOCK + waiver(project))
    assert found(project)[0].keys() == {"hygiene/waived"}
    project.write("jobs/churn.json", text.replace("$TRIALS", "$MORE"))
    assert found(project)[0].keys() == {VPC}


SMALL = """{
  "HyperParameterTuningJobName": "churn",
  "HyperParameterTuningJobConfig": {
    "Strategy": "Random",
    "ParameterRanges": {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}]},
    "ResourceLimits": {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 1}
  }
}"""


def test_a_digest_stays_the_same_in_later_versions() -> None:
    """Waivers are in force for months: with a digest that an earlier version printed, too."""
    (job,) = read_source("job.json", SMALL.encode())[1].jobs
    assert definition_digest(job) == "9806a949440c4573"


LAUNCH = """
import argparse, os
import click
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner, ContinuousParameter
from settings import TYPES

LARGE = ["ml.m5.4xlarge"]
parser = argparse.ArgumentParser()
{declaration}
parser.add_argument("--owner", default="churn")
args = parser.parse_args()
kind = {value}
estimator = Estimator("image", "role", 1, kind)
tuner = HyperparameterTuner(estimator, "loss", {{"a": ContinuousParameter(0.1, 0.5)}}, [], max_jobs=10)
tuner.fit()
"""
CHOICES = 'parser.add_argument("--instance-type", choices=["ml.m5.xlarge"])'


@pytest.mark.parametrize(
    ("declaration", "value", "before", "after"),
    [
        (CHOICES, "args.instance_type", "ml.m5.xlarge", "ml.p4d.24xlarge"),
        (CHOICES, "vars(args)['instance_type']", "ml.m5.xlarge", "ml.p4d.24xlarge"),
        (CHOICES.replace('["ml.m5.xlarge"]', "LARGE"), "args.instance_type", "ml.m5.4xlarge", "ml.p4d.24xlarge"),
        (CHOICES.replace('["ml.m5.xlarge"]', "TYPES"), "args.instance_type", "ml.c5.xlarge", "ml.p4d.24xlarge"),
        ('parser.add_argument("-t", dest="kind", default="ml.m5.large")', "args.kind", "ml.m5.large", "ml.m5.xlarge"),
        ('parser.set_defaults(kind="ml.m5.large")', "args.kind", "ml.m5.large", "ml.m5.xlarge"),
        ("", 'os.environ.get("TYPE", "ml.m5.large")', "ml.m5.large", "ml.m5.xlarge"),
        (
            '@click.command()\n@click.option("--instance-type", type=click.Choice(["ml.m5.large"]))\ndef read(): pass',
            "read.instance_type",
            "ml.m5.large",
            "ml.p4d.24xlarge",
        ),
    ],
)
def test_another_possible_value_needs_another_waiver(
    project: Command, declaration: str, value: str, before: str, after: str
) -> None:
    """What declares an option of the program is approved with it; other options, lines and comments are not."""
    (project.folder / "jobs/churn.json").unlink()
    files = {
        "jobs/settings.py": 'TYPES = ["ml.c5.xlarge"]\nOTHER = 1\n',
        "jobs/tune.py": LAUNCH.format(declaration=declaration, value=value),
    }
    for name, text in files.items():
        project.write(name, text)
    project.write("hpolint.toml", LOCK + UNDECIDED)
    project.write("hpolint.toml", LOCK + UNDECIDED + waiver(project))
    assert found(project)[0].keys() == {"hygiene/waived"}
    for name, text in files.items():
        project.write(name, "# a comment\n\n" + text.replace("churn", "owner").replace("OTHER = 1", "OTHER = 2"))
    assert found(project)[0].keys() == {"hygiene/waived"}
    for name, text in files.items():
        project.write(name, text.replace(before, after))
    assert found(project)[0].keys() == {VPC}


def test_a_waiver_that_nothing_needs_any_more_is_named(project: Command) -> None:
    """The job meets the rule now: the note says so, and which entry to remove. Of other jobs it says nothing."""
    project.write("hpolint.toml", LOCK + waiver(project))
    request = json.loads(costly())
    request["TrainingJobDefinition"]["VpcConfig"] = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    project.write("jobs/churn.json", json.dumps(request))
    findings, _ = found(project, "--select", VPC)
    assert findings["hygiene/waived"]["message"] == [
        f"`{VPC}` is waived until {today() + 30 * DAY}, but this job meets it",
        "Remove the waiver in hpolint.toml:4",
    ]
    project.write("jobs/other.json", json.dumps(request))
    assert project("check", "-o", "json", "--no-cache").stdout.count(b"but this job meets it") == 1


@pytest.mark.parametrize("others", [[], [{}]])
def test_a_waiver_of_an_undecided_job_may_be_needed(project: Command, others: list[dict[str, Any]]) -> None:
    """The value may break the rule where another definition does, too: no note asks to remove the waiver."""
    project.write("hpolint.toml", LOCK + waiver(project))
    request = json.loads(costly())
    definition = request.pop("TrainingJobDefinition")
    definitions = [definition | changes for changes in [{"VpcConfig": "$VPC"}, *others]]
    request["TrainingJobDefinitions"] = [each | {"DefinitionName": f"d{at}"} for at, each in enumerate(definitions)]
    project.write("jobs/churn.json", json.dumps(request))
    assert b"but this job meets it" not in project("check", "-o", "json", "--no-cache").stdout


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "Today is its last day"),
        (1, "It ends in 1 day"),
        (2, "It ends in 2 days"),
        (13, "It ends in 13 days"),
        (14, None),
    ],
)
def test_the_last_two_weeks_are_a_warning(project: Command, days: int, words: str | None) -> None:
    """It says how many days are left; before, the waiver is a note with two sentences. It begins today."""
    project.write("hpolint.toml", LOCK + waiver(project, since=today(), until=today() + days * DAY))
    finding = found(project)[0]["hygiene/waived"]
    assert finding["level"] == ("warning" if words else "note")
    last = [f"{words}: after that, this is a finding again"] if words else []
    assert finding["message"][2:] == last


def test_several_findings_of_one_waiver_are_listed_once(project: Command) -> None:
    """At the first, with their number: here each of two definitions breaks the rule."""
    request = json.loads(costly())
    first = request.pop("TrainingJobDefinition")
    request["TrainingJobDefinitions"] = [first | {"DefinitionName": name} for name in ("one", "two")]
    project.write("jobs/churn.json", json.dumps(request))
    project.write("hpolint.toml", LOCK + waiver(project))
    findings, _ = found(project, "--select", VPC)
    assert findings.keys() == {"hygiene/waived"}
    listed = findings["hygiene/waived"]
    assert listed["message"][0] == f"2 findings of `{VPC}` are waived until {today() + 30 * DAY}: the pilot ends soon"
    assert listed["field"].startswith("TrainingJobDefinitions[0]")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"file": None, "repository": None}, "a waiver needs `repository` or `file`"),
        ({"file": "jobs/*"}, "a waiver has no patterns"),
        ({"repository": "acme/*"}, "a waiver has no patterns"),
        ({"rule": "require-vpc"}, "write the rule's full name"),
        ({"rule": "policy/require-spot"}, "`policy/require-spot` is not locked in this file"),
        ({"until": today() + 91 * DAY}, "is more than 90 days after"),
        ({"until": None}, "`until` is missing"),
        ({"reason": ""}, "expected a non-empty string"),
        ({"approved_by": None}, "`approved-by` is missing"),
        ({"digest": None}, "`digest` is missing"),
        ({"since": today() + 31 * DAY}, "is before `since`"),
    ],
)
def test_an_incomplete_waiver_is_an_error(project: Command, changes: dict[str, Any], reason: str) -> None:
    """With file and line, and exit code 2."""
    project.write("hpolint.toml", LOCK + waiver(project, **changes))
    run = project("check")
    assert run.returncode == 2
    assert re.search(rf"hpolint: hpolint.toml:\d+: .*{re.escape(reason)}", run.stderr.decode()), run.stderr


def test_a_waiver_of_a_policy_outside_is_for_the_repository(
    project: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its file is relative to the checked repository's root; the repository's own file waives nothing there."""
    policy = tmp_path_factory.mktemp("organisation") / "hpolint.toml"
    project.write("hpolint.toml", "")
    policy.write_text(LOCK)
    run = project("waiver", VPC, "--policy", str(policy))
    table = run.stdout.decode().replace('reason = ""', 'reason = "r"').replace('approved-by = ""', 'approved-by = "a"')
    assert '\nfile = "jobs/churn.json"\n' in table
    policy.write_text(LOCK + table)
    assert found(project, "--policy", str(policy))[0].keys() == {"hygiene/waived"}
    policy.write_text(LOCK)
    project.write("hpolint.toml", LOCK + table)
    assert found(project, "--policy", str(policy))[0].keys() == {VPC}
    assert b"`waivers` has no effect" in project("check", "--policy", str(policy)).stderr


def test_without_a_repository_a_waiver_is_for_one_file(hpolint: Command) -> None:
    """Its file is relative to the folder of the lock, so that a file of the same name elsewhere is not waived."""
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write("jobs/größe.json", costly())
    assert 'file = "jobs/größe.json"' in hpolint("waiver", VPC).stdout.decode()
    table = waiver(hpolint)
    hpolint.write("other/größe.json", costly())
    hpolint.write("hpolint.toml", LOCK + table)
    reported = found(hpolint)[0]
    assert reported["hygiene/waived"]["path"] == "jobs/größe.json"
    assert reported[VPC]["path"] == "other/größe.json"


def test_an_auditor_gets_a_table(project: Command) -> None:
    """All waivers that apply in a folder, with their state, as CSV; no text is a formula or a control character."""
    project.write("hpolint.toml", LOCK + waiver(project, reason="=1+\x1b[31m") + waiver(project, job="gone"))
    rows = list(csv.DictReader(project("config", "--waivers", "--output", "csv").stdout.decode().splitlines()))
    assert [(each["job"], each["state"], each["days_left"]) for each in rows] == [
        (rows[0]["job"], "in force", "30"),
        ("gone", "in force", "30"),
    ]
    assert "\x1b" not in rows[0]["reason"]
    assert rows[0]["reason"].startswith("'=1+")
    assert json.loads(project("config", "--waivers", "--output", "json").stdout)["waivers"][1]["job"] == "gone"
    assert b"in force, until" in project("config", "--waivers").stdout


WAIVER = Waiver(
    rule=VPC,
    repository="acme/churn",
    file="jobs/churn.json",
    job="tuner",
    digest="0" * 16,
    since=None,
    until=today() + 30 * DAY,
    reason="a naïve pilot",
    approved_by="ML platform",
    ticket="OPS-7",
    folder=".",
    place="hpolint.toml:4",
)


@pytest.mark.parametrize(
    ("waiver", "lines"),
    [
        (
            WAIVER,
            [
                f"hpolint.toml:4: {VPC} for tuner, jobs/churn.json in acme/churn",
                f"  in force, until {WAIVER.until}, 30 days left: a naïve pilot",
                "  approved by ML platform, OPS-7",
            ],
        ),
        (
            replace(WAIVER, repository="", job="", ticket="", since=today(), until=today()),
            [
                f"hpolint.toml:4: {VPC} for a job without a name, jobs/churn.json",
                f"  in force, until {today()}, 0 days left: a naïve pilot",
                "  approved by ML platform",
            ],
        ),
        (
            replace(WAIVER, file="", since=today() + DAY),
            [
                f"hpolint.toml:4: {VPC} for tuner, acme/churn",
                f"  not yet in force, until {WAIVER.until}: a naïve pilot",
                "  approved by ML platform, OPS-7",
            ],
        ),
        (
            replace(WAIVER, since=today() - 9 * DAY, until=today() - DAY),
            [
                f"hpolint.toml:4: {VPC} for tuner, jobs/churn.json in acme/churn",
                f"  ended, until {today() - DAY}: a naïve pilot",
                "  approved by ML platform, OPS-7",
            ],
        ),
    ],
)
def test_a_listed_waiver_says_its_state(waiver: Waiver, lines: list[str]) -> None:
    """Whom it is for, whether it is in force and for how long, why, and who approved it; JSON never counts below 0."""
    assert waivers_text([waiver], "text").splitlines() == lines
    text = waivers_text([waiver], "json")
    assert text.startswith('{\n  "version": 1,')
    assert '"reason": "a naïve pilot"' in text
    (record,) = json.loads(text)["waivers"]
    assert record["days_left"] == max((waiver.until - today()).days, 0)
    assert (record["since"], record["until"]) == (str(waiver.since) if waiver.since else None, str(waiver.until))


def test_without_waivers_the_text_says_so() -> None:
    """JSON and CSV stay what a program expects."""
    assert waivers_text([], "text") == "no waivers\n"
    assert json.loads(waivers_text([], "json")) == {"version": 1, "waivers": []}
    assert waivers_text([], "csv").count("\n") == 1


def test_the_settings_with_waivers_are_printed(project: Command) -> None:
    """As TOML that is a configuration, with the dates as dates, and as JSON with the dates as strings."""
    accepted = {"file": "old.py", "rules": ["scale/linear-learning-rate"], "reason": 'a "test"'}
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in accepted.items()]
    suppression = f"[[suppressions]]\n{''.join(lines)}until = 2030-01-02\n"
    project.write("hpolint.toml", LOCK + waiver(project) + suppression)
    wanted = tomllib.loads((project.folder / "hpolint.toml").read_text("utf-8"))
    run = project("config")
    assert (run.returncode, run.stderr) == (0, b"")
    printed = tomllib.loads(run.stdout.decode())
    assert (printed["waivers"], printed["suppressions"]) == (wanted["waivers"], wanted["suppressions"])
    settings = json.loads(project("config", "--output", "json").stdout)["settings"]
    (entry,) = settings["waivers"]["value"]
    assert entry == {**wanted["waivers"][0], "until": str(today() + 30 * DAY)}
    assert settings["suppressions"]["value"][0]["until"] == "2030-01-02"


def test_only_a_locked_rule_is_waived(project: Command) -> None:
    """For any other finding the command says what to use."""
    run = project("waiver", "missing-spot")
    assert run.returncode == 2
    assert b"`compute/missing-spot` is not locked here: use a suppression" in run.stderr


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/churn.git", "acme/churn"),
        ("https://user:token@example.com/group/acme/churn/", "acme/churn"),
        ("git@github.com:acme/churn.git", "acme/churn"),
        ("ssh://git@example.com:22/acme/churn", "acme/churn"),
        ("/srv/git/churn.git", "git/churn"),
        ("churn", None),
        ("https://dev.azure.com/acme/ml/_git/churn", "ml/churn"),
        ("https://acme@dev.azure.com/acme/ml/_git/churn", "ml/churn"),
        ("https://dev.azure.com/acme/_git/churn", "churn/churn"),  # the short address of a project's first repository
        ("https://dev.azure.com/acme/My%20Team/_git/churn", "My%20Team/churn"),
        ("git@ssh.dev.azure.com:v3/acme/ml/churn", "ml/churn"),
        ("https://acme.visualstudio.com/ml/_git/churn", "ml/churn"),
        ("https://acme.visualstudio.com/DefaultCollection/ml/_git/churn", "ml/churn"),
        ("https://acme.visualstudio.com/_git/churn", "churn/churn"),
        ("https://acme.visualstudio.com/DefaultCollection/_git/churn", "churn/churn"),
        ("acme@vs-ssh.visualstudio.com:v3/acme/ml/churn", "ml/churn"),
        ("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/churn", "eu-west-1/churn"),
        ("ssh://APKA@git-codecommit.eu-west-1.amazonaws.com/v1/repos/churn", "eu-west-1/churn"),
        ("https://git-codecommit-fips.us-east-1.amazonaws.com/v1/repos/churn", "us-east-1/churn"),
        ("https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/churn", "cn-north-1/churn"),
        ("codecommit::eu-west-1://churn", "eu-west-1/churn"),
        ("codecommit::eu-west-1://profile@churn", "eu-west-1/churn"),
        ("codecommit://churn", None),  # in the region of whoever clones it
    ],
)
def test_a_repositorys_name_is_that_of_its_address(project: Command, url: str, name: str | None) -> None:
    """Whatever the protocol: the last two parts, or the parts of Azure DevOps and CodeCommit that name it."""
    subprocess.run(["git", "remote", "set-url", "origin", url], cwd=project.folder, check=True)
    assert repository_name(str(project.folder)) == name
    if name is not None:  # as in the checkouts that are compared
        subprocess.run(["git", "remote", "set-url", "origin", name], cwd=project.folder, check=True)
        assert repository_name(str(project.folder)) == name


TUNED = (
    "from sagemaker.tuner import *\nfirst = HyperparameterTuner(e, 'm', {'a': IntegerParameter(1, 2)})\nfirst.fit()\n"
)
STATE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
    "Parameters": sound(),
    "End": True,
}


@pytest.mark.parametrize(
    ("name", "text", "label"),
    [
        ("tune.py", TUNED, "first"),
        ("machine.asl.json", json.dumps({"StartAt": "Tune", "States": {"Tune": STATE}}), "state `Tune`"),
        ("job.json", json.dumps(sound()), "example"),
        ("job.json", json.dumps({**sound(), "HyperParameterTuningJobName": None}), ""),
    ],
)
def test_a_waiver_names_its_job(name: str, text: str, label: str) -> None:
    """By its variable, by its place in a document, or by its own name."""
    (job,) = read_source(name, text.encode())[1].jobs
    assert job_label(job) == label
