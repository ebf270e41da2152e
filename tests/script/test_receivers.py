"""The constructors that receive an option's value: only those that are certainly called with it, unchanged."""

from __future__ import annotations

import pytest

from hpolint.model.source import Source
from hpolint.readers.python.interpreter.units import module_unit
from hpolint.readers.python.training_script import ScriptReader

PARSER = """
import argparse
from sklearn.tree import DecisionTreeClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--max-depth", type=float)
"""


def receivers(code: str, *, installs: str = "") -> list[tuple[str, str, str]]:
    """The constructors that receive the only option, with the parameter and the conversion."""
    unit = module_unit(Source("train.py", PARSER + code))
    script = ScriptReader("train.py", unit, lambda _: None, may_install=lambda package: package == installs).script()
    (option,) = script.arguments.options
    return [(receiver.constructor, receiver.parameter, receiver.conversion) for receiver in option.receivers]


TREE = "sklearn.tree.DecisionTreeClassifier"
ARGS = "args = parser.parse_args()\n"


@pytest.mark.parametrize(
    ("code", "conversion"),
    [
        (f"{ARGS}DecisionTreeClassifier(max_depth=args.max_depth).fit(x)", ""),
        (f"{ARGS}depth = args.max_depth\nDecisionTreeClassifier(max_depth=depth).fit(x)", ""),
        (f"{ARGS}DecisionTreeClassifier(max_depth=int(args.max_depth)).fit(x)", "int"),
        ("args, _ = parser.parse_known_args()\nDecisionTreeClassifier(max_depth=args.max_depth).fit(x)", ""),
        ("def main(o):\n    DecisionTreeClassifier(max_depth=o.max_depth).fit(x)\nmain(parser.parse_args())", ""),
        (
            f"import sklearn.tree\n{ARGS}sklearn.tree.DecisionTreeClassifier(max_depth=args.max_depth).fit(x)",
            "",
        ),
        (f"{ARGS}m = DecisionTreeClassifier(max_depth=args.max_depth)\nm.fit(x)\nm.predict(x)", ""),
        (f"{ARGS}m = DecisionTreeClassifier(max_depth=args.max_depth)\nif x:\n    x = 1\nm.fit_transform(x)", ""),
        (f"{ARGS}for fold in range(3):\n    DecisionTreeClassifier(max_depth=args.max_depth).fit(x)", ""),
    ],
)
def test_the_constructor_that_gets_an_options_value_is_known(code: str, conversion: str) -> None:
    """Through names, the script's own functions and conversions to a number."""
    assert receivers(code) == [(TREE, "max_depth", conversion)]


@pytest.mark.parametrize(
    "code",
    [
        f"{ARGS}if args.max_depth > 0:\n    DecisionTreeClassifier(max_depth=args.max_depth).fit(x)",
        f"{ARGS}DecisionTreeClassifier(max_depth=args.max_depth or None).fit(x)",
        f"{ARGS}DecisionTreeClassifier(max_depth=args.max_depth if args.max_depth > 0 else None).fit(x)",
        f"{ARGS}args.max_depth = 3\nDecisionTreeClassifier(max_depth=args.max_depth).fit(x)",
        f"{ARGS}DecisionTreeClassifier(max_depth=args.max_depth + 1).fit(x)",
        f"{ARGS}DecisionTreeClassifier(**vars(args)).fit(x)",
        f"{ARGS}depth = 2\ndepth = args.max_depth\nDecisionTreeClassifier(max_depth=depth).fit(x)",
        f"{ARGS}def unused():\n    DecisionTreeClassifier(max_depth=args.max_depth).fit(x)",
        f"{ARGS}try:\n    DecisionTreeClassifier(max_depth=args.max_depth).fit(x)\nexcept ValueError:\n    pass",
        f"{ARGS}class DecisionTreeClassifier:\n    pass\nDecisionTreeClassifier(max_depth=args.max_depth).fit(x)",
        f"{ARGS}import os\nos.system('pip install sklearn')\nDecisionTreeClassifier(max_depth=args.max_depth).fit(x)",
    ],
)
def test_a_value_that_may_not_reach_a_constructor_is_not_said_to(code: str) -> None:
    """In branches, after a change, in uncalled code, or with another version of the library."""
    assert receivers(code) == []


@pytest.mark.parametrize(
    "use",
    [
        "",
        "print(m)",
        "m = None",
        "m.max_depth = 3\nm.fit(x)",
        "m.set_params(max_depth=3)\nm.fit(x)",
        "m.set_params(max_depth=3).fit(x)",
        "clone(m).set_params(max_depth=3).fit(x)",
        "GridSearchCV(m, {'max_depth': [1, 2]}).fit(x)",
        "Pipeline([('tree', m)]).set_params(tree__max_depth=3).fit(x)",
        "{'tree': m, 'other': None}[args.model].fit(x)",
        "tune(m)\nm.fit(x)",
        "if x:\n    m.fit(x)",
        "try:\n    m.fit(x)\nexcept ValueError:\n    pass",
        "if args.max_depth < 1:\n    sys.exit(0)\nm.fit(x)",
        "sklearn.set_config(skip_parameter_validation=True)\nm.fit(x)",
    ],
)
def test_a_model_that_may_not_be_fitted_as_it_is_made_gets_no_value(use: str) -> None:
    """The library compares a parameter when the model is fitted, and not before."""
    imports = "import sys, sklearn\nfrom sklearn.base import clone\nfrom sklearn.model_selection import GridSearchCV\n"
    imports += "from sklearn.pipeline import Pipeline\nfrom tuning import tune\n"
    assert receivers(f"{imports}{ARGS}m = DecisionTreeClassifier(max_depth=args.max_depth)\n{use}") == []


def test_a_library_that_the_requirements_may_replace_is_not_the_images() -> None:
    """What is uploaded may install another version."""
    code = f"{ARGS}DecisionTreeClassifier(max_depth=args.max_depth).fit(x)"
    assert receivers(code, installs="scikit-learn") == []
