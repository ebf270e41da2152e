"""The program as typer builds it, with the asked command alone: its help, its completion and its usage errors."""

import os
import sys
from importlib import import_module
from inspect import getdoc
from itertools import pairwise
from typing import Annotated, Any, Literal

import typer
from typer import _click as click
from typer._click.exceptions import BadOptionUsage, MissingParameter, NoSuchOption, UsageError
from typer._click.formatting import HelpFormatter
from typer._types import TyperChoice
from typer.core import TyperCommand, TyperGroup, TyperOption

from hpolint.cli.options import option
from hpolint.cli.write_reports import CLEAN, FAILED
from hpolint.config.keys import did_you_mean
from hpolint.io.escaping import is_terminal
from hpolint.io.streams import write
from hpolint.model.forms import SUFFIXES
from hpolint.model.settings import ConfigError
from hpolint.version import __version__

COMMANDS = {
    "check": "check_command",
    "extract": "job_commands",
    "cost": "job_commands",
    "diff": "job_commands",
    "config": "setup_commands",
    "waiver": "job_commands",
    "init": "setup_commands",
    "rule": "rule_commands",
    "rules": "rule_commands",
    "server": "setup_commands",
    "clean": "setup_commands",
    "test": "rule_commands",
}
"""The module of each command, in the order of the help. The function has the command's name."""

COMPLETION = "_HPOLINT_COMPLETE"
"""The variable in which the scripts that shells load ask for a completion."""


class _Lines(click.Command):
    """What a command and the whole program share: groups in a plain help, and usage errors in one line."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for parameter in self.params:
            parameter.secondary_opts = []  # typer adds `--no-fix` to `--fix`
            if isinstance(parameter, TyperOption) and isinstance(parameter.type, TyperChoice):
                parameter.help = f"{parameter.help}: {', '.join(parameter.type.choices)}."

    def get_help_option(self, ctx: click.Context) -> TyperOption | None:
        """The option for the help, which is written as all output is: an error of the output counts."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help, found.callback = "Print this help.", _help
            found.rich_help_panel = "Other" if ctx.parent is not None else "Options"
        return found

    def format_options(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the arguments and options in their groups, as the panels on a terminal have them."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups.setdefault(group_of(parameter), []).append(record)
        for name, records in groups.items():
            with formatter.section(name):
                formatter.write_dl(records)

    def options(self, ctx: click.Context) -> dict[str, TyperOption]:
        """The options by each of their names."""
        options: dict[str, TyperOption] = {}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, TyperOption):
                options |= dict.fromkeys(parameter.opts, parameter)
        return options

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the values of the arguments and options. Raises ConfigError."""
        given = args.copy()  # the parser empties its list
        try:
            if not ctx.resilient_parsing:
                self._check_values(ctx, args)
            return super().parse_args(ctx, args)
        except UsageError as error:
            raise usage_error(ctx, self._message(ctx, error, given)) from None

    def _check_values(self, ctx: click.Context, arguments: list[str]) -> None:
        """Raise BadOptionUsage for ``--baseline --fix``: click would take the option for the name of a file."""
        options = self.options(ctx)
        for name, value in pairwise(arguments):
            if name == "--":
                return
            takes_value = name in options and not options[name].is_flag
            if takes_value and value.startswith("-") and value != "-" and not value[1].isdigit():
                raise BadOptionUsage(name, "")

    def _message(self, ctx: click.Context, error: UsageError, arguments: list[str]) -> str:
        if isinstance(error, NoSuchOption):
            return f"no option `{error.option_name}`{self.nearest(ctx, error.option_name)}"
        if isinstance(error, BadOptionUsage):
            named = self.options(ctx)[error.option_name]
            return f"{error.option_name} {'takes no value' if named.is_flag else f'needs a value{_choices(named)}'}"
        if isinstance(error, MissingParameter) and error.param is not None:
            return f"{error.param.human_readable_name} is missing"
        values, rest, _ = self.make_parser(ctx).parse_args(arguments)
        if not isinstance(error, typer.BadParameter) or error.param is None:
            return f"unexpected argument `{rest[0]}`"
        name = max(error.param.opts, key=len)
        if not isinstance(error.param.type, TyperChoice):
            return f"{name}: {error.message}"
        value = values[str(error.param.name)]
        return f"{name}: unknown value `{value}`{_choices(error.param)}{did_you_mean(value, error.param.type.choices)}"

    def nearest(self, ctx: click.Context, name: str) -> str:
        """A question that ends the message about an option that does not exist, if one has a similar name."""
        return did_you_mean(name, self.options(ctx))


class Command(_Lines, TyperCommand):
    """One command."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The options and the arguments of the line that shows the usage: brackets are around what may be omitted."""
        return ["[OPTIONS]", *(each.human_readable_name for each in self.params if not isinstance(each, TyperOption))]


