"""An option is unused only where every use of the parser's result is seen, and none reads it."""

from __future__ import annotations

import pytest

from tests.script.test_arguments import read

HEAD = """import argparse
import logging
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--weight-decay", type=float, dest="decay")
"""

UNUSED = [
    "args = parser.parse_args()\nuse(args.lr)",
    "args, _ = parser.parse_known_args()\nuse(args.lr)",
    "args = parser.parse_args()\nprint(args)\nlogging.info('decay %s', args.decay)\nuse(args.lr)",
    "def main(options):\n    use(options.lr)\nmain(parser.parse_args())",
    "def main(options):\n    inner(options)\ndef inner(o):\n    use(o.lr)\nmain(options=parser.parse_known_args()[0])",
    "def parsed():\n    return parser.parse_args()\nargs = parsed()\nuse(args.lr, getattr(args, 'lr'))",
    "args = parser.parse_args()\ndecay = args.decay\nuse(args.lr)",
    "args = parser.parse_args()\nprint(f'{args} and {args.decay}')\nuse(args.lr)",
    "args = parser.parse_args()\nmodel.eval()\nuse(args.lr)",
    "def eval(model):\n    pass\nargs = parser.parse_args()\neval(model)\nuse(args.lr)",
]
"""Endings of a script that never reads the second option."""

USED = [
    "args = parser.parse_args()\nuse(args.lr, args.decay)",
    "args = parser.parse_args()\nuse(**vars(args))",
    "args = parser.parse_args()\nuse(args)",
    "args = parser.parse_args()\nfor name in args.__dict__:\n    use(name)",
    "args = parser.parse_args()\nuse(getattr(args, name))",
    "args = parser.parse_args()\nuse(getattr(args, 'decay'))",
    "args = parser.parse_args()\nuse(args.lr, settings['decay'])",
    "class Trainer:\n    def __init__(self, args):\n        self.args = args\nTrainer(parser.parse_args())",
    "args = parser.parse_args()\nholder.args = args",
    "args = parser.parse_args()\nevery = [args]",
    "def main(*all):\n    use(all)\nmain(parser.parse_args())",
    "args = parser.parse_args()\nexec('use(args.decay)')",
    "args = parser.parse_args()\nrun = eval\nrun('use(args.decay)')",
    "args = parser.parse_args()\ndecay = args.decay\nuse(decay)",
    "args = parser.parse_args()\nuse(f'{args}')",
    "use(parser.parse_args())",
]
"""Endings of a script that reads it, or may."""


@pytest.mark.parametrize("end", UNUSED)
def test_an_option_that_nothing_reads(end: str) -> None:
    """Printing it, or giving it a name that nothing reads, is no use."""
    (parser,) = read(f"{HEAD}{end}\n").arguments.parsers
    assert {each.flag: each.is_unused for each in parser.options} == {"--lr": False, "--weight-decay": True}


@pytest.mark.parametrize(
    ("shows", "place"),
    [
        ("print('decay', args.decay)", 0),
        ("print(f'{step} {round(args.decay, 3)}')", 1),
        ("decay = args.decay\nlogging.info('%d: %s', step, decay)", 1),
        ("print('%d: %s' % pair, file=args.decay)", None),
    ],
)
def test_where_an_option_is_only_printed(shows: str, place: int | None) -> None:
    """Its place among the values of the line, also under another name: the objective may be taken from there."""
    (parser,) = read(f"{HEAD}args = parser.parse_args()\nuse(args.lr)\n{shows}\n").arguments.parsers
    (shown,) = parser.options[1].shown
    assert shown.place == place


@pytest.mark.parametrize("end", USED)
def test_an_option_that_may_be_read(end: str) -> None:
    """The result goes elsewhere as a whole, or something of the option's name is read."""
    (parser,) = read(f"{HEAD}{end}\n").arguments.parsers
    assert {each.flag: each.is_unused for each in parser.options}["--weight-decay"] is False
