"""The house stays as docs/architecture.md draws it: one road, no circle but the follower's own."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from hpolint.replay import VARIABLES
from hpolint.settings import FORMATS
from tests.conftest import ROOT

PACKAGE = ROOT / "hpolint"
FOLLOWER = "hpolint.readers.python.following"


@cache
def imports() -> dict[str, frozenset[str]]:
    """The modules of the package that each module imports, also within functions, but not for types alone."""
    names = {path: _name(path) for path in PACKAGE.rglob("*.py")}
    return {name: frozenset(_imported(path, set(names.values()))) - {name} for path, name in names.items()}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, known: set[str]) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {id(node) for each in ast.walk(tree) if _is_for_types(each) for node in ast.walk(each)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} & known or {node.module} & known
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    return found


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def within(module: str, room: str) -> bool:
    """Whether a module is a room, or in it."""
    return module == room or module.startswith(f"{room}.")


AGAINST_THE_ROAD = {
    "source": ("node", "syntax", "readers", "job", "facts", "registry", "engine", "reporters"),
    "node": ("syntax", "readers", "job", "facts", "registry", "engine", "reporters"),
    "syntax": ("readers", "discovery", "job", "facts", "schema", "registry", "engine", "finding", "reporters"),
    "forms": ("readers", "discovery", "source", "registry"),
    "settings": ("config", "discovery", "readers", "job", "registry", "engine", "finding", "report", "reporters"),
    "config": ("discovery", "readers", "job", "facts", "cel", "engine", "finding", "report", "reporters", "run"),
    "discovery": ("readers", "syntax", "job", "facts", "registry", "engine", "finding", "report", "reporters"),
    "readers": ("discovery", "facts", "registry", "cel", "rule", "engine", "finding", "report", "reporters", "run"),
    "facts": ("discovery", "readers", "registry", "cel", "rule", "engine", "finding", "report", "reporters"),
    "cel": ("discovery", "readers", "registry", "rule", "engine", "finding", "report", "reporters", "binding"),
    "rule": ("readers", "syntax", "registry", "cel", "engine", "finding", "reporters"),
    "finding": ("readers", "syntax", "registry", "cel", "engine", "binding", "judge", "report", "reporters"),
    "binding": ("discovery", "readers", "engine", "judge", "finding", "report", "reporters"),
    "engine": ("discovery", "readers", "outcome", "run", "report", "reporters", "cli"),
    "reporters": ("discovery", "readers", "syntax", "facts", "registry", "cel", "engine", "binding", "judge", "cli"),
}
"""What a room must not import: whatever comes after it on the road, and for the ends of it what stands between them."""


@pytest.mark.parametrize("room", AGAINST_THE_ROAD)
def test_nothing_imports_against_the_road(room: str) -> None:
    """A reader knows no rule, a rule knows no file format, a reporter knows no rule's language."""
    forbidden = [f"hpolint.{name}" for name in AGAINST_THE_ROAD[room]]
    found = {
        (module, target)
        for module, targets in imports().items()
        if within(module, f"hpolint.{room}")
        for target in targets
        if any(within(target, each) for each in forbidden)
    }
    assert found == set()


def test_the_follower_of_python_knows_no_library() -> None:
    """The language is followed, and tested, without the SDK."""
    outside = {
        (module, target)
        for module, targets in imports().items()
        if within(module, FOLLOWER)
        for target in targets
        if within(target, "hpolint.readers") and not within(target, FOLLOWER)
    }
    assert outside == set()


def test_there_is_no_circle_but_the_followers_own() -> None:
    """Whoever changes a module can tell what depends on it."""
    graph = {"follower" if within(module, FOLLOWER) else module: set[str]() for module in imports()}
    for module, targets in imports().items():
        own = "follower" if within(module, FOLLOWER) else module
        graph[own] |= {"follower" if within(target, FOLLOWER) else target for target in targets} - {own}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' → '.join(error.args[1])}")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_reporter_loads_no_engine(format_: str) -> None:
    """Reading a report's module costs neither CEL nor a parser."""
    code = f"import sys, hpolint.reporters.{format_}; print(*(m for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = ("cel_expr_python", "ruamel", "hpolint.engine", "hpolint.cel", "hpolint.registry", "jsonschema")
    assert [module for module in loaded if module.startswith(heavy)] == []


def test_one_module_makes_the_places_of_a_unit() -> None:
    """What a place means while Python is followed is known to ``following/units.py`` alone (decision 9)."""
    makers = {
        path.relative_to(PACKAGE).as_posix()
        for path in (PACKAGE / "readers" / "python").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Span"
    }
    assert makers == {"readers/python/following/units.py"}


ASKING = {"exists", "isfile", "isdir", "lexists", "realpath", "stat", "lstat", "scandir", "listdir", "walk", "readlink"}
ASKING |= {
    "is_dir",
    "is_file",
    "rglob",
    "glob",
    "iterdir",
    "read_text",
    "read_bytes",
    "samefile",
    "getmtime",
    "getsize",
}
MAY_ASK = {
    "disk.py": "it notes each question",
    "paths.py": "it notes what it opens",
    "discovery.py": "it notes each folder that it lists, and each link in it",
    "registry/policies.py": "it notes each folder and file",
    "registry/reading.py": "what policies.py has noted, and hpolint's own",
    "starting.py": "other commands",
    "replay.py": "what is not part of a check",
    "circumstances.py": "hpolint's own files, and where a check runs",
    "recall.py": "whether what it holds of an earlier run is worth keeping",
    "cache.py": "its own files, and hpolint's",
    "streams.py": "what is written",
    "fixing/writing.py": "what is written",
    "delivery.py": "what is written",
    "registry/__init__.py": "hpolint's own files",
    "algorithms.py": "hpolint's own files",
    "running.py": "other commands",
    "registry/testing.py": "other commands",
    "comparing/": "other commands",
    "cost/": "other commands",
    "readers/python/following/": "names that a source may call",
}


def test_whoever_asks_the_disk_on_a_checks_road_is_noted() -> None:
    """A question that is not noted would let a check be printed again that would be another one now."""
    asking = {
        f"{name}: {ast.unparse(node.func)}"
        for path in PACKAGE.rglob("*.py")
        if not (name := path.relative_to(PACKAGE).as_posix()).startswith(tuple(MAY_ASK))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ASKING
        and not ast.unparse(node.func).startswith(("disk.", "ast.", "files(", "(files("))
    }
    assert asking == set()


NOT_A_CHECKS = {"HPOLINT_DEBUG", "HPOLINT_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"}
"""Variables that decide whether and where an output is kept, and not what it is."""


def test_every_variable_that_a_check_looks_at_is_part_of_what_it_is() -> None:
    """Where one is another a check is not printed again: names that stand in brackets, calls or tests of it."""
    texts = {
        path: re.sub(r"\s+", " ", path.read_text("utf-8"))
        for path in PACKAGE.rglob("*.py")
        if "comparing" not in path.parts and path.name not in ("cache.py", "replay.py")
    }
    looked = re.compile(r"""os\.environ(?:\.get\(|\[)([^\])]+)|([\w"]+) in os\.environ|os\.getenv\(([^)]+)\)""")
    found = {name for text in texts.values() for each in looked.findall(text) for name in each if name}
    known = {f'"{name}"' for name in {*VARIABLES, *NOT_A_CHECKS}} | {"SUMMARY_FILE"}
    assert found
    assert found - known == set()
