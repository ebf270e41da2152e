"""A link in a checked repository reads nothing from outside of it, and the report says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hpolint import check
from hpolint.config.lookup import CheckOptions
from hpolint.io.files import leads_out
from hpolint.model.settings import ConfigError
from hpolint.run.reading import read_paths
from tests.conftest import Command
from tests.harness.git import git
from tests.harness.systems import posix
from tests.requests import sound

pytestmark = posix
OUT = "a link to outside of the repository or checked folder"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with files beside it that are none of its own; the working folder."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", ".")
    monkeypatch.chdir(folder)
    careless = sound()
    careless["HyperParameterTuningJobName"] = "secret name"
    (tmp_path / "secret.json").write_text(json.dumps(careless, indent=1))
    return folder


def test_a_linked_file_is_read_within_the_repository_alone(repository: Path) -> None:
    """An outside target is skipped and named, unless the link is an argument; a target in the repository is read."""
    os.symlink("../secret.json", repository / "job.json")
    report = check(["."])
    assert (report.jobs, report.findings) == ([], [])
    assert report.notices == [f"job.json: skipped: {OUT}"]
    assert len(check(["job.json"]).jobs) == 1
    (repository / "sub").mkdir()
    os.symlink("../job.json", repository / "sub/again.json")
    assert check(["sub"]).notices == [f"sub/again.json: skipped: {OUT}"]
    (repository / "own.json").write_text(json.dumps(sound()))
    os.symlink("../own.json", repository / "sub/own.json")
    assert [job.source for job in check(["sub"]).jobs] == ["sub/own.json"]


def test_without_a_repository_the_checked_folder_is_the_boundary(tmp_path: Path) -> None:
    """The folder that was named, not that of the link; a link to a folder is not followed."""
    (tmp_path / "checked/below").mkdir(parents=True)
    (tmp_path / "checked/own.json").write_text("{}")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/out.json").write_text(json.dumps(sound()))
    for name, target in (("in", "../own.json"), ("out", "../../out/out.json")):
        os.symlink(target, tmp_path / f"checked/below/{name}.json")
    os.symlink("../out", tmp_path / "checked/folder")
    checked = str(tmp_path / "checked")
    assert [leads_out(f"{checked}/below/{name}.json", [checked]) for name in ("in", "out")] == [False, True]
    report = check([checked])
    assert report.jobs == []
    assert report.notices == [f"{checked}/below/out.json: skipped: {OUT}"]


def test_a_definition_outside_is_named_and_not_read(repository: Path) -> None:
    """By a path or by a link, a file once; what is not there may be made later."""
    os.symlink("../secret.json", repository / "link.json")
    names = ("link.json", "../secret.json", "nowhere.json")
    resources = {
        f"M{at}": {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": name}}
        for at, name in enumerate(names)
    }
    (repository / "template.json").write_text(json.dumps({"Resources": resources}))
    report = check(["template.json"])
    reason = "is not read: it is outside of the repository or checked folder"
    assert report.notices == [f"template.json: link.json {reason}"]
    assert report.jobs == []


def test_a_script_outside_is_unknown_with_the_reason(repository: Path) -> None:
    """Nothing of it is read, and what depends on it says why."""
    (repository.parent / "train.py").write_text("import argparse\n")
    os.symlink("../train.py", repository / "train.py")
    (repository / "tune.py").write_text(
        "from sagemaker.pytorch import PyTorch\nfrom sagemaker.tuner import ContinuousParameter, HyperparameterTuner\n"
        'e = PyTorch(entry_point="train.py", role="r", instance_count=1, instance_type="ml.m5.large")\n'
        'HyperparameterTuner(e, "loss", {"lr": ContinuousParameter(0.1, 0.2)}, max_jobs=2).fit()\n'
    )
    (job,) = read_paths(["tune.py"], CheckOptions()).jobs
    (script,) = job.scripts.values()
    assert "is outside the repository or checked folder: `train.py`" in getattr(script, "reason", "")


@pytest.mark.parametrize("name", ["hpolint.toml", "pyproject.toml"])
def test_a_configuration_that_is_a_link_out_ends_the_run(repository: Path, name: str) -> None:
    """What its owner has there may be secret; `extend` names a file elsewhere."""
    os.symlink("../secret.json", repository / name)
    with pytest.raises(ConfigError, match=rf"^{name}: {OUT}: name the file that it leads to with `extend`"):
        check(["."])
    (repository.parent / "shared.toml").write_text('fail-on = "error"\n')
    (repository / name).unlink()
    (repository / "hpolint.toml").write_text('extend = "../shared.toml"\n')
    assert check(["."]).settings.rules.fail_on == "error"


def test_an_ignore_file_that_is_a_link_is_not_followed(repository: Path) -> None:
    """As git does; else its lines that are no patterns would be quoted."""
    (repository.parent / "lines").write_text("[[:secret:]]\n")
    os.symlink("../lines", repository / ".gitignore")
    assert check(["."]).notices == [".gitignore: skipped: a link, which git does not follow either"]


def test_a_policy_that_is_a_link_to_itself_is_an_error_of_the_configuration(hpolint: Command) -> None:
    """With its path, as any file that cannot be read."""
    hpolint.write("hpolint.toml", 'policies = ["policies"]\n')
    (hpolint.folder / "policies/house").mkdir(parents=True)
    (hpolint.folder / "policies/house/few.md").symlink_to("few.md")
    done = hpolint("check")
    assert done.returncode == 2
    assert b"policies/house/few.md" in done.stderr
    assert b"internal error" not in done.stderr


def test_a_policy_that_is_a_link_out_is_refused(hpolint: Command) -> None:
    """The folder may lie beside the repository; what it links to may not lie beside the folder."""
    hpolint.write("secret", "---\nsummary: secret\n---\n")
    hpolint.write("policies/acme/README.md", "")
    os.symlink("../../secret", hpolint.folder / "policies/acme/rule.md")
    hpolint.write("project/hpolint.toml", 'policies = ["../policies"]\n')
    reason = b"rule.md:1:1: not read: a link to outside of the policy folder and its repository"
    run = Command(hpolint.folder / "project")("check")
    assert run.returncode == 2
    assert reason in run.stderr
    run = hpolint("test", "policies")
    assert run.returncode == 2
    assert reason in run.stdout


@pytest.mark.parametrize(
    ("setting", "text", "hint"),
    [
        ("cost.prices = '{}'", "SECRET,SECRET user\n", "1: a table of prices needs"),
        ("cost.prices = '{}'", "type,price\nSECRET,1\n", "2: the type is neither"),
        ("cost.prices = '{}'", "type,price\nml.m5.large,SECRET\n", "2: the price is not a number"),
        ("extend = '{}'", "[default]\nkey = SECRET\n", "2: not a valid setting: `hpolint config --config"),
        ("extend = '{}'", "[SECRET]\nkey = 'SECRET'\n", "1: not a valid setting"),
        ("extend = '{}'", "\nselect = ['SECRET']\n", "2: not a valid setting"),
        ("extend = '{}'", "\nlevels.SECRET = 'SECRET'\n", "2: not a valid setting"),
        ("sdk-config = '{}'", "[default]\nkey: *SECRET\n", ": not valid YAML"),
        ("sdk-config = '{}'", "a: 1\nSECRET: [SECRET\n", "3: not valid YAML"),
        ("baseline = '{}'", '{"version": 1, "baseline": ["SECRET"]}', ": an entry lacks"),
        ("policies = ['{}/..']", "---\nSECRET: SECRET\n---\n", "1: not a valid rule: `hpolint test"),
    ],
)
@pytest.mark.parametrize("command", ["check", "cost"])
def test_what_is_wrong_in_a_file_elsewhere_is_said_by_its_place(
    repository: Path, setting: str, text: str, hint: str, command: str
) -> None:
    """A configuration may name any file: nothing of it is quoted. The command line quotes what it names."""
    name = "policies/acme/secret.md" if "policies" in setting else "creds"
    path = repository.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    (repository / "hpolint.toml").write_text(setting.format(f"../{name}") + "\n")
    (repository / "job.json").write_text(json.dumps(sound()))
    run = Command(repository)(command)
    if command == "cost" or "prices" not in setting:
        assert run.returncode == 2
        assert hint in run.stderr.decode()
    assert b"SECRET" not in run.stderr + run.stdout
    (repository / "hpolint.toml").unlink()
    if "extend" in setting:
        assert b"not a valid setting" not in Command(repository)(command, "--config", "../creds").stderr
