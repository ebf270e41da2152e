"""Files that start a job in a way that hpolint does not read are named, unless what they start is read itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.harness.notebooks import notebook

COMPONENT = "https://raw.githubusercontent.com/kubeflow/pipelines/1.8.0/components/aws/sagemaker/hyperparameter_tuning"
METHOD = "create_hyper_parameter_tuning_job"
CREATE = "aws sagemaker create-hyper-parameter-tuning-job"


PLAIN = f'{CREATE} --cli-input-json "$JOB"'
IN_FILE = f"{CREATE} --cli-input-json file://job.json"
HEAD = "import os, subprocess\n\nJOB = os.environ['JOB']\n"


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("launch.sh", f'{CREATE} --cli-input-json \'{{"HyperParameterTuningJobName": "x"}}\'', ["1:15"]),
        (
            "launch.bash",
            f"{CREATE} \\\n  --training-job-definition file://t.json --hyper-parameter-tuning-job-config $C",
            ["1:15"],
        ),
        ("launch.sh", f"# {PLAIN}\n{IN_FILE}\n{PLAIN}\n{CREATE} --cli-input-json file://$JOB\n", ["3:15", "4:15"]),
        ("launch.sh", f"echo ' # ' && {PLAIN}", ["1:29"]),
        ("launch.sh", f"{PLAIN} # --generate-cli-skeleton", ["1:15"]),
        ("launch.sh", f"{CREATE} $ARGS\n# --cli-input-json file://x.json", ["1:15"]),
        ("launch.sh", f"{CREATE} --cli-input-json file:///tmp/job.json", ["1:15"]),
        ("launch.sh", f"echo x # {PLAIN}; {PLAIN}", []),
        ("launch.sh", f"python3 - <<PY\nclient.{METHOD}(**job)\nPY", ["2:7"]),
        ("launch.sh", "curl -H 'X-Amz-Target: SageMaker.CreateHyperParameterTuningJob' $URL", ["1:24"]),
        ("Makefile", f"tune:\n\t{IN_FILE}\n", []),
        ("Makefile", f"tune:\n\t{CREATE} --cli-input-json $(JOB)\n", ["2:16"]),
        ("launch.sh", "echo no job", []),
        ("launch.sh", f"{CREATE} --generate-cli-skeleton > job.json\n{CREATE} help\n{PLAIN}", ["3:15"]),
        ("run.py", f"{HEAD}subprocess.run({PLAIN.split()!r})\n", ["4:12"]),
        ("run.py", f"{HEAD}subprocess.check_call(args={IN_FILE.split()!r})\n", []),
        ("run.pyw", f"{HEAD}os.system(f'{IN_FILE}{{JOB}}')\n", ["4:4"]),
        ("run.py", f'{HEAD}print("""{PLAIN}""")\n', []),
        ("a.ipynb", notebook("x = 1", f"y = 2\n!{PLAIN}\n# !{PLAIN}"), ["cell 2:2:16"]),
        ("a.ipynb", notebook("x = 1", f"%%bash\n{PLAIN}", f"%%html\n{PLAIN}"), ["cell 2:2:15"]),
    ],
)
def test_a_command_that_starts_a_job_is_reported(
    tmp_path: Path, hpolint: Command, name: str, text: str, places: list[str]
) -> None:
    """With a definition that is no file of the repository, in scripts, notebooks and Python, at its place."""
    (tmp_path / "job.json").write_text("{}")
    (tmp_path / name).write_text(text)
    out = hpolint("check", "--all", name).stdout.decode()
    assert re.findall(r":((?:cell \d+:)?\d+:\d+): note\[hygiene/launch-not-read\]", out) == places


SEVERAL = f"{CREATE} --training-job-definition file://t.json --hyper-parameter-tuning-job-config file://c.json"


@pytest.mark.parametrize(
    ("name", "text", "files", "places"),
    [
        ("launch.sh", IN_FILE, [], ["1:15"]),
        ("launch.sh", IN_FILE, ["job.json"], []),
        ("jobs/launch.sh", IN_FILE, ["job.json"], []),
        ("jobs/launch.sh", IN_FILE, ["jobs/job.json"], []),
        ("jobs/launch.sh", IN_FILE, ["other/job.json"], ["1:15"]),
        ("launch.sh", f"cd jobs && {IN_FILE}", ["jobs/job.json"], []),
        ("Makefile", f"tune:\n\t{IN_FILE}\n", [], ["2:16"]),
        ("Makefile", f"all:\n\t$(MAKE) -C jobs\ntune:\n\t{IN_FILE}\n", [], []),
        ("launch.sh", SEVERAL, ["t.json"], ["1:15"]),
        ("launch.sh", f"cd jobs && {SEVERAL}", ["t.json"], ["1:26"]),
        ("launch.sh", SEVERAL, ["t.json", "c.json"], []),
    ],
)
def test_a_definition_in_a_file_that_is_not_there_is_not_read(
    tmp_path: Path, hpolint: Command, name: str, text: str, files: list[str], places: list[str]
) -> None:
    """Another step has to make the file, and hpolint checks what is there now."""
    for path in (name, *files, ".git/HEAD"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text if path == name else "{}")
    out = hpolint("check", "--all", name).stdout.decode()
    assert re.findall(r":(\d+:\d+): note\[hygiene/launch-not-read\]", out) == places


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "pipe.py",
            f"from kfp import components\n\nop = components.load_component_from_url('{COMPONENT}/component.yaml')",
        ),
        ("deploy.yml", f'steps:\n  - run: {CREATE} --cli-input-json "$JOB"\n'),
    ],
)
def test_a_launch_that_is_not_read_is_named(tmp_path: Path, hpolint: Command, name: str, text: str) -> None:
    """Kubeflow's component, and a workflow that calls the AWS CLI: the summary names the file."""
    (tmp_path / name).write_text(text)
    out = hpolint("check", str(tmp_path)).stdout.decode()
    assert "mentions a tuning job in a form that hpolint does not read" in out
    assert name in out


