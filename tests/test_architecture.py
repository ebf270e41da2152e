"""The package stays as docs/architecture.md draws it: imports go one way, and no circle but the interpreter's own."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from hpolint.cache.whole_output import VARIABLES
from hpolint.model.settings import FORMATS
from hpolint.readers.python.launch_libraries import LAUNCH_LIBRARIES
from tests.conftest import ROOT

PACKAGE = ROOT / "hpolint"
INTERPRETER = "hpolint.readers.python.interpreter"


@cache
def imports() -> dict[str, frozenset[str]]:
    """The modules of the package that each module imports, also within functions, but not for types alone."""
    return _all_imports(for_types=False)


def _all_imports(*, for_types: bool) -> dict[str, frozenset[str]]:
    names = {path: _name(path) for path in PACKAGE.rglob("*.py")}
    known = set(names.values())
    return {name: frozenset(_imported(path, known, for_types=for_types)) - {name} for path, name in names.items()}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, known: set[str], *, for_types: bool) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if _is_for_types(node) and not for_types:
            skipped |= {id(inner) for inner in ast.walk(node)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} & known or {node.module} & known
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    return found


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def within(module: str, folder: str) -> bool:
    """Whether a module is a folder's, or the folder itself."""
    return module == folder or module.startswith(f"{folder}.")


ORDER = (
    *(
        "version",
        "lazy_regex",
        "worded_regex",
        "io",
        "model",
        "syntax",
        "schema",
        "data",
        "readers",
        "facts",
        "cel",
        "registry",
        "config",
        "engine",
    ),
    *(
        "suppressions",
        "discovery",
        "report",
        "fixes",
        "reporters",
        "cost",
        "cache",
        "run",
        "diff",
        "guard",
        "editor",
        "server",
    ),
    *("cli", "__init__", "__main__"),
)
"""Everything directly in the package. What stands later may import what stands earlier, and never the other way."""


def test_every_folder_has_its_place() -> None:
    """A folder that is added, renamed or removed is a change of the architecture: it is put into the order."""
    there = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert there == set(ORDER)
    assert len(ORDER) == len(there)


def test_imports_go_down_only() -> None:
    """A reader knows no rule, a rule knows no file format, a reporter no rule's language, not even as types."""
    upwards = {
        (module, target)
        for module, targets in _all_imports(for_types=True).items()
        for target in targets
        if ORDER.index(_top(target)) > ORDER.index(_top(module))
    }
    assert imports()
    assert upwards == set()


def _top(module: str) -> str:
    _, *parts = module.split(".")
    return parts[0] if parts else "__init__"


BESIDE = {
    "reporters": ("facts", "readers", "syntax", "registry", "cel", "engine", "discovery"),
    "cost": ("readers", "syntax", "cel", "discovery"),
    "config": ("readers", "cel", "facts"),
    "discovery": ("readers", "syntax", "facts", "cel", "engine"),
    "facts": ("registry", "cel", "readers"),
    "cel": ("readers", "facts", "syntax"),
}
"""What a folder does not know although the order would let it."""


@pytest.mark.parametrize("folder", BESIDE)
def test_what_need_not_know_each_other_does_not(folder: str) -> None:
    """Discovery imports no parser, a report asks no engine, and CEL knows neither jobs nor forms."""
    assert {folder, *BESIDE[folder]} <= set(ORDER)
    found = {
        (module, target)
        for module, targets in imports().items()
        if _top(module) == folder
        for target in targets
        if _top(target) in BESIDE[folder]
    }
    assert found == set()


def test_the_interpreter_of_python_knows_no_library() -> None:
    """The language is followed, and tested, without the SDK."""
    outside = {
        (module, target)
        for module, targets in imports().items()
        if within(module, INTERPRETER)
        for target in targets
        if within(target, "hpolint.readers") and not within(target, INTERPRETER)
    }
    assert outside == set()


def test_the_interpreter_of_python_names_no_launch_library() -> None:
    """What SageMaker's SDK, boto3 or Airflow do is said by their models alone."""
    names = "|".join(LAUNCH_LIBRARIES)
    found = {
        (path.name, word.lower())
        for path in (ROOT / "hpolint" / "readers" / "python" / "interpreter").glob("*.py")
        for word in re.findall(rf"\b(?:{names}|tuner|estimator)\b", path.read_text(), re.IGNORECASE)
    }
    assert found == set()


