"""Write docs/cli.md from the command line that ``hpolint/cli/commands.py`` declares.

``cli_page()`` is the text of the page: each command with its arguments, options, defaults, help and exit codes.
"""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Any

import typer.main

from hpolint.cli.commands import app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEAD = """# CLI reference

<!-- This page is generated from hpolint/cli/commands.py by `python -m scripts.generate`. -->

This page lists every command of `hpolint` with its arguments and options. `hpolint COMMAND --help` prints the same
descriptions in a terminal.

{commands}
## Exit codes

| Code | Meaning |
|---|---|
| 0 | No findings at or above the `--fail-on` level. The default level is `warning`. |
| 1 | Findings at or above that level. `test` and `diff` describe their own condition below. |
| 2 | Usage, configuration or internal error; unreadable path; report that could not be written completely. |
| 130 | Ended by SIGINT (Ctrl-C). |
| 143 | Ended by SIGTERM. |
| 141 | Ended because the reader of the output closed the pipe (SIGPIPE), for example `head`. |

The exit code does not depend on the report format.

## Environment variables

| Variable | Effect |
|---|---|
| `HPOLINT_CACHE_DIR` | The folder of the result cache. The default on Linux is `~/.cache/hpolint`. |
| `NO_COLOR`, `FORCE_COLOR` | Disable or enable colours in text output when `--color` is `auto`. |
| `GITHUB_ACTIONS`, `GITHUB_STEP_SUMMARY` | `check` without `--output` also prints annotations and a step summary. |

## Global options

{options}"""


def cli_page() -> str:
    """The text of docs/cli.md."""
    root: Any = typer.main.get_command(app)
    commands = sorted(root.commands.items())
    rows = [f"| [`hpolint {name}`](#hpolint-{name}) | {_help(command)[0]} |\n" for name, command in commands]
    table = "| Command | Description |\n|---|---|\n" + "".join(rows)
    head = HEAD.format(commands=table, options=_parameters(root.params, "Option"))
    return head + "".join(_section(name, command) for name, command in commands)


def _section(name: str, command: Any) -> str:
    """One command: usage, help, arguments and options."""
    about, exit_codes = _help(command)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    usage = " ".join([f"hpolint {name}", *(["[OPTIONS]"] if options else []), *map(_argument, arguments)])
    parts = [f"\n## `hpolint {name}`\n", f"{about}\n", f"```text\n{usage}\n```\n"]
    parts += [f"Exit codes: {exit_codes}\n"] if exit_codes else []
    parts += [_parameters(arguments, "Argument")] if arguments else []
    parts += [_parameters(options, "Option")] if options else []
    return "\n".join(parts)


def _help(command: Any) -> tuple[str, str]:
    """What a command does, and its exit codes if its help names them."""
    about, _, exit_codes = " ".join((command.help or "").split()).partition(" Exit codes: ")
    return _escaped(about), _escaped(exit_codes)


def _argument(parameter: Any) -> str:
    """An argument as a usage line shows it."""
    name = parameter.human_readable_name.upper() + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _parameters(parameters: list[Any], kind: str) -> str:
    """A table of arguments or options."""
    rows = [f"| {_names(each)} | {_description(each)} |\n" for each in parameters]
    return f"| {kind} | Description |\n|---|---|\n" + "".join(rows)


def _names(parameter: Any) -> str:
    """The spellings of a parameter, with the type of its value."""
    if parameter.param_type_name == "argument":
        return f"`{_argument(parameter)}`"
    value = "" if parameter.is_flag else f" {'NUMBER' if 'float' in parameter.type.name else 'TEXT'}"
    names = sorted(parameter.opts, key=len, reverse=True) + parameter.secondary_opts
    return ", ".join(f"`{each}{value}`" for each in names)


def _choices(parameter: Any) -> list[str]:
    return [str(getattr(each, "value", each)) for each in getattr(parameter.type, "choices", [])]


def _description(parameter: Any) -> str:
    """The help of a parameter, with its values, its default and whether it can be repeated."""
    text = _escaped(parameter.help or "")
    choices = _choices(parameter)
    if choices:
        text += f" One of {', '.join(f'`{each}`' for each in choices)}."
    if getattr(parameter, "multiple", False) and not re.search("repeat", text, re.IGNORECASE):
        text += " Can be repeated."
    value = parameter.default.value if isinstance(parameter.default, Enum) else parameter.default
    if value and not callable(value) and not re.search("default", text, re.IGNORECASE):
        text += f" Default: `{value}`."
    return text


def _escaped(text: str) -> str:
    """Text for a cell of a Markdown table: only code keeps its signs."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if index % 2 else re.sub(r"(--[a-z][a-z-]*)", r"`\1`", re.sub(r"([*_<|\[])", r"\\\1", part))
        for index, part in enumerate(parts)
    )
