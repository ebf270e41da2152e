"""hpolint's own output: reports and extracts contain requests, but do not define jobs."""

from __future__ import annotations

from hpolint.model.node import Array, Node, Scalar, Struct, follow

REQUIRED_REPORT_KEYS = frozenset({"version", "summary", "findings", "undecided", "skipped", "notices", "failures"})
OPTIONAL_REPORT_KEYS = frozenset({"suppressed", "fixed", "without_definition", "skipped_folders", "unreadable"})
"""Keys that later versions added. A document with any other key is not hpolint's report."""
BASELINE_KEYS = frozenset({"version", "baseline"})
SARIF_KEYS = frozenset({"$schema", "version", "runs"})
EXTRACT_KEYS = frozenset({"version", "jobs"})
EXTRACTED_JOB_KEYS = frozenset({"request", "unknown", "defaults"})


def is_own(root: Node) -> bool:
    """Whether a document is a JSON or SARIF report, a baseline, or output of ``hpolint extract``."""
    if not isinstance(root, Struct):
        return False
    names = root.members.keys()
    return (
        REQUIRED_REPORT_KEYS <= names <= REQUIRED_REPORT_KEYS | OPTIONAL_REPORT_KEYS
        or (names == BASELINE_KEYS and _is_baseline(root))
        or (names == EXTRACT_KEYS and _is_extract(root))
        or (names <= SARIF_KEYS and _driver(root) == "hpolint")
    )


def _is_baseline(root: Struct) -> bool:
    """Whether all entries are those of a baseline, which hold no request."""
    entries = root.get("baseline")
    return isinstance(entries, Array) and all(map(_is_entry, entries.items))


def _is_entry(node: Node) -> bool:
    if isinstance(node, Struct):
        return all(isinstance(value, Scalar) for value in node.members.values())
    return isinstance(node, Scalar) and node.value is None


def _is_extract(root: Struct) -> bool:
    jobs = root.get("jobs")
    return isinstance(jobs, Array) and all(
        isinstance(job, Struct) and job.members.keys() >= EXTRACTED_JOB_KEYS for job in jobs.items
    )


def _driver(root: Struct) -> object:
    """The tool name in a SARIF report; None if there is none."""
    name = follow(root, ("runs", 0, "tool", "driver", "name"))
    return name.value if isinstance(name, Scalar) else None
