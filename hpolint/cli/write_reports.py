"""Writing reports to files and to standard output. A report that fails does not affect the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from hpolint.io.escaping import is_terminal, visible, visible_lines
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.io.streams import (
    READER_GONE,
    OutputError,
    ReaderGoneError,
    append_file,
    write,
    write_bytes,
    write_file,
    write_line,
)
from hpolint.model.message_text import counted
from hpolint.model.settings import ConfigError
from hpolint.report.report import MAX_SHOWN, Report

if TYPE_CHECKING:
    from hpolint.report.judged import JudgedFiles
    from hpolint.run.check import Check

CLEAN, FOUND, FAILED = 0, 1, 2
FORMATS_WITH_FIXES = frozenset({"text", "json", "sarif", "markdown"})
"""The formats that show fixes as edits."""

SYNTAXES = {
    "json": "json",
    "sarif": "json",
    "gitlab": "json",
    "junit": "xml",
    "checkstyle": "xml",
    "github": "commands",
}
"""The syntax of each format that is not plain text."""

SUMMARY, SUMMARY_FILE = "the step's summary", "GITHUB_STEP_SUMMARY"
"""The target that stands for the summary of a GitHub Actions step, and the variable that names its file."""


class ReportOptions(msgspec.Struct, frozen=True):
    """The options of the text report."""

    undecided: bool = False
    everything: bool = False
    colour: str = "auto"
    statistics: bool = False
    quiet: bool = False


def syntax_of(format_: str) -> str:
    """The syntax of a format, as ``write`` takes it."""
    return SYNTAXES.get(format_, "text")


def outputs_of(given: Iterable[str]) -> list[tuple[str, str | None]]:
    """The requested formats, each with its file, or None for standard output. Raises ConfigError."""
    from hpolint.model.settings import FORMATS

    outputs = []
    for each in given:
        format_, separator, file = each.partition(":")
        if format_ not in FORMATS or (separator and not file):
            raise ConfigError(f"unknown output `{each}`: use {', '.join(FORMATS)}, or FORMAT:FILE")
        outputs.append((format_, file or None))
    # GitHub's annotations may be mixed with other output on standard output.
    targets = [file and os.path.realpath(file) for format_, file in outputs if file or format_ != "github"]
    if len(set(targets)) < len(targets):
        raise ConfigError("two outputs have the same target: give each its own file, as FORMAT:FILE")
    return outputs


def default_outputs(given: Iterable[str]) -> list[tuple[str, str | None]]:
    """The requested outputs; without any, text, and in GitHub Actions also annotations and the step's summary."""
    requested = list(given)
    if requested:
        return outputs_of(requested)
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return [("text", None)]
    return [("text", None), ("github", None), *([("markdown", SUMMARY)] if os.environ.get(SUMMARY_FILE) else [])]


def exit_code_of_report(report: Report, *, exit_zero: bool) -> int:
    """The exit code of a report."""
    if report.failures or report.unreadable:
        return FAILED
    return FOUND if report.failing and not exit_zero else CLEAN


def write_reports(check: Check, outputs: list[tuple[str, str | None]], options: ReportOptions) -> int:
    """Write each report and return the exit code of this step alone. A report that fails does not stop the others."""
    code = CLEAN
    report = _with_fixes(check, outputs, options)
    check.store()
    texts: list[tuple[str, str | None, str]] = []
    for format_, file in outputs:
        try:
            texts.append((format_, file, _rendered(report, format_, file, options)))
        except Exception as error:
            if debugging():
                raise
            print_line(internal_error(f"the {format_} report", error))
            code = max(code, FAILED)
    for format_, file, text in texts:
        try:
            if file == SUMMARY:
                append_file(os.environ[SUMMARY_FILE], text)
            else:
                write(text, syntax_of(format_)) if file is None else write_file(file, text)
        except ReaderGoneError:
            code = max(code, READER_GONE)
        except OutputError as error:
            print_line(f"{file or 'standard output'}: cannot be written: {error}")
            code = max(code, FAILED)
    return code


