"""YAML with positions: spans, scalars as the consumer reads them, and hostile streams."""

from __future__ import annotations

import contextlib
from io import StringIO
from typing import Any

import pytest
import ruamel.yaml
from hypothesis import given, reject
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, plain, walk
from hpolint.model.source import Source, Span
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.scalars import YAML_1_1, YAML_1_2, resolve_scalar
from hpolint.syntax.yaml_syntax import parse_yaml

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"),
    max_size=8,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def parse(text: str) -> list[Any]:
    """The plain values of a stream's documents."""
    return [plain(document) for document in parse_yaml(Source("x.yaml", text))]


def dump(value: Any, flow: bool) -> str:
    """The value as ruamel.yaml writes it."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    yaml.width = 10_000
    yaml.allow_unicode = True
    stream = StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()


@given(VALUES, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_reads_what_ruamel_reads_and_spans_read_back(value: Any, flow: bool, newline: str) -> None:
    """Flow and block style: the value is the one that the AWS CLI's parser sees, and a span holds its own value."""
    text = dump(value, flow).replace("\n", newline)
    source = Source("x.yaml", text)
    try:
        expected = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        reject()  # ruamel.yaml writes some keys, as `{:0: null}`, that it does not read back
    (root,) = list(parse_yaml(source))
    assert plain(root) == expected
    for _, node in walk(root):
        if isinstance(node, Scalar) and not source.read(node.span).startswith(("|", ">")):
            covered = source.read(node.span)
            assert YAML(typ="safe", pure=True).load(covered or "~") == node.value


def test_a_block_collection_ends_with_its_last_value() -> None:
    """The span of a block does not run into what follows it."""
    source = Source("x.yaml", "a:\n  b: 1\n  c: [2]\n\n\nd: 3\n")
    (root,) = list(parse_yaml(source))
    assert isinstance(root, Struct)
    assert source.read(root.members["a"].span) == "b: 1\n  c: [2]"


@pytest.mark.parametrize(
    ("text", "modern", "old"),
    [
        ("Off", "Off", False),
        ("yes", "yes", True),
        ("true", True, True),
        ("1e-5", 1e-5, "1e-5"),
        ("1.0e-5", 1e-5, 1e-5),
        ("010", 10, 8),
        ("0o17", 15, "0o17"),
        ("1_000", 1000, 1000),
        ("~", None, None),
        ("2024-01-01", "2024-01-01", "2024-01-01"),
        ("1.7-1", "1.7-1", "1.7-1"),
    ],
)
def test_a_plain_scalar_means_what_the_consumer_takes_it_for(text: str, modern: Any, old: Any) -> None:
    """YAML 1.2 for the AWS CLI, 1.1 for CloudFormation and Kubernetes: a bare Off is not the same in both."""
    assert resolve_scalar(text, None, (1, 2)) == modern
    assert resolve_scalar(text, None, YAML_1_1) == old


def test_of_a_repeated_key_the_last_counts_and_the_stream_goes_on() -> None:
    """One mistake does not hide the documents after it; the lost value can be pointed at."""
    source = Source("x.yaml", "a: 1\na: 2\n---\nb: 3\n")
    first, second = parse_yaml(source)
    assert isinstance(first, Struct)
    assert (plain(first), plain(second)) == ({"a": 2}, {"b": 3})
    assert [(name, span.line) for name, span in first.shadowed] == [("a", 1)]


@pytest.mark.parametrize("text", ["&x 'v'", "!!str v", "&x !!str v", "!!str &x 'v'"])
def test_a_scalars_span_is_its_text_without_anchor_and_tag(text: str) -> None:
    """What a fix would replace is the value alone."""
    source = Source("x.yaml", f"a: {text}\n")
    (root,) = list(parse_yaml(source))
    assert isinstance(root, Struct)
    assert source.read(root.members["a"].span).strip("'") == "v"


@pytest.mark.parametrize("text", ["!!bool maybe", "!!int ''", "!!int abc"])
def test_a_value_that_does_not_fit_its_tag_is_reported(text: str) -> None:
    """It is not an unknown value, because any YAML parser fails there."""
    with pytest.raises(SyntaxProblem):
        list(parse_yaml(Source("x.yaml", f"a: {text}\n")))


