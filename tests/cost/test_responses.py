"""How long earlier trials took, from the service's own responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpolint.cost.responses import read_trials
from hpolint.model.settings import ConfigError


def response(*times: tuple[Any, Any]) -> dict[str, Any]:
    """A response of ListTrainingJobsForHyperParameterTuningJob with trials that began and ended so."""
    names = ("TrainingStartTime", "TrainingEndTime")
    return {"TrainingJobSummaries": [dict(zip(names, each, strict=True)) for each in times]}


def written(folder: Path, content: Any) -> str:
    """A file with a document."""
    path = folder / "trials.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


def test_the_trials_of_a_list_are_read_in_either_cli_s_times(tmp_path: Path) -> None:
    """Seconds, as the AWS CLI's version 1 prints them, and ISO 8601 of version 2; unfinished trials are skipped."""
    found = read_trials(
        written(
            tmp_path,
            response(
                (1_700_000_000.5, 1_700_000_600.5),
                ("2026-01-01T10:00:00+00:00", "2026-01-01T10:20:00+00:00"),
                ("2026-01-01T10:00:00Z", "2026-01-01T12:00:00.250000+01:00"),
                ("2026-01-01T10:00:00Z", None),
            ),
        )
    )
    assert found.seconds == (600.0, 1200.0, 3600.25)
    assert found.label == "3 earlier trials"


def test_of_a_description_only_the_best_trial_is_known(tmp_path: Path) -> None:
    """It is said so: the best one may be longer than the others."""
    (best,) = response((0, 900))["TrainingJobSummaries"]
    found = read_trials(written(tmp_path, {"BestTrainingJob": best, "TrainingJobStatusCounters": {"Completed": 9}}))
    assert (found.seconds, found.label) == ((900.0,), "the best earlier trial")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{\n", ":2: invalid JSON"),
        ("[]", "it has neither `TrainingJobSummaries` nor `BestTrainingJob`"),
        (response(), "no trial in it has both"),
        (response((5, 3)), "trial 1 ended before it began"),
        (response((0, 5), ("soon", 3)), "trial 2 has an invalid time: soon"),
        (response((3, 3)), "no trial in it has both"),
        ({"BestTrainingJob": None}, "no trial in it has both"),
        ("[" * 100_000, ":1: invalid JSON: nested too deep to be read"),
    ],
)
def test_any_other_file_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    """With the reason, and no figure is derived from it."""
    with pytest.raises(ConfigError) as error:
        read_trials(written(tmp_path, content))
    assert message in str(error.value)
