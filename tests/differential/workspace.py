"""Whether a process that stays says what a new one says.

    python -m tests.differential.workspace [--steps 200] [--seed S]

A small repository is edited at random, on the disk and in unsaved documents; after each edit the results of a workspace
that has seen all of it must be those of a new one, and without open documents those of ``hpolint check``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import hpolint
from hpolint.discovery.walk import SKIPPED_FOLDERS
from hpolint.model.forms import SEARCHED_SUFFIXES
from hpolint.model.settings import ConfigError
from hpolint.run.workspace import Checked, Workspace
from tests.differential.edits import Edits
from tests.differential.tree import ALTERNATIVES, REPOSITORY, make

MOST_OPEN = 3
"""Documents that are open at once."""


class History:
    """A repository below a folder, a workspace over it, and its open documents by their paths."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._draw = random.Random(seed)
        make(folder)
        self._edits = Edits(folder, self._draw, lambda _: None)
        self._workspace = self._new()
        self._open: dict[str, bytes] = {}
        self._is_broken = False
        self.reused = self.checked = 0

    def _new(self) -> Workspace:
        workspace = Workspace([str(self._folder / REPOSITORY)])
        for path, text in getattr(self, "_open", {}).items():
            workspace.set_text(path, text)
        return workspace

    def step(self) -> tuple[str, str]:
        """An edit, and how the results differ after it; empty if they do not."""
        kinds = [self._edit_on_disk] * 4 + [self._type] * 4 + [self._save, self._close]
        done = self._draw.choice(kinds)()
        broken = 0
        paths, fresh = self._documents(), self._new()
        for path in paths:
            self.checked += 1
            self.reused += self._workspace.current(path) is not None
            own = shown(self._workspace.check(path))
            new = shown(fresh.check(path))
            broken += own[0]
            if own != new:
                return done, f"{path}:\n  workspace: {own}\n  new: {new}"
        self._is_broken = broken > len(paths) / 2
        return done, "" if self._open or self._is_broken else self._difference_to_a_check(paths)

    def _difference_to_a_check(self, paths: list[str]) -> str:
        """How a result differs from the findings of ``hpolint check`` in the folder; empty if none does."""
        try:
            report = hpolint.check([str(self._folder / REPOSITORY)])
        except ConfigError:
            return ""
        including = [record for record in report.records if record.included]
        read = {name for record in including for name in (record.name, *record.included)}
        for path in paths:
            checked = self._workspace.check(path)
            if checked.error is None and checked.outcome is not None and path not in read and path in report.sources:
                own = {line for line in shown(checked)[1] if "unused-suppression" not in line}
                all_of_it = {line_of(each) for each in report.findings if each.source == path}
                missing = {line for line in all_of_it if "unused-suppression" not in line} - own
                if missing:
                    return f"{path}: hpolint check also finds {missing}"
        return ""

    def _documents(self) -> list[str]:
        found = []
        for folder, folders, names in os.walk(self._folder / REPOSITORY):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            found += [os.path.join(folder, name) for name in names if name.lower().endswith(SEARCHED_SUFFIXES)]
        return sorted({*found, *self._open})

    def _edit_on_disk(self) -> str:
        return self._edits.edit(is_broken=self._is_broken)

    def _type(self) -> str:
        """A document gets another text, which is not saved."""
        path = self._draw.choice([*self._open, *(path for path in self._editable())])
        text = self._open.get(path)
        if text is None:
            text = Path(path).read_bytes()
        old, new = self._draw.choice(ALTERNATIVES)
        changed = text.replace(old.encode(), new.encode(), 1)
        if changed == text:
            changed = text.replace(new.encode(), old.encode(), 1)
        if changed == text:
            changed = text + b"\n"
        self._set(path, changed)
        return f"type in {path}"

    def _editable(self) -> list[str]:
        """The files that an editor may open: with those that define no job themselves."""
        repository = self._folder / REPOSITORY
        files = (path for path in sorted(repository.rglob("*")) if path.is_file() and ".git" not in path.parts)
        return [str(path) for path in files if os.access(path, os.R_OK)]

    def _set(self, path: str, text: bytes) -> None:
        if path not in self._open and len(self._open) >= MOST_OPEN:
            self._close()
        self._open[path] = text
        self._workspace.set_text(path, text)

    def _save(self) -> str:
        if not self._open:
            return "save nothing"
        path = self._draw.choice(sorted(self._open))
        with contextlib.suppress(OSError):  # its folder may be gone
            Path(path).write_bytes(self._open[path])
        return f"save {path}"

    def _close(self) -> str:
        if not self._open:
            return "close nothing"
        path = self._draw.choice(sorted(self._open))
        del self._open[path]
        self._workspace.remove_text(path)
        return f"close {path}"


def shown(checked: Checked) -> tuple[bool, list[str], tuple[str, ...], int]:
    """A result for comparison: whether it is an error, the findings, the notices, and the number of jobs.

    Of several errors in the configurations any may be the one that is named. With one, the rest is that of the
    last valid configuration, which a new process does not know.
    """
    if checked.error is not None:
        return True, [], (), -1
    lines = sorted(map(line_of, checked.findings))
    return (
        False,
        lines,
        checked.notices,
        len(checked.outcome.jobs) if checked.outcome is not None else -1,
    )


def line_of(finding: Any) -> str:
    """A finding as a line."""
    return f"{finding.source}:{finding.span} {finding.level} {finding.rule.id} {' '.join(finding.text)}"


def main(arguments: list[str]) -> int:
    """Make so many steps, or until one differs."""
    parser = argparse.ArgumentParser("python -m tests.differential.workspace")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder).resolve(), seed)
        for number in range(given.steps):
            done, difference = history.step()
            if given.verbose or difference:
                print(f"seed {seed}, step {number}: {done}\n{difference}".rstrip())  # noqa: T201
            if difference:
                return 1
    print(f"seed {seed}: no result differs; {history.reused:,} of {history.checked:,} were used again")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