def write_fixes(report: Report, *, diff: bool, fix_only: bool, non_zero: bool) -> int:
    """Print the diff, or the fixed text of standard input, and return the exit code.

    The remaining findings are printed on standard error unless ``diff`` or ``fix_only``.
    """

    if diff:
        patch = "".join(report.fixes.diffs)  # unescaped, so that it can be applied
        write(visible_lines(patch) if is_terminal(sys.stdout) else patch, "patch")
    elif report.fixes.text is not None:
        write_bytes(report.fixes.text)
    if not diff and not fix_only:
        for line in _text(report, "", ReportOptions()).splitlines():
            write_line(line)
    print_problems(report)
    print_fixed(report, would=diff)
    if diff:
        if report.failures or report.unreadable:
            return FAILED
        return FOUND if report.fixes.counts else CLEAN
    code = exit_code_of_report(report, exit_zero=fix_only)
    return max(code, FOUND if non_zero and report.fixes.counts else CLEAN)


def print_fixed(report: Report, *, would: bool = False) -> None:
    """Print the number of findings that were fixed, or would be."""
    count = sum(each.total() for each in report.fixes.counts.values())
    if count:
        files = counted(len(report.fixes.counts), "file")
        verb = "would be fixed" if would else "fixed"
        print_line(f"{counted(count, 'finding')} {verb} in {files}")


def _with_fixes(check: Check, outputs: list[tuple[str, str | None]], options: ReportOptions) -> Report:
    """The report with the edits of the fixes that the outputs show; for text alone only those that it prints in full.

    It prints a note in one line, and counts its fix as one that can be written at most, unless the place of the job
    rules that out.
    """
    report = check.report
    formats = {format_ for format_, _ in outputs}
    findings = report.findings
    if not formats & FORMATS_WITH_FIXES or not any(finding.fix is not None for finding in findings):
        return report
    from hpolint.reporters.machine_reports import sorted_by_level

    if not formats & {"json", "sarif"} and not options.everything:
        findings = [finding for finding in sorted_by_level(findings) if finding.level != "note"][:MAX_SHOWN]
    return check.report_with_fixes(findings)


def _rendered(report: Report, format_: str, file: str | None, options: ReportOptions) -> str:
    from hpolint.reporters import reporter

    return reporter(format_).render(report) if format_ != "text" else _text(report, file, options)


def _text(report: Report, file: str | None, options: ReportOptions) -> str:
    has_blocks = bool(report.findings or options.undecided or report.shows_suppressed or report.open_locked_values)
    if not has_blocks:
        return "" if options.quiet else _closing(report, options)
    from hpolint.reporters import text as reporter

    terminal = file is None and is_terminal(sys.stdout)
    colour = file is None and coloured(options.colour, terminal=terminal)
    width = reporter.terminal_width() if terminal else None
    text = reporter.render(
        report, width=width, colour=colour, undecided=options.undecided, everything=options.everything
    )
    if options.statistics:
        text += f"\n{reporter.statistics(report)}"
    return text if options.quiet else f"{text}{_closing(report, options)}"


def _closing(report: Report, options: ReportOptions) -> str:
    """The summary, what is not checked, and a line about what to do next."""
    from hpolint.reporters import summary

    following = summary.next_step(report, shows_undecided=options.undecided)
    lines = (summary.summary(report), summary.mocked_calls(report), summary.sdk_config(report), following)
    return "".join(f"{line}\n" for line in lines if line)


def coloured(option: str, *, terminal: bool) -> bool:
    """Whether to print colours: as the option says, else as the environment says, else on a terminal.

    NO_COLOR and FORCE_COLOR count if they are not empty (no-color.org, force-color.org).
    """
    if option != "auto":
        return option == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")


def print_problems(report: Report | JudgedFiles) -> None:
    """Print what a run could not read, its notices, and the rules that failed."""
    for line in (*report.unreadable, *report.vanished, *report.notices):
        print_line(line)
    for failure in report.failures:
        print_line(failure.text)


def print_line(message: str) -> None:
    """Print a line on standard error, if that is open."""
    write_line(f"hpolint: {visible(message)}")
