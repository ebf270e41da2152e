"""``hpolint check``."""

from typing import TYPE_CHECKING, Annotated

from msgspec.structs import replace

from hpolint.cache import whole_output
from hpolint.cli.baseline_update import print_stale_entries, prune_baseline_file, write_baseline_file
from hpolint.cli.common import check_options, checked, fail, split_names
from hpolint.cli.options import (
    Color,
    Config,
    Exclude,
    Isolated,
    Paths,
    Policy,
    Repeatable,
    StdinFilename,
    option,
)
from hpolint.cli.write_reports import (
    FAILED,
    ReportOptions,
    default_outputs,
    exit_code_of_report,
    outputs_of,
    print_fixed,
    print_problems,
    write_fixes,
    write_reports,
)
from hpolint.config.lookup import CheckOptions
from hpolint.model.level import Level
from hpolint.model.settings import FORMATS
from hpolint.report.report import Report

if TYPE_CHECKING:
    from hpolint.run.check import Check


def check(
    paths: Paths = None,
    select: Annotated[
        Repeatable, option("Rules", "Rules or categories to use instead of the default rules.", metavar="NAMES")
    ] = None,
    extend_select: Annotated[
        Repeatable, option("Rules", "Rules or categories to use in addition.", metavar="NAMES")
    ] = None,
    ignore: Annotated[Repeatable, option("Rules", "Rules or categories to turn off.", metavar="NAMES")] = None,
    output: Annotated[
        Repeatable,
        option(
            "Report",
            f"Output format: {', '.join(FORMATS)}; or FORMAT:FILE. Repeatable.",
            "--output",
            "-o",
            metavar="FORMAT",
            autocompletion=lambda: FORMATS,
        ),
    ] = None,
    everything: Annotated[bool, option("Report", "Print all findings, each in full.", "--all")] = False,
    show_undecided: Annotated[bool, option("Report", "List the unknown values that leave rules undecided.")] = False,
    show_suppressed: Annotated[bool, option("Report", "List suppressed and baselined findings, too.")] = False,
    statistics: Annotated[bool, option("Report", "Count the findings of each rule.")] = False,
    quiet: Annotated[bool, option("Report", "Print findings only.", "--quiet", "-q")] = False,
    color: Color = "auto",
    fail_on: Annotated[
        Level | None, option("Exit code", "The lowest level that gives exit code 1 (default: warning)", metavar="LEVEL")
    ] = None,
    exit_zero: Annotated[bool, option("Exit code", "Exit with 0 even if there are findings.")] = False,
    exit_non_zero_on_fix: Annotated[
        bool,
        option("Exit code", "Exit with 1 if something was fixed, even if no finding remains."),
    ] = False,
    fix: Annotated[bool, option("Fixes", "Apply safe fixes to the files.")] = False,
    unsafe_fixes: Annotated[bool, option("Fixes", "With --fix, --fix-only or --diff: unsafe fixes, too.")] = False,
    fix_only: Annotated[bool, option("Fixes", "Apply fixes without reporting the remaining findings.")] = False,
    diff: Annotated[bool, option("Fixes", "Print the changes of --fix as a diff, without writing them.")] = False,
    baseline: Annotated[str | None, option("Baseline", "The baseline file.", metavar="FILE")] = None,
    no_baseline: Annotated[bool, option("Baseline", "Ignore the baseline and report all findings.")] = False,
    write_baseline: Annotated[
        bool, option("Baseline", "Write the current findings to the baseline and exit with 0.")
    ] = False,
    prune: Annotated[bool, option("Baseline", "Remove stale entries from the baseline.")] = False,
    exclude: Exclude = None,
    extend_exclude: Annotated[
        Repeatable, option("Files", "Additional patterns to exclude. Repeatable.", metavar="PATTERN")
    ] = None,
    force_exclude: Annotated[bool | None, option("Files", "Exclude files even if they are named as paths.")] = None,
    stdin_filename: StdinFilename = "",
    config: Config = None,
    policy: Policy = "",
    isolated: Isolated = False,
    no_cache: Annotated[bool, option("Other", "Check all files again, without the result cache.")] = False,
) -> int:
    """Check tuning jobs.

    Exit codes: 0 clean, 1 findings, 2 usage, configuration or internal error.
    """
    fixes = fix or fix_only or diff
    _check_options(output, write_baseline, prune, baseline, is_ignored=no_baseline, fixes=fixes)
    options = check_options(
        config,
        policy,
        isolated=isolated,
        select=split_names(select),
        extend_select=split_names(extend_select),
        ignore=split_names(ignore),
        exclude=exclude,
        extend_exclude=extend_exclude,
        fail_on=fail_on,
        force_exclude=force_exclude,
        output=output,
        baseline=baseline,
    )
    options = replace(
        options,
        writes_baseline=write_baseline,
        no_baseline=no_baseline,
        fixes=_safeties(applies=fixes, unsafe=unsafe_fixes),
        is_dry_run=diff,
        uses_cache=not (no_cache or prune),
    )
    shown = ReportOptions(
        undecided=show_undecided, everything=everything, colour=color, statistics=statistics, quiet=quiet
    )
    with checked(paths, options, stdin_filename) as made:
        made.report = report = replace(made.report, shows_suppressed=show_suppressed)
        if write_baseline:
            return _write_baseline(report)
        if diff or fix_only or report.fixes.text is not None:
            return write_fixes(report, diff=diff, fix_only=fix_only, non_zero=exit_non_zero_on_fix)
        codes = [exit_code_of_report(report, exit_zero=exit_zero), _write_reports(made, options, paths, shown)]
        print_problems(report)
        print_fixed(report)
        codes.append(prune_baseline_file(report) if prune else print_stale_entries(report))
        codes.append(int(exit_non_zero_on_fix and bool(report.fixes.counts)))
    return _worst(codes)


def _worst(codes: list[int]) -> int:
    """The exit code of several steps: that of a failed one, or the highest."""
    return FAILED if FAILED in codes else max(codes)


def _check_options(
    output: list[str] | None, writes: bool, prunes: bool, baseline: str | None, *, is_ignored: bool, fixes: bool
) -> None:
    """Refuse a wrong output, and options of the baseline that contradict others, before any file is read."""
    outputs_of(output or ())
    if is_ignored and (writes or prunes or baseline):
        fail("--no-baseline cannot be combined with --baseline, --write-baseline or --prune")
    if writes and fixes:
        fail("--write-baseline cannot be combined with --fix, --fix-only or --diff: fix first, then write the baseline")


def _safeties(*, applies: bool, unsafe: bool) -> frozenset[str]:
    """The safeties of the fixes to apply; empty if none are applied."""
    if not applies:
        if unsafe:
            fail("--unsafe-fixes needs --fix, --fix-only or --diff")
        return frozenset()
    return frozenset({"safe", "unsafe"} if unsafe else {"safe"})


def _write_baseline(report: Report) -> int:
    print_problems(report)
    return FAILED if report.unreadable or report.failures else write_baseline_file(report)


def _write_reports(made: "Check", options: CheckOptions, paths: list[str] | None, shown: ReportOptions) -> int:
    """Write the reports, and declare that the output may be stored if the command only reads files and prints."""
    outputs = default_outputs(made.report.settings.run.output)
    only_prints = options.uses_cache and not options.fixes and all(file is None for _, file in outputs)
    if only_prints and "-" not in (paths or ()):
        whole_output.mark_storable()
    return write_reports(made, outputs, shown)
