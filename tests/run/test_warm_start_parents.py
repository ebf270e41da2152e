"""A warm start from a job that another file of the same folder defines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Command
from tests.facts.test_warm_start import job

CHILD = job("two", ["one"])


def found(hpolint: Command) -> list[str]:
    """The explanations of the findings that the parent of ``child.json`` causes."""
    rule = ("--select", "warm-start-parent-differs")
    run = hpolint("check", "child.json", *rule, "--output", "json", "--exit-zero")
    findings: list[dict[str, Any]] = json.loads(run.stdout)["findings"]
    return [finding["message"][0] for finding in findings]


@pytest.mark.parametrize("name", ["parent.json", "parent.yaml"])
def test_a_parent_in_another_file_of_the_folder_is_compared(hpolint: Command, name: str) -> None:
    """Also if only the child's file is checked, and again when the parent has changed."""
    hpolint.write("child.json", json.dumps(CHILD))
    assert found(hpolint) == []
    hpolint.write(name, json.dumps(job("one", [], metric="auc"), indent=1))
    assert [text.partition(": ")[2] for text in found(hpolint)] == [
        "the parent's objective is `auc`, that of this job is `loss`"
    ]
    hpolint.write(name, json.dumps(job("one", []), indent=1))
    assert found(hpolint) == []


def test_of_two_files_with_the_parents_name_neither_is_compared(hpolint: Command) -> None:
    """Nothing says which of them was launched."""
    hpolint.write("child.json", json.dumps(CHILD))
    hpolint.write("dev.json", json.dumps(job("one", [], metric="auc")))
    hpolint.write("prod.json", json.dumps(job("one", [], metric="mae")))
    assert found(hpolint) == []


def test_a_parent_outside_of_the_folder_is_not_looked_for(hpolint: Command) -> None:
    """Another folder is another environment, or another project."""
    hpolint.write("child.json", json.dumps(CHILD))
    hpolint.write("old/parent.json", json.dumps(job("one", [], metric="auc")))
    assert found(hpolint) == []
