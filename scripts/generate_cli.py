"""Write docs/cli.md from the command line that typer builds from the functions in ``hpolint/cli``.

``cli_page()`` is the text of the page: each command with its arguments, options, defaults, help and exit codes.
"""

from __future__ import annotations

import re
from pathlib import Path

from typer import _click as click
from typer.core import TyperOption

from hpolint.cli.program import COMMANDS, group_of, whole_program

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEAD = """# CLI reference

<!-- This page is generated from hpolint/cli by `python -m scripts.generate`. -->

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
    program = whole_program(panels=False)
    with program.make_context("hpolint", [], resilient_parsing=True) as ctx:
        commands = {name: program.get_command(ctx, name) for name in sorted(COMMANDS)}
        table = "| Command | Description |\n|---|---|\n"
        for name, command in commands.items():
            table += f"| [`hpolint {name}`](#hpolint-{name}) | {_escaped(command.short_help or '')} |\n"
        page = HEAD.format(commands=table, options="\n".join(_tables(program, ctx)))
        for name, command in commands.items():
            page += _section(command, command.make_context(name, [], parent=ctx, resilient_parsing=True))
    return page


def _section(command: click.Command, ctx: click.Context) -> str:
    """One command: usage, help, arguments and options."""
    usage = command.get_usage(ctx).removeprefix("Usage: ")
    about, _, exit_codes = (command.help or "").partition("\n\n")
    parts = [f"\n## `{ctx.command_path}`\n", f"{_escaped(about)}\n", f"```text\n{usage}\n```\n"]
    if exit_codes:
        parts.append(f"{_escaped(exit_codes)}\n")
    return "\n".join([*parts, *_tables(command, ctx)])


def _tables(command: click.Command, ctx: click.Context) -> list[str]:
    """A table for each group of arguments or options."""
    tables: dict[str, str] = {}
    for parameter in command.params:
        group = group_of(parameter)
        _, about = parameter.get_help_record(ctx) or ("", "")
        tables.setdefault(group, f"| {group} | Description |\n|---|---|\n")
        tables[group] += f"| {_names(parameter, ctx)} | {_escaped(about.replace('  [', ' ['))} |\n"
    return list(tables.values())


def _names(parameter: click.Parameter, ctx: click.Context) -> str:
    """The spellings of a parameter, with what its value is."""
    if not isinstance(parameter, TyperOption):
        return f"`{parameter.human_readable_name}`"
    value = "" if parameter.is_flag else f" {parameter.make_metavar(ctx)}"
    return ", ".join(f"`{name}{value}`" for name in parameter.opts)


def _escaped(text: str) -> str:
    """Text for a cell of a Markdown table: only code keeps its signs."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if index % 2 else re.sub(r"(--[a-z][a-z-]*)", r"`\1`", re.sub(r"([*_<|\[])", r"\\\1", part))
        for index, part in enumerate(parts)
    )
