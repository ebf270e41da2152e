"""Values that whoever runs a source sets: unknown, with the default and the choices that the source declares."""

from __future__ import annotations

import json
from typing import Any

import pytest

import hpolint as library
from hpolint.model.node import Unknown, follow, parse_path
from hpolint.model.reasons import Kind
from tests.readers.python.test_python import HEAD, MOST, notebook, read

FIT = "HyperparameterTuner(est, 'm', ranges, max_jobs={}).fit()\n"
ARGPARSE = "import argparse\nparser = argparse.ArgumentParser()\n{}\nargs = parser.parse_args()\n"
LIMIT = {"select": ["launch/job-limit-exceeded"]}


def unknown(text: str, path: str = MOST, name: str = "x.py") -> Unknown:
    """The unknown value at a path of the only job."""
    (job,) = read(text, name).jobs
    node = follow(job.request, parse_path(path))
    assert isinstance(node, Unknown), node
    return node


def limit_of(code: str, value: str) -> Unknown:
    """The unknown number of trials of a tuner, after some code."""
    return unknown(f"{HEAD}{code}\n{FIT.format(value)}")


def default_of(node: Unknown) -> Any:
    """The default of an unknown value, or None."""
    return None if node.default is None else node.default.value


def choices_of(node: Unknown) -> list[Any]:
    """The possible values of an unknown value."""
    return [choice.value for choice in node.choices if choice is not None]


@pytest.mark.parametrize(
    ("option", "default", "choices"),
    [
        ("'--n', default=800, type=int", 800, []),
        ("'--n', default='800', type=int", 800, []),
        ("'-n', '--n', type=int, default=800, choices=[800, 20]", 800, [800, 20]),
        ("'--n', type=int, default=800, choices=range(1, 3)", 800, [1, 2, 800]),
        ("'--number', dest='n', default=800", 800, []),
        ("'n', nargs='?', default=800, choices=[800]", 800, []),
        ("'--n', required=True, choices=[5, 6], type=int", None, [5, 6]),
        ("'--n', choices=[5, 6], type=int", None, []),
        ("'--n', default='800', type=parse", None, []),
        ("'--n', default=800, **more()", None, []),
        ("'--n', nargs='+', default=800", None, []),
        ("'--n', default='many', type=int", None, []),
        ("'--n', action='store_true'", False, [False, True]),
        ("'--n', action='append', default=800", None, []),
    ],
)
def test_an_option_of_argparse_has_its_default_and_choices(option: str, default: Any, choices: list[Any]) -> None:
    """As argparse converts them; an option that need not be given may also have its default, or None."""
    node = limit_of(ARGPARSE.format(f"parser.add_argument({option})"), "args.n")
    assert (default_of(node), choices_of(node)) == (default, choices)
    assert node.kind is Kind.COMMAND_LINE_OPTION


@pytest.mark.parametrize(
    "code",
    [
        "args, _ = parser.parse_known_args()\nn = args.n",
        "n = parser.parse_known_args()[0].n",
        "n = vars(parser.parse_args())['n']",
        "n = getattr(parser.parse_args(sys.argv[1:]), 'n')",
        "def launch(args):\n    global n\n    n = args.n\nlaunch(parser.parse_args(given))",
        "print(args)\nn = args.n",
    ],
)
def test_an_option_is_read_in_any_way(code: str) -> None:
    """From the object that argparse returns, or a dict of it."""
    declared = ARGPARSE.format("parser.add_argument('--n', default=800)")
    assert default_of(limit_of(f"import sys\n{declared}{code}", "n")) == 800


@pytest.mark.parametrize(
    "code",
    [
        "parser.set_defaults(n=5)\nargs = parser.parse_args()",
        "args = parser.parse_args(['--n', '5'])",
        "change(parser)\nargs = parser.parse_args()",
        "change(args)",
        "args = parser.parse_args(namespace=other)",
        "parser.add_subparsers().add_parser('a').add_argument('--n', default=5)\nargs = parser.parse_args()",
        "parser.add_argument('--preset', action=Preset)\nargs = parser.parse_args()",
    ],
)
def test_a_default_that_something_may_replace_is_none(code: str) -> None:
    """Another default, a command line of the source's own, or a call that may change the options."""
    node = limit_of(ARGPARSE.format("parser.add_argument('--n', default=800)") + code, "args.n")
    assert (node.default, node.choices) == (None, ())


