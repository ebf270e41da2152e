"""The command line: it maps options to the functions that do the work, and their results to exit codes."""

from __future__ import annotations

import gc
import sys
from typing import Annotated, NoReturn

import typer
from msgspec.structs import replace

from hpolint.cache import entries, whole_output
from hpolint.cli.common import (
    check_options,
    fail,
    folder_of,
    known_rules_in,
    print_findings,
    processors,
    report_of,
    safeties_of,
    split_names,
)
from hpolint.cli.options import (
    Colour,
    Config,
    Diff,
    Exclude,
    ExitNonZeroOnFix,
    ExtendExclude,
    ExtendSelect,
    FailAbove,
    FailAboveTotal,
    FailOn,
    Fix,
    FixOnly,
    Folder,
    Ignore,
    Increase,
    Isolated,
    NoBaseline,
    NoCache,
    Output,
    Paths,
    Policy,
    Prices,
    Prune,
    Select,
    StdinFilename,
    TradeOff,
    TrialMinutes,
    Trials,
    Unknowns,
    UnsafeFixes,
    WriteBaseline,
)
from hpolint.cli.write_reports import CLEAN, FAILED, FOUND, print_line, print_problems
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.io.streams import OutputError, exit_code_of, install_streams, write
from hpolint.model.settings import ConfigError
from hpolint.version import __version__

INTERRUPTED = 130
"""The exit code that shells report for a process ended by SIGINT."""

USAGE_ERROR = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""click's base class of usage errors: some versions of typer depend on click, others contain a copy."""

app = typer.Typer(
    name="hpolint",
    help="Lint Amazon SageMaker hyperparameter tuning jobs before anything is launched.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def check(
    paths: Paths = None,
    select: Select = None,
    extend_select: ExtendSelect = None,
    ignore: Ignore = None,
    output: Output = None,
    exclude: Exclude = None,
    extend_exclude: ExtendExclude = None,
    force_exclude: Annotated[bool, typer.Option(help="Exclude files even if they are named as paths.")] = False,
    config: Config = None,
    policy: Policy = None,
    isolated: Isolated = False,
    stdin_filename: StdinFilename = "",
    fail_on: Annotated[
        FailOn | None, typer.Option(help="The lowest level that gives exit code 1. Default: warning.")
    ] = None,
    exit_zero: Annotated[bool, typer.Option(help="Exit with 0 even if there are findings.")] = False,
    show_undecided: Annotated[bool, typer.Option(help="List the unknown values that leave rules undecided.")] = False,
    statistics: Annotated[bool, typer.Option(help="Count the findings of each rule.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Print all findings, each in full.")] = False,
    color: Annotated[Colour, typer.Option(help="When to print colours; auto: on a terminal.")] = Colour.auto,
    baseline: Annotated[str | None, typer.Option(help="The baseline file.")] = None,
    no_baseline: NoBaseline = False,
    write_baseline: WriteBaseline = False,
    prune: Prune = False,
    fix: Fix = False,
    unsafe_fixes: UnsafeFixes = False,
    fix_only: FixOnly = False,
    diff: Diff = False,
    exit_non_zero_on_fix: ExitNonZeroOnFix = False,
    show_suppressed: Annotated[bool, typer.Option(help="List suppressed and baselined findings, too.")] = False,
    no_cache: NoCache = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print findings only.")] = False,
) -> None:
    """Check tuning jobs. Exit codes: 0 clean, 1 findings, 2 usage, configuration or internal error."""
    from hpolint.cli.write_reports import (
        ReportOptions,
        default_outputs,
        exit_code_of,
        outputs_of,
        print_fixed,
        write_fixes,
        write_reports,
    )

    outputs_of(output or [])  # a wrong option fails before any file is read
    if no_baseline and (write_baseline or prune or baseline):
        fail("--no-baseline cannot be combined with --baseline, --write-baseline or --prune")
    options = check_options(
        config,
        isolated,
        policy=policy,
        select=split_names(select),
        extend_select=split_names(extend_select),
        ignore=split_names(ignore),
        exclude=exclude,
        extend_exclude=extend_exclude,
        fail_on=fail_on and fail_on.value,
        force_exclude=force_exclude or None,
        output=output,
        baseline=baseline,
    )
    if write_baseline and (fix or fix_only or diff):
        fail("--write-baseline cannot be combined with --fix, --fix-only or --diff: fix first, then write the baseline")
    safeties = safeties_of(applies=fix or fix_only or diff, unsafe=unsafe_fixes)
    options = replace(options, writes_baseline=write_baseline, no_baseline=no_baseline, fixes=safeties, is_dry_run=diff)
    options = replace(options, uses_cache=not (no_cache or prune))
    report = report_of(paths or ["."], options, stdin_filename)
    report.shows_suppressed = show_suppressed
    if write_baseline:
        from hpolint.cli.baseline_update import write_baseline_file

        print_problems(report)
        raise typer.Exit(FAILED if report.unreadable or report.failures else write_baseline_file(report))
    if diff or fix_only or report.fixed_text is not None:
        raise typer.Exit(write_fixes(report, diff=diff, fix_only=fix_only, non_zero=exit_non_zero_on_fix))
    outputs = default_outputs(report.settings.output)
    if not (no_cache or fix or prune or "-" in (paths or [])) and all(file is None for _, file in outputs):
        whole_output.mark_storable()
    code = exit_code_of(report, exit_zero=exit_zero)
    printed = write_reports(
        report, outputs, ReportOptions(show_undecided, all_, color.value, statistics, quiet), processors()
    )
    print_problems(report)
    print_fixed(report)
    if prune and report.baseline is None:
        print_line("--prune: no baseline found")
    if report.stale_entries:
        from hpolint.cli.baseline_update import print_stale_entries, prune_baseline_file

        printed = max(printed, prune_baseline_file(report) if prune else print_stale_entries(report))
    code = max(code, FOUND if exit_non_zero_on_fix and report.fixed else CLEAN)
    raise typer.Exit(FAILED if FAILED in (code, printed) else max(code, printed))


