"""Which expression the objective is looked for with."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from hpolint.facts.likely_prints import likely_prints
from hpolint.facts.metric_match import finds, printing_facts
from hpolint.facts.objective import objective_expression
from hpolint.facts.regex import Regex, UnsupportedRegexError
from hpolint.facts.script import script_facts
from hpolint.model.node import Array, Struct, Unknown, follow
from hpolint.model.source import Span
from hpolint.model.training_script import Wildcard
from hpolint.readers import read_source
from tests.harness.growth import assert_bounded
from tests.requests import sound
from tests.script.test_arguments import read

DEFINITION = ("TrainingJobDefinition",)


def with_metrics(*metrics: Any) -> Struct:
    """A request whose objective is ``loss``, with its metric definitions."""
    request = sound()
    config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
    config["HyperParameterTuningJobObjective"] = {"Type": "Minimize", "MetricName": "loss"}
    definition["AlgorithmSpecification"]["MetricDefinitions"] = list(metrics)
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    return job.request


@pytest.mark.parametrize(
    ("metrics", "expression"),
    [
        ([{"Name": "other", "Regex": "a"}, {"Name": "loss", "Regex": "b"}], "b"),
        ([{"Name": "loss", "Regex": "b"}, {"Name": "loss", "Regex": "c"}], "b"),
        (["loss", {"Name": "loss", "Regex": "b"}], "b"),
        ([{"Regex": "a"}], None),
        ([{"Name": "loss", "Regex": 1}], None),
        ([{"Name": "other", "Regex": "a"}], None),
    ],
)
def test_the_objectives_own_expression_is_taken(metrics: list[Any], expression: str | None) -> None:
    """The first expression with the objective's name, whatever else is in the list."""
    assert objective_expression(with_metrics(*metrics), DEFINITION) == expression


def test_an_escaped_bracket_before_a_class_is_no_other_dialect() -> None:
    """The expressions of Amazon's XGBoost image have one; two open brackets are read otherwise by POSIX and Java."""
    expression = Regex(r".*\[[0-9]+\].*#011validation-rmse:(\S+).*")
    assert expression.matches("[3]#011train-rmse:0.5#011validation-rmse:0.7")
    for text in ("[[:digit:]]", r"\\[[a-c]]", "[^[a]]"):
        with pytest.raises(UnsupportedRegexError, match="another dialect"):
            Regex(text)


def test_an_open_list_of_metrics_leaves_the_expression_unknown() -> None:
    """The objective's metric may be among those that cannot be read; one that is written is still used."""
    more = Unknown("is added to elsewhere", Span(1, 1, 1, 2))
    for metrics, expression in ((({"Name": "other", "Regex": "a"},), more), (({"Name": "loss", "Regex": "b"},), "b")):
        request = with_metrics(*metrics)
        listed = follow(request, (*DEFINITION, "AlgorithmSpecification", "MetricDefinitions"))
        assert isinstance(listed, Array)
        listed.open = more
        assert objective_expression(request, DEFINITION) == expression


def test_a_metric_with_an_unknown_name_may_be_the_objectives() -> None:
    """So the expression is unknown, unless another metric has the name."""
    found = objective_expression(with_metrics({"Name": "$NAME", "Regex": "a"}), DEFINITION)
    assert isinstance(found, Unknown)
    assert found.reason == "is the placeholder $NAME"
    both = with_metrics({"Name": "$NAME", "Regex": "a"}, {"Name": "loss", "Regex": "b"})
    assert objective_expression(both, DEFINITION) == "b"


def test_an_unknown_expression_is_not_absent() -> None:
    """It may match what the script prints."""
    request = with_metrics({"Name": "loss", "Regex": "a"})
    metric = follow(request, (*DEFINITION, "AlgorithmSpecification", "MetricDefinitions", 0))
    assert isinstance(metric, Struct)
    metric.members["Regex"] = why = Unknown("is a variable", Span(1, 1, 1, 2))
    assert objective_expression(request, DEFINITION) is why


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", []),
        ("print('nothing of the kind')\n", []),
        ("print('start')\nprint('loss:', 0.5)\n", [2]),
        ("print('loss:', 0.5)\nprint('loss=0.5')\n", [2]),
    ],
)
def test_of_lines_that_the_expression_does_not_find_only_one_that_is_like_it_is_shown(
    text: str, shown: list[int]
) -> None:
    """A finding never points at a line that has nothing to do with the objective."""
    request = with_metrics({"Name": "loss", "Regex": "loss=(.*)"})
    assert [each.site.span.line for each, _ in likely_prints(request, DEFINITION, read(text).output, [])] == shown