@pytest.mark.parametrize("text", ["9" * 310, "9" * 5000, "0x" + "f" * 300, "1" + ":59" * 5000, "!!int " + "7" * 999])
def test_a_number_beyond_every_double_is_unknown_and_loses_nothing_else(text: str) -> None:
    """Whichever of YAML's spellings it has; a text of that length stays one."""
    (root,) = parse_yaml(Source("x.yaml", f"a: {text}\nb: 1\nc: {'x' * 5000}\n"), (1, 1))
    assert isinstance(root, Struct)
    assert isinstance(root.members["a"], Unknown)
    assert plain(root) == {"b": 1, "c": "x" * 5000}


@pytest.mark.parametrize("text", ["--- >\nline1\nline2\n", "--- |\nline1\n...\n", "--- {a: b:c}\n"])
def test_a_document_that_libyaml_refuses_is_read_from_its_beginning(text: str) -> None:
    """Where one parser stops within a document, what it made of its beginning is not taken for the whole."""
    assert parse(text) == [yaml_of(text)]


def yaml_of(text: str) -> Any:
    """What the pure parser of ruamel.yaml makes of it."""
    return ruamel.yaml.YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("text", ["a: 1\n%YAML 1.1\n---\nb: 1\n", "%YAML 1.1\n", "%YAML 1.1#\n---\n", "%TAG ! tag:x\n"])
def test_a_directive_in_an_odd_place_is_read_or_refused(text: str) -> None:
    """Never more than a problem with a place."""
    source = Source("x.yaml", text)
    with contextlib.suppress(SyntaxProblem):
        assert all(node is not None for node in parse_yaml(source))


def test_the_stream_may_say_its_own_version() -> None:
    """A %YAML directive wins over the default."""
    assert parse("%YAML 1.1\n---\na: Off\n") == [{"a": False}]


def test_anchors_aliases_and_merge_keys() -> None:
    """An alias stands for its anchor's value; own members win over merged ones."""
    assert parse("a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: 3}\n") == [
        {"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 2}, "c": {"k": 1, "l": 3}}
    ]
    assert parse("x: &x {k: 1}\ny: &y {k: 2, m: 3}\nz: {<<: [*x, *y]}\n")[0]["z"] == {"k": 1, "m": 3}


def test_values_of_custom_tags_are_unknown() -> None:
    """A custom tag's value is not the text below it."""
    (root,) = list(parse_yaml(Source("x.yaml", "a: !Ref b\nc: !Sub [x, y]\nd: !!str 5\n")))
    assert isinstance(root, Struct)
    assert isinstance(root.members["a"], Unknown)
    assert isinstance(root.members["c"], Unknown)
    assert plain(root) == {"d": "5"}


def test_documents_before_a_break_are_kept() -> None:
    """A stream that breaks in its third document still gives the first two, and says where it breaks."""
    documents = parse_yaml(Source("x.yaml", "a: 1\n---\nb: 2\n---\nc: [\n"))
    assert [plain(next(documents)), plain(next(documents))] == [{"a": 1}, {"b": 2}]
    with pytest.raises(SyntaxProblem) as caught:
        next(documents)
    assert caught.value.span.line >= 5


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a:\n\t- 1\n", "a tab: YAML indents with spaces"),
        ('a: "b"\tfoo\n', "cannot start any token"),
        ("a: *b\n", "no anchor"),
        ("a: &a [*a]\n", "itself"),
        (BOMB, "of aliases"),
        ("[" * 100_000, "deep"),
        ("- " * 100_000, "deep"),
        ("{a: " * 100_000, "deep"),
        ('a: "\x01"\n', "not allowed"),
        ("a: {{ b }}\n", "key"),
        ("a: {b\n", "mapping"),
    ],
)
def test_a_text_that_cannot_be_read_is_reported(text: str, reason: str) -> None:
    """Bombs, deep nesting, tabs and repeated keys give a reason quickly, and no crash."""
    with pytest.raises(SyntaxProblem) as caught:
        list(parse_yaml(Source("x.yaml", text)))
    assert reason in caught.value.reason


def test_spans_of_a_list_of_mappings() -> None:
    """A mapping in a list is shown by its first character, a scalar by itself."""
    source = Source("x.yaml", "- Name: é😀\n  Max: '1'\n")
    (root,) = list(parse_yaml(source))
    assert isinstance(root, Array)
    first = root.items[0]
    assert isinstance(first, Struct)
    assert source.read(first.anchor) == "N"
    assert source.read(first.members["Name"].span) == "é😀"
    assert source.read(first.members["Max"].span) == "'1'"


