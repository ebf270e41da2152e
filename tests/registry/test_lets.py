"""Names for expressions: what they are written out as, and where each character was written."""

from __future__ import annotations

import pytest

from hpolint.registry.lets import MAX_CHARACTERS, LetError, Lets

LETS = {"wide": "range.max > 1.0", "both": "wide && tuned", "tuned": "space.dimensions > 1"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("wide", "(range.max > 1.0)"),
        ("!wide||tuned", "!(range.max > 1.0)||(space.dimensions > 1)"),
        ("both ? 1 : 2", "((range.max > 1.0) && (space.dimensions > 1)) ? 1 : 2"),
        ("wide && wide", "(range.max > 1.0) && (range.max > 1.0)"),
        ("a.wide + a . both", "a.wide + a . both"),
        ("'wide' + \"both\" + r'tuned' + '''wide'''", "'wide' + \"both\" + r'tuned' + '''wide'''"),
        ("'it\\'s wide' + wide", "'it\\'s wide' + (range.max > 1.0)"),
        ("widely + unwide + 1wide", "widely + unwide + 1wide"),
        ("", ""),
        ("no name", "no name"),
    ],
)
def test_a_name_stands_for_its_expression_in_brackets(text: str, written: str) -> None:
    """Wherever it stands as a name: not as a member, within quotes or as a part of a word."""
    assert Lets(LETS).expanded(text).text == written


@pytest.mark.parametrize(
    "text", ["wide", "!wide || tuned", "both && wide", "  both", "no name", "x + both + wide == both"]
)
def test_every_character_knows_where_it_was_written(text: str) -> None:
    """In the expression, or in the one that a name stands for; brackets belong to the name that they replace."""
    found = Lets(LETS).expanded(text)
    for offset, character in enumerate(found.text):
        let, at = found.origin(offset)
        source = text if let is None else LETS[let]
        if source[at : at + 1] != character:
            assert character in "()"
            assert source[at:].startswith(tuple(LETS)) or source[:at].endswith(tuple(LETS))
    assert found.origin(0)[0] is None


def test_places_within_nested_names() -> None:
    """Those of the innermost expression, and behind a name those of the outer one again."""
    found = Lets(LETS).expanded("1 + both + 2")
    assert found.text == "1 + ((range.max > 1.0) && (space.dimensions > 1)) + 2"
    assert found.origin(found.text.index("1 +")) == (None, 0)
    assert found.origin(4) == (None, 4)
    assert found.origin(found.text.index("range")) == ("wide", 0)
    assert found.origin(found.text.index("> 1.0")) == ("wide", 10)
    assert found.origin(found.text.index("&&")) == ("both", 5)
    assert found.origin(found.text.index("space")) == ("tuned", 0)
    assert found.origin(found.text.index("+ 2")) == (None, 9)


def test_without_names_an_expression_is_itself() -> None:
    """Each place is its own."""
    found = Lets({}).expanded("wide && tuned")
    assert found.text == "wide && tuned"
    assert [found.origin(at) for at in (0, 5, 12)] == [(None, 0), (None, 5), (None, 12)]


@pytest.mark.parametrize(("lets", "text"), [({"n": "x" * (MAX_CHARACTERS - 2)}, "n"), ({"n": "x"}, "n+" * 1000)])
def test_an_expression_has_up_to_four_thousand_characters(lets: dict[str, str], text: str) -> None:
    """With its names written out; one more is refused, and the expression itself is to blame."""
    assert len(Lets(lets).expanded(text).text) == MAX_CHARACTERS == 4000
    with pytest.raises(LetError, match="it is longer than 4000 characters") as caught:
        Lets(lets).expanded(f"{text}+")
    assert caught.value.name is None


@pytest.mark.parametrize(
    ("lets", "name", "circle"),
    [
        ({"a": "a"}, "a", "a → a"),
        ({"a": "b", "b": "a"}, "a", "a → b → a"),
        ({"a": "b", "b": "c", "c": "1 + b"}, "b", "b → c → b"),
    ],
)
def test_a_circular_definition_is_reported_as_one(lets: dict[str, str], name: str, circle: str) -> None:
    """From the first name of the circle, without the names that lead to it."""
    with pytest.raises(LetError) as caught:
        Lets(lets).expanded("a")
    assert str(caught.value) == f"`{name}` is defined in terms of itself: {circle}"
    assert caught.value.name == name


def test_a_name_that_grows_too_long_is_to_blame() -> None:
    """Not the expression that uses it; the same names can be asked for again after it."""
    lets = Lets({"long": "x" * (MAX_CHARACTERS + 1), "user": "1 + long", "short": "x"})
    for _ in range(2):
        with pytest.raises(LetError) as caught:
            lets.expanded("user")
        assert caught.value.name == "long"
    assert lets.expanded("short").text == "(x)"
