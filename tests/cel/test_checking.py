"""Type checks of expressions, and their evaluation with missing values."""

from __future__ import annotations

import sys

import pytest

from hpolint.cel.runtime import Environment, EvaluationError, Undecided
from hpolint.cel.type_checks import ExpressionError
from hpolint.cel.types import BOOL, DOUBLE, INT, STRING, RecordShape, Type, schema_type

NAMES = {
    "request": schema_type("CreateHyperParameterTuningJobRequest"),
    "config": schema_type("HyperParameterTuningJobConfig"),
    "limits": schema_type("ResourceLimits"),
    "role": Type("string", nullable=True),
    "names": Type("list", item=STRING),
    "options": Type("struct", shape=RecordShape("options", (("count", INT), ("share", DOUBLE), ("on", BOOL)))),
}
ENVIRONMENT = Environment(NAMES)
LIST, RETRIES = "request.TrainingJobDefinitions", "RetryStrategy.MaximumRetryAttempts"


def check(text: str) -> str:
    """The type of an accepted expression."""
    return str(ENVIRONMENT.compile(text).check(NAMES).type)


@pytest.mark.parametrize(
    "text",
    [
        'config.Strategy == "Grid"',
        'config.Strategy in ["Bayesian", "Random"]',
        "config.RandomSeed == null || config.RandomSeed > 1",
        "config.RandomSeed != null && config.RandomSeed > 1",
        "!(config.RandomSeed == null) && config.RandomSeed > 1",
        "config.RandomSeed == null ? true : config.RandomSeed > 1",
        "limits.MaxParallelTrainingJobs > options.share",
        'role == "learning_rate"',
        'role == "learning_rate" && role.startsWith("l")',
        "config.ParameterRanges == null",
        f"{LIST} != null && {LIST}.exists(d, d.RoleArn == 'x')",
        f"{LIST} != null && {LIST}.filter(d, d.RoleArn == 'x').size() > 1",
        f"{LIST} != null && {LIST}[0].RoleArn == 'x'",
        "size(names) > 1 && 'a' in names && options.on",
    ],
)
def test_sound_conditions_are_accepted(text: str) -> None:
    """A condition that asks for null where a value may be null is a truth value."""
    assert check(text) == "bool"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('config.Strateg == "Grid"', "no member `Strateg`"),
        ("strategy == 'Grid'", "unknown name"),
        ('config.Strategy == "Gird"', '"Gird" is not one of the possible values: "Bayesian", "Random"'),
        ('"Bayes" != config.Strategy', "not one of the possible values"),
        ('config.Strategy in ["Random", "Gird"]', "not one of the possible values"),
        ('config.Strategy == "Grid" || config.TrainingJobEarlyStoppingType != "On"', "not one of the possible values"),
        ("config.RandomSeed > 1", "can be null"),
        ("config.RandomSeed != null || config.RandomSeed > 1", "can be null"),
        ("config.StrategyConfig.HyperbandStrategyConfig == null", "can be null"),
        ('role.startsWith("l")', "can be null"),
        ('role != "x" && role.startsWith("l")', "can be null"),
        ("has(config.RandomSeed)", "would hide an unknown"),
        ('"Strategy" in config', "would hide an unknown"),
        ("size(config) > 1", "size() takes a list or a string, not a"),
        ("config.all(m, true)", "would hide an unknown"),
        ("config.ParameterRanges == config.ParameterRanges", "compared with null"),
        ('config["Strategy"] == "Grid"', "takes a list and an int, not a HyperParameterTuningJobConfig and a string"),
        ("limits.MaxParallelTrainingJobs * options.share > 1.0", "mixed with a double"),
        ('limits.MaxParallelTrainingJobs == "1"', "never equal"),
        ('limits.MaxParallelTrainingJobs > "1"', "cannot be ordered"),
        ("'1' in [1]", "overload"),
        ("1 in names", "never in a list"),
        ('{"a": 1}.a == 1', "literal"),
        ('type(role) == string || role == "x"', "can be null"),
        ("dyn(limits) == 1", "not allowed"),
        (f"{LIST} != null && {LIST}[0].RetryStrategy != null && {LIST}[1].{RETRIES} > 1", "can be null"),
        (f"{LIST} != null && {LIST}.exists(a, a.RetryStrategy != null && {LIST}.exists(b, b.{RETRIES} > 1))", "can be"),
        ("limits.MaxParallelTrainingJobs", None),
        ("config.Strategy == ", "is incomplete"),
        ("config.?RandomSeed.orValue(1) == 1", "unsupported syntax"),
        ("!limits.MaxParallelTrainingJobs", "overload|bool is required"),
    ],
)  # fmt: skip
def test_expressions_that_could_hide_an_unknown_value_or_fail_are_refused(text: str, reason: str | None) -> None:
    """Unknown members, nullable values, mixed types and every way to hide an unknown value."""
    if reason is None:
        assert check(text) == "int"
        return
    with pytest.raises(ExpressionError) as caught:
        check(text)
    assert any(part in caught.value.reason for part in reason.split("|")), caught.value.reason
    assert 0 <= caught.value.offset <= len(text)


