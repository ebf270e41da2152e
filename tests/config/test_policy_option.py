"""`--policy`: an organisation's locked rules hold above whatever a repository and the command line say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hpolint as library
from tests.config.test_lookup import RATE, SPOT, costly, repository
from tests.conftest import Command

POLICY = f"extend-select = ['{SPOT}']\n[rules.missing-spot]\nlocked = true\n[levels]\n'{SPOT}' = 'error'\n"


@pytest.fixture
def project(hpolint: Command, tmp_path_factory: pytest.TempPathFactory) -> tuple[Command, str]:
    """A repository that turns a rule off, and a policy outside of it that locks the rule."""
    path = tmp_path_factory.mktemp("organisation") / "hpolint.toml"
    path.write_text(POLICY)
    repository(hpolint, hpolint_toml=f"ignore = ['{SPOT}']\nlevels.'{RATE}' = 'error'\n", x_json=costly())
    return hpolint, str(path)


def levels(hpolint: Command, *arguments: str) -> dict[str, str]:
    """The levels of the findings of two rules."""
    found = json.loads(hpolint("check", "-o", "json", *arguments).stdout)["findings"]
    return {each["rule"]: each["level"] for each in found if each["rule"] in (SPOT, RATE)}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--ignore", SPOT],
        ["--select", RATE],
        ["--config", "rules.missing-spot.locked = false"],
        ["--config", f"levels.'{SPOT}' = 'note'"],
        ["--isolated"],
        ["--exclude", "*"],
    ],
)
def test_a_policy_holds_above_the_repository_and_the_command_line(
    project: tuple[Command, str], arguments: list[str]
) -> None:
    """Its locked rule has the level that it says; the repository's configuration holds for all else."""
    hpolint, policy = project
    assert levels(hpolint, *arguments).get(SPOT) != "error"
    found = levels(hpolint, "--policy", policy, *arguments)
    assert found.pop(SPOT) == "error"
    if arguments in ([], ["--ignore", SPOT]):
        assert found == {RATE: "error"}


def test_the_folders_settings_name_the_policy(project: tuple[Command, str]) -> None:
    """`hpolint config` says where the rule is locked, and so does the check about the setting without effect."""
    hpolint, policy = project
    shown = hpolint("config", "--policy", policy).stdout.decode()
    assert f"locked in {policy}:3" in shown
    assert b"`ignore` has no effect" in hpolint("check", "--policy", policy).stderr


def test_a_policy_without_a_lock_is_an_error(project: tuple[Command, str]) -> None:
    """It would have no effect; so are one on a rule that is off, a file that does not exist, and a wrong name in it."""
    hpolint, policy = project
    for text, reason in (
        (f"select = ['{SPOT}']", "this policy locks no rule"),
        (POLICY + "'no-such-rule' = 'error'", "no rule or category `no-such-rule`"),
        ("[rules.max-trials]\nlocked = true\n", "`policy/max-trials` is locked but off: it needs the option trials"),
    ):
        Path(policy).write_text(text)
        run = hpolint("check", "--policy", policy)
        assert run.returncode == 2
        assert reason in run.stderr.decode()
    assert hpolint("check", "--policy", "missing.toml").returncode == 2
    assert b"is not installed" in hpolint("check", "--policy", "package:no_such_package/x.toml").stderr


def test_a_program_can_name_a_policy(tmp_path: Path) -> None:
    """`hpolint.check` takes it, too, above its own settings."""
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    report = library.check({"x.json": costly()}, {"ignore": [SPOT], "select": [SPOT]}, isolated=True, policy=path)
    assert [(each.rule.id, each.level) for each in report.findings] == [(SPOT, "error")]


def test_a_policys_own_exclude_holds(project: tuple[Command, str]) -> None:
    """What the policy excludes it does not lock; the repository checks it as its own configuration says."""
    hpolint, policy = project
    hpolint.write("samples/x.json", costly())
    Path(policy).write_text(f"exclude = ['samples/']\n{POLICY}")
    found = json.loads(hpolint("check", "-o", "json", "--policy", policy).stdout)["findings"]
    assert {each["path"] for each in found if each["rule"] == SPOT} == {"x.json"}


def test_costs_have_the_prices_of_the_policy(project: tuple[Command, str], tmp_path: Path) -> None:
    """A repository's own price file is no way around a budget."""
    hpolint, policy = project
    (Path(policy).parent / "prices.csv").write_text("type,price,currency\nml.m5.xlarge,10,USD\n")
    hpolint.write("prices.csv", "type,price,currency\nml.m5.xlarge,0.001,USD\n")
    hpolint.write("hpolint.toml", "cost.prices = 'prices.csv'\n")
    Path(policy).write_text(f"cost.prices = 'prices.csv'\n{POLICY}")
    arguments = ("cost", "--fail-above", "50USD")
    assert hpolint(*arguments).returncode == 0
    run = hpolint(*arguments, "--policy", policy)
    assert run.returncode == 1, run.stdout
