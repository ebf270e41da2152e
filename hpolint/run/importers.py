"""Files that import a module which launches a tuning job: they may launch it with other values than the module itself.
So do files that construct a tuner of a class which another module defines, and which are not read themselves.

A module is read by itself, with the values that its own file gives. A rule that demands a decision reports each use of
such a module in another file, unless the module's own file already has a finding about a value that is not known.
"""

from __future__ import annotations

import ast
import posixpath
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

import msgspec

from hpolint.discovery.candidates import Candidate
from hpolint.discovery.python_imports import IMPORT, imported_modules
from hpolint.discovery.walk import Found
from hpolint.engine.undecided import import_findings
from hpolint.io.files import read_file
from hpolint.model.finding import UNREAD_LAUNCH
from hpolint.model.forms import PYTHON_SUFFIXES, language_of
from hpolint.model.settings import Settings
from hpolint.model.source import Source, Span, UndecodableError
from hpolint.readers.python.notebook import notebook_units
from hpolint.readers.python.sdk.mocks import is_test
from hpolint.readers.python.unread_calls import tuner_classes
from hpolint.report.outcome import Outcome
from hpolint.report.records import FileRecord
from hpolint.run.file_check import FileChecks
from hpolint.syntax import SyntaxProblem

NOTEBOOK_SUFFIX = ".ipynb"


class _Module(msgspec.Struct, frozen=True):
    """A module that launches a job. ``tuners``: it launches none, but defines these classes of tuners."""

    name: str
    tuners: frozenset[str] = frozenset()


def import_outcomes(files: list[Found], records: list[FileRecord], checks: FileChecks) -> dict[str, Outcome]:
    """The outcomes with findings about imports alone, by the name of the file that imports. Raises ConfigError."""
    demanding = [file for file in files if _demands(file.settings)]
    modules = list(_modules(records)) if demanding else []
    launching = {record.name for record in records if record.jobs}
    outcomes: dict[str, Outcome] = {}
    for file in demanding if modules else ():
        use = _uses(file.name, modules, has_jobs=file.name in launching)
        if use is not None:
            outcomes[file.name] = _outcome(file, use, checks)
    return outcomes


def call_outcomes(files: list[Found], records: list[FileRecord], checks: FileChecks) -> Iterator[Outcome]:
    """The outcomes of files that launch no job of their own, but call modules that do: with findings of locked rules.

    Raises ConfigError.
    """
    modules = [_Module(record.name) for record in records if _is_launching_module(record)]
    if not modules:
        return
    read = {record.name for record in records}
    for file in files:
        outcome = None
        if file.settings.locking and file.name not in read:
            outcome = _outcome_of_calls(file, modules, checks)
        if outcome is not None:
            yield outcome


def _outcome_of_calls(file: Found, modules: list[_Module], checks: FileChecks) -> Outcome | None:
    use = _uses(file.name, modules, has_jobs=False)
    if use is None:
        return None
    data = use.source.text.encode("utf-8", "surrogatepass")
    beside = imported_modules(file.name, data, checks.roots)
    return checks.checker(file.settings).outcome_of_calls(Candidate(file.name, data, beside))


def _is_launching_module(record: FileRecord) -> bool:
    return bool(record.jobs) and record.name.endswith(".py")


def _outcome(file: Found, use: _Use, checks: FileChecks) -> Outcome:
    rules = checks.rules(file.settings).values()
    has_tuners = bool(use.module.tuners)
    findings = import_findings(rules, use.source, use.places, use.module.name, has_tuners=has_tuners)
    return Outcome(file.name, use.source, findings=findings)


def _modules(records: list[FileRecord]) -> Iterator[_Module]:
    for record in records:
        if not record.name.endswith(".py") or is_test(record.name) or _is_reported(record):
            continue
        if record.jobs:
            yield _Module(record.name)
        elif tuners := _tuners(record.name):
            yield _Module(record.name, frozenset(tuners))


def _tuners(name: str) -> set[str]:
    """The classes of tuners that a file defines."""
    with suppress(OSError, ValueError, SyntaxError, RecursionError, MemoryError), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are not hpolint's to report
        return tuner_classes(ast.parse(read_file(name, language_of(name).max_bytes)))
    return set()


def _demands(settings: Settings) -> bool:
    """Whether some rule may demand a decision."""
    levels = chain.from_iterable(own.rules.undecided.values() for own in settings.with_above)
    return any(level != "off" for level in levels)


def _is_reported(record: FileRecord) -> bool:
    """Whether a file has a finding about a value, or a launch, that is not known."""
    for diagnostic in record.diagnostics:
        if diagnostic.undecided is not None or diagnostic.fingerprint == UNREAD_LAUNCH:
            return True
    return False


class _Use(msgspec.Struct, frozen=True):
    """A file's source, the places of its imports of modules that launch a job, and the first of these."""

    source: Source
    places: list[Span]
    module: _Module


def _uses(name: str, modules: list[_Module], *, has_jobs: bool) -> _Use | None:
    """A file's imports of some modules that it uses; None without any.

    A file that ``has_jobs`` is read with the classes of the modules that it imports.
    """
    others = [module for module in modules if module.name != name]
    if has_jobs:
        others = [module for module in others if not module.tuners]
    if not name.lower().endswith(PYTHON_SUFFIXES) or is_test(name):
        return None
    try:
        data = read_file(name, language_of(name).max_bytes)
        if not any(posixpath.basename(module.name).removesuffix(".py").encode() in data for module in others):
            return None
        source = Source.decode(name, data)
        if name.lower().endswith(NOTEBOOK_SUFFIX):
            with suppress(SyntaxProblem):
                notebook_units(source)  # sets its cells, for places
    except (OSError, ValueError, UndecodableError):
        return None
    text = source.text.encode("utf-8", "surrogatepass")
    places: list[Span] = []
    used: list[_Module] = []
    for match in IMPORT.finditer(text):
        module = next((other for other in others if _imports(match, other.name)), None)
        if module is not None and _is_used(text, match, module):
            start = len(text[: match.start()].decode("utf-8", "surrogatepass"))
            places.append(source.span(start, _end(text, match)))
            used.append(module)
    return _Use(source, places, used[0]) if places else None


def _end(text: bytes, match: re.Match[bytes]) -> int:
    return len(text[: match.end()].rstrip().decode("utf-8", "surrogatepass"))


def _imports(match: re.Match[bytes], module: str) -> bool:
    """Whether an import statement imports a module of the repository, by its path."""
    package, names, plain = match.groups()
    if plain is not None:
        dotted = [each.split()[0] for each in plain.split(b",")]
    else:
        listed = [each.split()[0] for each in names.strip(b"() ").split(b",") if each.strip()]
        dotted = [package, *(package.rstrip(b".") + b"." + each for each in listed)]
    paths = [each.decode("utf-8", "replace").lstrip(".").replace(".", "/") + ".py" for each in dotted]
    return any(path != ".py" and f"/{module}".endswith(f"/{path}") for path in paths)


def _is_used(text: bytes, match: re.Match[bytes], module: _Module) -> bool:
    """Whether a file uses what it imports. A module that is only imported runs with its own values."""
    if module.tuners:
        tuners = b"|".join(re.escape(tuner.encode("utf-8")) for tuner in sorted(module.tuners))
        return re.search(rb"(?<!\w)(?:%s)\s*[(.]" % tuners, text[match.end() :]) is not None
    if match[3] is None:
        return True
    names = [each.split()[-1] for each in match[3].split(b",")]
    return any(re.search(rb"(?<![\w.])%s\s*\.\s*\w" % re.escape(name), text[match.end() :]) for name in names)
