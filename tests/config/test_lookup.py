"""Which configuration holds where: the closest, what it extends, what is locked above, what the command line says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import hpolint as library
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.io.disk import recorded_reads
from tests.conftest import Command
from tests.harness.git import git
from tests.requests import sound


def costly() -> str:
    """A request whose trials run on demand, whose learning rate is linear, and nothing else."""
    request = sound()
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = 100
    lr = {"Name": "learning_rate", "MinValue": "0.0001", "MaxValue": "0.1", "ScalingType": "Linear"}
    request["HyperParameterTuningJobConfig"]["ParameterRanges"]["ContinuousParameterRanges"] = [lr]
    del request["TrainingJobDefinition"]["EnableManagedSpotTraining"]
    del request["TrainingJobDefinition"]["StoppingCondition"]["MaxWaitTimeInSeconds"]
    return json.dumps(request, indent=1)


SPOT, RATE = "compute/missing-spot", "scale/linear-learning-rate"
ALLOWED = "policy/allowed-instance-types"
BOTH = f"select = ['{SPOT}', '{RATE}']\n"


def repository(hpolint: Command, **files: str) -> None:
    """A repository with files; names with ``__`` for a slash."""
    git(hpolint.folder, "init", "-q", ".")
    for name, text in files.items():
        hpolint.write(name.replace("__", "/").replace("_toml", ".toml").replace("_json", ".json"), text)


def found(hpolint: Command, *arguments: str, code: int | None = None) -> dict[str, dict[str, str]]:
    """The rules that fire by file, each with its level."""
    run = hpolint("check", "--output", "json", *arguments)
    assert run.stdout, run.stderr
    if code is not None:
        assert run.returncode == code
    files: dict[str, dict[str, str]] = {}
    for finding in json.loads(run.stdout)["findings"]:
        files.setdefault(finding["path"], {})[finding["rule"]] = finding["level"]
    return files


def test_each_file_is_held_to_the_closest_configuration(hpolint: Command) -> None:
    """In a repository of several projects each has its own; the closest takes the place of those above."""
    repository(
        hpolint,
        hpolint_toml=BOTH,
        one__x_json=costly(),
        two__hpolint_toml=f"select = ['{RATE}']\n",
        two__deep__x_json=costly(),
        two__three__pyproject_toml=f"[tool.hpolint]\nselect = ['{SPOT}']\nlevels.compute = 'error'\n",
        two__three__x_json=costly(),
    )
    assert found(hpolint) == {
        "one/x.json": {SPOT: "warning", RATE: "note"},
        "two/deep/x.json": {RATE: "note"},
        "two/three/x.json": {SPOT: "error"},
    }
    assert found(hpolint, "two/deep/x.json") == {"two/deep/x.json": {RATE: "note"}}
    assert found(Command(hpolint.folder / "two" / "deep")) == {"x.json": {RATE: "note"}}
    assert found(Command(hpolint.folder / "two" / "deep"), "../three", str(hpolint.folder / "one" / "x.json")) == {
        "../three/x.json": {SPOT: "error"},
        str(hpolint.folder / "one" / "x.json"): {SPOT: "warning", RATE: "note"},
    }


def test_what_is_above_the_working_folder_is_not_held_to_its_configuration(hpolint: Command) -> None:
    """A folder's configuration is about what lies in it."""
    repository(hpolint, x_json=costly(), sub__hpolint_toml="select = []", sub__x_json=costly())
    sub = Command(hpolint.folder / "sub")
    assert set(found(sub, "../x.json")["../x.json"]) >= {SPOT, RATE}
    assert set(found(sub, "..")) == {"../x.json"}
    hpolint.write("sub/deep/hpolint.toml", "select = []")
    hpolint.write("sub/hpolint.toml", "")
    assert set(found(Command(sub.folder / "deep"), ".", "..")) == {"../x.json"}
    (sub.folder / "hpolint.toml").unlink()
    assert set(found(Command(sub.folder / "deep"), ".", "..")) == {"../x.json"}


def test_nothing_above_the_repository_holds(hpolint: Command) -> None:
    """What lies in the folder above belongs to somebody else."""
    hpolint.write("hpolint.toml", "fail-on = 'nonsense'")
    inner = Command(hpolint.folder / "inner")
    inner.folder.mkdir()
    repository(inner, x_json=costly())
    assert set(found(inner)["x.json"]) >= {SPOT, RATE}


