"""No key of a folder's own configuration changes what a locked rule says about its files."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from hpolint.config.keys import KEYS
from hpolint.model.ignore_comment import today
from tests.cache.test_whole_output import POLICY
from tests.config.test_sdk_config import FILE
from tests.conftest import Command
from tests.cost.jobs import definition, request_of
from tests.harness.git import git
from tests.harness.systems import posix
from tests.requests import unbounded
from tests.suppressions.test_comments import python

VPC = "policy/require-vpc"
LOCK = f'select = ["{VPC}"]\nsdk-config = "none"\nlevels."{VPC}" = "warning"\nrules.require-vpc.locked = true\n'
ATTEMPTS: dict[str, str] = {
    "required-version": 'required-version = ">=0"',
    "extend": 'extend = "other.toml"',
    "select": 'select = ["scale"]',
    "extend-select": 'extend-select = ["scale"]',
    "ignore": f'ignore = ["policy", "{VPC}"]',
    "exclude": 'exclude = ["*"]',
    "extend-exclude": 'extend-exclude = ["t.py"]',
    "force-exclude": 'exclude = ["*"]\nforce-exclude = true',
    "per-file-ignores": f'[per-file-ignores]\n"*" = ["{VPC}"]',
    "fail-on": 'fail-on = "error"',
    "levels": f'[levels]\n"{VPC}" = "note"',
    "rules": "[rules.require-vpc]\nlocked = false",
    "policies": 'policies = ["own"]',
    "undecided": f'[undecided]\n"{VPC}" = "off"',
    "sdk-config": 'sdk-config = "fake.yaml"',
    "suppressions": f'[[suppressions]]\nfile = "*"\nrules = ["{VPC}"]\nreason = "no"',
    "waivers": f"""[[waivers]]
rule = "{VPC}"
file = "t.py"
job = "tuner"
digest = "DIGEST"
until = {today() + timedelta(days=30)}
reason = "no"
approved-by = "the team"
[rules.require-vpc]
locked = true""",
    "max-waiver-days": "max-waiver-days = 1000",
    "require-reasons": "require-reasons = false",
    "cost": "[cost]\ntrial-minutes = 1",
    "output": 'output = ["json"]',
    "baseline": 'baseline = "known.json"',
}
"""For each key, what a folder could write to silence a rule that another configuration locks."""

HARMLESS = {
    *("required-version", "extend-select", "rules", "policies", "undecided", "max-waiver-days", "require-reasons"),
    *("cost", "output"),
}
"""Keys that change nothing about the finding even if the rule is not locked."""


def test_every_key_is_attempted() -> None:
    """A new key says here how it could touch a locked rule."""
    assert set(ATTEMPTS) == set(KEYS)


def found(hpolint: Command) -> tuple[list[dict[str, Any]], int, bytes]:
    """The locked rule's findings, the exit code, and what is printed beside the report."""
    run = hpolint("check", ".", "--output", "json", "--no-cache")
    findings = json.loads(run.stdout)["findings"]
    return [each for each in findings if each["rule"] == VPC], run.returncode, run.stderr


@pytest.mark.parametrize("key", ATTEMPTS)
@pytest.mark.parametrize("extends", [True, False], ids=["extends", "below"])
def test_a_folders_own_key_changes_no_locked_rule(hpolint: Command, key: str, extends: bool) -> None:
    """The finding, its level and the exit code stay, whether the folder's file extends the locking one or is below it.

    If the rule is not locked, the same file changes them.
    """
    team = Command(hpolint.folder / "team")
    checked = team if extends else hpolint
    lock = "lock.toml" if extends else "hpolint.toml"
    if extends:
        team.write("hpolint.toml", 'extend = "../lock.toml"')
    team.write("t.py", python())
    team.write("fake.yaml", FILE)
    team.write("own/own/few.md", POLICY.format(most=3))
    team.write("other.toml", 'sdk-config = "fake.yaml"\nignore = ["policy"]\n')
    hpolint.write(lock, LOCK)
    findings, *rest = found(checked)
    assert ([each["level"] for each in findings], *rest) == (["warning"], 1, b"")
    shown = re.search(r'digest = "(\w+)"', checked("waiver", VPC).stdout.decode())
    assert shown is not None
    own = ATTEMPTS[key].replace("DIGEST", shown[1])
    if extends:
        own = 'extend = ["../lock.toml", "other.toml"]' if key == "extend" else f'extend = "../lock.toml"\n{own}'
    hpolint.write(lock, LOCK.replace("true", "false"))
    team("check", "--write-baseline", "--baseline", "known.json", "--no-cache")
    team.write("hpolint.toml", own)
    is_unchanged = found(checked)[:2] == (findings, 1)
    assert is_unchanged is (extends and key in HARMLESS)
    hpolint.write(lock, LOCK)
    *locked, printed = found(checked)
    assert locked == [findings, 1]
    assert b"is locked but off" not in printed
    assert (b"`sdk-config`" in printed) is (key in ("sdk-config", "extend"))


