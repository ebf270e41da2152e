"""Write hpolint/data/sdk_imports.json: the modules of the package ``sagemaker`` and their names, by version of the SDK.

Usage: ``python scripts/generate_sdk_imports.py [--check]``. It installs each version without its dependencies into a
folder that it removes, and reads the source there: to import all modules, a version would need the libraries and the
Python of its year. ``--check`` writes nothing and exits 1 if the committed file differs in anything but its date.

Names of constants and private names are left out. A package has all its names. Any other module has those that it
defines in one of the versions; ``imported`` has the names that such modules only import. Modules that few programs
import, or that change with each version, are recorded without names, and those deep in the package are left out.
"""

from __future__ import annotations

import ast
import datetime
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "hpolint/data/sdk_imports.json"
VERSIONS = {
    "1.18.0": ("sagemaker==1.18.0",),
    "1.72.1": ("sagemaker==1.72.1",),
    "2.0.0": ("sagemaker==2.0.0",),
    "2.24.0": ("sagemaker==2.24.0",),
    "2.72.0": ("sagemaker==2.72.0",),
    "2.127.0": ("sagemaker==2.127.0",),
    "2.161.0": ("sagemaker==2.161.0",),
    "2.203.0": ("sagemaker==2.203.0",),
    "2.237.0": ("sagemaker==2.237.0",),
    "2.257.7": ("sagemaker==2.257.7",),
    "3.0": ("sagemaker-core==2.0.1", "sagemaker-train==1.0", "sagemaker-serve==1.0", "sagemaker-mlops==1.0"),
    "3.27.0": (
        *("sagemaker-core==2.27.0", "sagemaker-train==1.27.0", "sagemaker-serve==1.27.0"),
        "sagemaker-mlops==1.27.0",
    ),
}
"""The versions from the oldest to the newest, about one for each year, with the distributions that have the modules."""

UNNAMED = ("sagemaker.config", "sagemaker.cli", "sagemaker.serve", "sagemaker.jumpstart", "sagemaker.deprecations")
NAMED = (
    *("amazon", "automl", "async_inference", "chainer", "dataset_definition", "debugger", "experiments", "huggingface"),
    *("local", "model_monitor", "mxnet", "pytorch", "rl", "serverless", "sklearn", "spark", "tensorflow", "workflow"),
    *("wrangler", "xgboost"),
)
"""The packages of version 2 whose modules have names here, besides the modules of ``sagemaker`` itself."""

NAMED_3 = (
    *("sagemaker.train.tuner", "sagemaker.train.model_trainer", "sagemaker.train.configs", "sagemaker.core.parameter"),
    *("sagemaker.core.training.configs", "sagemaker.core.image_uris", "sagemaker.core.helper.session_helper"),
)
"""The modules of version 3 that programs import for a tuner, and that have names here."""

MAX_PARTS = 3
"""The parts of the name of a module that is recorded. Of ``NAMED_3``, those with more are recorded too."""

