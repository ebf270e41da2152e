"""Write hpolint/data/torch_limits.json: the numbers that PyTorch's optimizers refuse.

Usage: ``python -m scripts.generate_torch_limits [--check] [--keep FOLDER]``. It fetches a wheel of each version in
Amazon's images without its dependencies, and reads the modules of ``torch.optim`` there: they are the same for each
system, and the smallest wheels are taken. ``--keep`` names a folder in which the modules are left, and found again.
``--check`` writes nothing and exits 1 if the committed file differs in anything but its date.

An optimizer's constructor begins with comparisons after which it raises an error, such as ``if not 0.0 <= lr: raise
ValueError(…)``. Each that is about one parameter, or one item of it, is computed with each number. The Pythons that the
variable ``HPOLINT_TORCH`` names have PyTorch installed: their optimizers are called, and the script exits with 1 if one
takes a number that its text refuses.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scripts.constructor_limits import PROBES, Refused, answers_of, compact, refused_by_all, same_beginnings, written

VERSIONS = (
    *("1.0.0", "1.1.0", "1.2.0", "1.3.1", "1.4.0", "1.5.0", "1.6.0", "1.7.1", "1.8.0", "1.8.1", "1.9.0", "1.9.1"),
    *("1.10.0", "1.10.2", "1.11.0", "1.12.0", "1.12.1", "1.13.1", "2.0.0", "2.0.1", "2.1.0", "2.2.0", "2.3.0"),
    *("2.4.0", "2.5.1", "2.6.0", "2.7.1", "2.8.0"),
)
"""The versions in Amazon's images. A tag begins with one, or with its first two parts, which is any of those.

Source: ``image_uri_config/pytorch.json`` of the SageMaker SDK 2.257.7, without 0.4.0, of which there is no wheel.
"""

WHEELS = (("37", "macosx_10_9_x86_64"), ("39", "macosx_10_9_x86_64"), ("311", "macosx_11_0_arm64"))
"""The Pythons and systems of the wheels, of which each version has one."""

OPTIMIZERS = "torch/optim/"
KNOWN = frozenset({"Tensor", "isinstance", "required"})
"""The names that a comparison may have besides its parameter's."""

PROGRAM = (
    rf"""
PROBES = {PROBES}
"""
    r"""
import inspect, json, os, torch

def with_item(default, place, number):
    return tuple(number if at == place else item for at, item in enumerate(default))

def is_refused(cls, parameter, value):
    arguments = {"lr": 0.1} if "lr" in inspect.signature(cls).parameters else {}
    arguments[parameter] = value
    try:
        cls([torch.nn.Parameter(torch.zeros(2, 2))], **arguments)
    except ValueError:
        return True
    except Exception:
        pass
    return False

refused = {}
for name, cls in vars(torch.optim).items():
    if inspect.isclass(cls) and issubclass(cls, torch.optim.Optimizer) and cls is not torch.optim.Optimizer:
        own = refused[name] = {}
        for parameter, described in inspect.signature(cls).parameters.items():
            own[parameter] = [number for number in PROBES if is_refused(cls, parameter, number)]
            default = described.default if isinstance(described.default, tuple) else ()
            for place in range(len(default)):
                values = [(number, with_item(default, place, number)) for number in PROBES]
                numbers = [number for number, value in values if is_refused(cls, parameter, value)]
                own["%s[%d]" % (parameter, place)] = numbers
print(json.dumps({"folder": os.path.dirname(torch.__file__), "refused": refused}))
"""
)


def main(arguments: list[str]) -> int:
    """Write the file, or compare it. Returns the exit code."""
    for python in os.environ.get("HPOLINT_TORCH", "").split(os.pathsep):
        if python and not _reads_as_it_runs(python):
            print(f"the PyTorch of {python} refuses other numbers than its modules say", file=sys.stderr)
            return 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments[arguments.index("--keep") + 1]) if "--keep" in arguments else Path(temporary)
        optimizers = {version: _optimizers(_fetched(version, folder)) for version in VERSIONS}
    answers: dict[str, list[Refused]] = defaultdict(list)
    for version, classes in optimizers.items():
        answers[_series(version)].append(_refused(classes))
    by_series = {series: refused_by_all(refused) for series, refused in answers.items()}
    tags = {tag: _series(version) for version in VERSIONS for tag in (_series(version), version)}
    source = "the comparisons of each optimizer's constructor, computed by scripts/generate_torch_limits.py"
    data = compact(by_series, tags, source)
    positional = same_beginnings([_positional(classes) for classes in optimizers.values()])
    data["positional"] = {name: positional[name] for name in data["classes"]}
    return written("torch", data, checks="--check" in arguments)


def _series(version: str) -> str:
    """The first two parts of a version."""
    return ".".join(version.split(".")[:2])


def _fetched(version: str, folder: Path) -> Path:
    """The folder with the modules of a version's optimizers."""
    target = folder / version
    if not target.is_dir():
        with tempfile.TemporaryDirectory() as downloads, zipfile.ZipFile(_wheel(version, downloads)) as wheel:
            modules = [name for name in wheel.namelist() if name.startswith(OPTIMIZERS) and name.endswith(".py")]
            wheel.extractall(target, modules)
    return target / OPTIMIZERS