def test_a_repository_below_a_plain_folder_is_not_held_to_its_configuration(hpolint: Command) -> None:
    """As where somebody checks all clones at once: each has a configuration of its own, or none."""
    hpolint.write("hpolint.toml", "select = []")
    hpolint.write("x.json", costly())
    inner = Command(hpolint.folder / "inner")
    inner.folder.mkdir()
    repository(inner, x_json=costly(), sub__x_json=costly())
    assert set(found(hpolint)) == {"inner/x.json", "inner/sub/x.json"}


def test_a_file_of_another_repository_is_held_to_that_ones_configuration(hpolint: Command) -> None:
    """Up to its root: what lies above both belongs to somebody else."""
    hpolint.write("hpolint.toml", "fail-on = 'nonsense'")
    here, other = Command(hpolint.folder / "here"), Command(hpolint.folder / "other")
    for command, rule in ((here, SPOT), (other, RATE)):
        command.folder.mkdir()
        repository(command, hpolint_toml=f"select = ['{rule}']", sub__x_json=costly())
    expected = {"sub/x.json": {SPOT: "warning"}, "../other/sub/x.json": {RATE: "note"}}
    assert found(here, ".", "../other/sub/x.json") == expected
    assert found(here, ".", "../other") == expected


def test_without_a_repository_the_working_folders_holds(hpolint: Command) -> None:
    """A folder elsewhere has its own: a stray /tmp/hpolint.toml is not used for a project."""
    hpolint.write("here/hpolint.toml", BOTH)
    hpolint.write("here/sub/x.json", costly())
    hpolint.write("hpolint.toml", "select = ['launch']")
    hpolint.write("there/x.json", costly())
    here = Command(hpolint.folder / "here")
    assert found(here, "sub", "../there") == {
        "sub/x.json": {SPOT: "warning", RATE: "note"},
        "../there/x.json": found(here, "../there", "--isolated")["../there/x.json"],
    }


@pytest.mark.parametrize("how", ["a link to a file", "a link to nothing", "a folder"])
def test_a_folders_listing_finds_every_kind_of_configuration(hpolint: Command, how: str) -> None:
    """Also below the checked folder, a linked file applies, and one that cannot be read is reported."""
    repository(hpolint, hpolint_toml=BOTH, sub__x_json=costly())
    own = hpolint.folder / "sub/pyproject.toml"
    if how == "a link to a file":
        hpolint.write("elsewhere", f"[tool.hpolint]\nselect = ['{RATE}']\n")
        own.symlink_to("../elsewhere")
        assert found(hpolint) == {"sub/x.json": {RATE: "note"}}
        return
    own.mkdir() if how == "a folder" else own.symlink_to("nowhere")
    run = hpolint("check", "--output", "json")
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"sub/pyproject.toml" in run.stderr