def test_an_expression_of_too_much_work_is_undecided() -> None:
    """Each line has 200 characters, and the expression 1,200 states: it is never said not to match. A usual one is."""
    lines = "".join(f"print('{number:04}{'x' * 196}')\n" for number in range(400))
    script = read(lines)
    for expression in (r"(?:(?:.?){35}){35}(y)", r"(?:.?.?.?.?.?){60}(y)"):
        request = with_metrics({"Name": "loss", "Regex": expression})
        judge = partial(printing_facts, request, DEFINITION, script.output, [], Span(1, 1, 1, 2))
        prints, in_loop, _, _ = assert_bounded(judge, 3_000_000)
        for fact in (prints, in_loop):
            assert isinstance(fact, Unknown)
            assert "it takes too much work" in str(fact.reason)
        assert likely_prints(request, DEFINITION, script.output, []) == []
    request = with_metrics({"Name": "loss", "Regex": r"loss: *([0-9.]+|nan)"})
    assert printing_facts(request, DEFINITION, script.output, [], Span(1, 1, 1, 2))[:2] == (False, False)


@pytest.mark.parametrize(
    ("expression", "text", "said"),
    [
        (
            "loss:([0-9.]+)",
            "print(f'the loss: {0.5:.2f}')",
            ": the expression matches `loss:`, but not the space after it",
        ),
        (
            "loss: ([0-9.]+)]",
            "print(f'loss: {0.5:.2f}, b')",
            ": the expression matches `loss: …`, but not the `,` after it",
        ),
        ("loss: x", "print(f'loss: {0.5:.2f}, b')", ": the expression matches `loss: `, but not the number after it"),
        ("loss: x", "print('loss: ')", ": the expression matches `loss: `, where the line ends"),
        ("^loss", "print('the loss')", ""),
        ("\\w+ loss=x", "print('total loss=y')", ": the expression matches `total loss=`, but not the `y` after it"),
        (".*loss=x", "print(f'{0.5:.2f} loss=y')", ""),
        (f"{'ab' * 30}=x", f"print('{'ab' * 30}')", f": the expression matches `…{'ab' * 20}`, where the line ends"),
        ("loss=(.*)", "print('loss=0.5')", ""),
    ],
)
def test_a_print_is_shown_with_how_far_the_expression_fits_it(expression: str, text: str, said: str) -> None:
    """The text shows what to change; where almost nothing matches, only the print is shown."""
    request = with_metrics({"Name": "loss", "Regex": expression})
    ((_, shown),) = likely_prints(request, DEFINITION, read(f"{text}\n").output, [])
    assert shown == f"this is printed{said}"


def test_of_an_objective_without_an_expression_no_print_is_shown() -> None:
    """Nothing says which one it would be."""
    assert likely_prints(with_metrics(), DEFINITION, read("print('loss=0.5')\n").output, []) == []


UNKNOWN = "unknown"


@pytest.mark.parametrize(
    ("text", "prints", "in_loop", "once"),
    [
        ("print('loss=0.5')\n", True, False, True),
        ("for _ in range(3):\n    step += 1\n    print('loss=0.5')\n", True, True, False),
        ("import unheard\nprint('loss=0.5')\n", True, UNKNOWN, True),
        ("import unheard\nfor _ in range(3):\n    step += 1\n    print('loss=0.5')\n", True, True, False),
        ("print('loss=0.5')\nprint('loss=0.6')\n", True, UNKNOWN, True),
        ("print('hello')\n", False, False, False),
        ("import unheard\nprint('hello')\n", UNKNOWN, UNKNOWN, False),
        ("print('hello', input())\n", UNKNOWN, UNKNOWN, False),
    ],
)
def test_whether_and_where_the_objective_is_printed(text: str, prints: Any, in_loop: Any, once: bool) -> None:
    """Once, in a loop, or unknown: a library or another line may print it, too."""
    request = with_metrics({"Name": "loss", "Regex": "loss=(.*)"})
    found = printing_facts(request, DEFINITION, read(text).output, [], Span(1, 1, 1, 2))
    facts = tuple(UNKNOWN if isinstance(each, Unknown) else each for each in found)
    assert facts == (prints, in_loop, "loss=(.*)", once)


