"""The command line: options in, exit code out. No logic of its own."""

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
    listed,
    processors,
    report_of,
    rules_known,
    safeties_of,
    say_findings,
)
from hpolint.cli.options import (
    Colour,
    Config,
    Diff,
    Exclude,
    ExitNonZeroOnFix,
    ExtendExclude,
    ExtendSelect,
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
from hpolint.cli.write_reports import CLEAN, FAILED, FOUND, say, say_problems
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.io.streams import OutputError, exit_code_of, install_streams, write
from hpolint.model.settings import ConfigError
from hpolint.version import __version__

INTERRUPTED = 130
"""As a shell tells of what SIGINT has ended."""

USAGE_ERROR = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""click's: some versions of typer bring click along, others have it within."""

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
    force_exclude: Annotated[bool, typer.Option(help="Exclude even files that are named themselves.")] = False,
    config: Config = None,
    isolated: Isolated = False,
    stdin_filename: StdinFilename = "",
    fail_on: Annotated[
        FailOn | None, typer.Option(help="The level from which findings give exit code 1; warning by default.")
    ] = None,
    exit_zero: Annotated[bool, typer.Option(help="Exit with 0 whatever is found.")] = False,
    show_undecided: Annotated[bool, typer.Option(help="List the unknown values that leave judgements open.")] = False,
    statistics: Annotated[bool, typer.Option(help="Count the findings of each rule.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Print every finding in full, however many.")] = False,
    color: Annotated[Colour, typer.Option(help="Colours; auto is those of a terminal.")] = Colour.auto,
    baseline: Annotated[str | None, typer.Option(help="The file of findings that are known.")] = None,
    no_baseline: NoBaseline = False,
    write_baseline: WriteBaseline = False,
    prune: Prune = False,
    fix: Fix = False,
    unsafe_fixes: UnsafeFixes = False,
    fix_only: FixOnly = False,
    diff: Diff = False,
    exit_non_zero_on_fix: ExitNonZeroOnFix = False,
    show_suppressed: Annotated[bool, typer.Option(help="List what is suppressed, or known, too.")] = False,
    no_cache: NoCache = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print findings only.")] = False,
) -> None:
    """Check tuning jobs. Exit codes: 0 clean, 1 findings, 2 usage, configuration or internal error."""
    from hpolint.cli.write_reports import (
        ReportOptions,
        default_outputs,
        outputs_of,
        say_fixed,
        settled,
        write_fixes,
        write_reports,
    )

    outputs_of(output or [])  # a slip is told before anything is read
    if no_baseline and (write_baseline or prune or baseline):
        fail("--no-baseline contradicts --baseline, --write-baseline and --prune")
    options = check_options(
        config,
        isolated,
        select=listed(select),
        extend_select=listed(extend_select),
        ignore=listed(ignore),
        exclude=exclude,
        extend_exclude=extend_exclude,
        fail_on=fail_on and fail_on.value,
        force_exclude=force_exclude or None,
        output=output,
        baseline=baseline,
    )
    if write_baseline and (fix or fix_only or diff):
        fail("--write-baseline contradicts --fix, --fix-only and --diff: fix first, and then write what is left")
    safeties = safeties_of(applies=fix or fix_only or diff, unsafe=unsafe_fixes)
    options = replace(options, writes_baseline=write_baseline, no_baseline=no_baseline, fixes=safeties, is_dry_run=diff)
    options = replace(options, uses_cache=not (no_cache or prune))
    report = report_of(paths or ["."], options, stdin_filename)
    report.shows_suppressed = show_suppressed
    if write_baseline:
        from hpolint.cli.baseline_update import written_baseline

        say_problems(report)
        raise typer.Exit(FAILED if report.unreadable or report.failures else written_baseline(report))
    if diff or fix_only or report.fixed_text is not None:
        raise typer.Exit(write_fixes(report, diff=diff, fix_only=fix_only, non_zero=exit_non_zero_on_fix))
    outputs = default_outputs(report.settings.output)
    if not (no_cache or fix or prune or "-" in (paths or [])) and all(file is None for _, file in outputs):
        whole_output.only_prints()
    code = settled(report, exit_zero=exit_zero)
    printed = write_reports(
        report, outputs, ReportOptions(show_undecided, all_, color.value, statistics, quiet), processors()
    )
    say_problems(report)
    say_fixed(report)
    if prune and report.baseline is None:
        say("--prune: there is no baseline")
    if report.stale_entries:
        from hpolint.cli.baseline_update import pruned_baseline, say_unmatched

        printed = max(printed, pruned_baseline(report) if prune else say_unmatched(report))
    code = max(code, FOUND if exit_non_zero_on_fix and report.fixed else CLEAN)
    raise typer.Exit(FAILED if FAILED in (code, printed) else max(code, printed))


