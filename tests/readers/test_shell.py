"""Files that start a job in a way that hpolint does not read are named, unless what they start is read itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Command

COMPONENT = "https://raw.githubusercontent.com/kubeflow/pipelines/1.8.0/components/aws/sagemaker/hyperparameter_tuning"
CREATE = "aws sagemaker create-hyper-parameter-tuning-job"


@pytest.mark.parametrize(
    ("name", "text", "is_named"),
    [
        ("launch.sh", f'{CREATE} --cli-input-json \'{{"HyperParameterTuningJobName": "x"}}\'', True),
        (
            "launch.bash",
            f"{CREATE} \\\n  --training-job-definition file://t.json --hyper-parameter-tuning-job-config $C",
            True,
        ),
        ("Makefile", f"tune:\n\t{CREATE} --cli-input-json file://job.json\n", False),
        ("launch.sh", "echo no job", False),
        (
            "pipe.py",
            f"from kfp import components\n\nop = components.load_component_from_url('{COMPONENT}/component.yaml')",
            True,
        ),
        ("deploy.yml", f'steps:\n  - run: {CREATE} --cli-input-json "$JOB"\n', True),
    ],
)
def test_a_launch_that_is_not_read_is_named(
    tmp_path: Path, hpolint: Command, name: str, text: str, is_named: bool
) -> None:
    """The AWS CLI with a definition that is no file, and Kubeflow's component: the summary names the file."""
    (tmp_path / name).write_text(text)
    out = hpolint("check", str(tmp_path)).stdout.decode()
    assert ("mentions a tuning job in a form that hpolint does not read" in out) is is_named
    assert (name in out) is is_named


def test_the_file_that_a_script_starts_is_read(tmp_path: Path, hpolint: Command) -> None:
    """A definition that the AWS CLI takes from a file is checked there."""
    (tmp_path / "launch.sh").write_text(f"{CREATE} --cli-input-json file://job.json")
    (tmp_path / "job.json").write_text(
        '{"HyperParameterTuningJobConfig": {"Strategy": "Grid"}, "TrainingJobDefinition": {}}'
    )
    out = hpolint("check", str(tmp_path)).stdout.decode()
    assert "1 tuning job in 2 files" in out
    assert "does not read" not in out