@pytest.mark.parametrize("version", [YAML_1_1, YAML_1_2])
def test_odd_numbers_lose_no_file(version: tuple[int, int]) -> None:
    """Base 60 with a point, and words that only begin as a number."""
    (document,) = parse_yaml(Source("x.yaml", "a: 12:30.5\nb: -_\nc: +_6\n"), version)
    expected = {"a": 750.5 if version == YAML_1_1 else "12:30.5", "b": "-_", "c": "+_6"}
    assert plain(document) == expected


def test_what_is_open_stays_open_through_merges() -> None:
    """A custom tag, merged twice."""
    (document,) = parse_yaml(Source("x.yaml", "a: &a {<<: !include x.yaml, k: 1}\nb: {<<: *a, l: 2}\n"))
    assert isinstance(document, Struct)
    merged = document.members["b"]
    assert isinstance(merged, Struct)
    assert merged.open is not None


def test_a_comment_behind_a_tag_is_no_part_of_the_value() -> None:
    """The place is the value's own."""
    source = Source("x.yaml", 'a: !x # why\n  "v"\n')
    found: list[str] = []

    def read(tag: str, node: Node, place: Span) -> Node:
        assert isinstance(node, Scalar)
        found.append(source.read(node.span))
        return node

    list(parse_yaml(source, tags=read))
    assert found == ['"v"']


@pytest.mark.parametrize("key", ["? [a, b]\n: 1", "? {a: 1}\n: 1", "? - a\n: 1", "[a]: 1", "x: &x [1]\n*x : 1"])
def test_a_key_that_is_a_list_or_mapping_opens_its_mapping_alone(key: str) -> None:
    """YAML allows it, and the AWS CLI's reader reads it: the members beside it are known, whatever else there is."""
    source = Source("x.yaml", f"before: 1\n{key}\nafter: {{b: c}}\n---\nd: 2\n")
    first, second = parse_yaml(source)
    assert isinstance(first, Struct)
    assert first.open is not None
    assert first.open.reason == "has a key that is a list or mapping"
    assert first.open.span.line in (2, 3)
    assert [name for name in first.members if name != "x"] == ["before", "after"]
    assert source.read(first.members["after"].span) == "{b: c}"
    assert plain(second) == {"d": 2}


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("a: ># why\n  b\n", "a comment must be preceded by a space", 5),
        ("a: |2-# why\n  b\n", "a comment must be preceded by a space", 7),
        ("%YAML 1.1#why\n---\na: 1\n", "a comment must be preceded by a space", 10),
        ("a: !!str, b\n", "`!!str,` is not a tag", 4),
    ],
)
def test_a_text_that_only_libyaml_accepts_is_reported(text: str, reason: str, column: int) -> None:
    """PyYAML and the AWS CLI's parser refuse it."""
    with pytest.raises(SyntaxProblem) as caught:
        list(parse_yaml(Source("x.yaml", text)))
    assert reason in caught.value.reason
    assert (caught.value.span.line, caught.value.span.column) == (1, column)


def test_a_tag_that_yaml_does_not_have_is_unknown() -> None:
    """Its value is not taken for a text."""
    (root,) = list(parse_yaml(Source("x.yaml", "a: !!made-up 1\n")))
    assert isinstance(root, Struct)
    assert isinstance(found := root.members["a"], Unknown)
    assert found.reason == "the YAML tag `!!made-up` is not resolved"


def test_a_directive_is_read_by_the_second_parser_too() -> None:
    """Of a stream that libyaml refuses and the AWS CLI reads."""
    assert parse("%YAML 1.2\n---\na: {b: c:d}\n...\n%YAML 1.1\n---\na: [b:c, Off]\n") == [
        {"a": {"b": "c:d"}},
        {"a": ["b:c", False]},
    ]


def test_an_unsupported_version_is_reported_at_its_place() -> None:
    """By either parser."""
    with pytest.raises(SyntaxProblem) as caught:
        list(parse_yaml(Source("x.yaml", "%YAML 1.3\n---\na: 1\n")))
    assert (caught.value.reason, caught.value.span.line) == ("found incompatible YAML document", 1)