def test_a_listed_folder_is_not_asked_for_its_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its listing says that there is none: no query of the disk is added to each folder of a large repository."""
    monkeypatch.chdir(tmp_path)
    configurations = Configurations(CheckOptions())
    around = configurations.of_folder(".")
    configurations.record_names("sub", ["x.json"])
    with recorded_reads() as recorder:
        assert configurations.of_folder("sub") is around
    assert recorder.stamps == {}


def test_what_is_extended_holds_where_nothing_else_is_said(hpolint: Command) -> None:
    """Lists and words are replaced, tables are joined, ``extend-`` lists add; the last of several files wins."""
    repository(
        hpolint,
        base_toml=f"select = ['{RATE}']\nfail-on = 'error'\nexclude = ['old/']\nlevels.'{RATE}' = 'note'\n",
        more_toml="levels.missing-spot = 'error'\n[per-file-ignores]\n'b.json' = ['scale']\n",
        hpolint_toml=f"extend = ['base.toml', 'more.toml']\nextend-select = ['{SPOT}']\nextend-exclude = ['c.json']\n",
        a_json=costly(),
        b_json=costly(),
        c_json=costly(),
        old__a_json=costly(),
    )
    both = {SPOT: "error", RATE: "note"}
    assert found(hpolint, code=1) == {"a.json": both, "b.json": {SPOT: "error"}}
    assert found(hpolint, "--config", "levels.missing-spot='note'", code=0)["a.json"][SPOT] == "note"


def test_what_is_selected_in_addition_is_added_to_what_is_on_by_default(hpolint: Command) -> None:
    """By the only setting that there is, and by several files and the command line together."""
    vpc, spot, encryption = (f"policy/require-{name}" for name in ("vpc", "spot", "encryption"))
    hpolint.write("x.json", costly())
    default = found(hpolint)["x.json"].keys()
    assert found(hpolint, "--extend-select", vpc)["x.json"].keys() == {*default, vpc}
    hpolint.write("hpolint.toml", f"extend-select = ['{vpc}']")
    assert found(hpolint)["x.json"].keys() == {*default, vpc}
    hpolint.write("base.toml", f"extend-select = ['{spot}']")
    hpolint.write("hpolint.toml", f"extend = 'base.toml'\nextend-select = ['{vpc}']")
    assert found(hpolint, "--extend-select", encryption)["x.json"].keys() == {*default, vpc, spot, encryption}


def test_a_packages_file_is_found_without_importing_it(hpolint: Command, tmp_path: Path) -> None:
    """A package whose import fails serves as well; one that lies in the checked folder does not."""
    package = tmp_path / "site" / "acme_policies"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "hpolint.toml").write_text(f"select = ['{RATE}']\n")
    project = Command(tmp_path / "project")
    project.write("hpolint.toml", "extend = 'package:acme_policies/hpolint.toml'")
    project.write("x.json", costly())
    run = project("check", "--output", "json", PYTHONPATH=str(tmp_path / "site"))
    assert [each["rule"] for each in json.loads(run.stdout)["findings"]] == [RATE], run.stderr
    named = ("check", "--isolated", "--output", "json", "--config", "package:acme_policies/hpolint.toml")
    assert b"contradict" in project(*named).stderr
    (project.folder / "hpolint.toml").unlink()
    run = project("check", "-o", "json", *named[-2:], PYTHONPATH=str(tmp_path / "site"))
    assert [each["rule"] for each in json.loads(run.stdout)["findings"]] == [RATE], run.stderr
    project.write("hpolint.toml", "extend = 'package:acme_policies/hpolint.toml'")
    (project.folder / "acme_policies").symlink_to(package)
    run = project("check", "..", PYTHONPATH=str(tmp_path / "site"))
    assert run.returncode == 2
    assert b"hpolint.toml:1: extend: " in run.stderr
    assert b"is in the checked repository or folder" in run.stderr


def test_a_package_of_the_same_repository_is_refused_from_every_folder(hpolint: Command) -> None:
    """From a neighbouring folder it could still be changed together with the checked files."""
    repository(
        hpolint,
        svc__hpolint_toml="extend = 'package:acme_policies/hpolint.toml'",
        svc__x_json=costly(),
        acme_policies__hpolint_toml="select = []",
    )
    for folder, path in ((hpolint.folder, "svc"), (hpolint.folder / "svc", ".")):
        run = Command(folder)("check", path, PYTHONPATH=str(hpolint.folder))
        assert run.returncode == 2
        assert b"`acme_policies` is in the checked repository or folder" in run.stderr


def test_one_file_named_on_the_command_line_holds_everywhere(hpolint: Command) -> None:
    """``--config FILE`` replaces every file that would be found; ``--isolated`` ignores it."""
    repository(hpolint, hpolint_toml=f"select = ['{RATE}']", sub__hpolint_toml="select = []", sub__x_json=costly())
    hpolint.write("other.toml", f"select = ['{SPOT}']")
    assert found(hpolint) == {}
    assert found(hpolint, "--config", "other.toml") == {"sub/x.json": {SPOT: "warning"}}
    assert set(found(hpolint, "--isolated")["sub/x.json"]) >= {SPOT, RATE}
    assert found(hpolint, "--isolated", "--config", f"select=['{RATE}']") == {"sub/x.json": {RATE: "note"}}
    run = hpolint("check", "--config", "other.toml", "--config", "more.toml")
    assert (run.returncode, run.stderr[:34]) == (2, b"hpolint: --config more.toml: only ")
    hpolint.write("a=b.toml", f"select = ['{SPOT}']")
    assert found(hpolint, "--config", "a=b.toml") == {"sub/x.json": {SPOT: "warning"}}
    hpolint.write("sub/hpolint.toml", "no TOML")  # and is not even read
    assert found(hpolint, "--config", "other.toml") == {"sub/x.json": {SPOT: "warning"}}
    assert set(found(hpolint, "--isolated")["sub/x.json"]) >= {SPOT, RATE}


def test_the_command_line_outweighs_files_and_single_settings_come_last(hpolint: Command) -> None:
    """Options, then ``--config KEY=VALUE`` in their order."""
    repository(hpolint, hpolint_toml="select = ['launch']\nfail-on = 'note'", x_json=costly())
    assert found(hpolint, "--select", RATE, code=1) == {"x.json": {RATE: "note"}}
    assert found(hpolint, "--select", RATE, "--fail-on", "error", code=0)
    arguments = ("--select", RATE, "--config", f"select=['{SPOT}']", "--config", f"extend-select=['{RATE}']")
    assert set(found(hpolint, *arguments)["x.json"]) == {SPOT, RATE}


def test_exit_code_and_output_are_those_of_the_working_folder(hpolint: Command) -> None:
    """Whatever the folders say whose files are checked."""
    repository(
        hpolint,
        hpolint_toml=BOTH + "fail-on = 'error'\noutput = ['json']\n",
        sub__hpolint_toml=BOTH + "fail-on = 'note'\noutput = ['sarif']\n",
        sub__x_json=costly(),
    )
    run = hpolint("check")
    assert run.returncode == 0
    assert json.loads(run.stdout)["summary"]["warnings"] == 1
    run = Command(hpolint.folder / "sub")("check")
    assert run.returncode == 1
    assert json.loads(run.stdout)["runs"]


def test_what_is_excluded_is_relative_to_the_file_that_says_so(hpolint: Command) -> None:
    """A pattern with a slash means the folder of its file, wherever the command runs."""
    repository(
        hpolint,
        hpolint_toml=BOTH + "exclude = ['/a/', 'sub/b/']\n",
        a__x_json=costly(),
        sub__a__x_json=costly(),
        sub__b__x_json=costly(),
    )
    assert set(found(hpolint)) == {"sub/a/x.json"}
    assert set(found(Command(hpolint.folder / "sub"))) == {"a/x.json"}
    assert set(found(hpolint, "a/x.json")) == {"a/x.json"}
    assert set(found(hpolint, "a/x.json", "--force-exclude")) == set()


@pytest.mark.parametrize(
    "below",
    [
        f"ignore = ['{SPOT}']",
        "ignore = ['compute']",
        f"select = ['{RATE}']",
        "levels.compute = 'note'",
        f"[per-file-ignores]\n'*.json' = ['{SPOT}']",
        "exclude = ['*.json']",
        "exclude = ['deep/']",
        "rules.missing-spot.locked = false",
        "rules.missing-spot.min_trials = 10000",
        "fail-on = 'error'",
    ],
)
@pytest.mark.parametrize("how", ["above", "extended"])
def test_what_is_locked_holds_whatever_is_said_below(hpolint: Command, below: str, how: str) -> None:
    """It cannot be switched off, lowered, excluded or given other options; each attempt is reported."""
    locking = "levels.missing-spot = 'warning'\nrules.missing-spot.locked = true\n"
    sub = "hpolint.toml" if how == "above" else "org/hpolint.toml"
    extend = "extend = '../org/hpolint.toml'\n" if how == "extended" else ""
    repository(hpolint, sub__deep__x_json=costly())
    hpolint.write(sub, locking)
    hpolint.write("sub/hpolint.toml", extend + below)
    run = hpolint("check", "--output", "json")
    (finding,) = [each for each in json.loads(run.stdout)["findings"] if each["rule"] == SPOT]
    assert finding["level"] == "warning"
    assert run.returncode == 1
    excluded = "sub/deep/x.json is excluded or ignored, but locked rules still apply"
    notice = excluded if below.startswith("exclude") else f"`{SPOT}` is locked in {sub}"
    assert notice in run.stderr.decode()
    inside = Command(hpolint.folder / "sub")
    assert inside("check").returncode == 1


def test_a_lock_in_an_extended_file_outweighs_the_extending_file(hpolint: Command) -> None:
    """It also applies to a folder further down with its own configuration; the notice has the place."""
    repository(
        hpolint,
        org__hpolint_toml="\nrules.missing-spot.locked = true\n",
        hpolint_toml=f"extend = 'org/hpolint.toml'\nignore = ['{SPOT}']\n",
        svc__hpolint_toml="levels.missing-spot = 'note'",
        svc__x_json=costly(),
    )
    assert SPOT in found(hpolint, code=1)["svc/x.json"]
    lines = hpolint("check").stderr.decode().splitlines()
    locked = f"`{SPOT}` is locked in org/hpolint.toml:2"
    assert lines == [
        f"hpolint: hpolint.toml:2: `ignore` has no effect: {locked}",
        f"hpolint: svc/hpolint.toml:1: `levels` has no effect: {locked}",
    ]


def test_a_lock_says_nothing_of_its_own_file(hpolint: Command) -> None:
    """The folder of an organisation's file is held to what extends it, too: its own lines are the lock."""
    text = f"levels.'{SPOT}' = 'error'\nrules.missing-spot.locked = true\nper-file-ignores.'old.json' = ['compute']"
    repository(
        hpolint,
        org__hpolint_toml=text,
        hpolint_toml="extend = 'org/hpolint.toml'",
        org__x_json=costly(),
        old_json=costly(),
    )
    run = hpolint("check", "--output", "json")
    assert run.stderr == b""
    assert {each["path"] for each in json.loads(run.stdout)["findings"] if each["rule"] == SPOT} == {"org/x.json"}


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("rules.'policy/max-trials'.locked = true", 2, "`policy/max-trials` is locked but off: it needs the option"),
        ("rules.missing-spot.locked = true\nignore = ['missing-spot']", 2, "`compute/missing-spot` is locked but off"),
        ("rules.policy.locked = true", 1, "all of `policy` is locked but off"),
        ("rules.require-vpc.locked = true", 1, None),
        ("rules.require-vpc.locked = true\nignore = ['policy']\nselect = []", 1, None),
        ("extend-select = ['require-vpc']\nrules.policy.locked = true", 1, None),
    ],
)
def test_a_lock_turns_on_the_rule_that_it_names(hpolint: Command, text: str, code: int, reason: str | None) -> None:
    """Where it cannot, the configuration is wrong. A lock of a category leaves its rules as they are, and says so."""
    repository(hpolint, hpolint_toml=text, x_json=costly())
    run = hpolint("check", "--output", "json")
    assert run.returncode == code
    errors = run.stderr.decode()
    assert (f"hpolint.toml:1: {reason}" in errors) if reason is not None else errors == ""
    if reason is None:
        assert "policy/require-vpc" in {each["rule"] for each in json.loads(run.stdout)["findings"]}


