"""The command line: it maps options to the functions that do the work, and their results to exit codes."""

from __future__ import annotations

import gc
import sys
from argparse import Namespace
from typing import TYPE_CHECKING, NoReturn

from msgspec.structs import replace

from hpolint.cache import entries, whole_output
from hpolint.cli.arguments import SHELLS, UsageError, command_of, whole_parser
from hpolint.cli.common import (
    Exit,
    check_options,
    checked,
    fail,
    folder_of,
    known_rules_in,
    print_findings,
    processors,
    read,
    safeties_of,
    split_names,
)
from hpolint.cli.write_reports import (
    CLEAN,
    FAILED,
    FOUND,
    ReportOptions,
    default_outputs,
    exit_code_of_report,
    outputs_of,
    print_fixed,
    print_line,
    print_problems,
    syntax_of,
    write_fixes,
    write_reports,
)
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.io.streams import OutputError, exit_code_of, install_streams, write
from hpolint.model.settings import ConfigError
from hpolint.version import __version__

if TYPE_CHECKING:
    from hpolint.run.check import Check

INTERRUPTED = 130
"""The exit code that shells report for a process ended by SIGINT."""


def check(given: Namespace) -> int:
    """``hpolint check``."""
    outputs_of(given.output or [])  # a wrong option fails before any file is read
    if given.no_baseline and (given.write_baseline or given.prune or given.baseline):
        fail("--no-baseline cannot be combined with --baseline, --write-baseline or --prune")
    options = check_options(
        given,
        select=split_names(given.select),
        extend_select=split_names(given.extend_select),
        ignore=split_names(given.ignore),
        exclude=given.exclude,
        extend_exclude=given.extend_exclude,
        fail_on=given.fail_on,
        force_exclude=given.force_exclude or None,
        output=given.output,
        baseline=given.baseline,
    )
    if given.write_baseline and (given.fix or given.fix_only or given.diff):
        fail("--write-baseline cannot be combined with --fix, --fix-only or --diff: fix first, then write the baseline")
    safeties = safeties_of(applies=given.fix or given.fix_only or given.diff, unsafe=given.unsafe_fixes)
    options = replace(
        options,
        writes_baseline=given.write_baseline,
        no_baseline=given.no_baseline,
        fixes=safeties,
        is_dry_run=given.diff,
        uses_cache=not (given.no_cache or given.prune),
    )
    with checked(given.paths, options, given.stdin_filename) as made:
        made.report = replace(made.report, shows_suppressed=given.show_suppressed)
        return _reported(made, given)


def _reported(made: Check, given: Namespace) -> int:
    """Write what was asked of a check, and return the exit code."""
    report = made.report
    if given.write_baseline:
        from hpolint.cli.baseline_update import write_baseline_file

        print_problems(report)
        return FAILED if report.unreadable or report.failures else write_baseline_file(report)
    if given.diff or given.fix_only or report.fixes.text is not None:
        return write_fixes(report, diff=given.diff, fix_only=given.fix_only, non_zero=given.exit_non_zero_on_fix)
    outputs = default_outputs(report.settings.output)
    if not (given.no_cache or given.fix or given.prune or "-" in given.paths) and all(
        file is None for _, file in outputs
    ):
        whole_output.mark_storable()
    code = exit_code_of_report(report, exit_zero=given.exit_zero)
    shown = ReportOptions(given.show_undecided, given.all, given.color, given.statistics, given.quiet)
    printed = write_reports(made, outputs, shown)
    print_problems(report)
    print_fixed(report)
    if given.prune and report.baseline is None:
        print_line("--prune: no baseline found")
    if report.stale_entries:
        from hpolint.cli.baseline_update import print_stale_entries, prune_baseline_file

        printed = max(printed, prune_baseline_file(report) if given.prune else print_stale_entries(report))
    code = max(code, FOUND if given.exit_non_zero_on_fix and report.fixes.counts else CLEAN)
    return FAILED if FAILED in (code, printed) else max(code, printed)


