"""The commands of the command line with their arguments and options. Only the parser of the asked command is built."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from hpolint.model.level import LEVELS
from hpolint.model.settings import ConfigError

ABOUT = "Lint Amazon SageMaker hyperparameter tuning jobs before anything is launched."
COLOURS = ("auto", "always", "never")
SHELLS = ("bash", "zsh", "tcsh", "fish")


NO_OPTION = "\0"
"""A mark before an argument that is no option, whatever it begins with. No argument of a process contains it."""


class UsageError(ConfigError):
    """A command line that cannot be understood: its message says why, and which command shows the right options."""


class _Unsized(argparse.HelpFormatter):
    """A formatter that does not ask for the terminal's width: argparse makes one for each option that is added."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)


class Parser(argparse.ArgumentParser):
    """A parser that raises ``UsageError`` instead of printing its usage and exiting."""

    def __init__(self, prog: str, about: str, *, ends: str | None = None) -> None:
        super().__init__(
            prog, description=about, epilog=ends, formatter_class=_Unsized, allow_abbrev=False, add_help=False
        )
        self.add_argument("--help", "-h", action="help", help="Print this help.")

    def format_help(self) -> str:
        """The help, as wide as the terminal."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's message."""
        see = " See" if message.endswith("?") else "; see"
        command = self.prog.partition(" ")[2]
        raise UsageError(f"{command}{': ' if command else ''}{message}{see} `{self.prog} --help`")

    def option(self, *names: str, about: str, **more: Any) -> None:
        """Add an option or an argument. A repeatable one has a list as its value, or None."""
        if more.pop("repeatable", False):
            more |= {"action": "append", "metavar": more.get("metavar", "TEXT")}
        elif more.pop("flag", False):
            more |= {"action": "store_true"}
        elif names[0].startswith("-") and "choices" not in more:
            more.setdefault("metavar", "TEXT")
        self.add_argument(*names, help=about.replace("%", "%%"), **more)

    def actions(self) -> list[argparse.Action]:
        """The options and arguments, but not the option for the help."""
        return [each for each in self._actions if "--help" not in each.option_strings]

    def parsed(self, arguments: list[str]) -> argparse.Namespace:
        """The values of the command's arguments, which may stand between its options. Raises UsageError.

        What stands behind ``--`` is no option. argparse knows that only without arguments between the options, so it
        gets these with a mark before them.
        """
        end = arguments.index("--") if "--" in arguments else len(arguments)
        plain = [f"{NO_OPTION}{each}" for each in arguments[end + 1 :]]
        given, unknown = self.parse_known_intermixed_args([*arguments[:end], *plain])
        for name, value in vars(given).items() if plain else ():
            values = [each.removeprefix(NO_OPTION) for each in value] if isinstance(value, list) else value
            setattr(given, name, values.removeprefix(NO_OPTION) if isinstance(values, str) else values)
        if unknown:
            names = [name for action in self._actions for name in action.option_strings]
            self.error(_unknown(unknown[0], names))
        return given


class Command(msgspec.Struct, frozen=True):
    """One command: what it does, its exit codes if it has its own, and the function that adds its options."""

    about: str
    add: Callable[[Parser], None]
    exit_codes: str = ""

    def parser(self, name: str) -> Parser:
        """The parser of its arguments."""
        ends = f"Exit codes: {self.exit_codes}." if self.exit_codes else None
        found = Parser(f"hpolint {name}", self.about, ends=ends)
        self.add(found)
        positional = [usage_of(each) for each in found.actions() if not each.option_strings]
        found.usage = " ".join([found.prog, "[OPTIONS]", *positional])
        return found


def usage_of(argument: argparse.Action) -> str:
    """An argument as a usage line shows it."""
    name = argument.dest.upper() + ("..." if argument.nargs in ("*", "+") else "")
    return name if argument.nargs in (None, "+") else f"[{name}]"


def _unknown(given: str, names: list[str]) -> str:
    """A message about an argument that the command does not have."""
    from hpolint.config.keys import did_you_mean

    name = given.partition("=")[0]
    return (
        f"no option `{name}`{did_you_mean(name, names)}" if given.startswith("-") else f"unexpected argument `{given}`"
    )


def command_of(name: str) -> Command:
    """A command by its name. Raises UsageError."""
    from hpolint.config.keys import did_you_mean

    if name not in COMMANDS:
        kind = "option" if name.startswith("-") else "command"
        Parser("hpolint", ABOUT).error(f"no {kind} `{name}`{did_you_mean(name, COMMANDS)}")
    return COMMANDS[name]


