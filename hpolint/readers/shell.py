"""Shell scripts and Makefiles: they can start a job by the AWS CLI. A definition in a file is checked in that file."""

from __future__ import annotations

from hpolint.model.job import Reading, ReadingProblem
from hpolint.model.launch_texts import unread_launches
from hpolint.model.source import Source

LAUNCH_REASON = "starts a tuning job with a definition that hpolint does not read"


def read_shell(source: Source) -> Reading:
    """No jobs, and a problem for each command whose definition is not read."""
    places = (source.span(*place) for place in unread_launches(source.text))
    return Reading(problems=[ReadingProblem(LAUNCH_REASON, place, is_launch=True) for place in places])
