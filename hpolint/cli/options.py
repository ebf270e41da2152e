"""Options of the commands, with their names and help texts; short ones of one command are in ``commands.py``."""

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
    """The levels of findings."""

    error = "error"
    warning = "warning"
    note = "note"


Paths = Annotated[
    list[str] | None, typer.Argument(help="Files and folders, or `-` for standard input. Default: the working folder.")
]
Select = Annotated[list[str] | None, typer.Option(help="Rules or categories to use instead of the default rules.")]
ExtendSelect = Annotated[list[str] | None, typer.Option(help="Rules or categories to use in addition.")]
Ignore = Annotated[list[str] | None, typer.Option(help="Rules or categories to turn off.")]
Output = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        help="Output format: text, json, sarif, github, markdown, gitlab, junit, checkstyle; or FORMAT:FILE. "
        "Repeatable.",
    ),
]
NoBaseline = Annotated[bool, typer.Option("--no-baseline", help="Ignore the baseline and report all findings.")]
WriteBaseline = Annotated[
    bool, typer.Option("--write-baseline", help="Write the current findings to the baseline and exit with 0.")
]
Prune = Annotated[bool, typer.Option("--prune", help="Remove stale entries from the baseline.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Check all files again, without the result cache.")]
Exclude = Annotated[list[str] | None, typer.Option(help="Patterns of files to exclude, as in .gitignore. Repeatable.")]
ExtendExclude = Annotated[list[str] | None, typer.Option(help="Additional patterns to exclude. Repeatable.")]
Config = Annotated[
    list[str] | None, typer.Option(help="A configuration file, or one setting as KEY=VALUE in TOML. Repeatable.")
]
Policy = Annotated[
    str | None,
    typer.Option(
        help="An organisation's configuration file, or package:NAME/FILE: its locked rules hold above the repository's "
        "own configuration."
    ),
]
Folder = Annotated[str, typer.Option("--in", help="Include the policies that apply to this folder or file.")]
Isolated = Annotated[bool, typer.Option("--isolated", help="Ignore all configuration files.")]
StdinFilename = Annotated[str, typer.Option(help="The file name to use for standard input.")]
Fix = Annotated[bool, typer.Option("--fix", help="Apply safe fixes to the files.")]
UnsafeFixes = Annotated[
    bool, typer.Option("--unsafe-fixes", help="With --fix, --fix-only or --diff: unsafe fixes, too.")
]
FixOnly = Annotated[bool, typer.Option("--fix-only", help="Apply fixes without reporting the remaining findings.")]
Diff = Annotated[bool, typer.Option("--diff", help="Print the changes of --fix as a diff, without writing them.")]
ExitNonZeroOnFix = Annotated[
    bool, typer.Option("--exit-non-zero-on-fix", help="Exit with 1 if something was fixed, even if no finding remains.")
]
Trials = Annotated[
    str | None,
    typer.Option(help="A response of ListTrainingJobsForHyperParameterTuningJob with the run times of earlier trials."),
]
Prices = Annotated[
    str | None,
    typer.Option(help="A price file: AWS's offer file for SageMaker (CSV or JSON) or a table `type,price`; or `none`."),
]
TradeOff = Annotated[
    bool,
    typer.Option("--tradeoff", help="For one job: the time saved and the trials added by running more trials at once."),
]
TrialMinutes = Annotated[
    float | None, typer.Option(min=0.001, help="How long a trial takes, in minutes, to estimate the likely cost.")
]
FailAbove = Annotated[
    list[str] | None,
    typer.Option(help="Exit with 1 if the worst case of a job is above this, for example 500h or 1000USD. Repeatable."),
]
FailAboveTotal = Annotated[
    list[str] | None, typer.Option(help="Exit with 1 if the worst case of all jobs together is above this. Repeatable.")
]
Increase = Annotated[
    str | None, typer.Option(help="Exit with 1 if worst-case hours or money grow by more than this, for example 20%.")
]
Unknowns = Annotated[
    bool, typer.Option("--fail-on-unknown", help="Exit with 1 if a known worst-case cost becomes unknown.")
]