def test_an_empty_command_line_gives_the_defaults() -> None:
    """As notebooks write it: the values are known."""
    code = ARGPARSE.format("parser.add_argument('--n', default=800)").replace("parse_args()", "parse_args([])")
    (job,) = read(f"{HEAD}{code}{FIT.format('args.n')}").jobs
    assert getattr(follow(job.request, parse_path(MOST)), "value", None) == 800


def test_the_function_of_a_subcommand_gets_the_options() -> None:
    """The command line chooses one of the functions that `set_defaults` names."""
    code = ARGPARSE.format(
        "commands = parser.add_subparsers()\n"
        "one, two = commands.add_parser('one'), commands.add_parser('two')\n"
        "one.add_argument('--n', default=800)\n"
        "one.set_defaults(run=launch)\n"
        "two.set_defaults(run=print)"
    )
    launch = f"def launch(args):\n    {FIT.format('args.n')}"
    assert default_of(unknown(f"{HEAD}{launch}{code}args.run(args)\n")) is None  # `print` may get them, too
    alone = code.replace("run=print", "run=other")
    assert default_of(unknown(f"{HEAD}{launch}def other(args):\n    pass\n{alone}args.run(args)\n")) == 800


@pytest.mark.parametrize(
    ("value", "default"),
    [
        ("int(os.environ.get('N', '800'))", 800),
        ("int(os.getenv('N', 800))", 800),
        ("int(os.environ.get('N', os.environ.get('M', '800')))", 800),
        ("int(os.getenv('N') or 800)", 800),
        ("os.getenv('N') or number()", None),
        ("os.getenv('N', '') or 800", 800),
        ("int(os.getenv('N', '8').strip()) * 100", 800),
        ("-int(os.getenv('N', '-800'))", 800),
        ("min(int(os.getenv('N', '900')), 800)", 800),
        ("f\"{os.getenv('N', '8')}00\"", "800"),
        ("os.environ['N']", None),
        ("os.getenv('N', number())", None),
        ("int(os.getenv('N', 'many'))", None),
    ],
)
def test_an_environment_variable_has_the_default_that_it_is_read_with(value: str, default: Any) -> None:
    """Through conversions, other variables, `or`, and computations with known values."""
    node = limit_of("import os", value)
    assert default_of(node) == default


@pytest.mark.parametrize(
    "code",
    [
        "os.environ['N'] = '5'",
        "os.environ.update(settings())",
        "os.environ[name()] = '5'",
        "from dotenv import load_dotenv\nload_dotenv()",
        "os.environ.setdefault('N', '5')",
    ],
)
def test_a_variable_that_the_source_itself_may_set_has_no_default(code: str) -> None:
    """Its default is used nowhere. One of another name changes nothing."""
    assert limit_of(f"import os\n{code}", "int(os.getenv('N', '800'))").default is None
    others = "import os\nos.environ['OTHER'] = '5'"
    assert default_of(limit_of(others, "int(os.getenv('N', '800'))")) == 800


