"""The commands that print what jobs are and cost: ``extract``, ``cost``, ``diff``, ``waiver``."""

import json
from typing import Annotated, Literal

import typer
from msgspec.structs import replace

from hpolint.cli.common import check_options, print_findings, print_lines, processors, read
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
from hpolint.cli.write_reports import CLEAN, FAILED, FOUND, print_problems, syntax_of
from hpolint.io.streams import write


def extract(
    paths: Paths = None,
    output: Annotated[Literal["json"], option("Report", "Output format", metavar="FORMAT")] = "json",
    exclude: Exclude = None,
    stdin_filename: StdinFilename = "",
    config: Config = None,
    isolated: Isolated = False,
) -> int:
    """Print the tuning jobs as hpolint reads them."""
    from hpolint.cli.extract import extracted
    from hpolint.io.escaping import printable

    options = check_options(
        config, isolated=isolated, select=["unreadable-definition"], extend_select=[], ignore=[], exclude=exclude
    )
    judged = read(paths, options, stdin_filename)
    text = json.dumps(extracted(judged.jobs), indent=2, ensure_ascii=False, allow_nan=False)
    write(f"{printable(text)}\n", output)
    print_findings(judged, judged.findings)
    print_problems(judged)
    return FAILED if judged.findings or judged.unreadable else CLEAN


def minutes(text: str) -> float:
    """A number of minutes. Raises BadParameter."""
    try:
        number = float(text)
    except ValueError:
        raise typer.BadParameter(f"`{text}` is not a number") from None
    if not number >= 0.001:  # NaN is neither
        raise typer.BadParameter(f"`{text}` is less than 0.001")
    return number


def cost(
    paths: Paths = None,
    trial_minutes: Annotated[
        float | None,
        option(
            "Estimate",
            "How long a trial takes, in minutes, to estimate the likely cost.",
            metavar="NUMBER",
            parser=minutes,
        ),
    ] = None,
    trials: Annotated[
        str | None,
        option(
            "Estimate",
            "A response of ListTrainingJobsForHyperParameterTuningJob with the run times of earlier trials.",
            metavar="FILE",
        ),
    ] = None,
    prices: Annotated[
        str | None,
        option(
            "Estimate",
            "A price file: AWS's offer file for SageMaker (CSV or JSON) or a table `type,price`; or `none`.",
            metavar="FILE",
        ),
    ] = None,
    region: Annotated[
        str | None, option("Estimate", "The region of the prices, for example eu-west-1.", metavar="REGION")
    ] = None,
    output: Annotated[
        Literal["text", "json", "csv", "markdown"],
        option("Report", "Output format", "--output", "-o", metavar="FORMAT"),
    ] = "text",
    job: Annotated[
        str | None, option("Report", "Only the jobs with this variable, name or file.", metavar="NAME")
    ] = None,
    tradeoff: Annotated[
        bool,
        option("Report", "For one job: the time saved and the trials added by running more trials at once."),
    ] = False,
    color: Color = "auto",
    fail_above: Annotated[
        Repeatable,
        option(
            "Exit code",
            "Exit with 1 if the worst case of a job is above this, for example 500h or 1000USD. Repeatable.",
            metavar="LIMIT",
        ),
    ] = None,
    fail_above_total: Annotated[
        Repeatable,
        option(
            "Exit code",
            "Exit with 1 if the worst case of all jobs together is above this. Repeatable.",
            metavar="LIMIT",
        ),
    ] = None,
    exclude: Exclude = None,
    stdin_filename: StdinFilename = "",
    config: Config = None,
    policy: Policy = "",
    isolated: Isolated = False,
) -> int:
    """Estimate the worst-case and likely cost of tuning jobs.

    Exit codes: 0, 1 if a cost is above a limit, 2 if a file could not be read.
    """
    from hpolint.cli.cost_output import costs_of_files, costs_text, tradeoff_text, trials_of
    from hpolint.cost.limits import exceeded, read_limits

    measured = trials_of(trial_minutes, trials)  # a wrong option fails before any file is read
    limits = read_limits(fail_above or (), "--fail-above")
    total_limits = read_limits(fail_above_total or (), "--fail-above-total")
    options = check_options(config, policy, isolated=isolated, exclude=exclude)
    judged = read(paths, options, stdin_filename)
    costs = costs_of_files(judged, measured, prices=prices, region=region, job=job)
    reasons = list(exceeded(costs, limits, total_limits))
    text = tradeoff_text(costs, output) if tradeoff else costs_text(judged, costs, output, color)
    write(text, syntax_of(output))
    print_lines(reasons)
    unread = [finding for finding in judged.findings if finding.rule.emitted_by == "readers"]
    print_findings(judged, unread)
    print_problems(judged)
    if unread or judged.unreadable or judged.failures:
        return FAILED
    return FOUND if reasons else CLEAN