def whole_parser() -> Parser:
    """The parser of all commands, for the help, the pages and the completion of shells."""
    found = Parser("hpolint", ABOUT)
    found.option("--version", "-V", flag=True, about="Print the version.")
    found.option("--show-completion", choices=SHELLS, about="Print the completion script for a shell.")
    commands = found.add_subparsers(title="commands", metavar="COMMAND", parser_class=argparse.ArgumentParser)
    for name, command in COMMANDS.items():
        parser = commands.add_parser(name, help=command.about, add_help=False, parents=[command.parser(name)])
        parser.description = command.about
    return found


def _paths(parser: Parser) -> None:
    parser.option(
        "paths", nargs="*", about="Files and folders, or `-` for standard input. Default: the working folder."
    )


def _settings(parser: Parser, *, policy: bool = True) -> None:
    """The options that say which configuration holds."""
    parser.option(
        "--config", repeatable=True, about="A configuration file, or one setting as KEY=VALUE in TOML. Repeatable."
    )
    if policy:
        parser.option(
            "--policy",
            about="An organisation's configuration file, or package:NAME/FILE: its locked rules hold above the "
            "repository's own configuration.",
        )
    parser.option("--isolated", flag=True, about="Ignore all configuration files.")


def _exclude(parser: Parser) -> None:
    parser.option("--exclude", repeatable=True, about="Patterns of files to exclude, as in .gitignore. Repeatable.")


def _stdin(parser: Parser) -> None:
    parser.option("--stdin-filename", default="", about="The file name to use for standard input.")


def _colour(parser: Parser) -> None:
    parser.option("--color", choices=COLOURS, default="auto", about="When to print colours; auto: on a terminal.")


def _output(parser: Parser, about: str, *, names: tuple[str, ...] = ("--output", "-o"), default: str = "text") -> None:
    parser.option(*names, default=default, about=about)


def _folder(parser: Parser) -> None:
    parser.option("--in", dest="folder", default=".", about="Include the policies that apply to this folder or file.")


def _check(parser: Parser) -> None:
    _paths(parser)
    option = parser.option
    option("--select", repeatable=True, about="Rules or categories to use instead of the default rules.")
    option("--extend-select", repeatable=True, about="Rules or categories to use in addition.")
    option("--ignore", repeatable=True, about="Rules or categories to turn off.")
    formats = "text, json, sarif, github, markdown, gitlab, junit, checkstyle; or FORMAT:FILE. Repeatable."
    option("--output", "-o", repeatable=True, about=f"Output format: {formats}")
    _exclude(parser)
    option("--extend-exclude", repeatable=True, about="Additional patterns to exclude. Repeatable.")
    option("--force-exclude", flag=True, about="Exclude files even if they are named as paths.")
    _settings(parser)
    _stdin(parser)
    option("--fail-on", choices=LEVELS, about="The lowest level that gives exit code 1. Default: warning.")
    option("--exit-zero", flag=True, about="Exit with 0 even if there are findings.")
    option("--show-undecided", flag=True, about="List the unknown values that leave rules undecided.")
    option("--statistics", flag=True, about="Count the findings of each rule.")
    option("--all", flag=True, about="Print all findings, each in full.")
    _colour(parser)
    option("--baseline", about="The baseline file.")
    option("--no-baseline", flag=True, about="Ignore the baseline and report all findings.")
    option("--write-baseline", flag=True, about="Write the current findings to the baseline and exit with 0.")
    option("--prune", flag=True, about="Remove stale entries from the baseline.")
    option("--fix", flag=True, about="Apply safe fixes to the files.")
    option("--unsafe-fixes", flag=True, about="With --fix, --fix-only or --diff: unsafe fixes, too.")
    option("--fix-only", flag=True, about="Apply fixes without reporting the remaining findings.")
    option("--diff", flag=True, about="Print the changes of --fix as a diff, without writing them.")
    option("--exit-non-zero-on-fix", flag=True, about="Exit with 1 if something was fixed, even if no finding remains.")
    option("--show-suppressed", flag=True, about="List suppressed and baselined findings, too.")
    option("--no-cache", flag=True, about="Check all files again, without the result cache.")
    option("--quiet", "-q", flag=True, about="Print findings only.")


def _extract(parser: Parser) -> None:
    _paths(parser)
    _output(parser, "Output format: json.", names=("--output",), default="json")
    _exclude(parser)
    _settings(parser, policy=False)
    _stdin(parser)