@pytest.mark.parametrize(
    ("text", "seen_in_loop", "seen_once"),
    [
        ("for _ in range(3):\n    step += 1\n    print('loss=0.5')\n", True, False),
        ("print('loss=0.5')\n", False, True),
        ("import unheard\nprint('loss=0.5')\n", False, True),
        ("for row in rows:\n    step()\n    print(f'updating {row}')\nprint('loss=0.5')\n", False, True),
        ("for row in rows:\n    step()\n    print(f'{row}loss=1')\nprint('loss=0.5')\n", True, False),
        ("for row in rows:\n    step()\n    print(f'loss{row}')\nprint('loss=0.5')\n", False, False),
        ("print('hello')\n", False, False),
    ],
)
def test_what_a_script_is_seen_to_print_is_known_whatever_else_is(
    text: str, seen_in_loop: bool, seen_once: bool
) -> None:
    """In a loop or once: facts without unknowns, for rules that only act on what is seen."""
    request = with_metrics({"Name": "loss", "Regex": "loss=(.*)"})
    found = script_facts(request, DEFINITION, read(text), [])
    assert (found.seen_in_loop, found.seen_once) == (seen_in_loop, seen_once)


def test_the_line_that_may_be_found_is_the_likest_one() -> None:
    """Of several that may print anything the one whose words are the expression's is named, wherever it stands."""
    request = with_metrics({"Name": "loss", "Regex": "Testing Loss: ([0-9.]+)"})
    script = read("print(input())\nprint(f'Testing Loss: {input()}')\nprint(input(), 'done')\n")
    found, *_ = printing_facts(request, DEFINITION, script.output, [], Span(1, 1, 1, 2))
    assert isinstance(found, Unknown)
    assert "line 2)" in found.reason


def test_an_objective_without_an_expression_is_not_seen_to_be_printed() -> None:
    """Nothing says what a print of it would look like: it is neither printed nor printed once."""
    assert printing_facts(with_metrics(), DEFINITION, read("print('loss=0.5')\n").output, [], Span(1, 1, 1, 2)) == (
        None,
        None,
        None,
        False,
    )


def test_unknown_metrics_leave_the_expression_unknown() -> None:
    """A list that is a variable may contain the objective's metric."""
    request = with_metrics()
    definition = request.members["TrainingJobDefinition"]
    assert isinstance(definition, Struct)
    specification = definition.members["AlgorithmSpecification"]
    assert isinstance(specification, Struct)
    why = Unknown("is a variable", Span(1, 1, 1, 2))
    specification.members["MetricDefinitions"] = why
    assert objective_expression(request, DEFINITION) is why
    del specification.members["MetricDefinitions"]
    assert objective_expression(request, DEFINITION) is None


@pytest.mark.parametrize(
    ("expression", "line", "found"),
    [
        (r"loss=(\S+)", ("loss=", Wildcard("number")), True),
        (r"loss=([0-9.]+)$", ("loss=", Wildcard("number"), " ", Wildcard("text")), False),
        (r"loss=([0-9.]+)", ("loss=", Wildcard("number"), " ", Wildcard("text")), True),
        (r"loss=([0-9.]+)\Z", ("loss=", Wildcard("number"), Wildcard("text")), False),
        (r"loss=(0\.\d+)", ("loss=", Wildcard("number")), False),
        (r"loss=([0-9.]+)", ("loss=", Wildcard("figures")), False),
        (r"loss=(\S+)", ("loss=", Wildcard("figures")), True),
        (r"loss=(\S+)", ("loss=", Wildcard("given")), False),
        (r"loss=(\d+)(?=x)", ("loss=", Wildcard("number")), False),
    ],
)
def test_a_line_is_sure_to_be_found_only_whatever_is_printed_in_it(
    expression: str, line: tuple[str | Wildcard, ...], found: bool
) -> None:
    """Each number, and each text that may stand there: none of them may keep the expression from finding it."""
    assert finds(Regex(expression), [line]) is found


