"""Whether IPython's commands in a notebook may change a file: ``!make data``, ``%cd``, ``%%bash``.

The interpreter does not see them: a cell's lines that are not Python are blank to it.
"""

from __future__ import annotations

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Source

COMMAND = lazy_regex(
    r"[ \t]*+(?:[\w,][\w, ]*+=[ \t]*+)?(?P<mark>!{1,2}|%{1,2})[ \t]*+(?P<name>[\w.-]*)(?P<arguments>.*)"
)
KEEPING_COMMANDS = frozenset(
    {"pip", "pip3", "conda", "ls", "pwd", "head", "tail", "wc", "du", "df", "echo", "which", "nvidia-smi", "printenv"}
)
"""Commands of a shell that leave files of data as they are, unless their output goes elsewhere."""

KEEPING_MAGICS = frozenset(
    {"matplotlib", "time", "timeit", "prun", "memit", "mprun", "lprun", "capture", "pip", "conda", "ls", "pwd", "env"}
    | {"set_env", "config", "autoreload", "load_ext", "reload_ext", "who", "whos", "tensorboard", "watermark", "store"}
    | {"precision", "xmode", "pprint", "lsmagic", "pylab", "html", "javascript", "js", "latex", "markdown", "svg"}
)
"""Magics that leave files of data, and the working folder, as they are."""

BARE_COMMAND = lazy_regex(r"[ \t]*+(?:cp|mv|cat|cd)[ \t]+[^ \t=(.\[]")
"""What IPython takes for a command without ``!`` or ``%``."""

GOES_ELSEWHERE = lazy_regex(r"[;&|>`\\]|\$\(")
"""What hands a command's output to a file or to another command, or continues it in the next line."""

CSV_SUFFIX = ".csv"


def may_change_csv(source: Source) -> bool:
    """Whether a command or a magic of a notebook may write a CSV file, or change the working folder."""
    if any(file.path.endswith(CSV_SUFFIX) for file in source.written):
        return True
    lines: list[str] = []
    for cell in source.cells:
        lines += cell.text.text.split("\n")
    for cell in source.shells:
        lines.append(cell.text.text.lstrip().split("\n")[0])
    return any(_may_change(line) for line in lines)


def _may_change(line: str) -> bool:
    """Whether a line is a command that may change a file."""
    command = COMMAND.match(line)
    if command is None:
        return BARE_COMMAND.match(line) is not None
    keeping = KEEPING_COMMANDS if command["mark"].startswith("!") else KEEPING_MAGICS
    return command["name"] not in keeping or GOES_ELSEWHERE.search(command["arguments"]) is not None
