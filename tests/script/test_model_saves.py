"""Scripts that save their model to the value of `--model_dir`, and to no other place."""

from __future__ import annotations

import pytest

from tests.script.test_arguments import read

HEAD = """import argparse, os
p = argparse.ArgumentParser()
p.add_argument("--model_dir", default=os.environ["SM_MODEL_DIR"])
"""


@pytest.mark.parametrize(
    ("rest", "is_saved"),
    [
        ("args = p.parse_args()\nmodel.save(args.model_dir)", True),
        ("args, _ = p.parse_known_args()\nmodel.save(os.path.join(args.model_dir, '1'))", True),
        ("args = p.parse_args()\nmodel.save(f'{args.model_dir}/1')", True),
        ("args = p.parse_args()\npath = args.model_dir + '/1'\ntf.saved_model.save(model, path)", True),
        ("def main(args):\n    model.save(args.model_dir)\nmain(p.parse_args())", True),
        ("def keep(model, folder):\n    model.save(folder)\nargs = p.parse_args()\nkeep(1, args.model_dir)", True),
        ("args = p.parse_args()\nmodel.save(os.environ['SM_MODEL_DIR'])\nmodel.save(args.model_dir)", False),
        ("args = p.parse_args()\nmodel.save('/opt/ml/model/1')\nmodel.save(args.model_dir)", False),
        (
            ("args = p.parse_args()\nif 's3://' in args.model_dir:\n    exit()\nmodel.save(args.model_dir)", False),
            False,
        ),
        ("args = p.parse_args()\nargs.model_dir = 'here'\nmodel.save(args.model_dir)", False),
        ("args = p.parse_args()\nmodel.save('here')", False),
        ("args = load()\nmodel.save(args.model_dir)", False),
        ("p.add_argument('--model_dir')\nargs = p.parse_args()\nmodel.save(args.model_dir)", False),
    ],
)
def test_a_script_that_saves_only_to_its_option(rest: str, is_saved: bool) -> None:
    """Through names and functions; a script that names another place is not such a script."""
    assert (read(f"{HEAD}{rest}\n").folders.model_save is not None) is is_saved


@pytest.mark.parametrize("option", ["'--model-dir'", "'--sm-model-dir', dest='model_dir'", "'--model_dir', type=local"])
def test_another_option_is_not_that_one(option: str) -> None:
    """The SDK sends exactly `model_dir`."""
    text = f"import argparse\np = argparse.ArgumentParser()\np.add_argument({option})\nargs = p.parse_args()\n"
    assert read(f"{text}model.save(args.model_dir)\n").folders.model_save is None
