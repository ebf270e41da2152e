"""What is written about findings in the caller's file, its configuration and a policy holds for the call, too."""

from __future__ import annotations

import json
import linecache
from datetime import date, timedelta
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import hpolint.guard
from hpolint.config.lookup import CheckOptions
from hpolint.run.reading import read_paths
from hpolint.suppressions.waivers import definition_digest
from tests.conftest import Command
from tests.guard.test_guard import careless

RULE = "launch/grid-needs-categorical"
PROGRAM = """
def launch(client):
    first = {first}
    client.create_hyper_parameter_tuning_job(**first)


def relaunch(client):
    second = {second}
    client.create_hyper_parameter_tuning_job(**second)
"""
IGNORED = f"# hpolint: ignore[{RULE}] the service is to refuse it"


def program(comment: str = "", name: str = "launch.py") -> dict[str, Any]:
    """The functions of a file with two careless jobs, of which the first has a comment at its strategy."""
    requests = {each: careless() | {"HyperParameterTuningJobName": each} for each in ("first", "second")}
    text = PROGRAM.format(**requests)
    text = text.replace("'Grid',", f"'Grid',  {comment}\n", 1)
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, "utf-8")
    code: CodeType = compile(text, str(Path(name).absolute()), "exec")
    functions: dict[str, Any] = {"__name__": "launches"}
    exec(code, functions)
    return functions


def careless_launch(text: str) -> Any:
    """A call of the function ``launch`` of a file, with a request that the file does not hold."""
    Path("launch.py").write_text(text, "utf-8")
    functions: dict[str, Any] = {"__name__": "launches"}
    exec(compile(text, str(Path("launch.py").absolute()), "exec"), functions)
    return lambda client: functions["launch"](client, careless())


def is_refused(function: Any, client: Any) -> bool:
    """Whether a launch is refused."""
    try:
        function(client)
    except hpolint.guard.Refused:
        return True
    return False


def test_a_comment_silences_the_job_that_it_is_written_at(client: Any) -> None:
    """And no other job of the file."""
    functions = program(IGNORED)
    hpolint.guard.install()
    assert not is_refused(functions["launch"], client)
    assert is_refused(functions["relaunch"], client)


CALLS = {
    "a parameter": "client.create_hyper_parameter_tuning_job(**request)",
    "a computed name": "getattr(client, 'create_hyper_' + 'parameter_tuning_job')(**request)",
    "a member": "client.create_hyper_parameter_tuning_job(**{name: request[name] for name in request})",
    "a loop": "for each in [request]: client.create_hyper_parameter_tuning_job(**each)",
}


@pytest.mark.parametrize("call", CALLS)
def test_a_comment_at_a_call_counts_though_the_file_does_not_tell_the_request(client: Any, call: str) -> None:
    """What only the guard sees is most of what it is for."""
    hpolint.guard.install()
    for comment, expected in (IGNORED, False), (IGNORED.replace(RULE, "compute/missing-spot"), True):
        launch = careless_launch(f"def launch(client, request):\n    {comment}\n    {CALLS[call]}\n")
        assert is_refused(launch, client) is expected


def test_any_comment_of_the_file_counts_where_it_does_not_tell_the_job(client: Any) -> None:
    """It may be far above the call; one that has ended, is invalid or is about a locked rule does not count."""
    Path("policy.toml").write_text(f'[rules."{RULE}"]\nlocked = true\n', "utf-8")
    cases = (
        (IGNORED, "", False),
        (IGNORED.replace("launch/", ""), "", False),
        (f"{IGNORED} until=2020-01-31", "", True),
        (f"{IGNORED} until=soon", "", True),
        (IGNORED, "policy.toml", True),
    )
    for comment, policy, expected in cases:
        launch = careless_launch(
            f"STRATEGY = 'Grid'  {comment}\n\ndef launch(client, request):\n    {CALLS['a parameter']}\n"
        )
        hpolint.guard.install(policy=policy)
        assert is_refused(launch, client) is expected


