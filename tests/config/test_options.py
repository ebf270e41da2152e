"""Options of rules: a configuration that uses a former name still holds, and says the present one."""

from __future__ import annotations

import json
from typing import Any

from hpolint.registry import builtin_rules
from tests.conftest import Command

PARALLEL = "strategy/excessive-parallelism"
OPTION = "rules.excessive-parallelism"


def options(hpolint: Command, rule: str) -> dict[str, Any]:
    """The options of a rule as the folder configures them."""
    run = hpolint("config", "--output", "json")
    assert run.returncode == 0, run.stderr
    (found,) = (each["options"] for each in json.loads(run.stdout)["rules"] if each["rule"] == rule)
    assert isinstance(found, dict)
    return found


def test_a_former_name_sets_the_option(hpolint: Command) -> None:
    """A notice has the place and the present name, for each option that was renamed."""
    lines = []
    notices = []
    for rule in builtin_rules():
        for former, name in rule.renamed_options.items():
            lines.append(f'rules."{rule.id}".{former} = 7\n')
            notices.append(f"hpolint: hpolint.toml:{len(lines)}: `{former}` is now `{name}`\n")
    hpolint.write("hpolint.toml", "".join(lines))
    assert options(hpolint, PARALLEL)["min_large_trials"] == 7
    assert hpolint("check").stderr.decode() == "".join(notices)
    assert len(notices) > 20


def test_a_later_file_overrides_the_option_by_either_name(hpolint: Command) -> None:
    """The two names are one option."""
    hpolint.write("base.toml", f"{OPTION}.min_large_trials = 50\n{OPTION}.many_rounds = 6\n")
    hpolint.write("hpolint.toml", f"extend = 'base.toml'\n{OPTION}.many_trials = 60\n{OPTION}.min_large_rounds = 7\n")
    found = options(hpolint, PARALLEL)
    assert (found["min_large_trials"], found["min_large_rounds"]) == (60, 7)


def test_one_file_sets_an_option_by_one_name(hpolint: Command) -> None:
    """Else the order of two lines would decide."""
    hpolint.write("hpolint.toml", f"{OPTION}.min_large_trials = 50\n{OPTION}.many_trials = 60\n")
    run = hpolint("check")
    assert run.returncode == 2
    assert "hpolint.toml:2: " in run.stderr.decode()
    assert "`many_trials` is now `min_large_trials`, which is also set" in run.stderr.decode()


def test_an_option_that_has_gone_is_an_error(hpolint: Command) -> None:
    """The rule would judge otherwise than the configuration says: the message has the options that there are."""
    hpolint.write("hpolint.toml", "rules.missing-spot.dear_size = 4\n")
    run = hpolint("check")
    assert run.returncode == 2
    assert run.stderr.decode() == (
        "hpolint: hpolint.toml:1: rules.missing-spot.dear_size: `compute/missing-spot` no longer has the option "
        "`dear_size`: it has `min_trials`, `min_expensive_trials`, `min_expensive_hours`\n"
    )


def test_a_rules_short_and_full_name_set_options_of_one_rule(hpolint: Command) -> None:
    """An organisation's file names a category with the rule, and the file that extends it does not."""
    hpolint.write("base.toml", f'[rules."{PARALLEL}"]\nmin_trials = 30\nmin_rounds = 5\n')
    hpolint.write("hpolint.toml", f"extend = 'base.toml'\n{OPTION}.min_rounds = 9\n{OPTION}.min_large_rounds = 11\n")
    found = options(hpolint, PARALLEL)
    assert (found["min_trials"], found["min_rounds"], found["min_large_rounds"]) == (30, 9, 11)


def test_a_lock_holds_against_a_former_name(hpolint: Command) -> None:
    """The attempt is reported as that with the present name is."""
    hpolint.write("hpolint.toml", f"{OPTION}.locked = true\n")
    hpolint.write("sub/hpolint.toml", f"{OPTION}.many_trials = 600\n")
    hpolint.write("sub/x.json", "{}")
    assert f"`rules` has no effect: `{PARALLEL}` is locked" in hpolint("check").stderr.decode()
