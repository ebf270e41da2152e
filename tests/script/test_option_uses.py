"""The uses of an option that other options may switch off: only where every use is seen and each has a condition."""

from __future__ import annotations

import pytest

from hpolint.model.training_script import Condition, OptionUse
from tests.script.test_arguments import read

HEAD = """import argparse
import torch
from sklearn.svm import SVC
parser = argparse.ArgumentParser()
parser.add_argument("--momentum", type=float)
parser.add_argument("--optimizer", default="adam")
parser.add_argument("--nesterov", action="store_true")
args = parser.parse_args()
"""
SGD = Condition("optimizer", "", ("sgd",))
NOT_ADAM = Condition("optimizer", "", ("adam",), is_in=False)
NESTEROV = Condition("nesterov", "", is_truth=True)
USE = "use(args.momentum)"


def uses(code: str) -> tuple[OptionUse, ...]:
    """The uses of the first option."""
    return read(HEAD + code).arguments.options[0].uses


@pytest.mark.parametrize(
    ("code", "conditions"),
    [
        (f"if args.optimizer == 'sgd':\n    {USE}", [[SGD]]),
        (f"if 'x' < y:\n    pass\nelif args.optimizer == 'sgd':\n    {USE}", [[SGD]]),
        (f"if args.optimizer != 'adam':\n    {USE}", [[NOT_ADAM]]),
        (f"if args.optimizer == 'adam':\n    pass\nelse:\n    {USE}", [[NOT_ADAM]]),
        (f"if args.optimizer == 'adam':\n    pass\nelif args.optimizer == 'sgd':\n    {USE}", [[SGD, NOT_ADAM]]),
        (f"if args.optimizer in ('sgd', 'nag'):\n    {USE}", [[Condition("optimizer", "", ("sgd", "nag"))]]),
        (
            f"if args.optimizer == 'sgd' or args.optimizer == 'nag':\n    {USE}",
            [[Condition("optimizer", "", ("sgd", "nag"))]],
        ),
        (f"if args.optimizer == 'sgd' and x:\n    {USE}", [[SGD]]),
        (f"if args.optimizer.lower() == 'sgd':\n    {USE}", [[Condition("optimizer", "lower", ("sgd",))]]),
        (f"if args.nesterov:\n    {USE}", [[NESTEROV]]),
        (f"if not args.nesterov:\n    pass\nelse:\n    {USE}", [[NESTEROV]]),
        ("use(args.momentum if args.optimizer == 'sgd' else 0)", [[SGD]]),
        (f"print(args.momentum)\nif args.optimizer == 'sgd':\n    {USE}", [[SGD]]),
        (f"if args.optimizer == 'sgd':\n    {USE}\nif args.nesterov:\n    {USE}", [[SGD], [NESTEROV]]),
        (
            "def make(kind, m):\n    if kind == 'sgd':\n        use(m)\nmake(args.optimizer, args.momentum)",
            [[SGD]],
        ),
        ("kind, value = args.optimizer, 1\nif args.nesterov:\n    m = float(args.momentum)\n    use(m)", [[NESTEROV]]),
        ("use({'momentum': args.momentum} if args.nesterov else {})", [[NESTEROV]]),
    ],
)
def test_a_use_has_the_conditions_under_which_the_script_comes_to_it(
    code: str, conditions: list[list[Condition]]
) -> None:
    """Comparisons with written values and flags, in branches and expressions, through names and functions."""
    assert [list(use.conditions) for use in uses(code)] == conditions


@pytest.mark.parametrize(
    "code",
    [
        USE,
        f"if args.optimizer == 'sgd':\n    {USE}\n{USE}",
        f"if args.optimizer == 'sgd' or x:\n    {USE}",
        f"if not (args.optimizer == 'sgd' and args.nesterov):\n    {USE}",
        f"if args.optimizer == default:\n    {USE}",
        f"if args.optimizer == 'sgd':\n    pass\n{USE}",
        "if args.momentum > 0 and args.optimizer == 'sgd':\n    use()",
        f"args.optimizer = 'sgd'\nif args.optimizer == 'sgd':\n    {USE}",
        f"kind = args.optimizer\nkind = 'sgd'\nif kind == 'sgd':\n    {USE}",
        f"if args.optimizer == 'sgd':\n    {USE}\nuse(vars(args))",
        f"if args.optimizer == 'sgd':\n    {USE}\nuse(args)",
        f"if args.optimizer == 'sgd':\n    {USE}\nuse(getattr(args, 'momentum'))",
        "m = args.momentum\nif args.optimizer == 'sgd':\n    m = 1\n    use(m)\nuse(m)",
        "make = lambda m: m if args.nesterov else 0\nmake(args.momentum)",
    ],
)
def test_an_option_that_may_be_used_otherwise_has_no_such_uses(code: str) -> None:
    """A use without a condition, one that may not be seen, or a condition on a value that changes."""
    assert uses(code) == ()


def test_an_argument_of_a_fitted_model_is_such_a_use() -> None:
    """Its constructor may ignore it."""
    code = "SVC(kernel=args.optimizer, gamma=args.momentum).fit(x, y)\n"
    assert uses(code) == (OptionUse((), 0, "gamma"),)
    assert uses(code.replace(".fit", ".tune")) == ()
    assert uses(f"{code}{USE}") == ()