@pytest.mark.parametrize(
    ("config", "first"),
    [
        (f'[per-file-ignores]\n"tools/*" = ["{RULE}"]\n', False),
        (f'[per-file-ignores]\n"other/*" = ["{RULE}"]\n', True),
        ('exclude = ["tools/"]\n', False),
        ('exclude = ["other/"]\n', True),
    ],
)
def test_patterns_of_the_configuration_are_for_the_callers_file(client: Any, config: str, first: bool) -> None:
    """The request itself is in no file."""
    Path("hpolint.toml").write_text(config, "utf-8")
    functions = program(name="tools/launch.py")
    hpolint.guard.install()
    assert is_refused(functions["launch"], client) is first


def test_an_excluded_file_is_still_under_locked_rules(client: Any) -> None:
    """As in a check: only the policy says what its rules are not for."""
    Path("hpolint.toml").write_text('exclude = ["tools/"]\n', "utf-8")
    Path("policy.toml").write_text(f'[rules."{RULE}"]\nlocked = true\n', "utf-8")
    functions = program(IGNORED, name="tools/launch.py")
    hpolint.guard.install(policy="policy.toml")
    assert is_refused(functions["launch"], client)


def test_an_entry_of_the_configuration_silences_a_job(client: Any) -> None:
    """Entries exist for files without comments, and hold at the call."""
    entry = f'[[suppressions]]\nfile = "launch.py"\nrules = ["{RULE}"]\nreason = "known"\n'
    Path("hpolint.toml").write_text(entry, "utf-8")
    functions = program()
    hpolint.guard.install()
    assert not is_refused(functions["launch"], client)


def test_a_finding_in_the_baseline_does_not_refuse(client: Any) -> None:
    """Who takes findings over step by step can install the guard at once."""
    functions = program()
    assert Command(Path.cwd())("check", "--write-baseline", "launch.py").returncode == 0
    hpolint.guard.install()
    assert not is_refused(functions["launch"], client)
    program(IGNORED.replace(RULE, "compute/missing-spot"))  # the file has changed, the job has not
    assert not is_refused(functions["relaunch"], client)


def test_a_waiver_of_a_locked_rule_is_for_its_job(client: Any) -> None:
    """The guard finds the job by the place of the call, and the waiver is for that job alone."""
    functions = program()
    Path("policy.toml").write_text(f'[rules."{RULE}"]\nlocked = true\n', "utf-8")
    found = read_paths(["launch.py"], CheckOptions(policy="policy.toml")).findings
    first = next(each for each in found if each.rule.id == RULE and each.job is not None)
    assert first.job is not None
    waiver = {
        "rule": RULE,
        "file": "launch.py",
        "job": first.job.name,
        "digest": definition_digest(first.job),
        "until": str(date.today() + timedelta(days=30)),
        "reason": "a trial",
        "approved-by": "the platform team",
    }
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in waiver.items())
    with Path("policy.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[[waivers]]\n{lines}\n")
    hpolint.guard.install(policy="policy.toml")
    assert not is_refused(functions["launch"], client)
    assert is_refused(functions["relaunch"], client)


def test_comments_of_executed_cells_count(client: Any) -> None:
    """In a notebook, the cell with the definition is often an earlier one than that with the call."""
    request = repr(careless())
    cells = ["", "request = " + request.replace("'Grid',", f"'Grid',  {IGNORED}\n", 1)]
    cells.append("client.create_hyper_parameter_tuning_job(**request)")
    namespace: dict[str, Any] = {"__name__": "__main__", "In": cells, "get_ipython": None, "client": client}
    hpolint.guard.install()
    exec(compile(cells[1], "<ipython-input-1>", "exec"), namespace)
    linecache.cache["<ipython-input-2>"] = (len(cells[2]), None, [cells[2]], "<ipython-input-2>")
    exec(compile(cells[2], "<ipython-input-2>", "exec"), namespace)
    cells[1] = cells[1].replace(IGNORED, "")
    with pytest.raises(hpolint.guard.Refused, match=r"from In\[2\]:1 was not sent"):
        exec(compile(cells[2], "<ipython-input-2>", "exec"), namespace)
