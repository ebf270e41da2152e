"""The run times of earlier trials, from the service's responses.

Sources: botocore's documentation of TrainingJobSummary's parent, HyperParameterTrainingJobSummary: a job is billed from
TrainingStartTime to TrainingEndTime.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from hpolint.config.named_files import JsonError, parse_json, read_named
from hpolint.cost.likely import Trials
from hpolint.model.settings import ConfigError

MAX_MEGABYTES = 64
"""Megabytes of a response."""

LISTED, BEST = "TrainingJobSummaries", "BestTrainingJob"
START, END = "TrainingStartTime", "TrainingEndTime"


def read_trials(path: str) -> Trials:
    """The run times of the trials in a response of List…, or of the best one in a response of Describe….

    Raises ConfigError.
    """
    data = read_named(path, MAX_MEGABYTES, "response")
    try:
        document = parse_json(data)
    except JsonError as error:
        raise ConfigError(f"{path}:{error.line}: invalid JSON: {error.reason}") from None
    if not isinstance(document, dict) or not ({LISTED, BEST} & document.keys()):
        kinds = "ListTrainingJobsForHyperParameterTuningJob or DescribeHyperParameterTuningJob"
        raise ConfigError(f"{path}: not a response of {kinds}: it has neither `{LISTED}` nor `{BEST}`")
    listed = document.get(LISTED)
    summaries = listed if isinstance(listed, list) else [document.get(BEST)]
    seconds = tuple(_seconds(path, summaries))
    if not seconds:
        raise ConfigError(f"{path}: no trial in it has both `{START}` and `{END}`")
    if isinstance(listed, list):
        first = "the first " if document.get("NextToken") else ""
        return Trials(seconds, f"{first}{len(seconds)} earlier trial{'' if len(seconds) == 1 else 's'}")
    return Trials(seconds, "the best earlier trial")


def _seconds(path: str, summaries: list[Any]) -> Iterator[float]:
    """The seconds of each trial that has ended: completed, stopped and failed ones are all billed."""
    for number, summary in enumerate(summaries):
        if not isinstance(summary, dict) or summary.get(START) is None or summary.get(END) is None:
            continue
        start, end = _time(path, number, summary[START]), _time(path, number, summary[END])
        if end < start:
            raise ConfigError(f"{path}: trial {number + 1} ended before it began")
        if end > start:
            yield end - start


def _time(path: str, number: int, value: object) -> float:
    """A time in seconds: version 2 of the AWS CLI writes ISO 8601, version 1 and the API write seconds."""
    seconds = math.nan
    with suppress(ValueError, OverflowError):
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = float(value)
        else:
            seconds = datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp()
    if not math.isfinite(seconds):
        raise ConfigError(f"{path}: trial {number + 1} has an invalid time: {str(value)[:40]}")
    return seconds
