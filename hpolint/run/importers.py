"""Files that import a module which launches a tuning job: they may launch it with other values than the module itself.

A module is read by itself, with the values that its own file gives. A rule that demands a decision reports each use of
such a module in another file, unless the module's own file already has a finding about a value that is not known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import msgspec

from hpolint.discovery.python_imports import IMPORT
from hpolint.discovery.walk import Found
from hpolint.engine.undecided import import_findings
from hpolint.io.files import read_file
from hpolint.model.finding import UNREAD_LAUNCH
from hpolint.model.forms import PYTHON_SUFFIXES, language_of
from hpolint.model.settings import Settings
from hpolint.model.source import Source, Span, UndecodableError
from hpolint.readers.python.sdk.mocks import is_test
from hpolint.report.outcome import Outcome
from hpolint.run.file_check import FileChecks


def add_importers(files: list[Found], outcomes: list[Outcome], checking: FileChecks) -> Iterator[Outcome]:
    """The outcomes, with findings in those files that use a module with a job, and the outcomes of such files alone.

    Raises ConfigError.
    """
    modules = [each.name for each in outcomes if _is_module(each)] if any(map(_demands, _settings_of(files))) else []
    settings = {file.name: file.settings for file in files} if modules else {}
    uses = {name: found for name, given in settings.items() if _demands(given) and (found := _uses(name, modules))}
    for outcome in outcomes:
        if (found := uses.pop(outcome.name, None)) is not None and outcome.source is not None:
            rules = checking.rules(settings[outcome.name]).values()
            outcome.findings += import_findings(rules, outcome.source, found.places, found.module)
        yield outcome
    for name, use in uses.items():
        rules = checking.rules(settings[name]).values()
        yield Outcome(name, use.source, findings=import_findings(rules, use.source, use.places, use.module))


def _settings_of(files: list[Found]) -> list[Settings]:
    return list({id(file.settings): file.settings for file in files}.values())


def _demands(settings: Settings) -> bool:
    """Whether some rule may demand a decision."""
    return any(level != "off" for each in (settings, *settings.above) for level in each.undecided.values())


def _is_module(outcome: Outcome) -> bool:
    """Whether a file is a module with a job whose values are known."""
    open_ = any(finding.undecided is not None or finding.fingerprint == UNREAD_LAUNCH for finding in outcome.findings)
    return bool(outcome.jobs) and outcome.name.endswith(".py") and not open_ and not is_test(outcome.name)


class _Use(msgspec.Struct, frozen=True):
    """A file's source, the places of its imports of modules that launch a job, and the path of the first of these."""

    source: Source
    places: list[Span]
    module: str


def _uses(name: str, modules: list[str]) -> _Use | None:
    """A file's imports of some modules that it uses; None without any."""
    others = [module for module in modules if module != name]
    if not name.lower().endswith(PYTHON_SUFFIXES) or is_test(name):
        return None
    try:
        data = read_file(name, language_of(name).max_bytes)
        if not any(posixpath.basename(module).removesuffix(".py").encode() in data for module in others):
            return None
        source = Source.decode(name, data)
    except (OSError, ValueError, UndecodableError):
        return None
    text = source.text.encode("utf-8", "surrogatepass")
    found = [
        (source.span(len(text[: match.start()].decode("utf-8", "surrogatepass")), _end(text, match)), imported)
        for match in IMPORT.finditer(text)
        if (imported := next((each for each in others if _imports(match, each)), None)) and _is_used(text, match)
    ]
    return _Use(source, [place for place, _ in found], found[0][1]) if found else None


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


def _is_used(text: bytes, match: re.Match[bytes]) -> bool:
    """Whether a file uses what it imports. A module that is only imported runs with its own values."""
    if match[3] is None:
        return True
    names = [each.split()[-1] for each in match[3].split(b",")]
    return any(re.search(rb"(?<![\w.])%s\s*\.\s*\w" % re.escape(name), text[match.end() :]) for name in names)
