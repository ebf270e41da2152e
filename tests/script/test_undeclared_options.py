"""Attributes of the parsed arguments that no option declares, and parsers that do not parse the command line."""

from __future__ import annotations

import pytest

from tests.script.test_arguments import read

START = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
parser.add_argument("--batch-size", type=int)
"""


@pytest.mark.parametrize(
    ("end", "undeclared"),
    [
        ("args = parser.parse_args()\nprint(args.epoch)", ("epoch", "epochs")),
        (
            "def train(options):\n    print(options.epoch, options.batch_size)\ntrain(parser.parse_args())",
            ("epoch", "epochs"),
        ),
        ("args, _ = parser.parse_known_args()\nprint(args.momentum)", ("momentum", None)),
        (
            "def main():\n    args = parser.parse_args()\n    print(args.epoch)\nmain()",
            ("epoch", "epochs"),
        ),
        ("print(parser.parse_args().epochs)", None),
        ("args = parser.parse_args()\nif args.epochs:\n    print(args.epoch)", None),
        ("args = parser.parse_args()\ndef unused():\n    print(args.epoch)", None),
        ("args = parser.parse_args()\ntry:\n    print(args.epoch)\nexcept AttributeError:\n    pass", None),
        ("args = parser.parse_args()\nargs.epoch = 3\nprint(args.epoch)", None),
        ("args = parser.parse_args()\nsetattr(args, name, 3)\nprint(args.epoch)", None),
        ("args = parser.parse_args()\nif hasattr(args, 'epoch'):\n    pass\nprint(args.epoch)", None),
        ("parser.set_defaults(epoch=3)\nprint(parser.parse_args().epoch)", None),
        ("parser.add_argument('--e', dest='epoch')\nprint(parser.parse_args().epoch)", None),
        ("add = parser.add_argument\nadd('--epoch')\nprint(parser.parse_args().epoch)", None),
        ("for name in names:\n    parser.add_argument(name)\nprint(parser.parse_args().epoch)", None),
        ("import more\nmore.add_options(parser)\nprint(parser.parse_args().epoch)", None),
        ("import more\nargs = parser.parse_args()\nmore.complete(args)\nprint(args.epoch)", None),
        ("args = parser.parse_args(namespace=defaults)\nprint(args.epoch)", None),
        ("class P(argparse.ArgumentParser):\n    pass\nprint(parser.parse_args().epoch)", None),
        ("commands = parser.add_subparsers(dest='command')\nprint(parser.parse_args().command)", None),
    ],
)
def test_undeclared_options(end: str, undeclared: tuple[str, str | None] | None) -> None:
    """Only an attribute that is certainly read, and that nothing may set, ends the script."""
    option = read(f"{START}{end}\n").errors.undeclared
    assert ((option.name, option.near) if option is not None else None) == undeclared


@pytest.mark.parametrize(
    ("end", "is_fixed"),
    [
        ("args = parser.parse_args(['--epochs', '3'])", True),
        ("args, _ = parser.parse_known_args(args=[])", True),
        ("args = parser.parse_args()", False),
        ("import sys\nargs = parser.parse_args(sys.argv[1:])", False),
        ("args = parser.parse_args(['--epochs', epochs])", False),
        ("import os\nargs = parser.parse_args([])\nrate = os.environ['SM_HP_LR']", False),
        ("args = parser.parse_args([]) if interactive else parser.parse_args()", False),
        ("args = parser.parse_args(None if batch else [])", False),
        ("def main(argv=None):\n    args = parser.parse_args(argv)\nmain()", False),
    ],
)
def test_a_fixed_list_is_not_the_command_line(end: str, is_fixed: bool) -> None:
    """A script that may read its hyperparameters in any way is not reported."""
    assert (read(f"{START}{end}\n").arguments.fixed is not None) is is_fixed


@pytest.mark.parametrize(
    ("function", "call", "is_unused"),
    [
        ("def train(model, epochs):\n    fit(model)", "train(model, args.epochs)", True),
        ("def train(model, epochs=3):\n    fit(model)", "train(model, epochs=args.epochs)", True),
        ("def train(model, *, epochs):\n    fit(model)", "train(model, epochs=args.epochs)", True),
        ("def train(model, epochs):\n    fit(model, epochs)", "train(model, args.epochs)", False),
        (
            "def train(model, epochs):\n    def step():\n        return epochs\n    fit(step)",
            "train(model, args.epochs)",
            False,
        ),
        ("def train(model, *epochs):\n    fit(model)", "train(model, args.epochs)", False),
        ("def train(model, **others):\n    fit(model, others)", "train(model, epochs=args.epochs)", False),
        ("def train(model, epochs):\n    fit(locals())", "train(model, args.epochs)", False),
        ("@traced\ndef train(model, epochs):\n    fit(model)", "train(model, args.epochs)", False),
        ("def train(model, epochs):\n    fit(model)\ntrain = other", "train(model, args.epochs)", False),
        ("def train(model, epochs):\n    fit(model)", "train(*models, args.epochs)", False),
    ],
)
def test_a_parameter_that_its_function_never_reads(function: str, call: str, is_unused: bool) -> None:
    """An option that only reaches such a parameter has no effect."""
    script = read(f"{START}{function}\nargs = parser.parse_args()\nuse(args.batch_size)\n{call}\n")
    options = {option.flag: option.is_unused for option in script.arguments.options}
    assert options == {"--epochs": is_unused, "--batch-size": False}