class Program(_Lines, TyperGroup):
    """The whole program, which imports and builds a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """A command by its name."""
        function = getattr(import_module(f"hpolint.cli.{COMMANDS[cmd_name]}"), cmd_name)
        sentence = (getdoc(function) or "").partition("\n\n")[0]
        app = typer.Typer(add_completion=False, rich_markup_mode=self.rich_markup_mode)
        app.command(cmd_name, cls=Command, short_help=sentence)(function)
        return typer.main.get_command(app)

    def format_options(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the options, and a sentence about each command."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def nearest(self, ctx: click.Context, name: str) -> str:
        """The question, also for an option of ``hpolint check`` if the command was forgotten."""
        check = self.get_command(ctx, "check")
        if isinstance(check, Command) and name in check.options(ctx):
            return f"; did you mean `hpolint check {name}`?"
        return super().nearest(ctx, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The asked command, and the arguments behind its name. Raises ConfigError."""
        name = args[0]
        if name in COMMANDS:
            return super().resolve_command(ctx, args)
        if ctx.resilient_parsing:
            return None, None, []
        is_path = name == "-" or name.endswith(tuple(SUFFIXES)) or os.path.exists(name)
        hint = f"; did you mean `hpolint check {name}`?" if is_path else did_you_mean(name, COMMANDS)
        raise usage_error(ctx, f"no command `{name}`{hint}")


def usage_error(ctx: click.Context, message: str) -> ConfigError:
    """An error of the command line, with the command that prints the help."""
    command = f"{ctx.info_name}: " if ctx.parent is not None else ""
    see = " See" if message.endswith("?") else "; see"
    return ConfigError(f"{command}{message}{see} `{ctx.command_path} --help`")


def group_of(parameter: click.Parameter) -> str:
    """The group of the help that has an argument or option."""
    group = parameter.rich_help_panel if isinstance(parameter, TyperOption) else "Arguments"
    return str(group)


def _choices(parameter: click.Parameter) -> str:
    return f": use {', '.join(parameter.type.choices)}" if isinstance(parameter.type, TyperChoice) else ""


def _help(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    """Print the help if it is asked for, and end."""
    if asked and not ctx.resilient_parsing:
        print_help(ctx)
        ctx.exit()


def print_help(ctx: click.Context) -> None:
    """Print the help of a command. Rich prints its panels itself; what typer makes without it is a text."""
    text = ctx.get_help()
    if text:
        write(f"{text}\n")


def hpolint(
    ctx: typer.Context,
    version: Annotated[bool, option("Options", "Print the version.", "--version", "-V")] = False,
    show_completion: Annotated[
        Literal["bash", "zsh", "fish", "powershell"] | None,
        option("Options", "Print the script by which a shell completes the command line", metavar="SHELL"),
    ] = None,
) -> None:
    """Lint Amazon SageMaker hyperparameter tuning jobs before anything is launched."""
    if version:
        write(f"hpolint {__version__}\n")
    elif show_completion is not None:
        from typer._completion_shared import get_completion_script

        script = get_completion_script(prog_name="hpolint", complete_var=COMPLETION, shell=show_completion)
        write(f"{script}\n")
    elif ctx.invoked_subcommand is not None:
        return
    else:
        print_help(ctx)
        raise typer.Exit(FAILED)
    raise typer.Exit(CLEAN)


def whole_program(*, panels: bool) -> Program:
    """The program; ``panels`` says whether its help has them, for a terminal, or is plain text."""
    app = typer.Typer(cls=Program, add_completion=False, rich_markup_mode="markdown" if panels else None)
    app.callback(invoke_without_command=True, context_settings={"help_option_names": ["--help", "-h"]})(hpolint)
    built = typer.main.get_command(app)
    assert isinstance(built, Program)
    return built


def run_command(arguments: list[str]) -> int:
    """Run the command that the arguments name, or print what is asked of the program, and return the exit code.

    Raises ConfigError and OutputError.
    """
    program = whole_program(panels=is_terminal(sys.stdout))
    if COMPLETION in os.environ:
        return _complete(program)
    try:
        # Not `main`, which takes any closed pipe for that of the output, and exits with 1.
        with program.make_context("hpolint", arguments) as ctx:
            return int(program.invoke(ctx))
    except typer.Exit as end:
        return end.exit_code


def _complete(program: Program) -> int:
    """Print the completions that a shell's script asks for."""
    from typer._completion_classes import completion_init
    from typer.completion import shell_complete

    modules: dict[str, Any] = sys.modules
    modules["rich"] = None  # it would wrap the sentences about options, and take [[waivers]] for markup
    completion_init()
    return shell_complete(program, {}, "hpolint", COMPLETION, os.environ[COMPLETION])
