"""The fix of every rule, in every constructor and method that makes a job, is taken by the real SDKs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from hpolint.data.sdk_signatures import takes
from hpolint.model.fix import Fix
from hpolint.model.node import path_text
from hpolint.model.settings import RuleSettings, Settings
from hpolint.registry.choosing import chosen_rules
from tests.oracles.fixed_programs import GENERATIONS, VALUES, asked_answers, fixed_programs, makers, recorded_answers
from tests.oracles.programs import ORACLES

LEAST = {"sdk2": 300, "sdk3": 100}
"""The least number of fixed programs, so that a fix that is no longer written is noticed."""

OF_OTHER_FORMS = {"yaml-boolean"}
"""Rules whose fix is never written in the SDK's calls."""

DERIVING = ("identical_dataset_and_algorithm_tuner", "transfer_learning_tuner")


@pytest.mark.parametrize("name", GENERATIONS)
def test_the_sdk_takes_every_fix_and_sends_what_it_promises(name: str) -> None:
    """No program ends with a new error, and the requests differ by the promised members, and by nothing else."""
    answers, programs = recorded_answers(ORACLES[name]), fixed_programs(ORACLES[name])
    assert len(programs) >= LEAST[name]
    new_errors = [key for key, answer in answers.items() if answer["error"] not in (None, answer["error_before"])]
    assert new_errors == []
    for key, program in programs.items():
        if answers[key]["error_before"] is not None:
            continue  # nothing was sent before: grid search without a count
        for job, changed in answers[key]["changed"].items():
            promised, wanted = program.promised.get(job, []), program.wanted.get(job, [])
            assert _leaves(changed) in (_members(promised), _members([*promised, *wanted])), (key, program.text)
        assert program.promised.keys() <= answers[key]["changed"].keys()


def _leaves(changed: dict[str, Any]) -> dict[str, Any]:
    """Changed members, with those of new structures by their own paths."""
    found: dict[str, Any] = {}
    for path, value in changed.items():
        if isinstance(value, dict):
            found |= _leaves({f"{path}.{name}": member for name, member in value.items()})
        else:
            found[path] = value
    return found


def _members(fixes: list[Fix]) -> dict[str, Any]:
    """The members that some fixes set, or remove: None."""
    found: dict[str, Any] = {}
    for fix in fixes:
        found |= {path_text(path): value for path, value in fix.set.items()}
        found |= {path_text(path): None for path in fix.remove}
    return found


@pytest.mark.live
@pytest.mark.parametrize("name", GENERATIONS)
def test_the_sdk_answers_as_it_is_recorded(name: str) -> None:
    """Asked again, it takes the same programs and sends the same."""
    assert asked_answers(ORACLES[name], fixed_programs(ORACLES[name])) == recorded_answers(ORACLES[name])


@pytest.mark.parametrize("name", GENERATIONS)
def test_the_oldest_version_takes_the_arguments_too(name: str) -> None:
    """Each argument of a recorded call is one of the call's own, or of the constructor that gets its others."""
    for key, program in fixed_programs(ORACLES[name]).items():
        generation = 1 if program.maker == "version 1" else int(name[-1])
        for call, argument in _arguments(program.text):
            assert takes(call, argument, generation) is not False, (key, call, argument)


def _arguments(text: str) -> Iterator[tuple[str, str]]:
    """The calls of a program by their recorded names, with each of their keywords."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        method = name.rpartition(".")[2]
        if method in DERIVING:
            name = f"HyperparameterTuner.{method}"
        yield from ((name, keyword.arg) for keyword in node.keywords if keyword.arg is not None)


def test_every_rule_with_a_fix_is_tried() -> None:
    """A new fix needs a value here, and a program in which it is written; else nothing proves it against the SDK.

    A fix of a training script changes no call.
    """
    everything = Settings(rules=RuleSettings(select=("ALL",)))
    fixes = {rule.name: rule.fix for rule in chosen_rules(everything) if rule.fix is not None}
    templates = {name: fix for name, fix in fixes.items() if not fix.script}
    tried = {rule for name in GENERATIONS for each in fixed_programs(ORACLES[name]).values() for rule in each.rules}
    assert templates.keys() - tried - OF_OTHER_FORMS == set()
    assert {path.rpartition(".")[2] for fix in templates.values() for path in fix.set} - {""} - VALUES.keys() == set()


@pytest.mark.parametrize("method", DERIVING)
def test_the_methods_that_derive_a_tuner_are_among_the_makers(method: str) -> None:
    """Their fixes are written at the tuner that they copy."""
    texts = makers(ORACLES["sdk2"])
    derived = [each for each in fixed_programs(ORACLES["sdk2"]).values() if f".{method}(" in texts[each.maker]]
    assert any("random_seed=1" in each.text for each in derived)
    calls = [call for each in derived for call in _arguments(each.text) if call[0].endswith(method)]
    assert {argument for _, argument in calls} <= {"additional_parents", "estimator"}
