"""Our own walk through a syntax tree meets what Python's meets."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from pathlib import Path

from hpolint.readers.python.interpreter.walking import walk

SHARED = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
"""What has no place of its own in a source."""


def test_every_node_of_the_source_is_met_in_pythons_order() -> None:
    """A call, name or import that Python's own walk finds is found: no definition or print is skipped."""
    library = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(library.glob("*.py"))
    assert len(files) > 100
    for file in files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(file.read_bytes())
        theirs = [node for node in ast.walk(tree) if not isinstance(node, SHARED)]
        assert list(map(id, walk(tree))) == list(map(id, theirs)), file.name


def test_what_few_programs_write_is_walked_through() -> None:
    """Patterns, type parameters' bounds, annotations, f-strings and walruses hold names, too."""
    text = """
match a:
    case {"x": [b.C(d=e), *f], **g} if h:
        pass
async def i(j: k = l, *m: n, o: p = q, **r: s) -> t:
    async with u as v, w:
        z = f"{x!r:{y}}" + (aa := bb[cc:dd:ee])
"""
    found = {node.id for node in walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert found == {*"abhklnpqstuvwxyz", "aa", "bb", "cc", "dd", "ee"}