@pytest.mark.parametrize(
    ("definition", "default", "choices"),
    [
        ("def launch(n=800):", 800, []),
        ("def launch(*, n=int(os.getenv('N', '800'))):", 800, []),
        ("def launch(n=None):", None, []),
        ("def launch(n):", None, []),
        ("@click.command()\n@click.option('--n', default=800)\ndef launch(n):", 800, []),
        ("@click.command()\n@click.option('-n', '--number', 'n', default='800', type=int)\ndef launch(n):", 800, []),
        ("@click.option('--n', type=click.Choice([5, 800]), default=800)\ndef launch(n):", 800, [5, 800]),
        ("@click.option('--n', type=click.Choice([5, 6]), required=True)\ndef launch(n):", None, [5, 6]),
        ("@click.option('--n', default=800, multiple=True)\ndef launch(n):", None, []),
        ("@click.argument('n', type=int)\ndef launch(n):", None, []),
        ("def launch(n: int = typer.Option(800, '--trials')):", 800, []),
        ("def launch(n: Annotated[int, typer.Option()] = 800):", 800, []),
        ("def launch(n: int = typer.Option(...)):", None, []),
    ],
)
def test_a_parameter_of_an_uncalled_function_has_its_default(definition: str, default: Any, choices: list[Any]) -> None:
    """Its own, or that of the option that click and typer make of it."""
    code = f"{HEAD}import os, click, typer\nfrom typing import Annotated\n{definition}\n    {FIT.format('n')}"
    node = unknown(code)
    assert (default_of(node), choices_of(node)) == (default, choices)
    by_typer = unknown(f"{code}typer.run(launch)\n")
    assert (default_of(by_typer), choices_of(by_typer)) == (default, choices)


@pytest.mark.parametrize(
    "call", ["server.launch(5)", "server.launch(n=5)", "server.launch(**given)", "retry(launch)(5)", "launch(5)"]
)
def test_a_default_that_a_call_replaces_is_none(call: str) -> None:
    """Also of a call that hpolint cannot follow, such as one through an unknown object of the same name."""
    text = f"{HEAD}@task\ndef launch(n=800):\n    {FIT.format('n')}{call}\n"
    (job,) = read(text).jobs
    assert default_of(follow(job.request, parse_path(MOST))) is None  # type: ignore[arg-type]


def test_the_reason_names_the_value_and_its_default() -> None:
    """In words that say where to look, and where the value is set."""
    reasons = [
        limit_of(ARGPARSE.format("parser.add_argument('--n', default=800)"), "args.n").reason,
        limit_of("import os", "int(os.getenv('N', '800'))").reason,
        unknown(f"{HEAD}def launch(n=800):\n    {FIT.format('n')}").reason,
        limit_of("import os", "int(os.getenv('N', '8')) * 100").reason,
        limit_of("import os", "{'a': 5, 'b': 800}[os.getenv('N', 'b')]").reason,
    ]
    assert reasons == [
        "is the option `--n`, by default `800`",
        "is the environment variable `N`, by default `800`",
        "is the parameter `n` of `launch`, by default `800`",
        "is computed from the environment variable `N`, by default `800`",
        "is looked up by the environment variable `N`",
    ]


def test_a_branch_on_such_a_value_stays_open() -> None:
    """A default is never taken for the value."""
    code = ARGPARSE.format("parser.add_argument('--kind', default='large')")
    node = limit_of(f"{code}n = 5\nif args.kind == 'large':\n    n = 800", "n")
    assert (node.default, choices_of(node)) == (None, [800, 5])


@pytest.mark.parametrize(
    ("value", "default", "choices"),
    [
        ("{'dev': 5, 'prod': 800}[env]", 800, [5, 800]),
        ("{'dev': 5, 'prod': 800}.get(env, 6)", 800, [5, 800, 6]),
        ("{'dev': {'n': 5}, 'prod': {'n': 800}}[env]['n']", 800, [5, 800]),
        ("{'dev': 5, **more()}[env]", None, []),
        ("[5, 800][number()]", None, [5, 800]),
        ("{'dev': 5, 'other': 6, 'prod': 800}['prod' if number() else 'dev']", None, [5, 800]),
    ],
)
def test_an_item_under_an_unknown_key_is_one_of_the_items(value: str, default: Any, choices: list[Any]) -> None:
    """The source itself chooses it; by default it is the one under the key's default."""
    node = limit_of("import os\nenv = os.getenv('ENV', 'prod')", value)
    assert (default_of(node), choices_of(node)) == (default, choices)
    assert node.kind is (Kind.CHOSEN_BY_SOURCE if choices else Kind.OTHER)