@pytest.mark.parametrize("name", ["run.py", "run.pyw"])
def test_a_call_by_the_operations_name_is_read(tmp_path: Path, hpolint: Command, name: str) -> None:
    """The call behind boto3's methods gives the same findings as the method, and the same fixes are written."""
    request = {"HyperParameterTuningJobName": "x", "HyperParameterTuningJobConfig": {"Strategie": "Grid"}}
    head = "import boto3\n\nclient = boto3.client('sagemaker')\n"
    found, fixed = [], []
    for call in ("_make_api_call('CreateHyperParameterTuningJob', ", f"{METHOD}(**"):
        (tmp_path / name).write_text(f"{head}client.{call}{request})\n")
        out = json.loads(hpolint("check", "-o", "json", name).stdout)
        found.append([(each["rule"], each["message"]) for each in out["findings"]])
        hpolint("check", "--fix", "--unsafe-fixes", name)
        fixed.append((tmp_path / name).read_text().replace(call, ""))
    assert found[0] == found[1] != []
    assert fixed[0] == fixed[1] == f"{head}client.{request})\n".replace("Strategie", "Strategy")
    (tmp_path / name).write_text(f"{head}client._make_api_call('CreateTrainingJob', {request})\n")
    assert json.loads(hpolint("check", "-o", "json", name).stdout)["findings"] == []


def test_the_file_that_a_script_starts_is_read(tmp_path: Path, hpolint: Command) -> None:
    """A definition that the AWS CLI takes from a file is checked there."""
    (tmp_path / "launch.sh").write_text(f"{CREATE} --cli-input-json file://job.json")
    (tmp_path / "job.json").write_text(
        '{"HyperParameterTuningJobConfig": {"Strategy": "Grid"}, "TrainingJobDefinition": {}}'
    )
    out = hpolint("check", str(tmp_path)).stdout.decode()
    assert "1 tuning job in 2 files" in out
    assert "does not read" not in out
