"""What a script's parser makes of hyperparameters: the verdicts are those of the script's own parser, run."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.facts import command_line
from hpolint.io import disk
from hpolint.io.overlay import Overlay
from hpolint.model.source import Source
from hpolint.model.training_script import Script
from hpolint.readers import read_source
from hpolint.readers.python.interpreter.units import module_unit
from hpolint.readers.python.training_script import ScriptReader
from hpolint.readers.script_files import Scripts
from tests.conftest import scaled
from tests.script.whole_parser import outcome

NAMES = ["lr", "learning_rate", "learning-rate", "learning", "epochs", "epoch", "batch_size", "b", "n", "debug", "Lr"]


def to_cmd_args(hyperparameters: Mapping[str, Any]) -> list[str]:
    """The command line of the training toolkit, restated from aws/sagemaker-training-toolkit at 33839372.

    ``mapping.to_cmd_args`` over what ``mapping.decode`` makes of each value.
    """

    def decoded(value: str) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return value

    def name(key: str) -> str:
        return f"--{key}" if len(key) > 1 else f"-{key}"

    def text(value: Any) -> str:
        if isinstance(value, dict):
            return ",".join(f"{key}={value[key]}" for key in sorted(value))
        return "" if value is None else str(value)

    return [part for key in sorted(hyperparameters) for part in (name(key), text(decoded(hyperparameters[key])))]


def read(text: str) -> Script:
    """A script, read and not run."""
    return ScriptReader("train.py", module_unit(Source("train.py", text)), lambda _: None).script()


OPTIONS = st.fixed_dictionaries(
    {"flag": st.sampled_from(NAMES)},
    optional={
        "type": st.sampled_from(["int", "float", "str", "bool", "lambda text: text"]),
        "choices": st.sampled_from(['["a", "b"]', "[1, 2, 3]", "range(5)", '("1", "2")']),
        "required": st.booleans(),
        "action": st.sampled_from(["store_true", "store_false"]),
        "nargs": st.sampled_from(["'?'", "'*'", "2"]),
    },
)
VALUES = st.sampled_from(
    ["1", "2", "12.7", "0.001", "1e-05", "a", "c", '"b"', "true", "null", "-3", "[1, 2]", '{"k": 1}']
)


def line(option: dict[str, Any]) -> str:
    """The ``add_argument`` of an option."""
    name = option["flag"]
    given = {key: value for key, value in option.items() if key != "flag"}
    if given.get("type", "").startswith("lambda"):  # its result is unknown, so is whether that is a choice
        given.pop("choices", None)
    if "action" in given:
        given = {"action": repr(given["action"])} | {k: v for k, v in given.items() if k == "required"}
    words = [repr(f"--{name}" if len(name) > 1 else f"-{name}"), *(f"{key}={value}" for key, value in given.items())]
    return f"parser.add_argument({', '.join(words)})"


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """A script that parses its command line: at the top or in a function, option by option or in a loop."""
    options = draw(st.lists(OPTIONS, max_size=5, unique_by=lambda option: option["flag"]))
    strict = draw(st.booleans())
    settings_ = draw(st.sampled_from(["", "allow_abbrev=False", "add_help=False"]))
    lines = [f"parser = argparse.ArgumentParser({settings_})", *map(line, options)]
    if draw(st.booleans()):
        lines.insert(1, "group = parser.add_argument_group('more')\ngroup.add_argument('--in-group', type=int)")
    if draw(st.booleans()):
        lines.insert(1, "for name in ('alpha', 'beta'):\n    parser.add_argument('--' + name, type=float)")
    call = "parser.parse_args()" if strict else "parser.parse_known_args()"
    lines.append(f"args = {call}" if strict else f"args, _ = {call}")
    if draw(st.booleans()):
        body = "\n".join(f"    {each}" for part in lines for each in part.split("\n"))
        return f"import argparse\n\n\ndef main():\n{body}\n\n\nif __name__ == '__main__':\n    main()\n"
    return "import argparse\n\n" + "\n".join(lines) + "\n"


class Stopped(Exception):
    """The script has parsed its command line."""


def run(script: str, arguments: list[str]) -> tuple[bool, list[str]]:
    """Run a script's own parser: whether it comes through, and what it does not know."""
    rest: list[str] = []

    class Recording(argparse.ArgumentParser):
        def parse_args(self, *_: Any, **__: Any) -> Any:
            super().parse_args(arguments)
            raise Stopped

        def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
            if args is not None:
                return super().parse_known_args(args, namespace)
            rest.extend(super().parse_known_args(arguments, namespace)[1])
            raise Stopped

    class Module:
        ArgumentParser = Recording

    names = {"__name__": "__main__", "argparse": Module}
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(script.replace("import argparse\n", "", 1), "train.py", "exec"), names)
    except Stopped:
        return True, rest
    except SystemExit:
        return False, []
    raise AssertionError("nothing was parsed")


