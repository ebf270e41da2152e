"""What a script takes instead of a name that it does not take: the likest one, and none that is unlike it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hpolint.facts.argument import _values, argument_facts
from hpolint.facts.space import TunedParameter
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Span
from tests.script.test_arguments import read

VALUE = Scalar("3", Span(1, 1, 1, 2))
PARSER = "import argparse\nparser = argparse.ArgumentParser()\n"


@pytest.mark.parametrize(
    ("name", "options", "near", "alike"),
    [
        ("learning_rate", ["learning-rate", "rate"], "learning-rate", True),
        ("learning_rate", ["learning-rate", "Learning_Rate"], "learning-rate", False),
        ("batch_sizes", ["batch-size", "epochs"], "batch-size", False),
        ("lr", ["learning_rate", "epochs"], "learning_rate", False),
        ("lr", ["learning_rate", "eta", "epochs"], None, False),
        ("epochs", ["folds", "depths"], None, False),
        ("lr_scheduler_type", ["scheduler", "epochs"], "scheduler", False),
        ("some_depth_a", ["b_depth_xyz_uvw", "folds"], None, False),
        ("model_id", ["model_dir", "epochs"], None, False),
        ("boostrap", ["bootstrap", "epochs"], "bootstrap", False),
        ("batchsize", ["batch-size", "epochs"], "batch-size", False),
        ("beta1", ["beta2", "epochs"], None, False),
        ("encoder_layers", ["decoder_layers", "epochs"], None, False),
        ("train_batch_size", ["eval_batch_size", "epochs"], None, False),
        ("warmup_epochs", ["epochs", "folds"], None, False),
        ("train_steps", ["warmup_steps", "folds"], None, False),
        ("dropout_rate", ["dropout", "folds"], "dropout", False),
        ("dropout_rate", ["dropout", "dropout_prob"], "dropout", False),
        ("zzz", ["folds", "epochs"], None, False),
    ],
)
def test_the_name_that_would_set_the_likest_option(
    name: str, options: list[str], near: str | None, alike: bool
) -> None:
    """By its letters, by its role if that is one's alone, by its words but those that add nothing if that is."""
    added = "".join(f"parser.add_argument('--{each}')\n" for each in options)
    script = f"import argparse\nparser = argparse.ArgumentParser()\n{added}parser.parse_args()\n"
    found = argument_facts(name, VALUE, read(script), Span(1, 1, 1, 2))
    assert (found.accepted, found.near, found.alike) == (False, near, alike)


def test_hydra_takes_overrides() -> None:
    """No name of an option is likely instead: `key=value` is, whatever the hyperparameter's name is."""
    script = "import hydra\n@hydra.main()\ndef main(config):\n    pass\nmain()\n"
    for name, accepted in (("lr", False), ("config_names", False), ("config-name", True)):
        found = argument_facts(name, VALUE, read(script), Span(1, 1, 1, 2))
        assert (found.accepted, found.near, found.overrides) == (accepted, None, not accepted)


def test_a_name_of_one_letter_is_passed_with_a_single_dash() -> None:
    """An option with two dashes does not take it, and no other is likely."""
    for flags, dashed in (("'--C'", True), ("'-C', '--C'", False), ("'--D'", False)):
        script = f"{PARSER}parser.add_argument({flags})\nparser.parse_args()\n"
        found = argument_facts("C", VALUE, read(script), Span(1, 1, 1, 2))
        assert (found.near, found.dashed) == (None, dashed)


@pytest.mark.parametrize(
    ("type_", "values", "why", "refused"),
    [
        ("bool", ["yes", "no", "maybe"], "bool", "maybe"),
        ("bool", ["yes"], None, None),
        ("int", ["1", "2.5", "x"], "int", "2.5"),
        ("float", ["1", "2.5"], None, None),
        ("str", ["a"], None, None),
    ],
)
def test_the_value_that_an_option_does_not_read(
    type_: str, values: list[str], why: str | None, refused: str | None
) -> None:
    """The first that it refuses; of a truth value, whose every text is true, the last."""
    script = f"import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--folds', type={type_})\n"
    here = Span(1, 1, 1, 2)
    items = Array([Scalar(f'"{value}"', here) for value in values], here, here)
    node = Struct({"Name": Scalar("folds", here), "Values": items}, here, here)
    range_ = TunedParameter("categorical", (), node, None)
    found = argument_facts("folds", range_, read(f"{script}parser.parse_args()\n"), here)
    assert (found.accepted, found.why, found.refused is not None) == (True, why, refused is not None)
    assert refused is None or refused in str(found.refused)