def _wheel(version: str, downloads: str) -> Path:
    """A wheel of a version, in a folder."""
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", downloads]
    for python, system in WHEELS:
        wanted = ["--python-version", python, "--platform", system, "--implementation", "cp", f"torch=={version}"]
        if subprocess.run([*download, *wanted], check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return next(Path(downloads).glob("*.whl"))
    raise SystemExit(f"there is no wheel of PyTorch {version}")


def _optimizers(folder: Path) -> dict[str, ast.ClassDef]:
    """The optimizers in a folder of modules."""
    classes: dict[str, ast.ClassDef] = {}
    for module in sorted(folder.glob("[a-z]*.py")):
        for node in ast.parse(module.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and _parameters(node)[:1] == ["params"]:
                classes[node.name] = node
    return classes


def _parameters(cls: ast.ClassDef) -> list[str]:
    """The positional parameters of a class's own constructor."""
    constructor = _constructor(cls)
    return [] if constructor is None else [argument.arg for argument in constructor.args.args[1:]]


def _positional(classes: dict[str, ast.ClassDef]) -> dict[str, list[str]]:
    return {name: _parameters(cls) for name, cls in classes.items()}


def _refused(classes: dict[str, ast.ClassDef]) -> Refused:
    """The numbers that the constructors of optimizers refuse."""
    refused: Refused = {}
    for name in classes:
        parameters = _refused_by_class(name, classes)
        if parameters:
            refused[name] = parameters
    return refused


def _refused_by_class(name: str, classes: dict[str, ast.ClassDef]) -> dict[str, list[int | float]]:
    """The numbers that a class refuses, by the parameter or by its item."""
    constructor = _constructor(classes[name])
    if constructor is None:
        return {}
    base = _base_with_same_parameters(classes[name], constructor, classes)
    if base is not None:
        return _refused_by_class(base, classes)
    tests: dict[str, list[ast.expr]] = defaultdict(list)
    for parameter, test in _comparisons(constructor):
        tests[parameter].append(test)
    refused: dict[str, list[int | float]] = {}
    for parameter, conditions in tests.items():
        test = ast.BoolOp(ast.Or(), [*conditions, ast.Constant(value=False)])
        refused[parameter] = [number for number in PROBES if _holds(test, parameter, number)]
    return refused


def _constructor(cls: ast.ClassDef) -> ast.FunctionDef | None:
    functions = [node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    return functions[0] if functions else None


def _base_with_same_parameters(
    cls: ast.ClassDef, constructor: ast.FunctionDef, classes: dict[str, ast.ClassDef]
) -> str | None:
    """The optimizer to whose constructor a constructor passes on its own parameters as they are; None without one."""
    match cls.bases, constructor.body:
        case [ast.Name(id=base)], [ast.Expr(value=ast.Call() as call)] if base in classes:
            passed = [argument.id for argument in call.args if isinstance(argument, ast.Name)]
            is_same = len(passed) == len(call.args) and passed == _parameters(classes[base])[: len(passed)]
            return base if is_same and ast.unparse(call.func) == "super().__init__" else None
    return None


def _comparisons(constructor: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """The conditions on which a constructor raises an error and that are about one parameter, with the parameter.

    They end where a name gets a value.
    """
    names = {argument.arg for argument in (*constructor.args.args, *constructor.args.kwonlyargs)}
    for statement in constructor.body:
        if any(isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) for node in ast.walk(statement)):
            return
        match statement:
            case ast.If(test=test, body=[ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError")))], orelse=[]):
                about = _about(test)
                parameter = about.pop()
                if not about and parameter.partition("[")[0] in names:
                    yield parameter, test


def _about(test: ast.expr) -> set[str]:
    """The names in a condition, and the items of names."""
    about: set[str] = set()
    holders: set[ast.expr] = set()
    for node in ast.walk(test):
        match node:
            case ast.Subscript(value=ast.Name(id=name) as holder, slice=ast.Constant(value=index)):
                about.add(f"{name}[{index!r}]")
                holders.add(holder)
            case ast.Name(id=name) if node not in holders and name not in KNOWN:
                about.add(name)
    return about


def _holds(test: ast.expr, parameter: str, number: float) -> bool:
    """Whether a condition is true with a number for its parameter."""
    name, _, index = parameter.rstrip("]").partition("[")
    value = {int(index): number} if index else number
    names = {"Tensor": type("Tensor", (), {}), "required": object(), name: value}
    expression = ast.fix_missing_locations(ast.Expression(test))
    return bool(eval(compile(expression, "comparison", "eval"), names))


def _reads_as_it_runs(python: str) -> bool:
    """Whether the constructors of an installed PyTorch refuse each number that their text refuses."""
    answer = answers_of(python, PROGRAM)
    missed: list[str] = []
    for cls, parameters in _refused(_optimizers(Path(answer["folder"]) / "optim")).items():
        for parameter, numbers in parameters.items():
            asked = answer["refused"].get(cls, {}).get(parameter, [])
            if not {repr(number) for number in numbers} <= {repr(number) for number in asked}:
                missed.append(f"{cls}({parameter}=…): {numbers} by its text, {asked} when called")
    for line in missed:
        print(line, file=sys.stderr)
    return not missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
