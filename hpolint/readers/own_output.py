"""What hpolint itself has written: reports and extracts hold requests, and are no definitions of jobs."""

from __future__ import annotations

from hpolint.model.node import Array, Node, Scalar, Struct

REPORT = frozenset({"version", "summary", "findings", "undecided", "skipped", "notices", "failures"})
ALSO = frozenset({"suppressed", "fixed", "without_definition", "skipped_folders", "unreadable"})
"""What a report has, too, since a later version; whatever has more than that is somebody else's."""
BASELINE = frozenset({"version", "baseline"})
EXTRACT = frozenset({"version", "jobs"})
EXTRACTED = frozenset({"request", "unknown", "defaults"})


def is_own(root: Node) -> bool:
    """Whether a document is a report as JSON or SARIF, a baseline, or what ``hpolint extract`` prints."""
    if not isinstance(root, Struct):
        return False
    names = root.members.keys()
    return (
        REPORT <= names <= REPORT | ALSO
        or names == BASELINE
        or (names == EXTRACT and _is_extract(root))
        or _driver(root) == "hpolint"
    )


def _is_extract(root: Struct) -> bool:
    jobs = root.get("jobs")
    return isinstance(jobs, Array) and all(
        isinstance(job, Struct) and job.members.keys() >= EXTRACTED for job in jobs.items
    )


def _driver(root: Struct) -> object:
    """The name of the tool whose SARIF this is."""
    runs = root.get("runs")
    node: Node | None = runs.items[0] if isinstance(runs, Array) and runs.items else None
    for name in ("tool", "driver", "name"):
        node = node.get(name) if isinstance(node, Struct) else None
    return node.value if isinstance(node, Scalar) else None