@app.command()
def extract(
    paths: Paths = None,
    output: Annotated[str, typer.Option(help="Only json.")] = "json",
    exclude: Exclude = None,
    config: Config = None,
    isolated: Isolated = False,
    stdin_filename: StdinFilename = "",
) -> None:
    """Print the tuning jobs as they were read."""
    import json

    from hpolint.cli.extract import extracted
    from hpolint.io.escaping import printable

    if output != "json":
        fail(f"extract knows the output json, not `{output}`")
    options = check_options(
        config, isolated, select=["unreadable-definition"], extend_select=[], ignore=[], exclude=exclude
    )
    report = report_of(paths or ["."], options, stdin_filename)
    write(printable(json.dumps(extracted(report.jobs), indent=2, ensure_ascii=False, allow_nan=False)) + "\n")
    say_findings(report, report.findings)
    say_problems(report)
    raise typer.Exit(FAILED if report.findings or report.unreadable else CLEAN)


@app.command()
def cost(
    paths: Paths = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text, json, csv or markdown.")] = "text",
    trial_minutes: TrialMinutes = None,
    trials: Trials = None,
    prices: Prices = None,
    region: Annotated[str | None, typer.Option(help="The region whose prices count, as in eu-west-1.")] = None,
    job: Annotated[str | None, typer.Option(help="Only the job of this variable, name or file.")] = None,
    tradeoff: TradeOff = False,
    exclude: Exclude = None,
    config: Config = None,
    isolated: Isolated = False,
    color: Annotated[Colour, typer.Option(help="Colours; auto is those of a terminal.")] = Colour.auto,
    stdin_filename: StdinFilename = "",
) -> None:
    """Tell what tuning jobs cost, at worst and likely. Exit codes: 0, or 2 where something could not be read."""
    from hpolint.cli.cost_output import OUTPUTS, CostOptions, cost_text

    if output not in OUTPUTS:
        fail(f"cost knows the outputs {', '.join(OUTPUTS)}, not `{output}`")
    if trial_minutes is not None and trials is not None:
        fail("--trial-minutes contradicts --trials: both say how long trials take")
    options = CostOptions(output, trial_minutes, trials, prices, region, job, tradeoff, color.value)
    all_options = replace(check_options(config, isolated, exclude=exclude), uses_cache=True)
    report = report_of(paths or ["."], all_options, stdin_filename)
    if report.cache is not None:
        report.cache.write()
    write(cost_text(report, options))
    unread = [each for each in report.findings if each.rule.emitted_by == "readers"]
    say_findings(report, unread)
    say_problems(report)
    raise typer.Exit(FAILED if unread or report.unreadable or report.failures else CLEAN)


@app.command()
def diff(
    base: Annotated[str, typer.Argument(help="A git revision, or A...B for what B adds to A.", show_default=False)],
    head: Annotated[str | None, typer.Argument(help="Another one. Default: the working tree.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text, json or markdown.")] = "text",
    fail_on_increase: Increase = None,
    fail_on_new: Annotated[
        bool, typer.Option("--fail-on-new", help="Exit with 1 for new warnings and errors.")
    ] = False,
    fail_on_unknown: Unknowns = False,
    config: Config = None,
    isolated: Isolated = False,
    color: Annotated[Colour, typer.Option(help="Colours; auto is those of a terminal.")] = Colour.auto,
) -> None:
    """Tell what changed of the tuning jobs between two revisions of this repository, and what that costs."""
    from hpolint.cli.diff_output import OUTPUTS, comparison_of, comparison_text, failing, share

    if output not in OUTPUTS:
        fail(f"diff knows the outputs {', '.join(OUTPUTS)}, not `{output}`")
    if fail_on_increase is not None:
        share(fail_on_increase)  # a slip is told before anything is read
    found = comparison_of(base, head, replace(check_options(config, isolated), no_baseline=True), processors())
    write(comparison_text(found, output, color.value))
    for line in found.notices:
        say(line)
    reasons = failing(found, increase=fail_on_increase, new=fail_on_new, unknown=fail_on_unknown)
    for line in reasons:
        say(line)
    raise typer.Exit(FAILED if found.failed else FOUND if reasons else CLEAN)