@settings(max_examples=scaled(2000))
@given(scripts(), st.dictionaries(st.sampled_from([*NAMES, "alpha", "in-group", "in_group"]), VALUES, max_size=4))
def test_the_verdict_is_that_of_the_scripts_own_parser(text: str, sent: dict[str, str]) -> None:
    """Run with the command line that the toolkit builds: whether the script comes through, and what it drops."""
    (parser,) = read(text).arguments.parsers
    assert parser.open is None
    assert outcome(parser, sent) == run(text, to_cmd_args(sent))


@settings(max_examples=scaled(2000))
@given(scripts(), st.sampled_from(NAMES))
def test_a_name_is_accepted_if_the_parser_takes_it(text: str, name: str) -> None:
    """By itself, whatever its value: a lenient parser leaves nothing of it, a strict one does not end over it."""
    text = re.sub(r", (choices|type)=(\[.*?\]|\(.*?\)|range\(5\)|lambda text: text|\w+)", "", text)
    text = text.replace("required=True", "required=False")
    (parser,) = read(text).arguments.parsers
    accepted = command_line.accepts(parser, name)
    outcomes = [run(text, [command_line.flag(name), *value]) for value in (["1"], ["a"], [], ["1", "2"], ["True"])]
    taken = [comes and not any(part.startswith("-") for part in rest) for comes, rest in outcomes]
    assert accepted is any(taken) or (accepted is None and not any(taken))


@pytest.mark.parametrize(
    ("script", "names", "dropped"),
    [
        ("p = argparse.ArgumentParser(parents=[base])\np.add_argument('--b')\na, _ = p.parse_known_args()", "ab", "c"),
        ("p = make()\np.add_argument('--b')\na = p.parse_known_args()[0]", "ab", "c"),
        ("p = base\ng = p.add_mutually_exclusive_group()\ng.add_argument('--b')\np.parse_known_args()", "ab", "c"),
    ],
)
def test_options_are_found_wherever_they_are_added(script: str, names: str, dropped: str) -> None:
    """In functions, parents and groups."""
    before = (
        "import argparse\nbase = argparse.ArgumentParser(add_help=False)\nbase.add_argument('--a')\n"
        "def make():\n    p = argparse.ArgumentParser()\n    p.add_argument('--a')\n    return p\n"
    )
    (parser,) = read(before + script).arguments.parsers
    assert parser.open is None
    assert parser.drops_rest
    made = [option.flags for option in parser.options]
    assert made == [(f"--{name}",) for name in names]
    assert (f"--{dropped}",) not in made


@pytest.mark.parametrize(
    "script",
    [
        "p.add_argument(name)",
        "p.add_argument('--a', **settings)\np.add_argument(*names)",
        "p = extend(p)",
        "add_options(p)",
        "for name in names:\n    p.add_argument('--' + name)",
        "if debug:\n    p.add_argument('--verbose-debug')",
    ],
)
def test_unknown_options_leave_the_parser_open(script: str) -> None:
    """So no argument is reported as dropped."""
    head = "import argparse\nfrom somewhere import *\np = argparse.ArgumentParser()\n"
    (parser,) = read(f"{head}{script}\np.parse_args()\n").arguments.parsers
    assert parser.open is not None


@pytest.mark.parametrize(
    ("end", "drops"),
    [
        ("args, _ = p.parse_known_args()", True),
        ("args = p.parse_known_args()[0]", True),
        ("args, rest = p.parse_known_args()\nprint('unknown', rest)", True),
        ("args, rest = p.parse_known_args()\nif rest:\n    logging.warning('not known: %s', rest)", True),
        ("def parse():\n    return p.parse_known_args()\nargs, _ = parse()", True),
        ("args, rest = p.parse_known_args()\nuse(rest)", False),
        ("args, rest = p.parse_known_args()\nfor name in rest:\n    print(name)", False),
        ("both = p.parse_known_args()\nuse(both)", False),
        ("use(p.parse_known_args())", False),
    ],
)
def test_what_becomes_of_the_rest(end: str, drops: bool) -> None:
    """Showing what is not known is no use of it; handing it on is."""
    (parser,) = read(f"import argparse\nimport logging\np = argparse.ArgumentParser()\n{end}\n").arguments.parsers
    assert parser.drops_rest is drops