def test_there_is_no_circle_but_the_interpreters_own() -> None:
    """So the modules that depend on a changed one are easy to find."""
    graph = {"interpreter" if within(module, INTERPRETER) else module: set[str]() for module in imports()}
    for module, targets in imports().items():
        own = "interpreter" if within(module, INTERPRETER) else module
        graph[own] |= {"interpreter" if within(target, INTERPRETER) else target for target in targets} - {own}
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
    """What a place means while Python is followed is known to ``interpreter/units.py`` alone (decision 9)."""
    makers = {
        path.relative_to(PACKAGE).as_posix()
        for path in (PACKAGE / "readers" / "python").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Span"
    }
    assert makers == {"readers/python/interpreter/units.py"}


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
    "io/disk.py": "it notes each question",
    "io/files.py": "it notes what it opens",
    "io/overlay.py": "the other name of a text, for which no file is asked",
    "io/streams.py": "what is written",
    "io/written_paths.py": "what is written",
    "discovery/walk.py": "it notes each folder that it lists, and each link in it",
    "registry/policies.py": "it notes each folder and file",
    "registry/rule_reader.py": "what policies.py has noted, and hpolint's own",
    "registry/__init__.py": "hpolint's own files",
    "facts/algorithm_data.py": "hpolint's own files",
    "cache/": "its own files and hpolint's, and whether what it holds is worth storing again",
    "fixes/write_back.py": "what is written",
    "cli/": "what is written, and other commands",
    "diff/": "other commands",
    "cost/": "other commands",
    "server/shown_elsewhere.py": "a file of JupyterLab's, on which no check depends",
    "readers/python/interpreter/": "names that a source may call",
}


def test_every_query_of_the_disk_in_a_check_is_recorded() -> None:
    """A query that is not recorded could reuse a cached output that is out of date."""
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
"""Variables that decide whether and where an output is kept, and not what it is. A completion runs no check."""


def test_every_variable_that_a_check_looks_at_is_part_of_what_it_is() -> None:
    """If one differs, no cached output is reused: names in subscripts, calls or tests of it."""
    texts = {
        path: re.sub(r"\s+", " ", path.read_text("utf-8"))
        for path in PACKAGE.rglob("*.py")
        if not {"diff", "cache"} & set(path.relative_to(PACKAGE).parts)
    }
    looked = re.compile(r"""os\.environ(?:\.get\(|\[)([^\])]+)|([\w"]+) in os\.environ|os\.getenv\(([^)]+)\)""")
    found = {name for text in texts.values() for each in looked.findall(text) for name in each if name}
    known = {f'"{name}"' for name in {*VARIABLES, *NOT_A_CHECKS}} | {"SUMMARY_FILE", "COMPLETION", "NOTEBOOKS_SHOWN"}
    assert found
    assert found - known == set()


def test_a_modules_name_says_alone_what_is_in_it() -> None:
    """No two modules have one name, except for the same part of two readers."""
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert {name for name, count in names.items() if count > 1} <= {"reader.py"}


OF_A_LIBRARY = {"cel/runtime.py": "the texts of the CEL library's errors, which have no kinds"}
TEXT_METHODS = {"startswith", "endswith", "removeprefix", "removesuffix", "find", "index", "count"}


def decisions_on_reasons(tree: ast.AST) -> list[str]:
    """The expressions that compare a reason with text, or search in one."""
    decisions = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TEXT_METHODS:
            operands = [node.func.value]
        else:
            continue
        if any("reason" in (getattr(each, "attr", None), getattr(each, "id", None)) for each in operands):
            decisions.append(ast.unparse(node))
    return decisions


def test_no_code_decides_on_the_sentence_of_a_reason() -> None:
    """A sentence can be worded anew without any effect but on what people read: what code decides on is its kind."""
    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    decisions = {name: found for name, text in texts.items() if (found := decisions_on_reasons(ast.parse(text)))}
    assert decisions.keys() == OF_A_LIBRARY.keys()


@pytest.mark.parametrize(
    "code",
    [
        "cause.reason == CONFIG_FILE",
        "node.open.reason not in (SDK_ADDS, CONFIG_FILE)",
        '"generated" in cause.reason',
        "reason in KINDS",
        'cause.reason.startswith("is the image")',
    ],
)
def test_a_decision_on_the_sentence_of_a_reason_is_seen(code: str) -> None:
    """Each form of it that has ever been in the package."""
    assert decisions_on_reasons(ast.parse(code)) == [ast.unparse(ast.parse(code))]
    assert decisions_on_reasons(ast.parse("cause.reason is None or cause.kind is Kind.CONFIG_FILE")) == []
