"""The constructors that receive an option's value: only those that are certainly called with it, unchanged."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hpolint.data.constructor_limits import LIBRARIES
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
        "patch_sklearn()\nm.fit(x)",
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


SGD = "torch.optim.SGD"
ADAM = "torch.optim.Adam"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("torch.optim.SGD(net.parameters(), lr=0.1, momentum=args.max_depth)", [(SGD, "momentum", "")]),
        ("torch.optim.SGD(net.parameters(), args.max_depth)", [(SGD, "lr", "")]),
        ("optim.Adam(net.parameters(), betas=(args.max_depth, 0.999))", [(ADAM, "betas[0]", "")]),
        ("optim.Adam(net.parameters(), 0.1, (0.9, float(args.max_depth)))", [(ADAM, "betas[1]", "float")]),
        ("Adam([{'params': net.parameters(), 'lr': 1}], lr=args.max_depth)", [(ADAM, "lr", "")]),
        ("optim.SGD(*parts, lr=args.max_depth)", [(SGD, "lr", "")]),
        ("optim.SGD(*parts, args.max_depth)", []),
        ("optim.Adam(net.parameters(), betas=(*first, args.max_depth))", []),
        ("optim.Adam(net.parameters(), lr=args.max_depth * 8)", []),
        ("getattr(optim, args.optimizer)(net.parameters(), lr=args.max_depth)", []),
        ("if x:\n    optim.Adam(net.parameters(), lr=args.max_depth)", []),
        ("def later():\n    optim.Adam(net.parameters(), lr=args.max_depth)", []),
        ("def run():\n    if x:\n        return\n    optim.Adam(net.parameters(), lr=args.max_depth)\nrun()", []),
        ("if x:\n    raise SystemExit\noptim.Adam(net.parameters(), lr=args.max_depth)", []),
        ("if x:\n    raise ValueError\noptim.Adam(net.parameters(), lr=args.max_depth)", [(ADAM, "lr", "")]),
    ],
)
def test_an_optimizer_compares_its_arguments_when_it_is_made(code: str, expected: list[tuple[str, str, str]]) -> None:
    """By name, by place and as an item of a tuple; nothing has to be fitted."""
    imports = "import torch\nimport torch.optim as optim\nfrom torch.optim import Adam\n"
    assert receivers(f"{imports}{ARGS}{code}\n") == expected


@pytest.mark.parametrize("package", ["torch", "torchvision"])
def test_pytorch_that_the_requirements_may_replace_is_not_the_images(package: str) -> None:
    """Each version of torchvision needs one of PyTorch."""
    code = f"import torch\n{ARGS}torch.optim.Adam(torch.nn.Linear(1, 1).parameters(), lr=args.max_depth)\n"
    assert receivers(code, installs=package) == []
    assert receivers(code, installs="scikit-learn") != []


TRAIN = "xgboost.train"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("xgb.train({'max_depth': args.max_depth}, data)", [(TRAIN, "max_depth", "")]),
        ("params = {'max_depth': int(args.max_depth)}\nxgb.train(params, data)", [(TRAIN, "max_depth", "int")]),
        ("xgb.train(dtrain=data, params={'gamma': args.max_depth})", [(TRAIN, "gamma", "")]),
        ("xgb.train({}, data, args.max_depth)", [(TRAIN, "num_boost_round", "")]),
        ("xgb.XGBClassifier(max_depth=args.max_depth).fit(x, y)", [("xgboost.XGBClassifier", "max_depth", "")]),
        ("params = {'max_depth': args.max_depth}\nparams['max_depth'] = 3\nxgb.train(params, data)", []),
        ("params = {'max_depth': args.max_depth}\nparams.update(max_depth=3)\nxgb.train(params, data)", []),
        ("params = {'max_depth': args.max_depth}\nchanged(params)\nxgb.train(params, data)", []),
        ("params = {'max_depth': args.max_depth}\ndel params['max_depth']\nxgb.train(params, data)", []),
        ("params = {'max_depth': args.max_depth}\nif x:\n    params['max_depth'] = 3\nxgb.train(params, data)", []),
        ("xgb.train({'max_depth': args.max_depth, **more}, data)", []),
        ("xgb.train({'max_depth': args.max_depth, 'booster': 'gblinear'}, data)", []),
        ("xgb.train({'max_depth': args.max_depth, 'booster': args.booster}, data)", []),
        ("xgb.XGBClassifier(max_depth=args.max_depth, booster='gblinear').fit(x, y)", []),
        ("xgb.XGBClassifier(max_depth=args.max_depth, **more).fit(x, y)", []),
        ("xgb.XGBClassifier(max_depth=args.max_depth)", []),
        ("xgb.cv({'max_depth': args.max_depth}, data)", []),
    ],
)
def test_xgboost_gets_an_option_in_a_dict_or_by_name(code: str, expected: list[tuple[str, str, str]]) -> None:
    """If the dict is whole and unchanged, and the booster certainly is one of trees."""
    assert receivers(f"import xgboost as xgb\nfrom own import changed, more\n{ARGS}{code}\n") == expected


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_refusal_is_known_for_each_version_of_a_library(name: str) -> None:
    """Each list has one entry for each version, and names a list of tried numbers."""
    limits = LIBRARIES[name].limits
    versions = len(set(limits["versions"].values()))
    for parameters in limits["classes"].values():
        for parameter, refused in parameters.items():
            assert len(refused) == versions, parameter
    assert all(set(numbers) <= set(limits["tried"]) for numbers in limits["refused"])


def test_a_newer_pytorch_refuses_what_an_older_one_refuses() -> None:
    """What is uploaded may need a newer one than the image's, and then pip replaces that."""
    limits = LIBRARIES["torch"].limits
    for parameters in limits["classes"].values():
        for places in parameters.values():
            refused = [set(() if place is None else limits["refused"][place]) for place in places]
            assert all(older <= newer for older, newer in pairwise(refused))
