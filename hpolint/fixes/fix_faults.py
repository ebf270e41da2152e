"""Reports of fixes that failed verification, saved with everything that is needed to reproduce them."""

from __future__ import annotations

import json
import os
import tempfile

from hpolint.fixes.fix_planner import FixEdits
from hpolint.io.internal_errors import internal_error_text
from hpolint.version import __version__


def fault_line(plan: FixEdits) -> str:
    """The line about an internal error, with the file that holds the case if it can be written."""
    line = internal_error_text(f"the fix of {plan.finding.rule.id}", plan.reason or "")
    case = {
        "hpolint": __version__,
        "rule": plan.finding.rule.id,
        "reason": plan.reason,
        "file": plan.source.name,
        "text": plan.source.text,
        "edits": [{"start": edit.start, "end": edit.end, "text": edit.text} for edit in plan.edits],
    }
    try:
        descriptor, path = tempfile.mkstemp(prefix="hpolint-case-", suffix=".json")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(case, file, indent=1)
    except OSError:
        return line
    return f"{line}; the case is saved in {path}"
