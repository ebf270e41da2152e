"""Rewrite everything that the documentation takes from the code.

Usage: ``python -m scripts.generate [--check]``. It rewrites the pages and tables of ``scripts/generate_docs.py``, the
CLI reference, docs/coverage.md, the picture of the imports, the patterns of VS Code's extension, the output that the
README and the pages show, and the snapshots of the reports and of each rule. It needs no SDK.
It exits with pytest's code if the tests of the snapshots fail.
``--check`` writes nothing, and leaves the snapshots to the tests. It prints the files that are not up to date and exits
with 1 if there are any.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts import (
    draw_imports,
    generate_cli,
    generate_docs,
    generate_editor_patterns,
    generate_examples,
    write_coverage,
)

ROOT = generate_docs.ROOT
SNAPSHOTS = ("tests/registry/test_findings.py", "tests/reporters/test_reports.py")
"""The tests of what rules find in the fixtures, and of the formats of reports."""


def paths() -> list[Path]:
    """Every file with generated parts, and the pages that may have some."""
    return sorted(
        {*generate_examples.documents(), generate_cli.PAGE, draw_imports.PICTURE, generate_editor_patterns.PATH}
    )


def generated(path: Path) -> str:
    """The text that a file of ``paths()`` should have."""
    if path == generate_cli.PAGE:
        return generate_cli.cli_page()
    if path == draw_imports.PICTURE:
        return draw_imports.picture()
    if path == generate_editor_patterns.PATH:
        return generate_editor_patterns.editor_patterns()
    if path == write_coverage.PAGE:
        return write_coverage.coverage()
    made = generate_docs.pages()
    text = made[path] if path in made else path.read_text("utf-8")
    return generate_examples.rewritten(text)


def main() -> int:
    checks = "--check" in sys.argv[1:]
    code = 0
    for path in paths():
        text = generated(path)
        if not path.exists() or path.read_text("utf-8") != text:
            print(path.relative_to(ROOT).as_posix())
            code = 1
            if not checks:
                path.write_text(text, "utf-8")
    return code if checks else updated_snapshots(*SNAPSHOTS)


def updated_snapshots(*tests: str) -> int:
    """Update the snapshots of tests. Returns pytest's exit code, with its output if the tests fail.

    pytest counts an update as a failure. After one, the tests run again with the new snapshots.
    """
    command = [sys.executable, "-m", "pytest", "-q", *tests]
    run = subprocess.run([*command, "--snapshot-update"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if run.returncode:
        run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if run.returncode:
        sys.stdout.write(run.stdout.decode("utf-8", "replace"))
        print(
            f"{' '.join(tests)}: pytest ends with exit code {run.returncode}; the snapshots may be incomplete",
            file=sys.stderr,
        )
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