def extract(given: Namespace) -> int:
    """``hpolint extract``."""
    import json

    from hpolint.cli.extract import extracted
    from hpolint.io.escaping import printable

    if given.output != "json":
        fail(f"unknown output `{given.output}`: extract prints json")
    options = check_options(given, select=["unreadable-definition"], extend_select=[], ignore=[], exclude=given.exclude)
    judged = read(given.paths, options, given.stdin_filename)
    write(printable(json.dumps(extracted(judged.jobs), indent=2, ensure_ascii=False, allow_nan=False)) + "\n", "json")
    print_findings(judged, judged.findings)
    print_problems(judged)
    return FAILED if judged.findings or judged.unreadable else CLEAN


def cost(given: Namespace) -> int:
    """``hpolint cost``."""
    from hpolint.cli.cost_output import OUTPUTS, CostOptions, cost_text
    from hpolint.cost.limits import read_limits

    if given.output not in OUTPUTS:
        fail(f"unknown output `{given.output}`: `hpolint cost` supports {', '.join(OUTPUTS)}")
    if given.trial_minutes is not None and given.trials is not None:
        fail("--trial-minutes cannot be combined with --trials: both set how long trials take")
    options = CostOptions(
        given.output,
        given.trial_minutes,
        given.trials,
        given.prices,
        given.region,
        given.job,
        given.tradeoff,
        given.color,
        read_limits(given.fail_above or (), "--fail-above"),
        read_limits(given.fail_above_total or (), "--fail-above-total"),
    )
    judged = read(given.paths, check_options(given, exclude=given.exclude), given.stdin_filename)
    text, reasons = cost_text(judged, options)
    write(text, syntax_of(given.output))
    for line in reasons:
        print_line(line)
    unread = [finding for finding in judged.findings if finding.rule.emitted_by == "readers"]
    print_findings(judged, unread)
    print_problems(judged)
    if unread or judged.unreadable or judged.failures:
        return FAILED
    return FOUND if reasons else CLEAN


def diff(given: Namespace) -> int:
    """``hpolint diff``."""
    from hpolint.cli.diff_output import OUTPUTS, comparison_of, comparison_text, failure_reasons, parse_increase

    if given.output not in OUTPUTS:
        fail(f"unknown output `{given.output}`: diff prints {', '.join(OUTPUTS)}")
    if given.fail_on_increase is not None:
        parse_increase(given.fail_on_increase)  # a wrong option fails before any file is read
    options = replace(check_options(given), no_baseline=True)
    found = comparison_of(given.base, given.head, options, processors(), given.git_dir)
    write(comparison_text(found, given.output, given.color), syntax_of(given.output))
    for line in found.notices:
        print_line(line)
    reasons = failure_reasons(
        found, increase=given.fail_on_increase, new=given.fail_on_new, unknown=given.fail_on_unknown
    )
    for line in reasons:
        print_line(line)
    return FAILED if found.failed else FOUND if reasons else CLEAN


