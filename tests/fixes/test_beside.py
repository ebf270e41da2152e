"""A definition that a template names is read with the template's values, and fixed in its own file."""

from __future__ import annotations

import os
import shutil

import pytest

from hpolint.fixes.write_back import write_fixed
from hpolint.io.streams import OutputError
from tests.conftest import FIXTURES, Command

DEFINITION = "statemachine/search.asl.json"


@pytest.fixture
def sam(hpolint: Command) -> Command:
    """A template and the definition that it names."""
    shutil.copytree(FIXTURES / "sam", hpolint.folder, dirs_exist_ok=True)
    return hpolint


def test_the_definition_is_fixed_in_its_own_file(sam: Command) -> None:
    """The template and the placeholders are unchanged; a second run changes nothing."""
    template = (sam.folder / "template.yaml").read_bytes()
    before = (sam.folder / DEFINITION).read_text()
    run = sam("check", "--fix", "--unsafe-fixes")
    assert b"hpolint: 2 findings fixed in 1 file" in run.stderr
    after = (sam.folder / DEFINITION).read_text()
    assert after == (
        before.replace('"MaxParallelTrainingJobs": 20', '"MaxParallelTrainingJobs": 7').replace(
            '{"MaxRuntimeInSeconds": 14400}',
            '{"MaxRuntimeInSeconds": 14400, "MaxWaitTimeInSeconds": 18000},\n'
            '          "EnableManagedSpotTraining": true',
        )
    )
    assert (sam.folder / "template.yaml").read_bytes() == template
    assert sam("check", "--fix", "--unsafe-fixes").stderr == b""


def test_a_diff_names_the_definition(sam: Command) -> None:
    """The report says the same of each finding."""
    run = sam("check", "--diff", "--unsafe-fixes")
    assert run.stdout.startswith(f"--- a/{DEFINITION}\n+++ b/{DEFINITION}\n".encode())
    assert b'13 +           "ResourceLimits": {"MaxParallelTrainingJobs": 7' in sam("check", "--all").stdout


def test_a_placeholder_is_left_for_the_template_to_fill(sam: Command) -> None:
    """What stands at its place is the template's to change."""
    template = sam.folder / "template.yaml"
    template.write_text(template.read_text().replace("Trials: ", "Parallel: 20\n        Trials: ", 1))
    assert "Parallel: 20" in template.read_text()
    definition = sam.folder / DEFINITION
    definition.write_text(definition.read_text().replace('Jobs": 20', 'Jobs": ${Parallel}'))
    before = definition.read_bytes()
    run = sam("check", "--fix", "--unsafe-fixes", "--all", "--select", "strategy/excessive-parallelism")
    assert b"not written by `--fix`: the value contains a placeholder, which is filled in elsewhere" in run.stdout
    assert definition.read_bytes() == before


def test_a_definition_that_two_templates_name_is_left(sam: Command) -> None:
    """What is right for one of them may be wrong for the other."""
    shutil.copy(sam.folder / "template.yaml", sam.folder / "other.yaml")
    before = (sam.folder / DEFINITION).read_bytes()
    run = sam("check", "--fix", "--unsafe-fixes", "--all")
    assert b"not written by `--fix`: other templates use the file, too" in run.stdout
    assert (sam.folder / DEFINITION).read_bytes() == before


def test_a_file_that_is_not_writable_is_an_error(hpolint: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every user, including root, for whom the system reports every file as writable."""
    hpolint.write("t.json", "{}")
    monkeypatch.setattr(os, "access", lambda *_: False)
    path = str(hpolint.folder / "t.json")
    with pytest.raises(OutputError, match="it is read-only"):
        write_fixed(path, b"{}", b"[]", [])
    assert (hpolint.folder / "t.json").read_bytes() == b"{}"
