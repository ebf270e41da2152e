"""A checked repository does not decide which file hpolint writes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hpolint import check
from hpolint.model.settings import ConfigError
from tests.conftest import Command
from tests.harness.git import git
from tests.harness.systems import posix
from tests.requests import sound

pytestmark = posix


def careless() -> str:
    """A request that the service refuses: a finding of the level error."""
    request = sound()
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = 0
    return json.dumps(request, indent=1)


BEFORE = "# a file of the user's\n"


@pytest.fixture
def repository(tmp_path: Path) -> Command:
    """A repository with a job, beside a home folder with a file."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.bashrc").write_text(BEFORE)
    (tmp_path / "cloned").mkdir()
    command = Command(tmp_path / "cloned")
    git(command.folder, "init", "-q", ".")
    command.write("job.json", careless())
    return command


def user_file(repository: Command) -> str:
    """The text of the file in the home folder."""
    return (repository.folder.parent / "home/.bashrc").read_text()


def files_of(repository: Command) -> dict[str, str]:
    """The texts of the files in the folder of the repository."""
    return {path.name: path.read_text() for path in repository.folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", ["../home/.bashrc", "job.json", "hpolint.toml", "new.txt", "pipe"])
@pytest.mark.parametrize("how", ["found", "extended", "named"])
def test_a_configuration_file_names_no_file_to_write(repository: Command, name: str, how: str) -> None:
    """A path in its `output` is an error with its place, however the file is found; nothing is written."""
    written = {"found": "hpolint.toml", "extended": "shared/team.toml", "named": "team.toml"}[how]
    if how == "extended":
        repository.write("hpolint.toml", f"extend = '{written}'\n")
    repository.write(written, f"fail-on = 'note'\noutput = ['json', 'text:{name}']\n")
    os.mkfifo(repository.folder / "pipe")
    before = files_of(repository)
    run = repository("check", *(["--config", written] if how == "named" else []))
    assert run.returncode == 2
    place = f"{written}:2: output: "
    assert f"{place}`text:{name}` names a file" in run.stderr.decode()
    assert user_file(repository) == BEFORE
    assert files_of(repository) == before


def test_a_path_in_an_output_without_effect_is_named(repository: Command) -> None:
    """In a folder's own configuration, in a policy, and where `--output` takes its place."""
    repository.write("sub/hpolint.toml", "output = ['text:../job.json']\n")
    repository.write("sub/other.json", careless())
    policy = repository.write("../policy.toml", "output = ['text:job.json']\n[rules.missing-spot]\nlocked = true\n")
    run = repository("check", "--policy", "../policy.toml")
    lines = run.stderr.decode()
    assert run.returncode == 1
    assert "sub/hpolint.toml:1: output: `text:../job.json` is ignored" in lines
    assert "../policy.toml:1: output: `text:job.json` is ignored" in lines
    assert policy.read_text().startswith("output")
    repository.write("hpolint.toml", "output = ['text:job.json']\n")
    run = repository("check", "--output", "json:report.json", ".")
    assert "\nhpolint: hpolint.toml:1: output: `text:job.json` is ignored" in f"\n{run.stderr.decode()}"
    assert json.loads((repository.folder / "report.json").read_text())["findings"]
    json.loads((repository.folder / "job.json").read_text())


def test_the_command_line_and_a_program_name_the_file_of_a_report(repository: Command) -> None:
    """With `--output`, with `--config KEY=VALUE`, and in the settings of a call."""
    repository("check", "--config", "output=['json:single.json']")
    assert json.loads((repository.folder / "single.json").read_text())["findings"]
    report = check({"a.json": careless()}, {"output": ["text:report.txt"]}, isolated=True)
    assert report.settings.run.output == ("text:report.txt",)
    with pytest.raises(ConfigError, match="not one of text, json"):
        check({}, {"output": ["txt:report.txt"]})


@pytest.mark.parametrize("link", ["report.txt", "reports", "in/report.txt", "chain"])
def test_no_report_goes_through_a_link_out_of_its_repository(repository: Command, link: str) -> None:
    """A link to a file or a folder, also by another link, and one whose target does not exist yet."""
    (repository.folder / "in").mkdir()
    targets = {"report.txt": "../home/.bashrc", "reports": "../home", "in/report.txt": "../../home/new", "chain": "own"}
    os.symlink(targets[link], repository.folder / link)
    os.symlink("../home/.bashrc", repository.folder / "own")
    name = f"{link}/.bashrc" if link == "reports" else link
    run = repository("check", "--output", f"text:{name}")
    assert run.returncode == 2
    assert f"{name}: cannot be written: a link leads out of the repository" in run.stderr.decode()
    assert user_file(repository) == BEFORE
    assert not (repository.folder.parent / "home/new").exists()


def test_a_link_within_the_repository_and_one_of_the_user_s_are_followed(repository: Command) -> None:
    """A link that stays in its repository, and a link outside of any to anywhere."""
    (repository.folder / "reports").mkdir()
    os.symlink("reports", repository.folder / "latest")
    os.symlink(repository.folder / "reports/b.txt", repository.folder.parent / "home/link")
    repository("check", "--output", "text:latest/a.txt", "--output", "markdown:../home/link")
    assert (repository.folder / "reports/a.txt").read_text()
    assert (repository.folder / "reports/b.txt").read_text()


def test_without_a_repository_a_link_leads_out_of_the_working_folder(tmp_path: Path) -> None:
    """An unpacked archive has links, too, and no `.git`."""
    unpacked = Command(tmp_path / "unpacked")
    unpacked.write("job.json", careless())
    (tmp_path / "target").write_text(BEFORE)
    os.symlink("../target", unpacked.folder / "report.txt")
    run = unpacked("check", "--output", "text:report.txt")
    assert run.returncode == 2
    assert (tmp_path / "target").read_text() == BEFORE


def test_a_pipe_of_a_repository_is_not_written_to(repository: Command) -> None:
    """Its reader may be anything, or nothing, which is waited for; `/dev/stdout` is the user's own."""
    os.mkfifo(repository.folder / "pipe")
    run = repository("check", "--output", "text:pipe")
    assert run.returncode == 2
    assert "pipe: cannot be written: it is a pipe or device in the repository" in run.stderr.decode()
    assert json.loads(repository("check", "--output", "json:/dev/stdout").stdout)["findings"]


def test_a_baseline_is_written_in_the_repository_or_where_the_user_says(repository: Command) -> None:
    """Its link leads nowhere else, and a configuration names a file elsewhere for reading only."""
    outside = repository.folder.parent / "home/known.json"
    os.symlink(outside, repository.folder / "hpolint-baseline.json")
    run = repository("check", "--write-baseline")
    assert run.returncode == 2
    assert "hpolint-baseline.json: cannot be written: a link leads out of the repository" in run.stderr.decode()
    (repository.folder / "hpolint-baseline.json").unlink()
    for name in ("../home/known.json", str(outside), ".git/known.json"):
        repository.write("hpolint.toml", f"baseline = '{name}'\n")
        run = repository("check", "--write-baseline")
        assert run.returncode == 2
        assert "hpolint.toml:1: baseline: " in run.stderr.decode()
        assert "`--baseline` writes it" in run.stderr.decode()
        assert not outside.exists()
    assert repository("check", "--write-baseline", "--baseline", "../home/known.json").returncode == 0
    before = outside.read_text()
    repository.write("hpolint.toml", "baseline = '../home/known.json'\n")
    assert repository("check", "--fail-on", "note").returncode == 0
    repository.write("job.json", json.dumps(sound()))
    assert repository("check", "--prune").returncode == 2
    assert outside.read_text() == before


def test_a_first_configuration_does_not_follow_a_link(repository: Command) -> None:
    """Neither one that leads out nor one to a file that is not there."""
    os.symlink("../home/new.toml", repository.folder / "hpolint.toml")
    run = repository("init")
    assert run.returncode == 2
    assert "hpolint.toml: " in run.stderr.decode()
    assert not (repository.folder.parent / "home/new.toml").exists()
