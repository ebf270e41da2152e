"""What is added to a call or a dict stands where a person would write it, in the layout of what is there."""

from __future__ import annotations

import ast
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.fixes import insertions, layouts
from hpolint.fixes.changes import NewMembers, NoEditError
from hpolint.fixes.edits import applied_edits
from hpolint.fixes.python_edits import removal
from hpolint.fixes.python_trees import PythonTree

NOT_UNDERSTOOD = ("\\", "f'")
"""What a text contains if only libcst understands its layout: a joined line, a formatted string as its first string."""


def with_members(statement: str, start: int, end: int, members: NewMembers) -> str:
    """The statement with members added to the call or dict between two offsets, as both writers write it."""
    tree = PythonTree(statement)
    holder = next(
        node
        for node in ast.walk(tree.root)
        if isinstance(node, ast.Call | ast.Dict) and tree.offsets(node) == (start, end)
    )
    own = result(lambda: insertions.with_members(tree, tree.statement(holder), holder, members))
    other = result(lambda: layouts.with_members(statement, start, end, members))
    if own is None:
        assert any(each in statement for each in NOT_UNDERSTOOD)
    else:
        assert str(own) == str(other)
    if isinstance(other, NoEditError):
        raise other
    return other or ""


def result(write: Callable[[], str | None]) -> str | NoEditError | None:
    """What a writer writes, or the reason why it does not."""
    try:
        return write()
    except NoEditError as error:
        return error


def with_import(statement: str, name: str) -> str:
    """The import with a name added, as both writers write it."""
    tree = PythonTree(statement)
    node = tree.root.body[0]
    assert isinstance(node, ast.ImportFrom)
    begin, finish = tree.offsets(node)
    own = result(lambda: insertions.with_import(tree, node, name))
    other = result(lambda: layouts.with_import(statement[begin:finish], name))
    if own is None:
        assert statement.endswith("*")
    else:
        assert str(own) == str(other)
    if isinstance(other, NoEditError):
        raise other
    return statement[:begin] + (other or "") + statement[finish:]


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
    (
        'x = {\n    "a": 1,\n    "b": 2,  # c\n}',
        'x = {\n    "a": 1,\n    "b": 2,  # c\n    "Spot": True,\n    "In": {"Wait": 5},\n}',
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
SPACE = st.sampled_from(["", " ", "\n", "\n    ", "\n\t", "  # note\n    ", "\n\n  ", "#c\n"])


ENTRIES = st.sampled_from(
    ["'a': 1", '"b" : "z"', "1: 2", "c: None", "'d': (\n3)", "**kw", "'e': {'k': [1]}", "b'f': f'{h}'", "('g'): 'é'"]
)
NAMES = st.sampled_from(["A", "B as C", "É", "D"])
MEMBERS = st.sampled_from([{"spot": True}, {"spot": 'a"b', "Kind": {"In": 5}}, {"h": "\n", "spot": 0.5, "z": None}])


@st.composite
def bracketed(draw: st.DrawFn, members: st.SearchStrategy[str], brackets: str) -> str:
    """A list of members in any layout that Python takes, and in some that it does not."""
    found = draw(st.lists(members, max_size=5, unique=True))
    found.sort(key=lambda each: "=" in each[:2] or "**" in each[:2])
    text = brackets[0] + draw(SPACE)
    for each in found:
        text += each + draw(SPACE) + "," + draw(SPACE)
    ends_bare: bool = draw(st.booleans())
    if found and ends_bare:
        text = text[: text.rindex(",")] + draw(SPACE)
    return text + brackets[1]


def parsed(text: str) -> ast.Module | None:
    """The text as Python; None if it is none."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


@given(
    st.one_of(bracketed(ARGUMENTS, "()").map("call{}".format), bracketed(ENTRIES, "{}")),
    MEMBERS,
    st.sampled_from(["\n", "\r\n"]),
)
def test_only_what_is_added_changes(holder: str, members: NewMembers, end: str) -> None:
    """Every character that was there is there, in its order; the holder has what it had, and the new members last.

    What is written from the source's own spans is what libcst writes.
    """
    text = f"x = {holder}".replace("\n", end)
    before = parsed(text)
    if before is None:
        return
    after = result(lambda: with_members(text, 4, len(text), members))
    if not isinstance(after, str):
        assert "a comment ends the line" in str(after)
        return
    rest = iter(after)
    assert all(character in rest for character in text)
    one, other = (tree.body[0].value for tree in (before, ast.parse(after)))  # type: ignore[attr-defined]
    if isinstance(other, ast.Call):
        added = [(each.arg, ast.literal_eval(each.value)) for each in other.keywords[-len(members) :]]
        del other.keywords[-len(members) :]
    else:
        pairs = zip(other.keys[-len(members) :], other.values[-len(members) :], strict=True)
        added = [(ast.literal_eval(key), ast.literal_eval(value)) for key, value in pairs]
        del other.keys[-len(members) :], other.values[-len(members) :]
    assert added == list(members.items())
    assert ast.dump(one) == ast.dump(other)
    assert set(after) - set(text) <= set(string.printable)


@given(bracketed(NAMES, "()"), st.booleans())
def test_only_the_name_is_added_to_an_import(names: str, is_bare: bool) -> None:
    """It is imported last, and what is written from the source's own spans is what libcst writes."""
    text = f"from m.n import {names[1:-1].strip() if is_bare else names}"
    before = parsed(text)
    if before is None:
        return
    after = result(lambda: with_import(text, "Zed"))
    if not isinstance(after, str):
        assert "a comment ends the line" in str(after)
        return
    one, other = (tree.body[0] for tree in (before, ast.parse(after)))
    assert isinstance(one, ast.ImportFrom)
    assert isinstance(other, ast.ImportFrom)
    assert [(each.name, each.asname) for each in other.names] == [
        *((each.name, each.asname) for each in one.names),
        ("Zed", None),
    ]


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
