"""The team's word on the SDK's own configuration file makes known, or absent, what may come from it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.conftest import Command
from tests.suppressions.test_comments import python

VPC, ISOLATION, ENCRYPTION = "policy/require-vpc", "policy/require-network-isolation", "policy/require-encryption"
FILE = """\
SchemaVersion: '1.0'
SageMaker:
  TrainingJob:
    VpcConfig:
      SecurityGroupIds: [sg-0123456789abcdef0]
      Subnets: [subnet-0123456789abcdef0]
    EnableNetworkIsolation: true
    OutputDataConfig: {KmsKeyId: alias/training}
    ResourceConfig: {VolumeKmsKeyId: alias/training}
    EnableInterContainerTrafficEncryption: true
"""


def checked(hpolint: Command, *settings: str) -> tuple[list[str], int]:
    """The rules that fire, and the number of judgements that stay open."""
    arguments = [argument for setting in settings for argument in ("--config", setting)]
    run = hpolint("check", "t.py", "--select", f"{VPC},{ISOLATION},{ENCRYPTION}", "--output", "json", *arguments)
    assert run.stdout, run.stderr
    report: dict[str, Any] = json.loads(run.stdout)
    return sorted(each["rule"] for each in report["findings"]), report["summary"]["undecided"]


def test_without_a_word_it_is_unknown(hpolint: Command) -> None:
    """The source does not show what a file elsewhere contains."""
    hpolint.write("t.py", python())
    assert checked(hpolint) == ([], 3)


def test_with_none_it_is_absent(hpolint: Command) -> None:
    """A team without such a file gets the findings about missing settings."""
    hpolint.write("t.py", python())
    assert checked(hpolint, "sdk-config='none'") == (sorted([VPC, ISOLATION, ENCRYPTION]), 0)


def test_a_file_says_what_holds(hpolint: Command) -> None:
    """What it gives is known, and what it does not give is absent; the path is relative to the configuration."""
    hpolint.write("t.py", python())
    hpolint.write("conf/sagemaker.yaml", FILE)
    assert checked(hpolint, "sdk-config='conf/sagemaker.yaml'") == ([], 0)
    hpolint.write("conf/sagemaker.yaml", FILE.replace("    EnableNetworkIsolation: true\n", ""))
    assert checked(hpolint, "sdk-config='conf/sagemaker.yaml'") == ([ISOLATION], 0)
    hpolint.write("hpolint.toml", "sdk-config = 'conf/sagemaker.yaml'")
    assert checked(hpolint) == ([ISOLATION], 0)


def test_what_the_source_gives_counts_more(hpolint: Command) -> None:
    """As it does for the SDK."""
    hpolint.write("t.py", python(made=", enable_network_isolation=False"))
    hpolint.write("sagemaker.yaml", FILE)
    assert checked(hpolint, "sdk-config='sagemaker.yaml'") == ([ISOLATION], 0)


@pytest.mark.parametrize(
    ("text", "reason"), [(None, "No such file"), ("a: [", "sagemaker.yaml:"), (b"\xff", "not UTF-8")]
)
def test_a_file_that_cannot_be_read_ends_the_run(hpolint: Command, text: str | bytes | None, reason: str) -> None:
    """The error names the file, which is not read as an empty one."""
    hpolint.write("t.py", python())
    if text is not None:
        hpolint.write("sagemaker.yaml", text)
    run = hpolint("check", "--config", "sdk-config='sagemaker.yaml'")
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"sdk-config: sagemaker.yaml" in run.stderr
    assert reason in run.stderr.decode()


def test_what_the_file_leaves_open_stays_unknown(hpolint: Command) -> None:
    """A value with a tag, or an alias that is none, is never taken for absent; null is."""
    hpolint.write("t.py", python())
    hpolint.write("sagemaker.yaml", FILE.replace("EnableNetworkIsolation: true", "EnableNetworkIsolation: !secret x"))
    assert checked(hpolint, "sdk-config='sagemaker.yaml'") == ([], 1)
    hpolint.write("sagemaker.yaml", FILE.replace("EnableNetworkIsolation: true", "EnableNetworkIsolation: null"))
    assert checked(hpolint, "sdk-config='sagemaker.yaml'") == ([ISOLATION], 0)


@pytest.mark.parametrize("said", ["none", "sagemaker.yaml"])
def test_fixes_are_written_all_the_same(hpolint: Command, said: str) -> None:
    """The values of the file are no part of the source, before the fix and after it."""
    hpolint.write("t.py", python())
    hpolint.write("sagemaker.yaml", FILE)
    run = hpolint("check", "--config", f"sdk-config='{said}'", "--fix", "--unsafe-fixes", "t.py")
    assert b"internal error" not in run.stdout + run.stderr
    assert b'"Logarithmic"' in (hpolint.folder / "t.py").read_bytes()


SCRIPT_MODE = """\
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

