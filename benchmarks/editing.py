"""A document that is edited, as a language server checks it: python -m benchmarks.editing FILE COUNT."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hpolint.run.workspace import Workspace


def main(file: str, count: int) -> None:
    """Check a document after each of so many edits, none of which is saved."""
    workspace = Workspace([os.path.dirname(os.path.abspath(file))])
    text = Path(file).read_bytes()
    for number in range(count):
        workspace.set_text(file, text + b"\n" * number)
        workspace.check(file)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
