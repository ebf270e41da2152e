"""The options that the commands share, as the command line names and explains them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Colour(StrEnum):
    """When to print colours."""

    auto = "auto"
    always = "always"
    never = "never"


class FailOn(StrEnum):
    """The levels, as the command line takes them."""

    error = "error"
    warning = "warning"
    note = "note"


Paths = Annotated[list[str] | None, typer.Argument(help="Files and folders; `-` for standard input. Default: here.")]
Select = Annotated[list[str] | None, typer.Option(help="Rules or categories to use instead of the default ones.")]
ExtendSelect = Annotated[list[str] | None, typer.Option(help="Rules or categories to use beside those.")]
Ignore = Annotated[list[str] | None, typer.Option(help="Rules or categories to leave out.")]
Output = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        help="text, json, sarif, github, markdown, gitlab, junit, checkstyle; or FORMAT:FILE. Repeatable.",
    ),
]
NoBaseline = Annotated[bool, typer.Option("--no-baseline", help="Tell what is known, too: no baseline is looked for.")]
WriteBaseline = Annotated[
    bool, typer.Option("--write-baseline", help="Write what is found now to the baseline, and exit with 0.")
]
Prune = Annotated[bool, typer.Option("--prune", help="Remove from the baseline what is not found any more.")]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Read everything, though nothing has changed since the last check.")
]
Exclude = Annotated[list[str] | None, typer.Option(help="Patterns as in .gitignore. Repeatable.")]
ExtendExclude = Annotated[list[str] | None, typer.Option(help="Further patterns, beside those of the configuration.")]
Config = Annotated[list[str] | None, typer.Option(help="A configuration file, or one setting, KEY=VALUE in TOML.")]
Folder = Annotated[str, typer.Option("--in", help="The folder or file whose policies count. Default: here.")]
Isolated = Annotated[bool, typer.Option("--isolated", help="Pass over configuration files.")]
StdinFilename = Annotated[str, typer.Option(help="The name of what comes from standard input.")]
Fix = Annotated[bool, typer.Option("--fix", help="Write the safe fixes into the files.")]
UnsafeFixes = Annotated[bool, typer.Option("--unsafe-fixes", help="With --fix or --diff the unsafe ones, too.")]
FixOnly = Annotated[bool, typer.Option("--fix-only", help="Write fixes, and tell nothing of what is left.")]
Diff = Annotated[bool, typer.Option("--diff", help="Print what --fix would change, and write nothing.")]
ExitNonZeroOnFix = Annotated[
    bool, typer.Option("--exit-non-zero-on-fix", help="Exit with 1 where something was fixed, even if nothing is left.")
]
Trials = Annotated[
    str | None,
    typer.Option(help="A response of ListTrainingJobsForHyperParameterTuningJob: how long earlier trials took."),
]
Prices = Annotated[
    str | None, typer.Option(help="AWS's offer file for SageMaker (CSV or JSON), a table `type,price`, or `none`.")
]
TradeOff = Annotated[
    bool, typer.Option("--tradeoff", help="For one job: what running more trials at once saves and costs.")
]
TrialMinutes = Annotated[
    float | None, typer.Option(min=0.001, help="How long a trial takes: then likely hours are told, too.")
]
Increase = Annotated[
    str | None, typer.Option(help="Exit with 1 where hours or money at worst grow by more than such a part: 20%.")
]
Unknowns = Annotated[
    bool, typer.Option("--fail-on-unknown", help="Exit with 1 where a known cost cannot be told any more.")
]