estimator = PyTorch("train.py", role="arn:aws:iam::111122223333:role/r", instance_count=1, instance_type={type},
                    framework_version="2.1", py_version="py310", max_run=600)
tuner = HyperparameterTuner(estimator, "loss", {{"lr": ContinuousParameter(0.1, 0.5)}}, objective_type="Minimize",
                            metric_definitions=[{{"Name": "loss", "Regex": "loss=([0-9.]+)"}}], max_jobs=2)
tuner.fit({{"train": "s3://example/train"}})
"""
TRAIN = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
print(f"loss={parser.parse_args().lr:.3f}")
"""
NOT_READ = "1 judgement depends on the SageMaker SDK's own configuration file, which is not read: "
SET = 'set it to the path of that file, or to "none" if you have none'


def closing(hpolint: Command, *arguments: str) -> list[str]:
    """The last lines of a check of a job in script mode."""
    hpolint.write("t.py", SCRIPT_MODE.format(type='"ml.m5.xlarge"'))
    hpolint.write("train.py", TRAIN)
    lines = hpolint("check", "t.py", *arguments).stdout.decode().splitlines()
    return lines[lines.index("1 tuning job in 1 file, 0 findings") :]


def test_the_summary_does_not_count_what_nobody_can_settle(hpolint: Command) -> None:
    """The SDK adds values of its own to each job with a script: no user can write them."""
    assert closing(hpolint, "--select", "launch/empty-value") == ["1 tuning job in 1 file, 0 findings"]


def test_a_line_says_where_the_configuration_of_the_sdk_belongs(hpolint: Command) -> None:
    """What that file may set is not counted; the line names the configurations in which the setting was looked for."""
    (_, line) = closing(hpolint, "--select", VPC)
    assert line == f"{NOT_READ}no hpolint.toml sets `sdk-config`; {SET}"
    hpolint.write("base.toml", "")
    hpolint.write("hpolint.toml", f"extend = 'base.toml'\nselect = ['{VPC}']\n")
    (_, line) = closing(hpolint)
    assert line == f"{NOT_READ}`sdk-config` is not set in base.toml and hpolint.toml; {SET}"
    hpolint.write("sagemaker.yaml", FILE)
    hpolint.write("hpolint.toml", f"sdk-config = 'sagemaker.yaml'\nselect = ['{VPC}']\n")
    assert closing(hpolint) == ["1 tuning job in 1 file, 0 findings"]


def test_each_member_that_the_file_may_set_is_named(hpolint: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All have the place of one constructor. A repeated check names them from what it has stored."""
    hpolint.write("t.py", SCRIPT_MODE.format(type='"ml.m5.xlarge"'))
    hpolint.write("train.py", TRAIN)
    cache = str(tmp_path_factory.mktemp("cache"))
    arguments = ("check", ".", "--show-undecided", "--select", f"{VPC},policy/require-encryption")
    expected = {"VpcConfig", "output_kms_key", "volume_kms_key", "encrypt_inter_container_traffic"}
    for number in range(2):
        hpolint.write("other.json", f"{number}")  # another output, of which t.py's part is stored
        listed = hpolint(*arguments, HPOLINT_CACHE_DIR=cache).stdout.decode()
        members = re.findall("`([^`]+)` may come from the SageMaker SDK's own", listed)
        assert set(members) <= expected
        assert "VpcConfig" in members
        assert len(members) == len(set(members)) > 1
        rules = re.search("`VpcConfig` may come.*?because of this value: ([^\\n]+)", listed, re.DOTALL)
        assert rules is not None
        assert rules[1] == VPC


def test_what_the_source_can_settle_is_counted_and_the_rest_is_listed(hpolint: Command) -> None:
    """The lists say of each value who can settle it."""
    hpolint.write("t.py", SCRIPT_MODE.format(type="kind"))
    hpolint.write("train.py", TRAIN)
    arguments = ("check", "t.py", "--select", f"{VPC},launch/empty-value,launch/instance-type-prefix")
    assert "0 findings; 1 unknown value leaves 1 judgement undecided\n" in hpolint(*arguments).stdout.decode()
    listed = hpolint(*arguments, "--show-undecided").stdout.decode()
    assert listed.count(" = not counted: no value in the source can settle it\n") == 1
    assert listed.count(" = not counted: `sdk-config` settles it, with the path of that file or `none`\n") == 1
    report = json.loads(hpolint(*arguments, "--output", "json").stdout)
    assert {key: report["summary"][key] for key in ("unknown_values", "undecided")} == {
        "unknown_values": 3,
        "undecided": 3,
    }
    assert {key: report["summary"][key] for key in ("to_settle", "undecided_to_settle")} == {
        "to_settle": 1,
        "undecided_to_settle": 1,
    }
    settled_by = {each["rule"]: [cause["settled_by"] for cause in each["causes"]] for each in report["undecided"]}
    assert settled_by == {
        VPC: ["sdk-config"],
        "launch/empty-value": [None],
        "launch/instance-type-prefix": ["source"],
    }
