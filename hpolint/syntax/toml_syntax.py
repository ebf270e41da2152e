"""Places of the keys of a TOML document. The standard library parses the values, but gives no places."""

from __future__ import annotations

import tomllib
from typing import Any, TypeAlias

KeyPlaces: TypeAlias = dict[tuple[str | int, ...], tuple[int, int]]
"""Line and column, from 1, of each key and list item, by its path."""


def key_places(text: str) -> KeyPlaces:
    """The places of the keys and items of a valid document."""
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    data = text.encode()
    tree = Parser(Language(tree_sitter_toml.language())).parse(data)
    places: KeyPlaces = {}
    counts: dict[tuple[str | int, ...], int] = {}
    for node in tree.root_node.named_children:
        if node.type == "pair":
            _pair(node, (), places)
        elif node.type in ("table", "table_array_element"):
            key, *pairs = node.named_children
            above = _resolved(_names(key), counts)
            if node.type == "table_array_element":
                places.setdefault(above, _place(key))
                counts[above] = counts.get(above, -1) + 1
                above = (*above, counts[above])
            places.setdefault(above, _place(key))
            for pair in pairs:
                if pair.type == "pair":
                    _pair(pair, above, places)
    return _tables(places) | places


MAX_IMPLICIT_DEPTH = 120
"""Depth up to which a table that is only implied by a longer key or header has a place, in levels."""


def _tables(places: KeyPlaces) -> KeyPlaces:
    """The places of implied tables: those of the first longer key or header that implies them."""
    tables: KeyPlaces = {}
    for path, place in places.items():
        for size in range(min(len(path) - 1, MAX_IMPLICIT_DEPTH), 0, -1):
            if path[:size] in tables:
                break
            tables[path[:size]] = place
    return tables


def _resolved(names: tuple[str, ...], counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    """A header's path, in which the name of a list of tables refers to its last table."""
    path: tuple[str | int, ...] = ()
    for at, name in enumerate(names):
        path = (*path, name)
        if path in counts and at < len(names) - 1:
            path = (*path, counts[path])
    return path


def _pair(node: Any, above: tuple[str | int, ...], places: KeyPlaces) -> None:
    children = node.named_children
    path = (*above, *_names(children[0]))
    places.setdefault(path, _place(children[0]))
    if len(children) > 1:
        _value(children[1], path, places)


def _value(node: Any, path: tuple[str | int, ...], places: KeyPlaces) -> None:
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type == "array":
        for index, item in enumerate(children):
            places[(*path, index)] = _place(item)
            _value(item, (*path, index), places)
    elif node.type == "inline_table":
        for pair in children:
            _pair(pair, path, places)


def _names(node: Any) -> tuple[str, ...]:
    names: list[str] = []
    waiting = [node]
    while waiting:  # not recursive: a key of thousands of parts is a tree of that depth
        node = waiting.pop()
        if node.type == "dotted_key":
            waiting += reversed(node.named_children)
        else:
            text = node.text.decode()
            if node.type == "quoted_key":
                (text,) = tomllib.loads(f"{text} = 0")
            names.append(text)
    return tuple(names)


def _place(node: Any) -> tuple[int, int]:
    return node.start_point[0] + 1, node.start_point[1] + 1