def integers(low: str, high: str) -> TunedParameter:
    """A range of whole numbers."""
    here = Span(1, 1, 1, 2)
    members: dict[str, Node] = {"Name": Scalar("folds", here)}
    members |= {"MinValue": Scalar(low, here), "MaxValue": Scalar(high, here)}
    return TunedParameter("integer", (), Struct(members, here, here), None)


@pytest.mark.parametrize(
    ("high", "why", "refused"), [("3", None, None), ("4", "choices", "4"), ("5", "choices", "4"), ("900", None, None)]
)
def test_each_integer_of_a_range_is_compared_with_the_choices(high: str, why: str | None, refused: str | None) -> None:
    """From the first to the last; of many integers only the bounds, which may both be choices."""
    choices = "[1, 2, 3, 900]"
    script = f"{PARSER}parser.add_argument('--folds', type=int, choices={choices})\nparser.parse_args()\n"
    found = argument_facts("folds", integers("1", high), read(script), Span(1, 1, 1, 2))
    assert (found.accepted, found.why, found.refused) == (True, why, refused)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import other\nother.extend(parser)\nparser.parse_args()\n", "other"),
        ("import json\njson.load(open('/opt/ml/input/config/hyperparameters.json'))\nparser.parse_known_args()\n", ""),
    ],
)
def test_an_unknown_part_of_the_script_may_accept_a_name(script: str, reason: str) -> None:
    """Other code may add options, or the script may read its values in another way."""
    found = argument_facts("folds", VALUE, read(f"{PARSER}{script}"), Span(1, 1, 1, 2))
    assert isinstance(found.accepted, Unknown)
    assert reason in found.accepted.reason


def test_of_a_range_that_is_none_no_value_is_known() -> None:
    """What is a variable as a whole stays unknown, and of what is no structure nothing is sent."""
    here = Span(1, 1, 1, 2)
    why = Unknown("is a variable", here)
    assert _values(TunedParameter("continuous", (), why, None)) is why
    assert _values(TunedParameter("continuous", (), Scalar("x", here), None)) == []


def test_an_unknown_name_or_script_leaves_every_fact_unknown() -> None:
    """Whether or not the other one is known."""
    here = Span(1, 1, 1, 2)
    why = Unknown("is a variable", here)
    script = read(f"{PARSER}parser.add_argument('--folds')\nparser.parse_args()\n")
    for found in (argument_facts(why, VALUE, script, here), argument_facts("folds", VALUE, why, here)):
        assert (found.accepted, found.near, found.alike, found.why) == (why, None, False, why)


def test_of_two_similar_names_the_nearer_is_reported() -> None:
    """In either order of the options."""
    for options in (("warmup_step", "warmup_stepz"), ("warmup_stepz", "warmup_step")):
        added = "".join(f"parser.add_argument('--{each}')\n" for each in options)
        found = argument_facts("warmup_steps", VALUE, read(f"{PARSER}{added}parser.parse_args()\n"), Span(1, 1, 1, 2))
        assert found.near == "warmup_step"


@pytest.mark.parametrize("bound", ["MinValue", "MaxValue"])
def test_an_unknown_bound_leaves_the_sent_values_unknown(bound: str) -> None:
    """So whether an option accepts them is unknown, too, and not null."""
    here = Span(1, 1, 1, 2)
    why = Unknown("is a variable", here)
    members: dict[str, Node] = {"MinValue": Scalar("1", here), "MaxValue": Scalar("9", here), bound: why}
    range_ = TunedParameter("integer", (), Struct(members, here, here), None)
    assert _values(range_) is why
    script = f"{PARSER}parser.add_argument('--folds', type=int, choices=[1, 2])\nparser.parse_args()\n"
    found = argument_facts("folds", range_, read(script), here)
    assert (found.why, found.refused) == (why, why)


