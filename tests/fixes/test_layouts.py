"""What is added to a call or a dict stands where a person would write it, in the layout of what is there."""

from __future__ import annotations

import ast
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.fixes.changes import NoEditError
from hpolint.fixes.edits import applied_edits
from hpolint.fixes.layouts import with_import, with_members
from hpolint.fixes.python_edits import removal
from hpolint.fixes.python_trees import PythonTree

CALLS = [
    ("f()", 'f(spot=True, kind="Auto")'),
    ("f(a=1)", 'f(a=1, spot=True, kind="Auto")'),
    ("f(a=1,)", 'f(a=1, spot=True, kind="Auto",)'),
    ("f(a,b=2)", 'f(a,b=2,spot=True,kind="Auto")'),
    ("x = f(g(1), b='x')", "x = f(g(1), b='x', spot=True, kind='Auto')"),
    ("x = f(\n    a=1,\n    b=2,\n)", 'x = f(\n    a=1,\n    b=2,\n    spot=True,\n    kind="Auto",\n)'),
    ("x = f(\n    a=1,\n    b=2\n)", 'x = f(\n    a=1,\n    b=2,\n    spot=True,\n    kind="Auto"\n)'),
    (
        "x = f(\n    a=1,  # one\n    b=2,  # two\n)",
        'x = f(\n    a=1,  # one\n    b=2,  # two\n    spot=True,\n    kind="Auto",\n)',
    ),
    ("x = f(\n    a=1,\n    b=2  # two\n)", 'x = f(\n    a=1,\n    b=2,  # two\n    spot=True,\n    kind="Auto"\n)'),
    ("x = f(a=1,\n      b=2)", 'x = f(a=1,\n      b=2,\n      spot=True,\n      kind="Auto")'),
    ("x = f(\n    a=1, b=2\n)", 'x = f(\n    a=1, b=2, spot=True, kind="Auto"\n)'),
    ("x = f(\n    a,\n)", 'x = f(\n    a,\n    spot=True,\n    kind="Auto",\n)'),
    ("x = f(\n    a = 1,\n    **kw\n)", 'x = f(\n    a = 1,\n    **kw,\n    spot = True,\n    kind = "Auto"\n)'),
    ("x = f(\r\n\ta=1,\r\n\tb=2,\r\n)", 'x = f(\r\n\ta=1,\r\n\tb=2,\r\n\tspot=True,\r\n\tkind="Auto",\r\n)'),
    ("x = f(\n    a=1,\n    # last\n)", 'x = f(\n    a=1,\n    spot=True,\n    kind="Auto",\n    # last\n)'),
    ("x = f('é',\n      b=f'{y}')", "x = f('é',\n      b=f'{y}',\n      spot=True,\n      kind='Auto')"),
]
DICTS = [
    ("x = {}", 'x = {"Spot": True, "In": {"Wait": 5}}'),
    ('x = {"a": 1}', 'x = {"a": 1, "Spot": True, "In": {"Wait": 5}}'),
    ("x = {'a': 1,\n     'b': 2}", "x = {'a': 1,\n     'b': 2,\n     'Spot': True,\n     'In': {'Wait': 5}}"),
    (
        'x = {\n    "a": 1,\n    "b": {},\n}',
        'x = {\n    "a": 1,\n    "b": {},\n    "Spot": True,\n    "In": {"Wait": 5},\n}',
    ),
    (
        'x = {\n    "a": 1,\n    "b": 2  # c\n}',
        'x = {\n    "a": 1,\n    "b": 2,  # c\n    "Spot": True,\n    "In": {"Wait": 5}\n}',
    ),
]


@pytest.mark.parametrize(("before", "after"), CALLS, ids=[repr(before) for before, _ in CALLS])
def test_an_argument_looks_like_those_beside_it(before: str, after: str) -> None:
    """One per line or in line, with the commas, comments, spaces, quotes and line ends that are there."""
    assert with_members(before, before.index("f("), len(before), {"spot": True, "kind": "Auto"}) == after


@pytest.mark.parametrize(("before", "after"), DICTS, ids=[repr(before) for before, _ in DICTS])
def test_an_entry_looks_like_those_beside_it(before: str, after: str) -> None:
    """The same for a dict; what is to be a structure is one."""
    assert with_members(before, before.index("{"), len(before), {"Spot": True, "In": {"Wait": 5}}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(spot=False, a=1)", 'f(spot=True, a=1, kind="Auto")'),
        ("f(a=1,\n  kind=None,  # off\n  spot=False)", 'f(a=1,\n  kind="Auto",  # off\n  spot=True)'),
        ("{'spot': False}", "{'spot': True, 'kind': 'Auto'}"),
    ],
)
def test_what_is_turned_off_there_is_turned_on(before: str, after: str) -> None:
    """A keyword or a key is never written twice."""
    assert with_members(before, 0, len(before), {"spot": True, "kind": "Auto"}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from m import A", "from m import A, Z"),
        ("from m import (A, B)", "from m import (A, B, Z)"),
        ("from m import (\n    A,\n    B,\n)", "from m import (\n    A,\n    B,\n    Z,\n)"),
        ("from m import (\n    A,\n    B\n)", "from m import (\n    A,\n    B,\n    Z\n)"),
        ("from m import A as B  # c", "from m import A as B, Z  # c"),
        ("from m import (A,  # x\n    B)", "from m import (A,  # x\n    B,\n    Z)"),
    ],
)
def test_an_import_looks_like_those_beside_it(before: str, after: str) -> None:
    """In the layout of the names that are there; of a star nothing is added to."""
    assert with_import(before, "Z") == after
    with pytest.raises(NoEditError, match="no import to add it to"):
        with_import("from m import *", "Z")