@app.command()
def extract(
    paths: Paths = None,
    output: Annotated[str, typer.Option(help="Output format: json.")] = "json",
    exclude: Exclude = None,
    config: Config = None,
    isolated: Isolated = False,
    stdin_filename: StdinFilename = "",
) -> None:
    """Print the tuning jobs as hpolint reads them."""
    import json

    from hpolint.cli.extract import extracted
    from hpolint.io.escaping import printable

    if output != "json":
        fail(f"unknown output `{output}`: extract prints json")
    options = check_options(
        config, isolated, select=["unreadable-definition"], extend_select=[], ignore=[], exclude=exclude
    )
    report = report_of(paths or ["."], options, stdin_filename)
    write(printable(json.dumps(extracted(report.jobs), indent=2, ensure_ascii=False, allow_nan=False)) + "\n")
    print_findings(report, report.findings)
    print_problems(report)
    raise typer.Exit(FAILED if report.findings or report.unreadable else CLEAN)


@app.command()
def cost(
    paths: Paths = None,
    output: Annotated[str, typer.Option("--output", "-o", help="Output format: text, json, csv or markdown.")] = "text",
    trial_minutes: TrialMinutes = None,
    trials: Trials = None,
    prices: Prices = None,
    region: Annotated[str | None, typer.Option(help="The region of the prices, for example eu-west-1.")] = None,
    job: Annotated[str | None, typer.Option(help="Only the jobs with this variable, name or file.")] = None,
    tradeoff: TradeOff = False,
    fail_above: FailAbove = None,
    fail_above_total: FailAboveTotal = None,
    exclude: Exclude = None,
    config: Config = None,
    policy: Policy = None,
    isolated: Isolated = False,
    color: Annotated[Colour, typer.Option(help="When to print colours; auto: on a terminal.")] = Colour.auto,
    stdin_filename: StdinFilename = "",
) -> None:
    """Estimate the worst-case and likely cost of tuning jobs.

    Exit codes: 0, 1 if a cost is above a limit, 2 if a file could not be read.
    """
    from hpolint.cli.cost_output import OUTPUTS, CostOptions, cost_text
    from hpolint.cost.limits import read_limits

    if output not in OUTPUTS:
        fail(f"unknown output `{output}`: `hpolint cost` supports {', '.join(OUTPUTS)}")
    if trial_minutes is not None and trials is not None:
        fail("--trial-minutes cannot be combined with --trials: both set how long trials take")
    limits = read_limits(fail_above or (), "--fail-above"), read_limits(fail_above_total or (), "--fail-above-total")
    options = CostOptions(output, trial_minutes, trials, prices, region, job, tradeoff, color.value, *limits)
    all_options = replace(check_options(config, isolated, policy=policy, exclude=exclude), uses_cache=True)
    report = report_of(paths or ["."], all_options, stdin_filename)
    if report.cache is not None:
        report.cache.write()
    text, reasons = cost_text(report, options)
    write(text)
    for line in reasons:
        print_line(line)
    unread = [each for each in report.findings if each.rule.emitted_by == "readers"]
    print_findings(report, unread)
    print_problems(report)
    if unread or report.unreadable or report.failures:
        raise typer.Exit(FAILED)
    raise typer.Exit(FOUND if reasons else CLEAN)