def test_all_choices_decide_a_rule_and_a_default_reports_it() -> None:
    """All satisfy: clean. All violate: a finding in all cases. Else the finding by the default says so."""
    option = "parser.add_argument('--n', type=int, default=800, choices={})"
    sources = {choices: ARGPARSE.format(option.format(choices)) for choices in ("[800, 900]", "[800, 5]")}
    sources["[5, 6]"] = sources["[800, 5]"].replace("default=800", "default=5").replace("800", "6")
    last: dict[str, list[str]] = {}
    for choices, code in sources.items():
        report = library.check({"x.py": f"{HEAD}{code}{FIT.format('args.n')}"}, LIMIT, isolated=True)
        last[choices] = [finding.text[0] for finding in report.findings]
        last[choices] += [finding.text[-1] for finding in report.findings if len(finding.text) > 1]
    assert last == {
        "[800, 900]": ["More trials than a tuning job may have, whether `max_jobs` is `800` or `900`"],
        "[800, 5]": [
            "Bayesian search of 800 trials: the limit of a tuning job is 750",
            "By default, `max_jobs` is `800`",
        ],
        "[5, 6]": [],
    }


def test_a_test_is_not_judged_by_defaults() -> None:
    """Nobody deploys it."""
    text = f"{HEAD}def launch(n=800):\n    {FIT.format('n')}"
    assert unknown(text, name="tests/test_x.py").default is None


def test_what_the_sdk_makes_of_a_value_has_no_default_of_it() -> None:
    """A role by its name, an argument that is sent as another member, a placeholder, and an empty text."""
    code = "import os\nest = Estimator('i', os.getenv('ROLE', 'name'), 1, os.getenv('KIND', '<KIND>'),"
    code += " output_path=os.getenv('OUT', ''),"
    text = f"{HEAD}{code} disable_output_compression=bool(os.getenv('OFF', '')))\n{FIT.format(5)}"
    output = ("OutputDataConfig.CompressionType", "OutputDataConfig.S3OutputPath")
    for path in ("RoleArn", *output, "HyperParameterTuningResourceConfig.InstanceType"):
        node = unknown(text, f"TrainingJobDefinition.{path}")
        assert (node.default, node.choices) == (None, ())


def test_a_pipelines_parameter_is_converted_and_has_its_choices() -> None:
    """A hyperparameter is sent as text; `enum_values` are all values that an execution may set."""
    code = (
        "from sagemaker.workflow.parameters import ParameterInteger, ParameterString\n"
        "est.set_hyperparameters(rounds=ParameterInteger('Rounds', 5))\n"
        "kind = ParameterString('Kind', 'Random', enum_values=['Random', 'Grid'])\n"
        "HyperparameterTuner(est, 'm', ranges, strategy=kind).fit()\n"
    )
    rounds = unknown(HEAD + code, "TrainingJobDefinition.StaticHyperParameters.rounds")
    strategy = unknown(HEAD + code, "HyperParameterTuningJobConfig.Strategy")
    assert default_of(rounds) == "5"
    assert (default_of(strategy), choices_of(strategy)) == ("Random", ["Random", "Grid"])


def test_the_values_of_a_cell_for_parameters_are_defaults() -> None:
    """Papermill replaces texts and numbers of the cell with this tag; a switch stays as the notebook writes it."""
    document = json.loads(notebook(HEAD, "n = 800\nrun = True\n", f"if run:\n    {FIT.format('n')}"))
    document["cells"][2]["metadata"] = {"tags": ["parameters"]}
    node = unknown(json.dumps(document), name="x.ipynb")
    assert (node.reason, default_of(node)) == ("is the notebook's parameter `n`, by default `800`", 800)


def test_a_function_that_only_uncalled_code_calls_is_not_said_to_be_never_called() -> None:
    """The reason of an unknown parameter says no more than is known about the function's calls."""
    launch = f"def launch(jobs):\n    {FIT.format('jobs')}"
    assert "which this source never calls" in unknown(f"{HEAD}{launch}").reason
    called = unknown(f"{HEAD}{launch}def run(jobs=None):\n    launch(jobs or load())\n")
    assert "whose calls in this source are not followed" in called.reason