def diff(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A git revision, or A...B: B and its merge base with A.")],
    head: Annotated[
        str | None,
        typer.Argument(metavar="[HEAD]", help="The later git revision. Default: the working tree."),
    ] = None,
    git_dir: Annotated[
        str | None,
        option(
            "Files", "The bare repository to read, instead of the repository of the working folder.", metavar="FOLDER"
        ),
    ] = None,
    output: Annotated[
        Literal["text", "json", "markdown"], option("Report", "Output format", "--output", "-o", metavar="FORMAT")
    ] = "text",
    color: Color = "auto",
    fail_on_increase: Annotated[
        str | None,
        option(
            "Exit code",
            "Exit with 1 if worst-case hours or money grow by more than this, for example 20%.",
            metavar="PERCENTAGE",
        ),
    ] = None,
    fail_on_new: Annotated[bool, option("Exit code", "Exit with 1 if there are new warnings or errors.")] = False,
    fail_on_unknown: Annotated[
        bool, option("Exit code", "Exit with 1 if a known worst-case cost becomes unknown.")
    ] = False,
    config: Config = None,
    policy: Policy = "",
    isolated: Isolated = False,
) -> int:
    """Compare the tuning jobs of two revisions of this repository: fields, findings and cost."""
    from hpolint.cli.diff_output import comparison_of, comparison_text, failure_reasons, parse_increase

    if fail_on_increase is not None:
        parse_increase(fail_on_increase)  # a wrong option fails before any file is read
    options = replace(check_options(config, policy, isolated=isolated), no_baseline=True)
    comparison = comparison_of(base, head, options, processors(), git_dir)
    write(comparison_text(comparison, output, color), syntax_of(output))
    print_lines(comparison.notices)
    reasons = failure_reasons(comparison, increase=fail_on_increase, new=fail_on_new, unknown=fail_on_unknown)
    print_lines(reasons)
    if comparison.failed:
        return FAILED
    return FOUND if reasons else CLEAN


def waiver(
    rule: Annotated[
        str,
        typer.Argument(metavar="RULE", help="The locked rule, with or without its category; a path with --outdated."),
    ],
    paths: Paths = None,
    config: Config = None,
    policy: Policy = "",
    isolated: Isolated = False,
    outdated: Annotated[
        bool, option("Waivers", "List the waivers of definitions of which hpolint reads more than it did.")
    ] = False,
) -> int:
    """Print a [[waivers]] table for each job in which a locked rule has findings, to be completed and reviewed."""
    from hpolint.cli.waiver_output import outdated_waivers, waiver_tables

    options = check_options(config, policy, isolated=isolated)
    if outdated:
        judged = read([rule, *(paths or [])], options)
        write(outdated_waivers(judged))
    else:
        judged = read(paths, options)
        write(waiver_tables(judged, rule))
    print_problems(judged)
    return FAILED if judged.failures or judged.unreadable else CLEAN