DYNAMIC_CALLS = ("exec", "globals", "setattr")
Functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Package:
    """The source of one version: the names that its modules bind when they are imported."""

    def __init__(self, folder: Path) -> None:
        self._trees: dict[str, ast.Module] = {}
        self.packages: set[str] = set()
        for file in sorted(folder.glob("sagemaker/**/*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            name = ".".join(parts).removesuffix(".__init__")
            self._trees[name] = ast.parse(file.read_text("utf-8"))
            if parts[-1] == "__init__":
                self.packages.add(name)
        self._add_folders()

    @property
    def modules(self) -> list[str]:
        """The names of all modules."""
        return list(self._trees)

    def _add_folders(self) -> None:
        """Add the folders without ``__init__.py``, which can be imported too."""
        for name in list(self._trees):
            while "." in name:
                name = name.rpartition(".")[0]
                if name not in self._trees:
                    self._trees[name] = ast.Module([], [])
                    self.packages.add(name)

    def names(self, module: str) -> set[str]:
        """The names of a module, with its submodules; ``*`` if running it may bind others."""
        bound = self._bound(module, frozenset())
        for other in self._trees:
            parent, _, name = other.rpartition(".")
            if parent == module:
                bound.add(name)
        return bound

    def defined(self, module: str) -> set[str]:
        """The names that a module binds itself, and does not only import."""
        names: set[str] = set()
        for node in _at_import(self._trees[module].body):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                names |= set(_bound_by(node))
        return names

    def _bound(self, module: str, importing: frozenset[str]) -> set[str]:
        names: set[str] = set()
        for node in _at_import(self._trees[module].body):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                names |= self._exported(self._imported_module(module, node), importing | {module})
            elif _is_dynamic(node):
                names.add("*")
            else:
                names |= set(_bound_by(node))
        return names

    def _exported(self, module: str, importing: frozenset[str]) -> set[str]:
        if module not in self._trees:
            return {"*"}
        return set() if module in importing else self._bound(module, importing)

    def _imported_module(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        above = node.level - 1 if module in self.packages else node.level
        parts = module.split(".")
        return ".".join([*parts[: len(parts) - above], *([node.module] if node.module else [])])


def _at_import(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported, in any branch: not those of functions and classes."""
    for node in body:
        yield node
        if not isinstance(node, Functions | ast.Lambda):
            yield from _at_import(ast.iter_child_nodes(node))


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, Functions):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield (alias.asname or alias.name).partition(".")[0]


def _is_dynamic(node: ast.AST) -> bool:
    """Whether a module may get names that no statement shows."""
    match node:
        case ast.FunctionDef(name="__getattr__") | ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in DYNAMIC_CALLS
    return False


def is_named(module: str) -> bool:
    """Whether the names of a module are recorded."""
    if module.startswith(UNNAMED):
        return False
    parts = module.split(".")
    return module in NAMED_3 or len(parts) <= 2 or parts[1] in NAMED


def is_recorded(name: str) -> bool:
    """Whether a name is: no private name and no constant."""
    return not name.startswith("_") and not name.isupper()


def is_module_recorded(module: str) -> bool:
    """Whether a module is recorded: one that is not private, and not deep in the package."""
    return "._" not in module and (module.count(".") < MAX_PARTS or module in NAMED_3)


def recorded(folder: Path) -> dict[str, Any]:
    """The content of the data file without its date. ``folder`` is one for the installed versions."""
    packages: list[Package] = []
    pythons: dict[str, str] = {}
    for version, distributions in VERSIONS.items():
        target = folder / version
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, "--no-compile", "--target", str(target), *distributions], check=True)
        packages.append(Package(target))
        pythons[version] = _oldest_python(target)
    imported: set[str] = set()
    names: dict[str, dict[str, str]] = {}
    modules = _all_modules(packages)
    for module in modules:
        if is_named(module):
            names[module], only_imported = _names_of(module, packages)
            imported |= only_imported
    for groups in names.values():
        imported -= set(" ".join(groups.values()).split())
    return {
        "versions": pythons,
        "modules": _grouped({module: _presence(module, packages) for module in modules}),
        "names": {module: groups for module, groups in names.items() if groups},
        "packages": " ".join(module for module in names if _is_package(module, packages)),
        "imported": " ".join(sorted(imported)),
    }


def _oldest_python(target: Path) -> str:
    """The oldest Python that a version supports; empty if it does not say."""
    oldest = ""
    for metadata in target.glob("sagemaker*.dist-info/METADATA"):
        required = HeaderParser().parsestr(metadata.read_text("utf-8"))["Requires-Python"] or ""
        oldest = max(oldest, required.partition(",")[0].removeprefix(">=").strip(), key=_number)
    return oldest


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _all_modules(packages: list[Package]) -> list[str]:
    modules: set[str] = set()
    for package in packages:
        modules |= set(package.modules)
    return sorted(module for module in modules if is_module_recorded(module))


def _presence(module: str, packages: list[Package]) -> list[int]:
    return [place for place, package in enumerate(packages) if module in package.modules]


def _is_package(module: str, packages: list[Package]) -> bool:
    """Whether a module is a package in a version."""
    return any(module in package.packages for package in packages)


def _names_of(module: str, packages: list[Package]) -> tuple[dict[str, str], set[str]]:
    """The names of a module by the versions that have them, and the names that it only imports."""
    presence: dict[str, list[int]] = defaultdict(list)
    own: set[str] = set()
    for place in _presence(module, packages):
        for name in packages[place].names(module):
            presence[name].append(place)
        own |= packages[place].defined(module)
    if "*" in presence:
        return {}, set()
    if _is_package(module, packages):
        own |= presence.keys()
    shown = {name: places for name, places in presence.items() if name in own and is_recorded(name)}
    only_imported = {name for name in presence.keys() - own if is_recorded(name)}
    return _grouped(shown), only_imported


def _grouped(presence: dict[str, list[int]]) -> dict[str, str]:
    """Names by the places of their versions, as ``0-3,5``."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, places in sorted(presence.items()):
        groups[_ranges(places)].append(name)
    return {places: " ".join(groups[places]) for places in sorted(groups)}


def _ranges(places: list[int]) -> str:
    """Ascending numbers as ranges."""
    ranges: list[list[int]] = []
    for place in places:
        if ranges and ranges[-1][-1] == place - 1:
            ranges[-1].append(place)
        else:
            ranges.append([place])
    texts = [str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}" for numbers in ranges]
    return ",".join(texts)


def document(content: dict[str, Any], as_of: str) -> str:
    """The file's text: a module is in one line."""
    lines = [f' "as_of": {json.dumps(as_of)}']
    for key in sorted(content):
        value = content[key]
        if key in ("modules", "names"):
            members = [f"  {json.dumps(name)}: {json.dumps(member)}" for name, member in sorted(value.items())]
            lines.append(f" {json.dumps(key)}: {{\n" + ",\n".join(members) + "\n }")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        content = recorded(Path(folder))
    if "--check" in sys.argv[1:]:
        written = TARGET.read_text("utf-8")
        return int(document(content, json.loads(written)["as_of"]) != written)
    TARGET.write_text(document(content, datetime.datetime.now(datetime.UTC).date().isoformat()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
