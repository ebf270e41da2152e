"""Write the patterns by which VS Code's extension finds out that a text may hold a tuning job.

``python -m scripts.generate`` writes the file from the tables of the forms and languages.
"""

from __future__ import annotations

import json
from pathlib import Path

from hpolint.model.forms import BYTE_PATTERNS, SUFFIXES

PATH = Path(__file__).resolve().parent.parent / "editors" / "vscode" / "src" / "patterns.json"


def editor_patterns() -> str:
    """The text of the file: the byte patterns, and the endings of the files that are not packed."""
    suffixes = [suffix for suffix in SUFFIXES if not suffix.endswith(".gz")]
    patterns = [pattern.decode("ascii") for pattern in BYTE_PATTERNS]
    return json.dumps({"suffixes": suffixes, "patterns": patterns}, indent=2) + "\n"