@given(st.floats(-1e6, 1e6), st.floats(1e-7, 1e6), st.integers(1, 4))
def test_a_value_of_a_continuous_range_is_within_it(low: float, width: float, digits: int) -> None:
    """However narrow the range is, and it is written short where that is possible."""
    here = Span(1, 1, 1, 2)
    low, high = round(low, digits), low + width
    assume(low < low + (high - low) * 0.37 < high)
    members: dict[str, Node] = {"Name": Scalar("rate", here)}
    members |= {"MinValue": Scalar(repr(low), here), "MaxValue": Scalar(repr(high), here)}
    found = _values(TunedParameter("continuous", (), Struct(members, here, here), None))
    assert not isinstance(found, Unknown)
    (value,) = found
    assert low < float(value) < high


@pytest.mark.parametrize(
    ("low", "high", "value"),
    [("0", "1", "0.37"), ("0.00011", "0.00012", "0.0001137"), ("0", "270.2703", "100.000011"), ("1", "1", None)],
)
def test_a_value_of_a_continuous_range_is_no_whole_number(low: str, high: str, value: str | None) -> None:
    """Else an option that takes whole numbers alone would seem to take it; of an empty range there is none."""
    here = Span(1, 1, 1, 2)
    members: dict[str, Node] = {"MinValue": Scalar(low, here), "MaxValue": Scalar(high, here)}
    found = _values(TunedParameter("continuous", (), Struct(members, here, here), None))
    assert found == ([value] if value is not None else [])


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("type=int", "3", None),
        ("type=int", "1000.0", ("int", "1000.0")),
        ("type=int", "-3", None),
        ("type=float", "x", ("float", "x")),
        ("type=float", "-1e-5", None),
        ("type=float", "true", ("float", "True")),
        ("type=bool", "false", ("bool", "False")),
        ("type=bool", "true", None),
        ("type=bool", "0", ("bool", "0")),
        ("choices=['a', 'b']", '"a"', None),
        ("choices=['a', 'b']", '"c"', ("choices", "c")),
        ("choices=['a', 'b']", '"a b"', None),
        ("choices=['a', 'b']", "", None),
        ("choices=['a', 'b']", '"*"', None),
        ("type=read", "x", None),
        ("nargs='+', type=int", "x", None),
        ("action='count'", "3", None),
    ],
)
@pytest.mark.parametrize("is_strict", [True, False])
def test_a_static_value_that_an_option_cannot_use(
    option: str, value: str, expected: tuple[str, str] | None, is_strict: bool
) -> None:
    """Only what fails, or means the opposite, under every way in which an image may start the script."""
    call = "parse_args" if is_strict else "parse_known_args"
    script = read(f"{PARSER}parser.add_argument('--folds', {option})\nparser.{call}()\n")
    found = argument_facts("folds", Scalar(value, Span(1, 1, 1, 2)), script, Span(1, 1, 1, 2))
    assert (found.why, found.refused) == (expected or (None, None))


@pytest.mark.parametrize(
    ("call", "value", "expected"),
    [
        ("parse_args", "true", ("flag", "True")),
        ("parse_args", "false", ("flag", "False")),
        ("parse_known_args", "true", (None, None)),
        ("parse_known_args", "false", ("flag", "False")),
        ("parse_known_args", "0", ("flag", "0")),
        ("parse_known_args", "x", (None, None)),
    ],
)
def test_a_static_value_of_an_option_that_takes_none(call: str, value: str, expected: tuple[str, str]) -> None:
    """It ends a strict parser. Otherwise the option is on, which is a mistake only where it was to be off."""
    script = read(f"{PARSER}parser.add_argument('--folds', action='store_true')\nparser.{call}()\n")
    found = argument_facts("folds", Scalar(value, Span(1, 1, 1, 2)), script, Span(1, 1, 1, 2))
    assert (found.why, found.refused) == expected


def test_an_unknown_static_value_decides_nothing() -> None:
    """Whatever the option is."""
    why = Unknown("is a variable", Span(1, 1, 1, 2))
    script = read(f"{PARSER}parser.add_argument('--folds', type=int)\nparser.parse_args()\n")
    found = argument_facts("folds", why, script, Span(1, 1, 1, 2))
    assert (found.accepted, found.why, found.refused) == (True, why, why)