@pytest.mark.parametrize(
    "line",
    [
        "import os\nhps = os.environ['SM_HPS']",
        "import json\nuse(json.loads(os.environ['SM_HPS']))",
        "import json\nhps = json.loads(os.environ['SM_HPS'])\nprint(hps[name])",
        "import json\nhps = json.loads(os.environ['SM_HPS'])\nfor name in hps:\n    print(name)",
        "import json\nModel(**json.loads(os.environ['SM_HPS']))",
        "import json\ndef options():\n    return json.loads(os.environ['SM_HPS'])\nuse(options)",
        "import json\ndef run(a, b):\n    use(a)\nrun(*rest, json.loads(os.environ['SM_HPS']))",
        "lr = os.getenv('SM_HP_LR')",
        "open('/opt/ml/input/config/hyperparameters.json')",
        "import sys\nnames = sys.argv[1:]",
        "from sagemaker_training import environment",
        "import click",
        "import json\nsettings = json.loads(os.environ['SM_TRAINING_ENV'])['hyperparameters']\nuse(settings)",
        "import json\nenv = json.loads(os.environ['SM_TRAINING_ENV'])\nuse(env)",
        "import json\nenv = json.loads(os.environ['SM_TRAINING_ENV'])\nprint(env['hosts'], env[key])",
        "env = os.environ['SM_TRAINING_ENV']",
    ],
)
def test_other_ways_to_a_value_are_seen(line: str) -> None:
    """With one of them it is unknown whether a name is dropped."""
    found = read(f"import argparse\nimport os\np = argparse.ArgumentParser()\na, _ = p.parse_known_args()\n{line}\n")
    assert found.arguments.elsewhere is not None


@pytest.mark.parametrize(
    "line",
    [
        "print('environment', os.environ['SM_TRAINING_ENV'])",
        "import json\nif json.loads(os.environ.get('SM_TRAINING_ENV'))['is_master']:\n    print('here')",
        "import json\nenv = json.loads(os.environ['SM_TRAINING_ENV'])\nprint(env)\nhosts = env.get('hosts', [])",
        "import json\nenv = json.loads(os.environ['SM_TRAINING_ENV'])\nname = env.get('job_name') if env else 1",
    ],
)
def test_other_parts_of_the_toolkits_environment_are_no_way_to_a_value(line: str) -> None:
    """A script that reads which host it is on, or prints all, still gets its values from its parser alone."""
    found = read(f"import argparse\nimport os\np = argparse.ArgumentParser()\na, _ = p.parse_known_args()\n{line}\n")
    assert found.arguments.elsewhere is None


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("hps = json.loads(os.environ['SM_HPS'])\nfit(float(hps['lr']), hps.get('depth', 3))", {"lr", "depth"}),
        ("hps = json.loads(os.environ.get('SM_HPS', '{}'))\nif 'lr' in hps:\n    fit(hps['lr'])", {"lr"}),
        ("def run(options):\n    fit(options['lr'])\nrun(json.loads(os.environ['SM_HPS']))", {"lr"}),
        ("def options():\n    return json.loads(os.environ['SM_HPS'])\nfit(options()['lr'])", {"lr"}),
        ("env = json.loads(os.environ['SM_TRAINING_ENV'])\nfit(env['hyperparameters']['lr'], env['hosts'])", {"lr"}),
        ("hps = json.loads(os.environ['SM_HPS'])\nlogging.info(f'sent: {json.dumps(hps)}')", set()),
    ],
)
def test_hyperparameters_that_are_read_by_their_names(code: str, names: set[str]) -> None:
    """Every use of what the toolkit's variable holds is followed; showing all of it reads none."""
    arguments = read(f"import json\nimport logging\nimport os\n{code}\n").arguments
    assert arguments.elsewhere is None
    assert {key.name for key in arguments.keys} == names
    assert (arguments.unread is None) is bool(names)


CLICK = """import click


@click.command()
@click.option("--learning-rate", type=float, default=0.1)
@click.option("--epochs", "-e", required=True)
def main(learning_rate, epochs):
    pass


if __name__ == "__main__":
    main()
"""
TYPER = """import typer


def main(data: str, learning_rate: float = 0.1, epochs: int = typer.Option(...), size: int = typer.Option(3, "--wide")):
    pass


typer.run(main)
"""
FIRE = """import fire


def main(learning_rate=0.1, *, epochs):
    pass


fire.Fire(main)
"""
FIELDS = """from dataclasses import dataclass
from transformers import HfArgumentParser


@dataclass
class Settings:
    learning_rate: float = 0.1
    epochs: int = 3


(settings,) = HfArgumentParser(Settings).parse_args_into_dataclasses()
"""