def _cost(parser: Parser) -> None:
    _paths(parser)
    option = parser.option
    _output(parser, "Output format: text, json, csv or markdown.")
    option(
        "--trial-minutes",
        type=_minutes,
        metavar="NUMBER",
        about="How long a trial takes, in minutes, to estimate the likely cost.",
    )
    option(
        "--trials",
        about="A response of ListTrainingJobsForHyperParameterTuningJob with the run times of earlier trials.",
    )
    option(
        "--prices",
        about="A price file: AWS's offer file for SageMaker (CSV or JSON) or a table `type,price`; or `none`.",
    )
    option("--region", about="The region of the prices, for example eu-west-1.")
    option("--job", about="Only the jobs with this variable, name or file.")
    option(
        "--tradeoff",
        flag=True,
        about="For one job: the time saved and the trials added by running more trials at once.",
    )
    above = "Exit with 1 if the worst case of a job is above this, for example 500h or 1000USD. Repeatable."
    option("--fail-above", repeatable=True, about=above)
    total = "Exit with 1 if the worst case of all jobs together is above this. Repeatable."
    option("--fail-above-total", repeatable=True, about=total)
    _exclude(parser)
    _settings(parser)
    _colour(parser)
    _stdin(parser)


def _minutes(text: str) -> float:
    """A number of minutes. Raises ArgumentTypeError."""
    try:
        minutes = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number") from None
    if not minutes >= 0.001:
        raise argparse.ArgumentTypeError(f"`{text}` is less than 0.001")
    return minutes


def _diff(parser: Parser) -> None:
    option = parser.option
    option("base", about="A git revision, or A...B: B and its merge base with A.")
    option("head", nargs="?", about="The later git revision. Default: the working tree.")
    option("--git-dir", about="The bare repository to read, instead of the repository of the working folder.")
    _output(parser, "Output format: text, json or markdown.")
    option(
        "--fail-on-increase",
        about="Exit with 1 if worst-case hours or money grow by more than this, for example 20%.",
    )
    option("--fail-on-new", flag=True, about="Exit with 1 if there are new warnings or errors.")
    option("--fail-on-unknown", flag=True, about="Exit with 1 if a known worst-case cost becomes unknown.")
    _settings(parser)
    _colour(parser)


def _config(parser: Parser) -> None:
    parser.option("folder", nargs="?", default=".", about="Print the settings of this folder or file.")
    formats = "Output format: text, json, or schema (the JSON Schema of configuration files)."
    _output(parser, formats, names=("--output",))
    parser.option("--waivers", flag=True, about="List the waivers that apply here instead; output text, json or csv.")
    _settings(parser)


def _waiver(parser: Parser) -> None:
    parser.option("rule", about="The locked rule, with or without its category.")
    _paths(parser)
    _settings(parser)


def _nothing(parser: Parser) -> None:
    """Add nothing: the command has no options."""


def _rule(parser: Parser) -> None:
    parser.option("name", about="The rule's name, with or without its category.")
    _folder(parser)
    _settings(parser)


def _rules(parser: Parser) -> None:
    _output(parser, "Output format: text or json.", names=("--output",))
    _folder(parser)
    _settings(parser)


def _test(parser: Parser) -> None:
    parser.option("paths", nargs="+", about="Rule files, or folders with rule files.")
    parser.option("--quiet", "-q", flag=True, about="Print errors only.")


COMMANDS = {
    "check": Command("Check tuning jobs.", _check, "0 clean, 1 findings, 2 usage, configuration or internal error"),
    "extract": Command("Print the tuning jobs as hpolint reads them.", _extract),
    "cost": Command(
        "Estimate the worst-case and likely cost of tuning jobs.",
        _cost,
        "0, 1 if a cost is above a limit, 2 if a file could not be read",
    ),
    "diff": Command("Compare the tuning jobs of two revisions of this repository: fields, findings and cost.", _diff),
    "config": Command(
        "Print the settings of a folder: each setting with its origin, each rule with the reason why it is on or off.",
        _config,
    ),
    "waiver": Command(
        "Print a [[waivers]] table for each job in which a locked rule has findings, to be completed and reviewed.",
        _waiver,
    ),
    "init": Command("Write a first hpolint.toml for the working folder. Existing files are not overwritten.", _nothing),
    "rule": Command("Print the documentation of a rule.", _rule),
    "rules": Command("List all rules: the built-in ones and those of the configured policies.", _rules),
    "server": Command("Serve an editor by the language server protocol, on standard input and output.", _nothing),
    "clean": Command("Remove all entries of the cache.", _nothing),
    "test": Command(
        "Test rule files: front matter, conditions, messages, examples.", _test, "0 sound, 1 errors, 2 unreadable"
    ),
}
"""The commands, by their names, in the order of the help."""