def test_settings_that_do_not_affect_a_lock_are_not_reported(hpolint: Command) -> None:
    """Settings for other rules, stricter settings, and settings of the locking file and of those before it."""
    repository(
        hpolint,
        base_toml=f"fail-on = 'error'\nlevels.'{SPOT}' = 'note'\nignore = ['scale']\n",
        hpolint_toml="extend = 'base.toml'\nselect = ['ALL']\nrules.missing-spot.locked = true\n",
        sub__hpolint_toml="extend = '../hpolint.toml'\nfail-on = 'note'\nselect = ['compute']\nexclude = ['z/']\n"
        "extend-select = ['missing-spot']\n",
        sub__x_json=costly(),
    )
    assert hpolint("check").stderr == b""
    hpolint.write("sub/hpolint.toml", "select = []\nignore = ['compute']\nundecided.ALL = 'off'\nlevels.ALL = 'note'\n")
    where = f"`{SPOT}` is locked in hpolint.toml:3"
    expected = f"hpolint: sub/hpolint.toml:1, 2: `select` and `ignore` have no effect: {where}\n"
    assert hpolint("check").stderr.decode() == expected


def test_a_rule_that_a_locked_category_leaves_off_is_not_added_below(hpolint: Command) -> None:
    """The attempt is reported for each rule by its name; a name of a category is for those that are not locked."""
    repository(
        hpolint,
        hpolint_toml="extend-select = ['policy/require-vpc']\nrules.policy.locked = true\n",
        sub__hpolint_toml="extend-select = ['policy/require-spot', 'policy/require-vpc']\n",
        sub__x_json=costly(),
    )
    run = hpolint("check", "--output", "json")
    fired = {finding["rule"] for finding in json.loads(run.stdout)["findings"]}
    assert {rule for rule in fired if rule.startswith("policy/")} == {"policy/require-vpc"}
    where = "`policy/require-spot` is locked in hpolint.toml:2"
    assert run.stderr.decode() == f"hpolint: sub/hpolint.toml:1: `extend-select` has no effect: {where}\n"
    hpolint.write("sub/hpolint.toml", "extend-select = ['policy']\n")
    assert hpolint("check").stderr == b""