TRAIN, TEST = "print(f'Train loss: {a():.3f}')\n", "print(f'Test set: Average loss: {b():.3f}')\n"


@pytest.mark.parametrize(
    ("text", "expression", "evaluation"),
    [
        (TRAIN + TEST, "Train loss: (.*)", "Test set: Average loss"),
        ("print(f'epoch {e()}: train_acc={a():.3f} val_acc={b():.3f}')\n", "train_acc=([0-9.]+)", "val_acc"),
        (
            "print(f'Train set: loss {a():.3f}, accuracy {b():.3f}')\n" + TEST,
            "set: loss (.*?),",
            "Test set: Average loss",
        ),
        (TRAIN, "Train loss: (.*)", None),
        (TEST, "loss: (.*)", None),
        (TRAIN + TEST, "loss: (.*)", None),
        (TRAIN + TEST, "Test set: Average loss: (.*)", None),
        (TRAIN + "print(f'Test accuracy: {b():.3f}')\n", "Train loss: (.*)", None),
        ("print('Train loss:', a(), b())\n" + TEST, "Train loss: (.*)", None),
        ("print(f'Train time: {a():.3f}')\nprint(f'Test time: {b():.3f}')\n", "Train time: (.*)", None),
    ],
)
def test_an_objective_of_the_training_data_is_named_only_for_certain(
    text: str, expression: str, evaluation: str | None
) -> None:
    """Every line that the expression may match has to say so, and another line shows the same of other data."""
    request = with_metrics({"Name": "loss", "Regex": expression})
    assert script_facts(request, DEFINITION, read(text), []).evaluation == evaluation


LIGHTGBM = """\
import lightgbm as lgb
train, valid = load()
lgb.train(params, train, valid_sets=[train, valid], callbacks=[lgb.log_evaluation(1)])
"""
XGBOOST = """\
import xgboost
train, valid = load()
xgboost.train(params, train, evals=[(train, "train"), (valid, "validation")])
"""


@pytest.mark.parametrize(
    ("text", "expression", "first", "evaluation"),
    [
        (LIGHTGBM, "auc: ([0-9.]+)", ("training's auc", "valid_1's auc"), None),
        (LIGHTGBM, r"s auc:\s*([0-9\\.]+)", ("training's auc", "valid_1's auc"), None),
        (LIGHTGBM, "binary_logloss: (.*?)\t", ("training's binary_logloss", "valid_1's binary_logloss"), None),
        (LIGHTGBM, "training's auc: ([0-9.]+)", None, "valid_1's auc"),
        (LIGHTGBM, "valid_1's auc: ([0-9.]+)", None, None),
        (LIGHTGBM, "auc: ([0-9.]+)$", None, None),
        (LIGHTGBM, ".*auc: ([0-9.]+)", None, None),
        (LIGHTGBM, "auc=([0-9.]+)", None, None),
        (LIGHTGBM, "seconds: ([0-9.]+)", None, None),
        (LIGHTGBM + "print(f'auc: {score:.3f}')", "auc: ([0-9.]+)", None, None),
        (LIGHTGBM + "print(f'{name}: {score}')", "auc: ([0-9.]+)", None, None),
        (XGBOOST, "auc:([0-9.]+)", ("train-auc", "validation-auc"), None),
        (XGBOOST, ".*validation-auc:([0-9.]+)", None, None),
    ],
)
def test_an_expression_may_take_the_training_value_of_a_librarys_line(
    text: str, expression: str, first: tuple[str, str] | None, evaluation: str | None
) -> None:
    """Only an expression that matches the first value, and cannot run over it, and no line of the script's own."""
    request = with_metrics({"Name": "loss", "Regex": expression})
    facts = script_facts(request, DEFINITION, read(text), [])
    assert (facts.training_first, facts.other_set) == (first or (None, None))
    assert facts.evaluation == evaluation
