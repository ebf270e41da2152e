"""The team's word on the SDK's own configuration file makes known, or absent, what may come from it."""

from __future__ import annotations

import json
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