@app.command()
def config(
    folder: Annotated[
        str, typer.Argument(help="The folder or file whose settings are asked for. Default: here.")
    ] = ".",
    output: Annotated[
        str, typer.Option(help="text, json, or schema: the JSON Schema of a configuration file.")
    ] = "text",
    config: Config = None,
    isolated: Isolated = False,
) -> None:
    """Print what holds in a folder: each setting with its origin, each rule with why it is asked or not."""
    import json

    from hpolint.config.lookup import Configurations
    from hpolint.config.naming import check_configurations
    from hpolint.io.escaping import printable

    if output == "schema":
        from hpolint.config.schema import config_schema

        write(json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n")
        return
    if output not in ("text", "json"):
        fail(f"config knows the outputs text, json and schema, not `{output}`")
    from hpolint.config.explanation import settings_record, settings_text

    place = folder_of(folder)
    told: list[str] = []
    configurations = Configurations(check_options(config, isolated), told)
    configurations.add_root(place)
    resolved = configurations.of_folder(place)
    told += check_configurations([resolved])
    record = (
        printable(json.dumps(settings_record(place, resolved), indent=2, ensure_ascii=False)) + "\n"
        if output == "json"
        else ""
    )
    write(record or settings_text(place, resolved))
    for line in told:
        say(line)


@app.command()
def init() -> None:
    """Write a first hpolint.toml here, made for what is here. Nothing that exists is written over."""
    from hpolint.cli.init import begin

    say_problems(begin())


@app.command()
def rule(
    name: Annotated[str, typer.Argument(help="The rule's name, with or without its category.")],
    folder: Folder = ".",
    config: Config = None,
    isolated: Isolated = False,
) -> None:
    """Print a rule's page."""
    from hpolint.model.rule_page import rule_page
    from hpolint.registry.choosing import name_error

    known = rules_known(folder, config, isolated)
    wrong = name_error(name, known, category=False)
    if wrong is not None:
        fail(wrong if "may be" in wrong or "did you mean" in wrong else f"{wrong}; `hpolint rules` lists them")
    write(rule_page(next(rule for rule in known if name in (rule.name, rule.id))))


@app.command()
def rules(
    output: Annotated[str, typer.Option(help="text or json.")] = "text",
    folder: Folder = ".",
    config: Config = None,
    isolated: Isolated = False,
) -> None:
    """List all rules: the built-in ones, and those of the policies that are configured here."""
    from hpolint.model.rule_page import rules_json, rules_table

    if output not in ("text", "json"):
        fail(f"rules knows the outputs text and json, not `{output}`")
    known = rules_known(folder, config, isolated)
    write(rules_table(known) if output == "text" else rules_json(known))


@app.command()
def clean() -> None:
    """Remove what earlier checks have left in the cache."""
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
    """Prove rule files: front matter, conditions, messages, every example. Exit codes: 0 sound, 1 not, 2 unreadable."""
    from hpolint.cli.test_rules import found_files, run_tests

    try:
        files = found_files(paths)
    except FileNotFoundError as error:
        fail(f"{error}: no such file or folder")
    if not files:
        fail(f"no rule file in {', '.join(paths)}")
    tested = run_tests(files, paths)
    write(tested.text(quiet=quiet))
    raise typer.Exit(FAILED if tested.is_unread else FOUND if tested.errors else CLEAN)


def main() -> NoReturn:
    """The console command."""
    install_streams()
    try:
        with whole_output.stores_output(sys.argv[1:]) as run:
            code = run.code = _code(sys.argv[1:])
    finally:
        gc.freeze()  # the interpreter's last collection would find nothing either
    sys.exit(code)


def _code(arguments: list[str]) -> int:
    """Run the command line; its exit code, whatever goes wrong."""
    try:
        return app(arguments, prog_name="hpolint", standalone_mode=False) or CLEAN
    except ConfigError as error:
        say(str(error))
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
            say(internal_error("the command", error))
    return FAILED


@app.callback()
def _global(version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"hpolint {__version__}")
        raise typer.Exit(CLEAN)
