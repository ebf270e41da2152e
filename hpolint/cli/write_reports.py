"""The reports of a run, given out: each whole, to its file or to standard output, whatever becomes of the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

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
from hpolint.model.settings import ConfigError
from hpolint.report.report import MAX_SHOWN, Report

CLEAN, FOUND, FAILED = 0, 1, 2
SHOWING = frozenset({"text", "json", "sarif", "markdown"})
"""The outputs that show fixes as they would be written."""

SUMMARY, SUMMARY_FILE = "the step's summary", "GITHUB_STEP_SUMMARY"
"""What GitHub Actions shows of a step, and the variable that names its file, to which steps add."""


class ReportOptions(msgspec.Struct, frozen=True):
    """What of a report people want to see."""

    undecided: bool = False
    everything: bool = False
    colour: str = "auto"
    statistics: bool = False
    quiet: bool = False


def outputs_of(given: Iterable[str]) -> list[tuple[str, str | None]]:
    """The formats that are asked for, each with its file or None. Raises ConfigError."""
    from hpolint.model.settings import FORMATS

    outputs = []
    for each in given:
        format_, separator, file = each.partition(":")
        if format_ not in FORMATS or (separator and not file):
            raise ConfigError(f"no output `{each}`: it is {', '.join(FORMATS)}, or FORMAT:FILE")
        outputs.append((format_, file or None))
    # Annotations are meant to stand among what else a step prints.
    targets = [file and os.path.realpath(file) for format_, file in outputs if file or format_ != "github"]
    if len(set(targets)) < len(targets):
        raise ConfigError("two outputs would be written into each other: give each a file of its own, as FORMAT:FILE")
    return outputs


def default_outputs(given: Iterable[str]) -> list[tuple[str, str | None]]:
    """What is asked for; else text, and in GitHub Actions annotations and the step's summary, too."""
    asked = list(given)
    if asked:
        return outputs_of(asked)
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return [("text", None)]
    return [("text", None), ("github", None), *([("markdown", SUMMARY)] if os.environ.get(SUMMARY_FILE) else [])]


def settled(report: Report, *, exit_zero: bool) -> int:
    """The exit code, before anything of the report is told."""
    if report.failures or report.unreadable:
        return FAILED
    return FOUND if report.failing and not exit_zero else CLEAN


def write_reports(
    report: Report, outputs: list[tuple[str, str | None]], options: ReportOptions, processes: int = 1
) -> int:
    """Give out each report; one that cannot be given loses no other. The exit code that this alone would have."""
    code = CLEAN
    _write_out(report, outputs, options, processes)
    if report.cache is not None:
        report.cache.write()
    for format_, file in outputs:
        try:
            text = _rendered(report, format_, file, options)
            if file == SUMMARY:
                append_file(os.environ[SUMMARY_FILE], text)
            else:
                write(text) if file is None else write_file(file, text)
        except ReaderGoneError:
            code = max(code, READER_GONE)
        except OutputError as error:
            say(f"{file or 'standard output'}: cannot be written: {error}")
            code = max(code, FAILED)
        except Exception as error:
            if debugging():
                raise
            say(internal_error(f"the {format_} report", error))
            code = max(code, FAILED)
    return code


def write_fixes(report: Report, *, diff: bool, fix_only: bool, non_zero: bool) -> int:
    """Give out what was fixed, or would be, instead of a report; the exit code.

    The fixed text of standard input is printed, and what is left of it told beside it.
    """

    if diff:
        patch = "".join(report.diffs)  # whose characters are the file's own, for whoever applies it
        write(visible_lines(patch) if is_terminal(sys.stdout) else patch)
    elif report.fixed_text is not None:
        write_bytes(report.fixed_text)
    if not diff and not fix_only:
        for line in _text(report, "", ReportOptions()).splitlines():
            write_line(line)
    say_problems(report)
    say_fixed(report, would=diff)
    if diff:
        return FAILED if report.failures or report.unreadable else FOUND if report.diffs else CLEAN
    code = settled(report, exit_zero=fix_only)
    return max(code, FOUND if non_zero and report.fixed else CLEAN)


def say_fixed(report: Report, *, would: bool = False) -> None:
    """What was fixed, or would be, in a line."""
    count = sum(each.total() for each in report.fixed.values())
    if count:
        files = f"{len(report.fixed):,} file{'s' if len(report.fixed) != 1 else ''}"
        verb = "would be fixed" if would else "fixed"
        say(f"{count:,} finding{'s' if count != 1 else ''} {verb} in {files}")


def _write_out(report: Report, outputs: list[tuple[str, str | None]], options: ReportOptions, processes: int) -> None:
    """Work out the fixes that the reports show: of text, where they are many, those that a person reads."""
    formats = {format_ for format_, _ in outputs}
    if not formats & SHOWING or not any(each.fix is not None for each in report.findings):
        return
    from hpolint.fixes.preview import prepare_fixes
    from hpolint.reporters.machine_reports import sorted_by_level

    findings = [each for each in report.findings if each.fix is not None]
    if len(findings) > MAX_SHOWN and not formats & {"json", "sarif"} and not options.everything:
        printed = [each for each in sorted_by_level(report.findings) if each.level != "note"][:MAX_SHOWN]
        findings = [each for each in printed if each.fix is not None]
        shown_ones = set(map(id, findings))  # whichever others were worked out on the way, it is told of the same ones
        report.written = {key: written for key, written in report.written.items() if key in shown_ones}
    prepare_fixes(report, findings, processes)


def _rendered(report: Report, format_: str, file: str | None, options: ReportOptions) -> str:
    from hpolint.reporters import reporter

    return reporter(format_).render(report) if format_ != "text" else _text(report, file, options)


def _text(report: Report, file: str | None, options: ReportOptions) -> str:
    from hpolint.reporters import summary

    if not report.findings and not options.undecided and not report.shows_suppressed:
        return "" if options.quiet else f"{summary.summary(report)}\n"
    from hpolint.reporters import text as reporter

    terminal = file is None and is_terminal(sys.stdout)
    colour = file is None and coloured(options.colour, terminal=terminal)
    width = reporter.terminal_width() if terminal else None
    text = reporter.render(
        report, width=width, colour=colour, undecided=options.undecided, everything=options.everything
    )
    if options.statistics:
        text += f"\n{reporter.statistics(report)}"
    following = summary.next_step(report)
    closing = "".join(f"{line}\n" for line in (summary.summary(report), following) if line)
    return text if options.quiet else f"{text}{closing}"


def coloured(asked: str, *, terminal: bool) -> bool:
    """Whether to print colours: as is asked, else on a terminal, unless the environment says otherwise.

    NO_COLOR and FORCE_COLOR count where they are not empty (no-color.org, force-color.org).
    """
    if asked != "auto":
        return asked == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")


def say_problems(report: Report) -> None:
    """What a run could not read, what it passed over, and what it has fixed."""
    for line in (*report.unreadable, *report.vanished, *report.notices):
        say(line)
    for failure in report.failures:
        say(failure.text)


def say(message: str) -> None:
    """A line on standard error, if there is one."""
    write_line(f"hpolint: {visible(message)}")
