"""What the commands share: asking, running, failing."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from hpolint.cli.write_reports import FAILED, say
from hpolint.config.lookup import CheckOptions
from hpolint.io.escaping import is_terminal
from hpolint.io.files import size_text
from hpolint.io.streams import read_stdin
from hpolint.model.forms import MAX_PARSED_BYTES
from hpolint.model.settings import ConfigError
from hpolint.report.report import Report

if TYPE_CHECKING:
    from hpolint.model.finding import Finding
    from hpolint.model.rule import Rule


def check_options(configs: list[str] | None, isolated: bool, **options: Any) -> CheckOptions:
    """What the command line says: options that were not given say nothing."""
    given = {name.replace("_", "-"): value for name, value in options.items() if value is not None}
    return CheckOptions(given, tuple(configs or ()), isolated)


def safeties_of(*, applies: bool, unsafe: bool) -> frozenset[str]:
    """The safeties of the fixes to apply."""
    if unsafe and not applies:
        fail("--unsafe-fixes goes with --fix, --fix-only or --diff")
    return frozenset({"safe", *(("unsafe",) if unsafe else ())}) if applies else frozenset()


def report_of(paths: list[str], options: CheckOptions, stdin_filename: str) -> Report:
    """Check paths, or standard input. Raises ConfigError."""
    from hpolint.run.orchestration import check_candidates, check_paths

    if "-" not in paths:
        with progress() as told:
            return check_paths(paths, options, told, processors())
    if paths != ["-"]:
        raise ConfigError("`-` is standard input, and then the only path")
    from hpolint.discovery.candidates import candidate
    from hpolint.model.forms import name_of_text

    data = read_stdin(MAX_PARSED_BYTES)
    if data is None:
        raise ConfigError(f"standard input: larger than {size_text(MAX_PARSED_BYTES)}, so it was not read")
    found = candidate(stdin_filename or name_of_text(data), data, ["."])
    report = check_candidates([found] if found is not None else [], options)
    report.files = 1
    if found is None:
        report.skipped_folders.append("standard input: names no tuning job")
        report.fixed_text = data if options.fixes and not options.is_dry_run else None
    return report


def processors() -> int:
    """The processors that this process may use, up to 8: each process holds the parsers and the rules."""
    affinity = getattr(os, "sched_getaffinity", None)  # not everywhere
    return min(len(affinity(0)) if affinity else os.cpu_count() or 1, 8)


def progress() -> AbstractContextManager[Any]:
    """A line of progress for a person who waits."""
    if not is_terminal(sys.stderr):
        return nullcontext()
    from hpolint.cli.progress import Progress

    return Progress()


def listed(given: list[str] | None) -> list[str] | None:
    """Names that are given one by one or with commas between; None if none are."""
    return [name.strip() for each in given or [] for name in each.split(",") if name.strip()] or None


def rules_known(folder: str, configs: list[str] | None, isolated: bool) -> tuple[Rule, ...]:
    """The rules that the configuration of a folder, or of a file, knows of."""
    from hpolint.config.lookup import Configurations
    from hpolint.registry.choosing import known_rules

    configurations = Configurations(check_options(configs, isolated))
    configurations.add_root(folder_of(folder))
    return known_rules(configurations.of_folder(folder_of(folder)).settings)


def folder_of(place: str) -> str:
    """The folder of a file, or itself. Ends the command where there is none."""
    if not os.path.exists(place):
        fail(f"{place}: no such file or folder")
    return place if os.path.isdir(place) else os.path.dirname(place) or "."


def say_findings(report: Report, findings: list[Finding]) -> None:
    """A line for each finding, on standard error."""
    for finding in findings:
        say(f"{report.sources[finding.source].shown(finding.span)}: {finding.text[0]}")


def fail(message: str) -> NoReturn:
    """End the command with a line and the exit code 2."""
    say(message)
    raise typer.Exit(FAILED)
