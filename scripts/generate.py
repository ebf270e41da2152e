"""Rewrite everything that the documentation takes from the code.

Usage: ``python -m scripts.generate [--check]``. It rewrites the pages and tables of ``scripts/generate_docs.py``,
the CLI reference, the picture of the imports, and the output that the README and the pages show. It needs no SDK.
``--check`` writes nothing. It prints the files that are not up to date and exits 1 if there are any.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts import draw_imports, generate_cli, generate_docs, generate_examples

ROOT = generate_docs.ROOT


def generated() -> dict[Path, str]:
    """Every file with generated parts, with the text that it should have."""
    texts = generate_docs.pages()
    texts[generate_cli.PAGE] = generate_cli.cli_page()
    texts[draw_imports.PICTURE] = draw_imports.picture()
    for path in generate_examples.documents():
        text = texts.get(path)
        texts[path] = generate_examples.rewritten(path.read_text("utf-8") if text is None else text)
    return texts


def stale(texts: dict[Path, str]) -> list[Path]:
    """The files that do not have the text that they should have."""
    return [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]


def main() -> int:
    texts = generated()
    outdated = stale(texts)
    for path in outdated:
        print(path.relative_to(ROOT).as_posix())
        if "--check" not in sys.argv[1:]:
            path.write_text(texts[path], "utf-8")
    return 1 if outdated and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