@pytest.mark.parametrize(("said", "reason"), [("", "cannot be decided"), ('sdk-config = "none"', "run without `Vpc")])
def test_the_outermost_lock_says_what_the_sdk_s_file_contains(hpolint: Command, said: str, reason: str) -> None:
    """Without `sdk-config` there, its values are unknown. A folder below cannot set it, even if it locks rules too."""
    lock = LOCK.replace('sdk-config = "none"', said) + f'undecided."{VPC}" = "error"\n'
    hpolint.write("hpolint.toml", lock)
    hpolint.write("team/fake.yaml", FILE)
    hpolint.write("team/hpolint.toml", 'sdk-config = "fake.yaml"\nrules.missing-spot.locked = true\n')
    hpolint.write("team/t.py", python())
    hpolint.write("team/sub/hpolint.toml", "")
    hpolint.write("team/sub/t.py", python())
    findings = found(hpolint)[0]
    assert [each["path"] for each in findings] == ["team/sub/t.py", "team/t.py"]
    assert all(reason in each["message"][0] for each in findings), findings


def test_an_ignored_file_that_git_tracks_is_not_hidden(hpolint: Command) -> None:
    """`git add -f` brings it into the repository: the root's ignore file does not take it out of a lock's sight."""
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write(".gitignore", "hidden/\nt.py\n")
    for name in ("hidden/deep/t.py", "team/t.py", "team/other.py"):
        hpolint.write(name, python())

    def paths() -> list[str]:
        return sorted(each["path"] for each in found(hpolint)[0])

    git(hpolint.folder, "init", "-q", ".")
    assert paths() == ["team/other.py"]  # no index yet: nothing is tracked
    git(hpolint.folder, "add", ".")
    assert paths() == ["team/other.py"]
    git(hpolint.folder, "add", "-f", "hidden/deep/t.py")
    assert paths() == ["hidden/deep/t.py", "team/other.py"]
    (hpolint.folder / ".git/index").write_bytes(b"DIRC")
    run = hpolint("check", ".")
    assert run.returncode == 2
    assert b"git's index cannot be read" in run.stderr


@pytest.mark.parametrize("folder", [".venv", "node_modules", "build/lib", ".aws-sam/build", ".svn", "x/.hg", "cdk.out"])
def test_a_skipped_folder_hides_nothing_that_git_tracks(hpolint: Command, folder: str) -> None:
    """Of a virtual environment and its kin a lock sees what git tracks, and nothing else of what lies there."""
    for name in ("known/t.py", "other/t.py"):
        hpolint.write(f"{folder}/{name}", python())
    git(hpolint.folder, "init", "-q", ".")
    git(hpolint.folder, "add", "-f", f"{folder}/known")
    assert found(hpolint)[0] == []
    hpolint.write("hpolint.toml", LOCK)
    assert [each["path"] for each in found(hpolint)[0]] == [f"{folder}/known/t.py"]
    hpolint.write("hpolint.toml", f'exclude = ["{folder}/"]\n{LOCK}')
    assert found(hpolint)[0] == []


def test_a_submodule_in_a_skipped_folder_is_seen(hpolint: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    """git tracks it, and the files in it are tracked by its own index."""
    inner = tmp_path_factory.mktemp("inner")
    git(inner, "init", "-q", ".")
    (inner / "t.py").write_text(python())
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "one")
    git(hpolint.folder, "init", "-q", ".")
    git(
        hpolint.folder,
        *("-c", "protocol.file.allow=always", "submodule"),
        "--quiet",
        "add",
        str(inner),
        "build/lib/own",
    )
    hpolint.write("build/lib/own/new.py", python())
    assert found(hpolint)[0] == []
    hpolint.write("hpolint.toml", LOCK)
    assert [each["path"] for each in found(hpolint)[0]] == ["build/lib/own/t.py"]


def test_no_name_and_no_key_makes_a_request_one_of_hpolints_own_files(hpolint: Command) -> None:
    """A file named like the baseline, and documents with the keys of a baseline or a report, are read below a lock."""
    request = unbounded()
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write("jobs/hpolint-baseline.json", json.dumps(request))
    hpolint.write("b.json", json.dumps({"version": 1, "baseline": request}))
    report = {"runs": [{"tool": {"driver": {"name": "hpolint"}}}], "request": request}
    hpolint.write("c.json", json.dumps(report))
    assert {each["path"] for each in found(hpolint)[0]} == {"jobs/hpolint-baseline.json", "b.json", "c.json"}


