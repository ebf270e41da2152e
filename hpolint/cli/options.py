"""Options that several commands share, and the groups in which the help lists all options."""

from typing import Annotated, Any, Literal

import typer

Group = Literal[
    "Rules", "Estimate", "Report", "Exit code", "Fixes", "Baseline", "Files", "Configuration", "Other", "Options"
]
"""A heading of the help. Below ``Options`` are those of the program itself, which typer prints first."""


def option(group: Group, about: str, *names: str, **more: Any) -> Any:
    """An option in a group of the help; its name is that of the parameter if there is none."""
    return typer.Option(*names, help=about, rich_help_panel=group, **more)


Repeatable = list[str] | None
"""The values of a repeatable option; None without it."""

Paths = Annotated[
    Repeatable,
    typer.Argument(
        metavar="[PATHS]...", help="Files and folders, or `-` for standard input. Default: the working folder."
    ),
]
Exclude = Annotated[
    Repeatable,
    option("Files", "Patterns of files to exclude, as in .gitignore. Repeatable.", metavar="PATTERN"),
]
StdinFilename = Annotated[str, option("Files", "The file name to use for standard input.", metavar="NAME")]
Config = Annotated[
    Repeatable,
    option(
        "Configuration", "A configuration file, or one setting as KEY=VALUE in TOML. Repeatable.", metavar="SETTING"
    ),
]
Policy = Annotated[
    str,
    option(
        "Configuration",
        "An organisation's configuration file, or package:NAME/FILE: its locked rules hold above the repository's own "
        "configuration.",
        metavar="FILE",
    ),
]
Isolated = Annotated[bool, option("Configuration", "Ignore all configuration files.")]
Folder = Annotated[
    str, option("Configuration", "Include the policies that apply to this folder or file.", "--in", metavar="FOLDER")
]
Color = Annotated[
    Literal["auto", "always", "never"], option("Report", "When to print colours (auto: on a terminal)", metavar="WHEN")
]
