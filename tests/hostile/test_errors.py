"""Input that once was an internal error of the whole run: a message with file and line, and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.model.settings import ConfigError
from hpolint.registry.policies import MAX_FOLDER_DEPTH, MAX_FOLDERS
from hpolint.run.check import check_paths
from tests.conftest import ROOT, Command
from tests.harness.systems import posix

RULE = (ROOT / "rules" / "policy" / "max-trials.md").read_text("utf-8")


def policy(condition: str) -> str:
    """A rule of an organisation with some condition."""
    front, separator, rest = RULE.partition("\nwhen: ")
    assert separator
    return f"{front}{separator}{condition}\n{rest.partition(chr(10))[2]}"


FILES: dict[str, tuple[dict[str, str], str]] = {
    "digits of a version": (
        {"hpolint.toml": f'\nrequired-version = ">={"9" * 4_301}"\n'},
        "hpolint.toml:2: required-version: `>=99",
    ),
    "nested condition": (
        {"hpolint.toml": 'policies = ["p"]\n', "p/acme/few.md": policy(f"request.Tags{'[0]' * 150} == null")},
        "p/acme/few.md:9:7: the expression is nested more than 32 levels deep",
    ),
    "nested parentheses": (
        {"hpolint.toml": 'policies = ["p"]\n', "p/acme/few.md": policy("(" * 300 + "true" + ")" * 300)},
        "p/acme/few.md:9:7: the expression is nested more than 32 levels deep",
    ),
    "root as policies": ({"hpolint.toml": 'policies = [\n"/"]\n'}, "hpolint.toml:2: policies: /: more than"),
    **{
        f"no character of a path: {key}": ({"hpolint.toml": f'\n{key} = "a\\u0000b"\n'}, f"hpolint.toml:2: {key}: ")
        for key in ("extend", "baseline", "sdk-config")
    },
    "no character of a path: policies": ({"hpolint.toml": 'policies = ["a\\u0000b"]\n'}, "hpolint.toml:1: policies"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_configuration_is_an_error_with_its_line(hpolint: Command, name: str) -> None:
    """Also a policy."""
    files, message = FILES[name]
    for path, text in files.items():
        hpolint.write(path, text)
    run = hpolint("check")
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.decode().startswith(f"hpolint: {message}")
    assert len(run.stderr) < 400


@posix
@pytest.mark.parametrize("number", [MAX_FOLDERS, 1_100])
def test_a_folder_of_policies_is_bounded(hpolint: Command, number: int) -> None:
    """In the number of its folders, and in their depth, which may be beyond the longest path."""
    hpolint.write("hpolint.toml", 'policies = ["p"]\n')
    hpolint.write("p/README.md", "")
    here = os.open(hpolint.folder / "p", os.O_RDONLY)
    for each in range(number):
        name = f"f{each}" if number == MAX_FOLDERS else "f"
        os.mkdir(name, dir_fd=here)
        if number != MAX_FOLDERS:
            here, above = os.open(name, os.O_RDONLY, dir_fd=here), here
            os.close(above)
    os.close(here)
    assert number > MAX_FOLDER_DEPTH
    run, tested = hpolint("check"), hpolint("test", "p")
    subprocess.run(["rm", "-r", "p"], cwd=hpolint.folder, check=True)  # shutil.rmtree is recursive
    assert run.returncode == 2
    assert run.stderr.startswith(b"hpolint: hpolint.toml:1: policies: p: more than 2,000 folders")
    assert (tested.returncode, tested.stdout) == (2, b"")
    assert tested.stderr.startswith(b"hpolint: p: more than 2,000 folders")


@pytest.mark.parametrize("options", [CheckOptions(configs=("a\0b",)), CheckOptions(policy="a\0b")])
def test_a_program_gives_a_path_that_is_none(options: CheckOptions) -> None:
    """An error of the configuration, as for a file that is not there."""
    with pytest.raises(ConfigError, match="a\0b: not a file"):
        check_paths(["."], options)


@posix
@pytest.mark.parametrize(
    "command", ["check", "check /", "cost", "diff HEAD", "extract", "config", "rules", "waiver max-trials", "init"]
)
def test_a_working_folder_that_is_gone_is_named(tmp_path: Path, command: str) -> None:
    """With what to do."""
    (tmp_path / "gone").mkdir()
    code = "import os; os.rmdir(os.getcwd()); from hpolint.__main__ import main; main()"
    argv = [sys.executable, "-c", code, *command.split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(argv, cwd=tmp_path / "gone", capture_output=True, check=False, env=environment)
    message = (
        b"hpolint: the working folder cannot be found: No such file or directory: change to a folder that exists\n"
    )
    assert (run.returncode, run.stdout, run.stderr) == (2, b"", message)
