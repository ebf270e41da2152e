"""What a job costs is a fact that an organisation's own rules can go by, with proof where that is wanted."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.conftest import ROOT, Command
from tests.cost.jobs import definition, request_of


def job(trials: Any, early: str = "Off", cap: Any = 3600) -> str:
    """A job of trials of an hour."""
    limits = {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": 2}
    request = request_of(definition(cap), limits=limits)
    request["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"] = early
    return json.dumps(request)


(CONDITION,) = re.findall(r"```cel\n(.*?)\n```", (ROOT / "docs" / "cost.md").read_text("utf-8"), re.S)
PAGE = f"""\
---
summary: A dear job without early stopping
level: error
precision: very-high
scope: job
since: 1.0.0
undecided: error
when: >-
  {CONDITION}
at: [HyperParameterTuningJobConfig.TrainingJobEarlyStoppingType]
message:
  - "At worst that is {{cost.instance_hours:about}} instance-hours, and early stopping is off"
sources: ["https://wiki.acme.example/budget"]
---
## Why
Money.

## Instead
Stop early.

## Examples
### Found
```json
{job(600)}
```

### Clean
```json
{job(500)}
```

```json
{job(600, "Auto")}
```

### Undecided
```json
{job(10, cap="$CAP")}
```
"""


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (job(501), b"At worst that is 501 instance-hours, and early stopping is off"),
        (job(500), b""),
        (job(501, "Auto"), b""),
        (job(10, cap="$CAP"), b"cannot be decided, but a decision is required"),
        (job(10, "Auto", "$CAP"), b""),
    ],
)
def test_no_job_above_500_instance_hours_without_early_stopping(hpolint: Command, text: str, reported: bytes) -> None:
    """The documentation's own condition, as a policy that requires a proof."""
    hpolint.write("policies/acme/dear-without-stopping.md", PAGE)
    assert hpolint("test", "policies").returncode == 0
    hpolint.write("hpolint.toml", 'policies = ["policies"]\nselect = ["acme"]\n')
    hpolint.write("job.json", text)
    run = hpolint("check")
    assert reported in run.stdout
    assert run.returncode == (1 if reported else 0)