@app.command()
def diff(
    base: Annotated[
        str,
        typer.Argument(help="A git revision, or A...B: B and its merge base with A.", show_default=False),
    ],
    head: Annotated[str | None, typer.Argument(help="The later git revision. Default: the working tree.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="Output format: text, json or markdown.")] = "text",
    fail_on_increase: Increase = None,
    fail_on_new: Annotated[
        bool, typer.Option("--fail-on-new", help="Exit with 1 if there are new warnings or errors.")
    ] = False,
    fail_on_unknown: Unknowns = False,
    config: Config = None,
    policy: Policy = None,
    isolated: Isolated = False,
    color: Annotated[Colour, typer.Option(help="When to print colours; auto: on a terminal.")] = Colour.auto,
) -> None:
    """Compare the tuning jobs of two revisions of this repository: fields, findings and cost."""
    from hpolint.cli.diff_output import OUTPUTS, comparison_of, comparison_text, failure_reasons, parse_increase

    if output not in OUTPUTS:
        fail(f"unknown output `{output}`: diff prints {', '.join(OUTPUTS)}")
    if fail_on_increase is not None:
        parse_increase(fail_on_increase)  # a wrong option fails before any file is read
    found = comparison_of(
        base, head, replace(check_options(config, isolated, policy=policy), no_baseline=True), processors()
    )
    write(comparison_text(found, output, color.value))
    for line in found.notices:
        print_line(line)
    reasons = failure_reasons(found, increase=fail_on_increase, new=fail_on_new, unknown=fail_on_unknown)
    for line in reasons:
        print_line(line)
    raise typer.Exit(FAILED if found.failed else FOUND if reasons else CLEAN)


@app.command()
def config(
    folder: Annotated[str, typer.Argument(help="Print the settings of this folder or file.")] = ".",
    output: Annotated[
        str, typer.Option(help="Output format: text, json, or schema (the JSON Schema of configuration files).")
    ] = "text",
    waivers: Annotated[
        bool, typer.Option("--waivers", help="List the waivers that apply here instead; output text, json or csv.")
    ] = False,
    config: Config = None,
    policy: Policy = None,
    isolated: Isolated = False,
) -> None:
    """Print the settings of a folder: each setting with its origin, each rule with the reason why it is on or off."""
    import json

    from hpolint.config.lookup import Configurations
    from hpolint.config.naming import check_configurations
    from hpolint.io.escaping import printable

    if output == "schema":
        from hpolint.config.schema import config_schema

        write(json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n")
        return
    if output not in (("text", "json", "csv") if waivers else ("text", "json")):
        fail(f"unknown output `{output}`: config prints {'text, json, csv' if waivers else 'text, json, schema'}")
    from hpolint.config.explanation import settings_record, settings_text

    target = folder_of(folder)
    notices: list[str] = []
    configurations = Configurations(check_options(config, isolated, policy=policy), notices)
    configurations.add_root(target)
    resolved = configurations.of_folder(target)
    notices += check_configurations([resolved], configurations.policies)
    if waivers:
        from hpolint.cli.waiver_output import waivers_of, waivers_text

        write(waivers_text(waivers_of([*configurations.policies, resolved]), output))
        return
    record = (
        printable(json.dumps(settings_record(target, resolved), indent=2, ensure_ascii=False)) + "\n"
        if output == "json"
        else ""
    )
    write(record or settings_text(target, resolved))
    for line in notices:
        print_line(line)


@app.command()
def waiver(
    rule: Annotated[str, typer.Argument(help="The locked rule, with or without its category.")],
    paths: Paths = None,
    config: Config = None,
    policy: Policy = None,
    isolated: Isolated = False,
) -> None:
    """Print a [[waivers]] table for each job in which a locked rule has findings, to be completed and reviewed."""
    from hpolint.cli.waiver_output import waiver_tables

    report = report_of(paths or ["."], check_options(config, isolated, policy=policy), "")
    write(waiver_tables(report, rule))
    print_problems(report)


@app.command()
def init() -> None:
    """Write a first hpolint.toml for the working folder. Existing files are not overwritten."""
    from hpolint.cli.init import write_first_config

    print_problems(write_first_config())


@app.command()
def rule(
    name: Annotated[str, typer.Argument(help="The rule's name, with or without its category.")],
    folder: Folder = ".",
    config: Config = None,
    policy: Policy = None,
    isolated: Isolated = False,
) -> None:
    """Print the documentation of a rule."""
    from hpolint.model.rule_page import rule_page
    from hpolint.registry.choosing import name_error

    known = known_rules_in(folder, config, isolated, policy)
    wrong = name_error(name, known, category=False)
    if wrong is not None:
        fail(wrong if "may be" in wrong or "did you mean" in wrong else f"{wrong}; `hpolint rules` lists them")
    write(rule_page(next(rule for rule in known if name in (rule.name, rule.id))))


@app.command()
def rules(
    output: Annotated[str, typer.Option(help="Output format: text or json.")] = "text",
    folder: Folder = ".",
    config: Config = None,
    policy: Policy = None,
    isolated: Isolated = False,
) -> None:
    """List all rules: the built-in ones and those of the configured policies."""
    from hpolint.model.rule_page import rules_json, rules_table
    from hpolint.reporters.text import terminal_width

    if output not in ("text", "json"):
        fail(f"unknown output `{output}`: rules prints text, json")
    known = known_rules_in(folder, config, isolated, policy)
    write(rules_table(known, terminal_width()) if output == "text" else rules_json(known))


@app.command()
def clean() -> None:
    """Remove all entries of the cache."""
    try:
        count = entries.clean()
    except OSError as error:
        fail(f"{error.filename}: cannot be removed: {error.strerror}")
    write(f"{count:,} file{'s' if count != 1 else ''} removed\n")


@app.command(name="test")
def check_rule_files(
    paths: Annotated[list[str], typer.Argument(help="Rule files, or folders with rule files.", show_default=False)],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Test rule files: front matter, conditions, messages, examples. Exit codes: 0 sound, 1 errors, 2 unreadable."""
    from hpolint.cli.rule_tests import find_rule_files, run_tests

    try:
        files = find_rule_files(paths)
    except FileNotFoundError as error:
        fail(f"{error}: no such file or folder")
    if not files:
        fail(f"no rule file in {', '.join(paths)}")
    tested = run_tests(files, paths)
    write(tested.text(quiet=quiet))
    raise typer.Exit(FAILED if tested.has_unreadable else FOUND if tested.errors else CLEAN)


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
        return app(arguments, prog_name="hpolint", standalone_mode=False) or CLEAN
    except ConfigError as error:
        print_line(str(error))
    except OutputError as error:
        return exit_code_of(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # the last resort: a message, not a traceback
        if debugging():
            raise
        if isinstance(error, USAGE_ERROR):
            error.show()  # type: ignore[attr-defined]
        else:
            print_line(internal_error("the command", error))
    return FAILED


@app.callback()
def _global(version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"hpolint {__version__}")
        raise typer.Exit(CLEAN)
