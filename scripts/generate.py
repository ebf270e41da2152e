"""Rewrite everything that the documentation takes from the code.

Usage: ``python -m scripts.generate [--check]``. It rewrites the pages and tables of ``scripts/generate_docs.py``, the
CLI reference, docs/coverage.md, the picture of the imports, the output that the README and the pages show, and the
snapshots of the reports. It needs no SDK.
``--check`` writes nothing, and leaves the snapshots to the tests. It prints the files that are not up to date and exits
with 1 if there are any.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts import draw_imports, generate_cli, generate_docs, generate_examples, write_coverage

ROOT = generate_docs.ROOT


def paths() -> list[Path]:
    """Every file with generated parts, and the pages that may have some."""
    return sorted({*generate_examples.documents(), generate_docs.SCHEMA, generate_cli.PAGE, draw_imports.PICTURE})


def generated(path: Path) -> str:
    """The text that a file of ``paths()`` should have."""
    if path == generate_cli.PAGE:
        return generate_cli.cli_page()
    if path == draw_imports.PICTURE:
        return draw_imports.picture()
    if path == write_coverage.PAGE:
        return write_coverage.coverage()
    made = generate_docs.pages()
    text = made[path] if path in made else path.read_text("utf-8")
    return text if path == generate_docs.SCHEMA else generate_examples.rewritten(text)


def main() -> int:
    checks = "--check" in sys.argv[1:]
    code = 0
    for path in paths():
        text = generated(path)
        if not path.exists() or path.read_text("utf-8") != text:
            print(path.relative_to(ROOT).as_posix())
            code = 1 if checks else 0
            if not checks:
                path.write_text(text, "utf-8")
    if not checks:
        _update_snapshots()
    return code


def _update_snapshots() -> None:
    """Update the snapshots of the reports; pytest counts an update as a failure, so its exit code says nothing."""
    command = [sys.executable, "-m", "pytest", "-q", "--snapshot-update", "tests/reporters/test_reports.py"]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main())