def test_the_offset_points_at_the_mistake() -> None:
    """A rule's author is led to the very name."""
    text = 'config.Strategy == "Grid" && limits.MaxParalel > 1'
    with pytest.raises(ExpressionError) as caught:
        check(text)
    assert text[caught.value.offset :].startswith(".MaxParalel")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("limits.Missing > 1 && false", False),
        ("limits.Missing > 1 || true", True),
        ("false && limits.Missing > 1", False),
        ("limits.Missing > 1 && true", Undecided),
        ("limits.Missing == null", Undecided),
        ("!(limits.Missing == 1)", Undecided),
        ("limits.Missing > 1 ? true : true", Undecided),
        ("[1, 2].exists(n, n > limits.Missing)", Undecided),
        ("[1, 2].exists(n, n > limits.Missing || n == 2)", True),
        ("role == 'x'", Undecided),
        ("limits.Null == null", True),
        ("limits.Null > 1", EvaluationError),
        ("'a'.matches('(')", EvaluationError),
    ],
)
def test_cels_logic_is_the_three_valued_logic(text: str, expected: object) -> None:
    """A missing value decides nothing that the rest does not already settle; other errors are the rule's own."""
    subject = ENVIRONMENT.bind({"limits": {"Null": None}})
    expression = ENVIRONMENT.compile(text)
    if isinstance(expected, bool):
        assert expression.evaluate(subject) is expected
    else:
        with pytest.raises(expected):  # type: ignore[call-overload]
            expression.evaluate(subject)


def test_nulls_do_not_wear_out_pythons_none() -> None:
    """A long run does not crash: each null that CEL returns is detected without changing None's reference count."""
    subject = ENVIRONMENT.bind({"limits": {"Null": None}, "names": ["a"]})
    expressions = [ENVIRONMENT.compile(text) for text in ("limits.Null", "[limits.Null, null]", "names")]
    before = sys.getrefcount(None)
    for _ in range(3000):
        for expression in expressions:
            expression.evaluate(subject)
    assert abs(sys.getrefcount(None) - before) < 1000
    assert [expression.evaluate(subject) for expression in expressions] == [None, [None, None], ["a"]]


def test_an_expression_is_compiled_once() -> None:
    """However many configurations a run finds: each has rules of its own, and compiling all takes 20 ms."""
    environment = Environment(NAMES)
    assert environment.compile("names") is environment.compile("names")
    for _ in range(2):
        with pytest.raises(ExpressionError):
            environment.compile("names ==")


def test_a_stored_expression_is_read_and_not_compiled() -> None:
    """A wheel has those of the built-in rules; one that CEL does not read is compiled from its text."""
    first = Environment(NAMES)
    first.compile("1 + 1")
    (data,) = first.serialized().values()
    stored = Environment(NAMES, {"1": data, "1 + 2": b"of another version"})
    assert stored.compile("1").evaluate(stored.bind({})) == 2
    assert stored.compile("1 + 2").evaluate(stored.bind({})) == 3


def test_a_structure_is_no_result() -> None:
    """A message cannot print one, and says so."""
    with pytest.raises(EvaluationError, match="structure"):
        ENVIRONMENT.compile("limits").evaluate(ENVIRONMENT.bind({"limits": {"a": None}}))
