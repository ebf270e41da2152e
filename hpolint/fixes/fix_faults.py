"""A fix that did not keep its promise, kept with all that it takes to look into it."""

from __future__ import annotations

import json
import os
import tempfile

from hpolint.fixes.fix_planner import FixEdits
from hpolint.io.internal_errors import internal_error_text
from hpolint.version import __version__


def why_not_fixed(mending: FixEdits) -> str:
    """A line about a mistake of ours, with the file that its case is kept in, as far as one can be written."""
    told = internal_error_text(f"the fix of {mending.finding.rule.id}", mending.reason or "")
    case = {
        "hpolint": __version__,
        "rule": mending.finding.rule.id,
        "reason": mending.reason,
        "file": mending.source.name,
        "text": mending.source.text,
        "edits": [{"start": each.start, "end": each.end, "text": each.text} for each in mending.edits],
    }
    try:
        descriptor, path = tempfile.mkstemp(prefix="hpolint-case-", suffix=".json")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(case, file, indent=1)
    except OSError:
        return told
    return f"{told}; the case is kept in {path}"