@pytest.mark.parametrize("is_repository", [False, True])
def test_a_skipped_folder_needs_no_index(hpolint: Command, is_repository: bool) -> None:
    """Outside of git, and in a repository without a first `git add`, a virtual environment is skipped as ever."""
    if is_repository:
        git(hpolint.folder, "init", "-q", ".")
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write(".venv/t.py", python())
    assert found(hpolint) == ([], 0, b"")


@posix
def test_a_link_to_a_folder_outside_is_named(hpolint: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    """hpolint does not follow it; under a lock it says so. A folder within is checked where it lies."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "t.py").write_text(python())
    hpolint.write("own/t.py", python())
    (hpolint.folder / "outside").symlink_to(elsewhere)
    (hpolint.folder / "within").symlink_to(hpolint.folder / "own")
    assert b"skipped" not in found(hpolint)[2]
    hpolint.write("hpolint.toml", LOCK)
    findings, _, printed = found(hpolint)
    assert [each["path"] for each in findings] == ["own/t.py"]
    (line,) = (line for line in printed.decode().splitlines() if "skipped" in line)
    assert line.startswith("hpolint: outside: skipped: a link to outside of the repository")
    assert line.endswith("; locked rules are not checked there")


BY_NAME = """
import json
import boto3
client = boto3.client("sagemaker")
client._make_api_call("CreateHyperParameterTuningJob", json.load(open("x")))
"""
PLACEHOLDER = request_of(definition(), limits={"MaxNumberOfTrainingJobs": "$N", "MaxParallelTrainingJobs": 2})


@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("launch.py", BY_NAME, "launch.py:5:56", "the request is what `load()` returns"),
        ("job.json", json.dumps(PLACEHOLDER), "job.json:1:", "`MaxNumberOfTrainingJobs` is the placeholder $N"),
    ],
)
def test_what_leaves_a_locked_rule_undecided_has_a_line(
    hpolint: Command, name: str, text: str, place: str, reason: str
) -> None:
    """With the place and the rule, so that nobody takes it for met; the exit code stays that of the findings."""
    config = 'select = ["policy/max-trials"]\n[rules."policy/max-trials"]\ntrials = 10\n'
    hpolint.write(name, text)
    hpolint.write("hpolint.toml", f"{config}locked = true\n")
    run = hpolint("check", name)
    line = run.stdout.decode().splitlines()[0]
    assert line.startswith(place)
    assert line.endswith(f" undecided[policy/max-trials] {reason}, so the locked rule cannot be decided")
    assert run.returncode == 0
    hpolint.write("hpolint.toml", config)
    assert "undecided[" not in hpolint("check", name).stdout.decode()


TEMPLATE = """
Parameters:
  Trials: {Type: Number, Default: %s}
Resources:
  Search:
    Type: AWS::SageMaker::HyperParameterTuningJob
    Properties:
      HyperParameterTuningJobConfig:
        ResourceLimits: {MaxNumberOfTrainingJobs: !Ref Trials, MaxParallelTrainingJobs: 2}
"""
LOCKED_LIMIT = 'select = ["policy/max-trials"]\n[rules."policy/max-trials"]\ntrials = 10\nlocked = true\n'


def test_a_default_that_satisfies_a_locked_rule_does_not_close_its_judgement(hpolint: Command) -> None:
    """A deployment may override it: a line names the default, the judgement counts. A violating default is an error."""
    hpolint.write("hpolint.toml", LOCKED_LIMIT)
    hpolint.write("template.yaml", TEMPLATE % 8)
    run = hpolint("check", "template.yaml")
    assert run.returncode == 0
    line, *_, summary, _ = run.stdout.decode().splitlines()
    assert line.startswith("template.yaml:9:51: undecided[policy/max-trials] `MaxNumberOfTrainingJobs` is the")
    assert line.endswith("so the locked rule is satisfied by the default `8`, which a deployment may override")
    assert "1 unknown value leaves 1 judgement undecided" in summary
    (judgement,) = json.loads(hpolint("check", "template.yaml", "--output", "json").stdout)["undecided"]
    assert judgement["satisfied_by_default"] is True
    hpolint.write("template.yaml", TEMPLATE % 80)
    run = hpolint("check", "template.yaml")
    assert run.returncode == 1
    assert "By default, `MaxNumberOfTrainingJobs` is `80`" in run.stdout.decode()
