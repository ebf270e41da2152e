"""Functions that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
import typer

from hpolint.cli.write_reports import FAILED, print_line
from hpolint.config.lookup import CheckOptions
from hpolint.io.escaping import is_terminal
from hpolint.io.files import size_text
from hpolint.io.streams import read_stdin
from hpolint.model.forms import MAX_PARSED_BYTES
from hpolint.model.settings import ConfigError

if TYPE_CHECKING:
    from hpolint.discovery.candidates import Candidate
    from hpolint.model.finding import Finding
    from hpolint.model.rule import Rule
    from hpolint.model.source import Source
    from hpolint.report.judged import JudgedFiles
    from hpolint.run.check import Check

NO_JOB_IN_STDIN = "standard input: contains no tuning job"


def check_options(config: list[str] | None, policy: str = "", *, isolated: bool, **settings: Any) -> CheckOptions:
    """The options of a check. Those of ``settings`` that are None were not given and set nothing."""
    named = {name.replace("_", "-"): value for name, value in settings.items() if value is not None}
    return CheckOptions(settings=named, configs=tuple(config or ()), isolated=isolated, policy=policy)


@contextmanager
def checked(paths: list[str] | None, options: CheckOptions, stdin_filename: str = "") -> Iterator[Check]:
    """The check of some paths, or of standard input for ``-``. Raises ConfigError."""
    from hpolint.run.check import check_candidates, checked_paths

    paths = paths or ["."]
    if "-" not in paths:
        with ExitStack() as stack:
            with progress() as reporter:  # its line is erased before the report is written
                check = stack.enter_context(checked_paths(paths, options, reporter, processors()))
            yield check
        return
    data = _standard_input(paths)
    candidate = _candidate_of(data, stdin_filename)
    check = check_candidates([candidate] if candidate is not None else [], options)
    report = msgspec.structs.replace(check.report, files=1)
    if candidate is None:
        text = data if options.fixes and not options.is_dry_run else None
        fixes = msgspec.structs.replace(report.fixes, text=text)
        report = msgspec.structs.replace(report, skipped_folders=[NO_JOB_IN_STDIN], fixes=fixes)
    check.report = report
    yield check


def read(paths: list[str] | None, options: CheckOptions, stdin_filename: str = "") -> JudgedFiles:
    """The jobs and findings in some paths, or in standard input for ``-``. Raises ConfigError."""
    from hpolint.run.reading import read_candidates, read_paths

    paths = paths or ["."]
    if "-" not in paths:
        with progress() as reporter:
            return read_paths(paths, options, reporter, processors())
    candidate = _candidate_of(_standard_input(paths), stdin_filename)
    judged = read_candidates([candidate] if candidate is not None else [], options)
    skipped = [] if candidate is not None else [NO_JOB_IN_STDIN]
    return msgspec.structs.replace(judged, files=1, skipped_folders=skipped)


def _standard_input(paths: list[str]) -> bytes:
    """The bytes of standard input. Raises ConfigError."""
    if paths != ["-"]:
        raise ConfigError("`-` (standard input) cannot be combined with other paths")
    data = read_stdin(MAX_PARSED_BYTES)
    if data is None:
        raise ConfigError(f"standard input: larger than {size_text(MAX_PARSED_BYTES)}, so it was not read")
    return data


def _candidate_of(data: bytes, filename: str) -> Candidate | None:
    """Standard input as a candidate; None if it names no tuning job. Raises ConfigError."""
    from hpolint.discovery.candidates import candidate
    from hpolint.model.forms import name_of_text

    try:
        return candidate(filename or name_of_text(data), data, ["."])
    except OSError as error:  # a packed log that is damaged
        raise ConfigError(f"standard input: cannot be read: {error.strerror or error}") from None


def processors() -> int:
    """The number of processors that this process may use, at most 8: each worker loads the parsers and the rules."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS or Windows
    return min(len(affinity(0)) if affinity else os.cpu_count() or 1, 8)


def progress() -> AbstractContextManager[Any]:
    """The progress line on a terminal; elsewhere a context manager that yields None."""
    if not is_terminal(sys.stderr):
        return nullcontext()
    from hpolint.cli.progress import Progress

    return Progress()


def split_names(values: list[str] | None) -> list[str] | None:
    """The names of a repeatable option, each of which may list several with commas; None without names."""
    names = [name.strip() for name in ",".join(values or ()).split(",")]
    return [name for name in names if name] or None


def known_rules_in(place: str, options: CheckOptions) -> tuple[Rule, ...]:
    """The built-in rules and those of the policies that are configured for a folder or file."""
    from hpolint.config.lookup import Configurations
    from hpolint.registry.choosing import known_rules

    folder = folder_of(place)
    configurations = Configurations(options)
    configurations.add_root(folder)
    return known_rules(configurations.of_folder(folder).settings)


def folder_of(place: str) -> str:
    """The folder of a file, or the folder itself. Exits if the path does not exist."""
    if not os.path.exists(place):
        fail(f"{place}: no such file or folder")
    return place if os.path.isdir(place) else os.path.dirname(place) or "."


def print_findings(judged: JudgedFiles, findings: list[Finding]) -> None:
    """Print a line for each finding on standard error."""
    sources: dict[str, Source] = {}
    for outcome in judged.outcomes:
        sources |= outcome.sources
    for finding in findings:
        source = sources.get(finding.source)
        place = source.shown(finding.span) if source is not None else f"{finding.source}:{finding.span.line}"
        print_line(f"{place}: {finding.text[0]}")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on standard error."""
    for line in lines:
        print_line(line)


def fail(message: str) -> NoReturn:
    """Print a message on standard error and exit with code 2."""
    print_line(message)
    raise typer.Exit(FAILED)
