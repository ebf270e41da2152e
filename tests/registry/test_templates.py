"""Sentences with values in them."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.model.message_parts import Advice, Member, Sentence
from hpolint.registry.message_templates import (
    FIX,
    Filled,
    Placeholder,
    Segment,
    TemplateError,
    is_member,
    parse_template,
    placeholders,
    render,
    show,
)

ADVICE = Advice(((("Tags",), 1),))


def say(text: str, **values: Any) -> str | None:
    """The sentence with values looked up by name."""
    sentence = render(parse_template(text), values.__getitem__)
    return None if sentence is None else "".join(map(str, sentence))


def test_values_are_printed_with_their_format() -> None:
    """Doubles print as %.6g, percentages and thousands as asked for, a list by its first items."""
    assert say("{a} of {b:,} is {c:.0%}", a=1e-5, b=12345, c=0.904) == "1e-05 of 12,345 is 90%"
    assert show(["x"]) == "`x`"
    assert show(["x", "y"]) == "`x` and `y`"
    assert show(["a", "b", "c", "d", "e"]) == "`a`, `b`, `c` and 2 more"
    assert show([]) == "none"


def test_a_sentence_without_its_value_is_omitted() -> None:
    """A message never says None."""
    assert say("{a} and {b}", a=1, b=None) is None
    assert say("{a}", a="") is None


def test_a_format_is_distinguished_from_a_choice_and_a_string() -> None:
    """The colon of ``?:``, or a colon within quotes or brackets, does not begin a format."""
    (choice,) = parse_template("{a ? 'x:y' : 'z'}")
    assert choice == Placeholder("a ? 'x:y' : 'z'", 1, "")
    (formatted,) = parse_template("{(a ? 1 : 2):>5}")
    assert formatted == Placeholder("(a ? 1 : 2)", 1, ">5")
    assert say("{{a}} {b}", b="}") == "{a} }"
    assert parse_template("{:.0f}") == [Placeholder("", 1, ".0f")]


@pytest.mark.parametrize("text", ["{a", "a}", "{a:nonsense}", "{'}"])
def test_unbalanced_or_unformatted_placeholders_are_refused(text: str) -> None:
    """A template that cannot be printed is an error of its rule."""
    with pytest.raises(TemplateError):
        parse_template(text)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("plain " * 100, ["plain " * 100]),
        ("{a}", [Placeholder("a", 1, "")]),
        ("ab{a}c{b:.2f}", ["ab", Placeholder("a", 3, ""), "c", Placeholder("b", 7, ".2f")]),
        ("{{{a}}}", ["{", Placeholder("a", 3, ""), "}"]),
        ("}}{{", ["}{"]),
        ("a}}{b}", ["a}", Placeholder("b", 4, "")]),
        ("}}{b}", ["}", Placeholder("b", 3, "")]),
        ("it's '{b}'", ["it's '", Placeholder("b", 7, ""), "'"]),
        ("its '{b}'", ["its '", Placeholder("b", 6, ""), "'"]),
        ("say {fix}", ["say ", FIX]),
        ("`Strategy`", [Member("Strategy")]),
        ("`Strategy`, `Tags` and more", [Member("Strategy"), ", ", Member("Tags"), " and more"]),
        ("a `b` `Unheard` `Strategy`", ["a `b` `Unheard` ", Member("Strategy")]),
        ("`Strategy: Grid`", [Member("Strategy", "Grid", is_given=True)]),
        ("`RandomSeed: 7`", [Member("RandomSeed", 7, is_given=True)]),
        ("`EnableManagedSpotTraining: true`", [Member("EnableManagedSpotTraining", True, is_given=True)]),
        ("`Strategy: null`", [Member("Strategy", "null", is_given=True)]),
        ("`Values: [1]`", [Member("Values", "[1]", is_given=True)]),
        ("`RandomSeed: {a}`", [Filled("RandomSeed", Placeholder("a", 14, ""))]),
        ("set `RandomSeed: {a}` now", ["set ", Filled("RandomSeed", Placeholder("a", 18, "")), " now"]),
        ("`RandomSeed: {a}`{b}", [Filled("RandomSeed", Placeholder("a", 14, "")), Placeholder("b", 18, "")]),
        (
            "`Strategy`: `RandomSeed: {a}`, `Tags: {b}`",
            [
                Member("Strategy"),
                ": ",
                Filled("RandomSeed", Placeholder("a", 26, "")),
                ", ",
                Filled("Tags", Placeholder("b", 39, "")),
            ],
        ),
        ("`Unheard: {a}`", ["`Unheard: ", Placeholder("a", 11, ""), "`"]),
        ("`RandomSeed: {a} or`", ["`RandomSeed: ", Placeholder("a", 14, ""), " or`"]),
        ("`RandomSeed: {a}", ["`RandomSeed: ", Placeholder("a", 14, "")]),
        ("`RandomSeed: {a}{b}`", ["`RandomSeed: ", Placeholder("a", 14, ""), Placeholder("b", 17, ""), "`"]),
        ("`RandomSeed: ", ["`RandomSeed: "]),
        ("`{a}`", ["`", Placeholder("a", 2, ""), "`"]),
    ],
)
def test_a_sentence_falls_into_text_members_and_values(text: str, segments: list[Segment]) -> None:
    """Each value with the place of its expression; only members of the API are taken for such."""
    found = parse_template(text)
    assert found == segments
    assert [type(each.value) for each in found if isinstance(each, Member)] == [
        type(each.value) for each in segments if isinstance(each, Member)
    ]
    assert [each.expression for each in placeholders(found)] == [
        text[each.offset : each.offset + len(each.expression)] for each in placeholders(segments)
    ]


@pytest.mark.parametrize(
    ("inside", "expression", "format_"),
    [
        ("a:,", "a", ","),
        ("a:about", "a", "about"),
        ("a:member", "a", "member"),
        ("m['x:y']:.1f", "m['x:y']", ".1f"),
        ('m["it\'s:"]:.1f', 'm["it\'s:"]', ".1f"),
        ("f(a, [b ? 1 : 2]):>5", "f(a, [b ? 1 : 2])", ">5"),
        ("[a][0]:d", "[a][0]", "d"),
        ("'{' + a", "'{' + a", ""),
        ("'}' + a:>3", "'}' + a", ">3"),
        ("' }:' + a:>3", "' }:' + a", ">3"),
        ('" }:" + a:>3', '" }:" + a', ">3"),
        ("[a]:d", "[a]", "d"),
        ("(a)[b]:d", "(a)[b]", "d"),
        ("a ? b : c", "a ? b : c", ""),
        ("m[a ? b : c]:d", "m[a ? b : c]", "d"),
        ("'?' + a:d", "'?' + a", "d"),
        ("(a):b", "(a)", "b"),
        ("a:b:c", "a:b", "c"),
        ("(a", "(a", ""),
        ("a)", "a)", ""),
    ],
)
def test_a_format_begins_at_the_last_colon_outside(inside: str, expression: str, format_: str) -> None:
    """Of brackets and quotes; an expression that chooses has none."""
    assert parse_template(f"x {{{inside}}} y") == ["x ", Placeholder(expression, 3, format_), " y"]


@pytest.mark.parametrize("text", ["{a:aboutness}", "{a:b:}c}", "x}y", "{", '{"}', "{a:.}"])
def test_a_placeholder_is_closed_and_its_format_known(text: str) -> None:
    """Otherwise the template is an error."""
    with pytest.raises(TemplateError):
        parse_template(text)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Strategy", True),
        ("Unheard", False),
        ("HyperParameterTuningJobConfig.Strategy", True),
        ("TrainingJobDefinition.Strategy", False),
        ("Unheard.Strategy", False),
        ("TrainingJobDefinition.HyperParameterTuningJobConfig.Strategy", True),
        ("HyperParameterTuningJobConfig.TrainingJobDefinition.Strategy", False),
        ("IntegerParameterRanges.MinValue", True),
        ("IntegerParameterRanges.Values", False),
    ],
)
def test_a_member_is_one_of_the_parent_before_it(name: str, known: bool) -> None:
    """Of the last one, where there are several; of a list it is one of its items."""
    assert is_member(name) is known
    assert (parse_template(f"`{name}`") == [Member(name)]) is known


@pytest.mark.parametrize(
    ("value", "format_", "shown"),
    [
        (["a", "b", "c"], "", "`a`, `b` and `c`"),
        (["a", "b", "c", "d"], "", "`a`, `b`, `c` and 1 more"),
        ([0.1 + 0.2], "", "`0.3`"),
        (["a"], ".2f", "`a`"),
        (9.5, "about", "9.5"),
        (9.96, "about", "10"),
        (10, "about", "10"),
        (12345.6, "about", "12,346"),
        (-9.5, "about", "-9.5"),
        (-12.7, "about", "-13"),
        (-12345, "about", "-12,345"),
        (0.01234, "about", "0.012"),
        (1234567.0, "", "1.23457e+06"),
        (1234567, "", "1234567"),
        (True, "", "True"),
        (0.5, ".0%", "50%"),
        ("Strategy", "member", "Strategy"),
        ("x" * 200, "", "x" * 200),
        ("x" * 201, "", "x" * 199 + "…"),
    ],
)
def test_how_a_value_is_printed(value: Any, format_: str, shown: str) -> None:
    """Three items of a list and the number of the others; about: whole numbers from 10 up, two digits below."""
    assert show(value, format_) == shown


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a {one} b {two} c", ("A 1 b 2 c",)),
        ("{one}{two}", ("12",)),
        ("`Strategy`{one}", (Member("Strategy"), "1")),
        ("{empty}`Strategy`{empty}", (Member("Strategy"),)),
        ("`Strategy``Tags`", (Member("Strategy"), Member("Tags"))),
        ("`RandomSeed: {two}`!", (Member("RandomSeed", 2, is_given=True), "!")),
        ("{name:member} is", (Member("Strategy"), " is")),
        ("{one}: {fix}.", ("1: ", ADVICE, ".")),
        ("{empty}", None),
        ("", None),
        ("{null}", None),
        ("`RandomSeed: {null}`", None),
        ("{null:member}", None),
        ("{zero} {false}", ("0 False",)),
    ],
)
def test_a_sentence_is_made_of_text_members_and_advice(text: str, sentence: Sentence | None) -> None:
    """Texts beside each other are one; nothing at all is no sentence, and null leaves none."""
    values = {"one": 1, "two": 2, "zero": 0, "false": False, "empty": "", "null": None, "name": "Strategy"}
    assert render(parse_template(text), values.__getitem__, lambda: ADVICE) == sentence


def test_a_sentence_whose_advice_cannot_be_given_is_omitted() -> None:
    """For example where the fix needs an unknown value."""
    assert render(parse_template("Now {fix}"), dict[str, Any]().__getitem__) is None
