"""Tables beside an organisation's rules: `data/NAME.csv` is `data.NAME` in their conditions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpolint.model.rule import RuleError
from hpolint.registry import data_tables as tables
from tests.conftest import Command
from tests.requests import sound

RULE = """---
summary: An instance type that the team may not use
level: error
precision: very-high
scope: job
since: 1.0.0
let:
  allowed: data.instances.exists(row, row.type == compute.instance_type && row.team == "churn")
when: compute != null && compute.instance_type != null && !allowed
at: TrainingJobDefinition.ResourceConfig.InstanceType
message:
  - "`{compute.instance_type}` is not allowed for this team"
  - "It is defined in {job.path}, and was checked on {today}"
---
## Why
Each team has its own machines.

## Instead
Choose one of the table.

## Examples
### Found
```json
{"ResourceConfig": {"InstanceType": "ml.g5.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}}
```

### Clean
```json
{"ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}}
```

### Undecided
```json
{"ResourceConfig": {"InstanceType": "$TYPE", "InstanceCount": 1, "VolumeSizeInGB": 30}}
```
"""


def completed(rule: str) -> str:
    """The rule with examples of a training job, which its scope of a job cannot complete."""
    return (
        rule.replace("scope: job", "scope: training")
        .replace("compute != null && ", "")
        .replace("at: TrainingJobDefinition.", "at: ")
    )


@pytest.fixture
def policies(hpolint: Command) -> Command:
    """A repository with such a policy and its table."""
    hpolint.write("policies/acme/team-instances.md", completed(RULE))
    hpolint.write("policies/data/instances.csv", "type,team\nml.m5.xlarge,churn\nml.p3.2xlarge,vision\n")
    hpolint.write("hpolint.toml", "policies = ['policies']\nextend-select = ['acme']\n")
    return hpolint


def types_found(hpolint: Command, kind: str) -> list[str]:
    """The first sentences of the policy's findings for an instance type."""
    request = sound()
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] = kind
    hpolint.write("job.json", json.dumps(request))
    run = hpolint("check", "-o", "json")
    assert run.returncode in (0, 1), run.stderr
    return [each["message"][0] for each in json.loads(run.stdout)["findings"] if each["rule"] == "acme/team-instances"]


def test_a_condition_reads_the_table(policies: Command) -> None:
    """A row decides; a changed table counts in the next check, though results are cached."""
    assert policies("test", "policies").returncode == 0
    assert types_found(policies, "ml.m5.xlarge") == []
    assert types_found(policies, "ml.p3.2xlarge") == ["`ml.p3.2xlarge` is not allowed for this team"]
    policies.write("policies/data/instances.csv", "type,team\nml.p3.2xlarge,churn\n")
    assert types_found(policies, "ml.p3.2xlarge") == []


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("instances.csv", "kind,team\na,b\n", "has no member `type`"),
        ("instances.csv", "type,team\n", "1 to 2,000 rows"),
        ("instances.csv", "", "a line with the names of its columns"),
        ("instances.csv", "type,team\na\n", "1 values for 2 columns"),
        ("instances.csv", "type,type\na,b\n", "each column has its own name"),
        ("instances.csv", "Type,team\na,b\n", "`Type`: a name has lower-case letters"),
        ("Instances.csv", "type,team\na,b\n", "`Instances`: a name has lower-case letters"),
        ("instances.csv", "type,team\n" + "a,b\n" * 2001, "1 to 2,000 rows"),
        ("other.csv", "type,team\na,b\n", "has no member `instances`"),
    ],
)
def test_a_table_that_does_not_fit_is_an_error(policies: Command, name: str, text: str, reason: str) -> None:
    """With its file, in a check and in `hpolint test`; nothing passes for want of a table."""
    (policies.folder / "policies/data/instances.csv").unlink()
    policies.write(f"policies/data/{name}", text)
    policies.write("job.json", json.dumps(sound()))
    for run in (policies("check"), policies("test", "policies")):
        assert run.returncode in (1, 2)
        assert reason in (run.stdout + run.stderr).decode()
    assert policies("check").returncode == 2


def test_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    """A policy cannot read what lies elsewhere."""
    (tmp_path / "secret.csv").write_text("type\na\n")
    folder = tmp_path / "policies"
    (folder / "acme").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "data/instances.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(RuleError, match="it is a link out of the folder of policies"):
        tables.read_tables(folder / "acme")