@pytest.mark.parametrize(
    ("inner", "expected", "is_reported"),
    [
        ("rules.max-parallel.parallel = 4", {"policy/max-parallel": "error"}, False),
        ("rules.max-parallel.parallel = 20", {}, True),
        ("rules.allowed-instance-types.types = ['ml.c5.xlarge']", {ALLOWED: "error"}, False),
        ("rules.allowed-instance-types.types = ['ml.c5.xlarge', 'ml.p5.48xlarge']", {ALLOWED: "error"}, True),
        ("rules.allowed-instance-types.families = ['ml.m5']", {}, True),
        ("levels.missing-spot = 'error'", {SPOT: "error"}, False),
        ("levels.missing-spot = 'note'", {}, True),
    ],
)
def test_a_stricter_setting_below_a_lock_holds(
    hpolint: Command, inner: str, expected: dict[str, str], is_reported: bool
) -> None:
    """The smaller limit, the types that both lists name, the more severe level; what is looser is reported."""
    lock = {
        "max-parallel": "parallel = 10",
        "allowed-instance-types": "types = ['ml.m5.xlarge', 'ml.c5.xlarge']",
        "missing-spot": "",
    }
    tables = "".join(f"[rules.{name}]\n{option}\nlocked = true\n" for name, option in lock.items())
    request = json.loads(costly())
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = 6
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] = "ml.m5.xlarge"
    repository(
        hpolint,
        hpolint_toml=f"select = ['max-parallel', 'allowed-instance-types', '{SPOT}']\n{tables}",
        sub__hpolint_toml=inner,
        sub__x_json=json.dumps(request),
    )
    run = hpolint("check", "--output", "json")
    levels = {each["rule"]: each["level"] for each in json.loads(run.stdout)["findings"]}
    locked = {rule: level for rule, level in levels.items() if rule.rpartition("/")[2] in lock}
    assert locked == {SPOT: "warning"} | expected
    assert (b"has no effect" in run.stderr) == is_reported


