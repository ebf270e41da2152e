"""Options without a default that a script uses so that it fails without them."""

from __future__ import annotations

import pytest

from tests.script.test_arguments import read

START = """\
import argparse, os
parser = argparse.ArgumentParser()
parser.add_argument("--file", type=str)
args = parser.parse_args()
"""


def failing_line(text: str) -> int | None:
    """The line at which a script fails without its first option."""
    site = read(text).arguments.options[0].fails_at
    return site.span.line if site is not None else None


@pytest.mark.parametrize(
    "use",
    [
        "os.path.join('data', args.file)",
        "open(args.file)",
        "int(args.file)",
        "range(args.file)",
        "args.file.split(',')",
        "args.file[0]",
        "args.file + 1",
        "-args.file",
        "print(args.file * 2)",
        "if args.file > 3: pass",
        "for name in args.file: pass",
        "with open(args.file) as opened: pass",
    ],
)
def test_a_use_that_refuses_none(use: str) -> None:
    """Python raises an error for each of them, also in a function that is certainly called."""
    assert failing_line(f"{START}{use}\n") == 5
    assert failing_line(f"{START}def main(args):\n    {use}\nmain(args)\n") == 6


@pytest.mark.parametrize(
    "use",
    [
        "print(args.file)",
        "f'{args.file}'",
        "str(args.file)",
        "args.file == 1",
        "args.file is None",
        "not args.file",
        "'%s' % args.file",
        "args.file + other",
        "args.file or 3",
        "os.listdir(args.file)",
        "load(args.file)",
        "def open(path): pass\nopen(args.file)",
        "if args.file: open(args.file)",
        "if other: open(args.file)",
        "if args.file is None: raise SystemExit\nopen(args.file)",
        "open(args.file) if args.file else None",
        "args.file and open(args.file)",
        "args.file is None or open(args.file)",
        "(lambda: open(args.file))",
        "[open(args.file) for each in others]",
        "for each in others: open(args.file)",
        "while other: open(args.file)",
        "def unused(): open(args.file)",
        "try: open(args.file)\nexcept TypeError: pass",
        "def main(args): open(args.file)\ntry: main(args)\nexcept TypeError: pass",
        "import contextlib\nwith contextlib.suppress(TypeError): open(args.file)",
        "args.file = 'a'\nopen(args.file)",
        "setattr(args, name, 'a')\nopen(args.file)",
        "vars(args).update(others)\nopen(args.file)",
        "args.__dict__['file'] = 'a'\nopen(args.file)",
        "complete(args)\nopen(args.file)",
        "for each in others: [open(args.file)]",
    ],
)
def test_a_use_that_may_take_none(use: str) -> None:
    """Nothing is said of a use that takes None, that may not be reached, or before which the option may be set."""
    assert failing_line(f"{START}{use}\n") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type=str", "default='a'"),
        ("type=str", "default=os.environ.get('A')"),
        ("type=str", "required=True"),
        ("type=str", "action='store_true'"),
        ("type=str", "**settings"),
        ("args = ", "parser.set_defaults(file='a')\nargs = "),
        ("args = ", "parser.add_argument('--path', dest='file', default='a')\nargs = "),
        ("ArgumentParser()", "ArgumentParser(argument_default='a')"),
        ("ArgumentParser()", "ArgumentParser(parents=[others])"),
        ("parse_args()", "parse_args(namespace=given)"),
        ("args = ", "for name in names: parser.add_argument(name)\nargs = "),
    ],
)
def test_an_option_that_may_have_a_value(old: str, new: str) -> None:
    """Nothing is said of an option that may have a default, or of a parser that is not known."""
    text = f"{START}open(args.file)\n"
    assert failing_line(text) == 5
    assert failing_line(text.replace(old, new)) is None