@pytest.mark.parametrize("call", ["f(spot=x)", "f(a, None)", "{'spot': 5}", "f(spot=g())"])
def test_what_is_given_already_is_not_written_over(call: str) -> None:
    """Nor what may be the same argument without its name."""
    with pytest.raises(NoEditError, match=r"already|a positional argument"):
        with_members(call, 0, len(call), {"spot": True})


def test_a_comment_that_ends_the_line_is_not_written_over() -> None:
    """What would stand behind it would be a part of it."""
    with pytest.raises(NoEditError, match="a comment ends the line"):
        with_members("f(a, b  # why\n)", 0, 15, {"spot": True})


ARGUMENTS = st.sampled_from(
    [
        "1",
        "'x'",
        '"y"',
        "a=1",
        "b='z'",
        "c=g(1, 2)",
        "d={'k': [1]}",
        "e=lambda: 0",
        "**kw",
        "f=f'{h}'",
        'i="é"',
        "j=(1,\n2)",
    ]
)
SPACE = st.sampled_from(["", " ", "\n", "\n    ", "\n\t", "  # note\n    ", "\n\n  "])


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A call in any layout that Python takes."""
    arguments = sorted(
        draw(st.lists(ARGUMENTS, max_size=5, unique=True)), key=lambda each: "=" in each[:2] or "*" in each
    )
    text = "call(" + draw(SPACE)
    for each in arguments:
        text += each + draw(SPACE) + "," + draw(SPACE)
    ends_bare: bool = draw(st.booleans())
    if arguments and ends_bare:
        text = text[: text.rindex(",")] + draw(SPACE)
    return text + ")"


def written(text: str) -> str | None:
    """The text with the argument; None where a comment prevents it."""
    try:
        return with_members(text, 4, len(text), {"spot": True})
    except NoEditError as error:
        return None if "comment" in str(error) else pytest.fail(str(error))


@given(calls(), st.sampled_from(["\n", "\r\n"]))
def test_only_what_is_added_changes(call: str, end: str) -> None:
    """Every character that was there is there, in its order; the call has what it had, and the new argument last."""
    text = f"x = {call}".replace("\n", end)
    try:
        before = ast.parse(text)
    except SyntaxError:
        return
    after = written(text)
    if after is None:
        return
    rest = iter(after)
    assert all(character in rest for character in text)
    one, other = (tree.body[0].value for tree in (before, ast.parse(after)))  # type: ignore[attr-defined]
    added = other.keywords.pop()
    assert (added.arg, ast.literal_eval(added.value)) == ("spot", True)
    assert ast.dump(one) == ast.dump(other)
    assert set(after) - set(text) <= set(string.printable)


REMOVED = [
    ("f(gone=1)", "f()"),
    ("f(gone=1, b=2)", "f(b=2)"),
    ("f(a=1, gone=2)", "f(a=1)"),
    ("f(a=1, gone=2, b=3)", "f(a=1, b=3)"),
    ("f(a=1, gone=(2), b=3)", "f(a=1, b=3)"),
    ("f(a=1,gone=2,)", "f(a=1,)"),
    ("f(\n    a=1,\n    gone=2,  # why\n    b=3,\n)", "f(\n    a=1,\n    b=3,\n)"),
    ("f(\n    a=1,  # one\n    gone=2  # why\n)", "f(\n    a=1,  # one\n)"),
    ("f(\n    a=1,\n    gone=g(\n        2,\n    ),\n    b=3,\n)", "f(\n    a=1,\n    b=3,\n)"),
    ("f(a=1,\n  gone=2)", "f(a=1,\n  )"),
    ("f(a=1,\n  gone=2, b=3)", "f(a=1,\n  b=3)"),
    ("f(\r\n\tgone=1,\r\n\tb=2,\r\n)", "f(\r\n\tb=2,\r\n)"),
    ("x = {'gone': 1, 'b': 2}", "x = {'b': 2}"),
    ("x = {\n    'a': 1,\n    'gone': (1, 2),\n}", "x = {\n    'a': 1,\n}"),
    ("x = {\n    'a': 1,\n    'gone': ((2)  # two\n    ), # why\n    'b': 1}", "x = {\n    'a': 1,\n    'b': 1}"),
    ("x = {'a': 1, 'gone': (2)}", "x = {'a': 1}"),
    ("x = {'gone': 2 # why\n , 'b': 1}", "x = {'b': 1}"),
]


@pytest.mark.parametrize(("before", "after"), REMOVED, ids=[repr(before) for before, _ in REMOVED])
def test_what_goes_takes_its_comma_line_and_comment_along(before: str, after: str) -> None:
    """And nothing else: the result is Python, with the other members as they were."""
    start = before.index("'gone'") if "'gone'" in before else before.index("gone")
    tree = PythonTree(before)
    entry = tree.entry(start, start + 4)
    in_dict = isinstance(entry.holder, ast.Dict)
    _, end = tree.offsets(entry.value if in_dict else entry.name)
    assert applied_edits(before, [removal(before, start, end, in_dict=in_dict)]) == after
    ast.parse(after)