def test_the_locking_configuration_may_exclude(hpolint: Command) -> None:
    """Files that the locking configuration itself excludes are skipped, and the command line is trusted."""
    repository(
        hpolint,
        hpolint_toml="exclude = ['vendor/']\nrules.missing-spot.locked = true\n",
        sub__hpolint_toml="exclude = ['*']",
        sub__vendor__x_json=costly(),
        sub__own__x_json=costly(),
    )
    assert set(found(hpolint)) == {"sub/own/x.json"}
    assert found(hpolint, "--exclude", "own/", "--exclude", "vendor/") == {}
    assert found(hpolint, "--ignore", SPOT) == {}
    hpolint.write("hpolint.toml", "exclude = ['x.json']\nrules.missing-spot.locked = true\n")
    assert found(hpolint) == {}
    hpolint.write(
        "sub/hpolint.toml", f"exclude = []\nselect = ['{RATE}']"
    )  # what is checked all the same is held to it
    assert found(hpolint)["sub/own/x.json"] == {SPOT: "warning", RATE: "note"}


@pytest.mark.parametrize("name", ["#notes", "..hidden", "-x"])
def test_a_folder_of_any_name_is_below_a_lock(hpolint: Command, name: str) -> None:
    """Whatever its name begins with."""
    repository(hpolint, hpolint_toml="rules.missing-spot.locked = true\n")
    hpolint.write(f"{name}/hpolint.toml", "select = []")
    hpolint.write(f"{name}/x.json", costly())
    assert found(hpolint) == {f"{name}/x.json": {SPOT: "warning"}}