OWN_FIELDS = """from transformers import HfArgumentParser, Seq2SeqTrainingArguments, TrainingArguments

HfArgumentParser(CLASSES).parse_args_into_dataclasses()
"""
HYDRA = """import hydra


@hydra.main(version_base=None, config_name=None)
def main(cfg):
    pass


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    ("text", "taken", "refused", "required"),
    [
        (CLICK, ["learning-rate", "epochs"], ["learning_rate", "learning", "rate"], ["--epochs"]),
        (TYPER, ["learning-rate", "epochs", "wide"], ["learning_rate", "size"], ["data", "--epochs"]),
        (FIRE, ["learning_rate", "learning-rate", "epochs"], ["rate"], ["--epochs"]),
        (FIELDS, ["learning_rate", "learning-rate", "epochs"], ["rate", "batch"], []),
        (
            OWN_FIELDS.replace("CLASSES", "TrainingArguments"),
            ["learning_rate", "num_train_epochs", "num-train-epochs", "fp16", "no_remove_unused_columns"],
            ["epochs", "predict_with_generate"],
            [],
        ),
        (OWN_FIELDS.replace("CLASSES", "(Seq2SeqTrainingArguments,)"), ["predict_with_generate", "fp16"], ["lr"], []),
        (HYDRA, ["config-name", "cfg"], ["lr", "model.lr"], []),
    ],
    ids=["click", "typer", "fire", "dataclasses", "transformers", "sequences", "hydra"],
)
def test_other_libraries_parsers(text: str, taken: list[str], refused: list[str], required: list[str]) -> None:
    """As far as signatures and fields show: names, the spelling of their dashes, and required arguments."""
    (parser,) = read(text).arguments.parsers
    assert parser.is_strict
    assert parser.open is None
    assert [name for name in [*taken, *refused] if command_line.accepts(parser, name)] == taken
    assert [option.flags[0] for option in command_line.required(parser)] == required


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('torch.save(model, "/opt/ml/checkpoints/last.pt")', True),
        ('folder = os.path.join("/opt/ml/checkpoints", name)', True),
        ("callbacks = [ModelCheckpoint(folder)]", None),
        ("torch.save(model, folder)", False),
    ],
)
def test_whether_checkpoints_are_written(line: str, expected: bool | None) -> None:
    """To the service's checkpoint folder; unknown where the script mentions checkpoints and names no folder."""
    found = read(f"import os\n{line}\n").folders.checkpoints
    assert (found if isinstance(found, bool) else None) is expected


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("names", [[], ["lr"], ["depth"], ["lr", "depth"], ["train"]])
def test_subcommands_are_not_given(names: list[str], strict: bool) -> None:
    """The toolkit gives options alone: the verdict is that of the script's own parser."""
    call = "args = parser.parse_args()" if strict else "args, _ = parser.parse_known_args()"
    text = (
        "import argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr')\n"
        "commands = parser.add_subparsers()\ntrain = commands.add_parser('train')\ntrain.add_argument('--depth')\n"
        f"parser.set_defaults(lr='1')\n{call}\n"
    )
    sent = dict.fromkeys(names, "1")
    (parser,) = read(text).arguments.parsers
    assert outcome(parser, sent) == run(text, to_cmd_args(sent))


PLACED = """
estimator = PyTorch("train.py", role="r", instance_count=1, instance_type="ml.g5.xlarge", py_version="py310", GIVEN)
HyperparameterTuner(estimator, "m", {"lr": ContinuousParameter(0.1, 0.2)}, max_jobs=2).fit()
"""


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("", False),
        ('hyperparameters={"folder": "/opt/ml/checkpoints"}', True),
        ('hyperparameters={"folder": "elsewhere"}', False),
        ('hyperparameters={"folder": where}', None),
        ("hyperparameters=settings", None),
    ],
)
def test_the_folder_of_checkpoints_may_be_a_hyperparameter(given_: str, expected: bool | None) -> None:
    """Where the script gets the hyperparameter's value; an unknown value is not taken for an absent one."""
    text = (
        "from settings import settings, where\nfrom sagemaker.pytorch import PyTorch\n"
        "from sagemaker.tuner import ContinuousParameter, HyperparameterTuner\n" + PLACED.replace("GIVEN", given_)
    )
    (job,) = read_source("tune.py", text.encode())[1].jobs
    script = b"import torch\ntorch.save(model, folder)\n"
    with disk.overlaid(Overlay({"train.py": script}, is_given=True)):
        job.scripts = Scripts([]).of(job)
    (subject,) = EvaluationContext(job).subjects("training")
    assert subject.values["script"].get("checkpoints") is expected
    assert ("checkpoints" in subject.unknowns.get("script", {})) is (expected is None)
