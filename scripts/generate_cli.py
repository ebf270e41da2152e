"""Write docs/cli.md from the command line that ``hpolint/cli/arguments.py`` declares.

``cli_page()`` is the text of the page: each command with its arguments, options, defaults, help and exit codes.
"""

from __future__ import annotations

import re
from argparse import Action
from pathlib import Path

from hpolint.cli.arguments import COMMANDS, Command, usage_of, whole_parser

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEAD = """# CLI reference

<!-- This page is generated from hpolint/cli/arguments.py by `python -m scripts.generate`. -->

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
    commands = sorted(COMMANDS.items())
    rows = [f"| [`hpolint {name}`](#hpolint-{name}) | {_escaped(command.about)} |\n" for name, command in commands]
    table = "| Command | Description |\n|---|---|\n" + "".join(rows)
    parameters = [each for each in whole_parser().actions() if each.option_strings]
    head = HEAD.format(commands=table, options=_parameters(parameters, "Option"))
    return head + "".join(_section(name, command) for name, command in commands)


def _section(name: str, command: Command) -> str:
    """One command: usage, help, arguments and options."""
    parameters = command.parser(name).actions()
    arguments = [each for each in parameters if not each.option_strings]
    options = [each for each in parameters if each.option_strings]
    usage = command.parser(name).usage or ""
    parts = [f"\n## `hpolint {name}`\n", f"{_escaped(command.about)}\n", f"```text\n{usage}\n```\n"]
    parts += [f"Exit codes: {_escaped(command.exit_codes)}.\n"] if command.exit_codes else []
    parts += [_parameters(arguments, "Argument")] if arguments else []
    parts += [_parameters(options, "Option")] if options else []
    return "\n".join(parts)


def _parameters(parameters: list[Action], kind: str) -> str:
    """A table of arguments or options."""
    rows = [f"| {_names(each)} | {_description(each)} |\n" for each in parameters]
    return f"| {kind} | Description |\n|---|---|\n" + "".join(rows)


def _names(parameter: Action) -> str:
    """The spellings of a parameter, with the type of its value."""
    if not parameter.option_strings:
        return f"`{usage_of(parameter)}`"
    value = "" if parameter.nargs == 0 else f" {parameter.metavar or 'TEXT'}"
    return ", ".join(f"`{each}{value}`" for each in sorted(parameter.option_strings, key=len, reverse=True))


def _description(parameter: Action) -> str:
    """The help of a parameter, with its values and its default."""
    text = _escaped((parameter.help or "").replace("%%", "%"))
    if parameter.choices:
        text += f" One of {', '.join(f'`{each}`' for each in parameter.choices)}."
    if parameter.default and not re.search("default", text, re.IGNORECASE):
        text += f" Default: `{parameter.default}`."
    return text


def _escaped(text: str) -> str:
    """Text for a cell of a Markdown table: only code keeps its signs."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if index % 2 else re.sub(r"(--[a-z][a-z-]*)", r"`\1`", re.sub(r"([*_<|\[])", r"\\\1", part))
        for index, part in enumerate(parts)
    )
