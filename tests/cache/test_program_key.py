"""The program in the keys of the cache: hpolint's own files and the installed packages, and nothing else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hpolint.cache import program_key


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of hpolint that is in the search path of modules under two names, beside a folder of packages."""
    root = tmp_path / "checkout"
    for name in ("hpolint/cli/main.py", "hpolint/cli/__pycache__/main.pyc", "rules/scale/rate.md", "docs/page.md"):
        write(root / name)
    write(tmp_path / "packages" / "botocore-1.dist-info")
    (tmp_path / "link").symlink_to(root)
    monkeypatch.setattr(sys, "path", [str(tmp_path / name) for name in ("checkout", "link", "packages", "missing")])
    monkeypatch.setattr(program_key, "ROOT", str(root))
    monkeypatch.setattr(program_key, "PACKAGE", str(root / "hpolint"))
    monkeypatch.setattr(program_key, "RULES", str(root / "rules"))
    return root


def write(path: Path, text: str = "") -> None:
    """A file; its folder's time is another than before, however fast this is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    status = path.parent.stat()
    os.utime(path.parent, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))


def touch(path: Path) -> None:
    """The same text at another time."""
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))


def lengthen(path: Path) -> None:
    """A longer text at the same time."""
    status = path.stat()
    path.write_text(path.read_text() + "\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def program() -> str:
    """The program as it is in a key."""
    return json.dumps(program_key.program.__wrapped__())


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        (lambda root: write(root / "hpolint/cli/main.py", "edited"), True),
        (lambda root: touch(root / "hpolint/cli/main.py"), True),
        (lambda root: lengthen(root / "hpolint/cli/main.py"), True),
        (lambda root: touch(root / "rules/scale/rate.md"), True),
        (lambda root: write(root / "rules/scale/more.md"), True),
        (lambda root: write(root.parent / "packages/botocore-2.dist-info"), True),
        (lambda root: write(root.parent / "missing/botocore-2.dist-info"), True),
        (lambda root: write(root / "hpolint/cli/__pycache__/main.pyc", "compiled"), False),
        (lambda root: write(root / "hpolint-baseline.json"), False),
        (lambda root: write(root / "docs/page.md", "edited"), False),
    ],
)
def test_a_checkout_is_another_program_after_a_change_of_its_own_files_or_of_a_package(
    checkout: Path, change: Callable[[Path], None], is_another: bool
) -> None:
    """An edit of hpolint or its rules, or an installed package; not what else lies in the checkout."""
    before = program()
    assert program() == before
    change(checkout)
    assert (program() != before) is is_another


def test_an_installed_hpolint_is_another_program_after_a_change_beside_it(checkout: Path) -> None:
    """Its folder is that of the other packages, and its rules lie in it."""
    (checkout / "rules").rename(checkout / "hpolint" / "rules")
    before = program()
    write(checkout / "botocore-2.dist-info")
    assert program() != before