def config(given: Namespace) -> int:
    """``hpolint config``."""
    import json

    from hpolint.config.lookup import Configurations
    from hpolint.config.naming import check_configurations
    from hpolint.io.escaping import printable

    output, waivers = given.output, given.waivers
    if output == "schema":
        from hpolint.config.schema import config_schema

        write(json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n")
        return CLEAN
    if output not in (("text", "json", "csv") if waivers else ("text", "json")):
        fail(f"unknown output `{output}`: config prints {'text, json, csv' if waivers else 'text, json, schema'}")
    from hpolint.config.explanation import settings_record, settings_text

    target = folder_of(given.folder)
    notices: list[str] = []
    configurations = Configurations(check_options(given), notices)
    configurations.add_root(target)
    resolved = configurations.of_folder(target)
    notices += check_configurations([resolved], configurations.policies)
    if waivers:
        from hpolint.cli.waiver_output import waivers_of, waivers_text

        write(waivers_text(waivers_of([*configurations.policies, resolved]), output), syntax_of(output))
        return CLEAN
    record = (
        printable(json.dumps(settings_record(target, resolved), indent=2, ensure_ascii=False)) + "\n"
        if output == "json"
        else ""
    )
    write(record or settings_text(target, resolved), syntax_of(output))
    for line in notices:
        print_line(line)
    return CLEAN


def waiver(given: Namespace) -> int:
    """``hpolint waiver``."""
    from hpolint.cli.waiver_output import waiver_tables

    judged = read(given.paths, check_options(given))
    write(waiver_tables(judged, given.rule))
    print_problems(judged)
    return FAILED if judged.failures or judged.unreadable else CLEAN


def init(_given: Namespace) -> int:
    """``hpolint init``."""
    from hpolint.cli.init import write_first_config

    print_problems(write_first_config())
    return CLEAN


def rule(given: Namespace) -> int:
    """``hpolint rule``."""
    from hpolint.model.rule_page import rule_page
    from hpolint.registry.choosing import name_error

    known = known_rules_in(given)
    wrong = name_error(given.name, known, category=False)
    if wrong is not None:
        fail(wrong if "may be" in wrong or "did you mean" in wrong else f"{wrong}; `hpolint rules` lists them")
    write(rule_page(next(rule for rule in known if given.name in (rule.name, rule.id))))
    return CLEAN


def rules(given: Namespace) -> int:
    """``hpolint rules``."""
    from hpolint.model.rule_page import rules_json, rules_table
    from hpolint.reporters.text import terminal_width

    if given.output not in ("text", "json"):
        fail(f"unknown output `{given.output}`: rules prints text, json")
    known = known_rules_in(given)
    text = rules_table(known, terminal_width()) if given.output == "text" else rules_json(known)
    write(text, syntax_of(given.output))
    return CLEAN


def server(_given: Namespace) -> int:
    """``hpolint server``."""
    try:
        from hpolint.server.language_server import serve
    except ImportError as error:
        fail(f"the language server needs {error.name}: install hpolint[server]")
    gc.enable()  # the process stays
    serve()
    return CLEAN


def clean(_given: Namespace) -> int:
    """``hpolint clean``."""
    try:
        count = entries.clean()
    except OSError as error:
        fail(f"{error.filename}: cannot be removed: {error.strerror}")
    write(f"{count:,} file{'s' if count != 1 else ''} removed\n")
    return CLEAN


def test(given: Namespace) -> int:
    """``hpolint test``."""
    from hpolint.cli.rule_files import find_rule_files
    from hpolint.run.rule_tests import run_tests

    try:
        files = find_rule_files(given.paths)
    except FileNotFoundError as error:
        fail(f"{error}: no such file or folder")
    if not files:
        fail(f"no rule file in {', '.join(given.paths)}")
    tested = run_tests(files, given.paths)
    write(tested.text(quiet=given.quiet))
    return FAILED if tested.has_unreadable else FOUND if tested.errors else CLEAN


RUN = {
    each.__name__: each for each in (check, extract, cost, diff, config, waiver, init, rule, rules, server, clean, test)
}
"""The function of each command."""


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    install_streams()
    try:
        with whole_output.storing_output(sys.argv[1:]) as run:
            code = run.code = _code(sys.argv[1:])
    finally:
        gc.freeze()  # skips the garbage collection at exit, which would free nothing
    sys.exit(code)


def _code(arguments: list[str]) -> int:
    """Run the command line and return its exit code, also after an error."""
    try:
        return run_command(arguments)
    except Exit as exit_:
        return exit_.code
    except ConfigError as error:
        print_line(str(error))
    except OutputError as error:
        return exit_code_of(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # the last resort: a message, not a traceback
        if debugging():
            raise
        print_line(internal_error("the command", error))
    return FAILED


def run_command(arguments: list[str]) -> int:
    """Run the command that the arguments name, or print what is asked of all commands, and return the exit code.

    Raises UsageError, ConfigError, OutputError and Exit.
    """
    if not arguments:
        write(whole_parser().format_help())
        return FAILED
    first, *rest = arguments
    if first in ("--help", "-h"):
        write(whole_parser().format_help())
    elif first in ("--version", "-V"):
        write(f"hpolint {__version__}\n")
    elif first == "--show-completion":
        _show_completion(rest)
    else:
        parser = command_of(first).parser(first)
        if "--help" in rest or "-h" in rest:
            write(parser.format_help())
        else:
            return RUN[first](parser.parsed(rest))
    return CLEAN


def _show_completion(arguments: list[str]) -> None:
    """Print the script by which a shell completes the command line. Raises UsageError."""
    import shtab

    if len(arguments) != 1 or arguments[0] not in SHELLS:
        raise UsageError(f"--show-completion takes one of {', '.join(SHELLS)}")
    write(shtab.complete(whole_parser(), arguments[0]))