def test_a_nested_repository_is_no_way_around_a_lock(hpolint: Command) -> None:
    """What is checked with the repository around it is held to that one's configuration."""
    repository(hpolint, hpolint_toml=f"select = ['{SPOT}']\nrules.missing-spot.locked = true\n")
    inner = Command(hpolint.folder / "inner")
    inner.folder.mkdir()
    repository(inner, hpolint_toml="select = []", x_json=costly())
    assert found(hpolint) == {"inner/x.json": {SPOT: "warning"}}


def test_an_option_takes_effect(hpolint: Command) -> None:
    """By the rule's name with or without its category; integers do for numbers."""
    repository(
        hpolint, x_json=costly(), hpolint_toml=f"select = ['{RATE}']\nrules.linear-learning-rate.min_decades = 4\n"
    )
    assert found(hpolint) == {}
    assert found(hpolint, "--config", f"rules.'{RATE}'.min_decades = 2") == {"x.json": {RATE: "note"}}


def test_a_required_version_that_fits_is_silent(hpolint: Command) -> None:
    """As a project pins the versions that it was written for."""
    repository(hpolint, hpolint_toml="required-version = '>=0.1,<99'\n")
    run = hpolint("check")
    assert (run.returncode, run.stderr) == (0, b"")


def test_a_version_before_the_next_is_one(hpolint: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release candidate satisfies a range that contains its release."""
    repository(hpolint, hpolint_toml="required-version = '>=0.1,<99'\n", x_json=costly())
    monkeypatch.chdir(hpolint.folder)
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "0.2.0rc1")
    assert library.check(["."]).findings


def test_standard_input_is_held_to_its_names_folder(hpolint: Command) -> None:
    """An editor's buffer is checked as the file that it will be."""
    repository(hpolint, sub__hpolint_toml=f"select = ['{RATE}']\n")
    run = hpolint("check", "-", "--stdin-filename", "sub/x.json", "--output", "json", stdin=costly().encode())
    assert {each["rule"] for each in json.loads(run.stdout)["findings"]} == {RATE}


def test_a_program_gives_settings_by_the_same_names(hpolint: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """``hpolint.check`` takes what a configuration file takes, and refuses what it refuses."""
    from hpolint.model.settings import ConfigError

    repository(hpolint, x_json=costly(), hpolint_toml="select = ['launch']")
    monkeypatch.chdir(hpolint.folder)
    settings: dict[str, Any] = {"select": (RATE,), "levels": {"scale": "error"}}
    assert [(each.rule.id, each.level) for each in library.check(["."], settings).findings] == [(RATE, "error")]
    assert not library.check([hpolint.folder]).findings
    assert library.check(["."], isolated=True).findings
    hpolint("check", "--write-baseline", "--select", RATE)
    assert not library.check(["."], {"select": (RATE,)}).findings  # they are known
    with pytest.raises(ConfigError, match="unknown setting `selects`; did you mean `select`"):
        library.check(["."], {"selects": []})


@pytest.mark.parametrize(
    ("name", "pattern"), [("team/.gitignore", "*.json"), ("team/.gitignore", "infra/"), ("team/infra/.gitignore", "*")]
)
def test_an_ignore_file_below_a_lock_hides_nothing_from_it(hpolint: Command, name: str, pattern: str) -> None:
    """What git tracks may be ignored all the same; one where the lock stands, or above, is the locker's own."""
    repository(hpolint, hpolint_toml=BOTH + f"rules.'{SPOT}'.locked = true\n", team__infra__x_json=costly())
    hpolint.write(name, pattern)
    assert found(hpolint) == {"team/infra/x.json": {SPOT: "warning"}}
    hpolint.write("hpolint.toml", BOTH)
    assert found(hpolint) == {}
    hpolint.write("hpolint.toml", BOTH + f"rules.'{SPOT}'.locked = true\n")
    (hpolint.folder / name).unlink()
    hpolint.write(".gitignore", "infra/")
    assert found(hpolint) == {}
    (hpolint.folder / ".gitignore").unlink()
    hpolint.write("hpolint.toml", BOTH)
    hpolint.write("team/hpolint.toml", f"rules.'{SPOT}'.locked = true\n")
    hpolint.write(name, pattern)
    assert (found(hpolint) == {}) is (name == "team/.gitignore")
    hpolint.write("hpolint.toml", f"rules.'{RATE}'.locked = true\n")
    assert found(hpolint) == {"team/infra/x.json": {SPOT: "warning", RATE: "note"}}


def test_an_extended_lock_holds_from_the_file_that_extends_it(hpolint: Command) -> None:
    """Wherever it lies itself: what the project's own root ignores stays out, and what its folders ignore does not."""
    repository(
        hpolint,
        org__hpolint_toml=f"rules.'{SPOT}'.locked = true\n",
        hpolint_toml=f"extend = 'org/hpolint.toml'\nselect = ['{SPOT}']\n",
        build__x_json=costly(),
        team__x_json=costly(),
    )
    hpolint.write(".gitignore", "build/\n")
    hpolint.write("team/.gitignore", "*\n")
    assert found(hpolint) == {"team/x.json": {SPOT: "warning"}}
    assert found(hpolint, "--ignore", SPOT) == {}  # the command line is trusted
    (hpolint.folder / "hpolint.toml").rename(hpolint.folder / "team/hpolint.toml")
    hpolint.write("team/hpolint.toml", f"extend = '../org/hpolint.toml'\nselect = ['{SPOT}']\n")
    assert "team/x.json" not in found(hpolint)  # its own .gitignore stands beside it


RULE = """---
summary: Anything at all
level: error
precision: high
scope: job
since: 0.1.0
when: config.Strategy == 'Bayesian'
message: ["It is there"]
sources: ["https://example.com"]
---
## Why
It is an example.

## Instead
Nothing.

## Examples
### Found
```json
{"Strategy": "Bayesian"}
```

### Clean
```json
{"Strategy": "Hyperband"}
```

### Undecided
```json
{"Strategy": "$STRATEGY"}
```
"""


def test_the_command_line_speaks_of_the_policies_of_every_folder(hpolint: Command) -> None:
    """Of those that only a folder further down knows, too; its rules are listed and explained for it."""
    repository(hpolint, svc__hpolint_toml="policies = ['rules']", svc__x_json=costly(), y_json=costly())
    hpolint.write("svc/rules/acme/any.md", RULE)
    assert found(hpolint, "--select", "acme/any") == {"svc/x.json": {"acme/any": "error"}}
    assert found(hpolint, "--select", "acme") == {"svc/x.json": {"acme/any": "error"}}
    assert b"no rule or category `acme/some`" in hpolint("check", "--select", "acme/some").stderr
    assert hpolint("rule", "acme/any").returncode == 2
    for place in ("svc", "svc/x.json"):
        assert hpolint("rule", "acme/any", "--in", place).stdout.startswith(b"# acme/any\n")
        assert b"acme/any" in hpolint("rules", "--in", place).stdout
    assert hpolint("rules", "--in", "nowhere").returncode == 2


def test_patterns_that_match_no_file_are_named(hpolint: Command) -> None:
    """With the line of the entry, if all that it could match was checked; a file that a hook is given tells nothing.

    What is extended may be made for other repositories: its patterns are not named.
    """
    repository(
        hpolint,
        team__x_json=costly(),
        base_toml=f"[per-file-ignores]\n'base/*.json' = ['{SPOT}']\n",
        shared_toml=f"[per-file-ignores]\n'shared/*.json' = ['{SPOT}']\n",
        hpolint_toml=f"""extend = ["base.toml", "shared.toml"]
[per-file-ignores]
"team/*.json" = ["{SPOT}"]
"legacy/*.json" = ["{SPOT}"]

[[suppressions]]
file = "old/*.json"
rules = ["{SPOT}"]
reason = "paid by another team"
""",
    )

    def lines(*paths: str) -> list[str]:
        printed = hpolint("check", *paths).stderr.decode().splitlines()
        return sorted(line for line in printed if "no checked file" in line)

    reason = "matches no checked file: paths are relative to this file's folder"
    assert lines() == [
        f"hpolint: hpolint.toml:4: `legacy/*.json` {reason}",
        f"hpolint: hpolint.toml:6: `old/*.json` {reason}",
    ]
    assert lines("team") == lines("team/x.json") == []
