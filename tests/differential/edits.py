"""Random edits of a repository, as people and tools make them; each is described in a line."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.differential.tree import ALTERNATIVES, FILES, REPOSITORY, SHARED, Entry, State, restore, state

TICK = 0.01
"""Seconds after which a file that changes has another time of change, on the coarsest file systems of Linux."""

MOST_STATES, FEW = 20, 4
KEPT = (REPOSITORY, f"{REPOSITORY}/.git", SHARED)
WRITING = (("check", "--write-baseline"), ("check", "--fix", "--unsafe-fixes", "--exit-zero"))
NEW_NAMES = ("train2.py", "again.py", "job.json", "zz.tf", "options.py", "request.json", ".gitignore", "hpolint.toml")


class Edits:
    """Edits of what is below a folder, drawn by ``draw``; ``only`` names the files that may change, by a part.

    ``run`` runs the command where it writes files itself.
    """

    def __init__(
        self, folder: Path, draw: random.Random, run: Callable[[Sequence[str]], object], only: str = ""
    ) -> None:
        self._folder = folder
        self._draw = draw
        self._run = run
        self._only = only
        self._first = self._now = self._good = state(folder)
        self._states: list[State] = [self._first]

    def edit(self, *, is_broken: bool = False) -> str:
        """Make an edit and wait until another one has another time; what was done.

        ``is_broken``: nothing can be checked any more, as with a configuration that is wrong, so that most edits from
        there on would say nothing.
        """
        self._now = state(self._folder)
        if self._only:
            done = self._draw.choice([self._alternative, self._keep_time, self._replace])()
        elif is_broken and self._draw.random() < 0.8:
            restore(self._folder, self._good)
            done = "revert to the last state that could be checked"
        else:
            done = self._any(is_broken=is_broken)
        time.sleep(TICK)
        return done

    def _any(self, *, is_broken: bool) -> str:
        if not is_broken:
            self._good = self._now
            self._states = [*self._states, self._now][-MOST_STATES:]
        if len(self._files()) < FEW or len(self._folders()) < FEW:
            return self._restart()
        kinds = [*([self._alternative] * 8), *([self._keep_time] * 4), self._replace, self._revert, self._revert]
        kinds += [self._add, self._remove, self._rename, self._swap, self._link, self._retarget, self._link_folder]
        kinds += [self._touch, self._chmod, self._rewrite, self._restart, self._nothing, self._command]
        return self._draw.choice(kinds)()

    def _paths(self, is_wanted: Callable[[Entry], bool]) -> list[str]:
        return [
            name for name, entry in self._now.items() if self._only in name and name not in KEPT and is_wanted(entry)
        ]

    def _files(self) -> list[str]:
        return self._paths(lambda entry: isinstance(entry.content, bytes))

    def _folders(self) -> list[str]:
        return self._paths(lambda entry: entry.content is None)

    def _links(self) -> list[str]:
        return self._paths(lambda entry: isinstance(entry.content, str))

    def _other_text(self, *, same_size: bool = False) -> tuple[Path, bytes]:
        """A file and another text that it may have; its own where it has no other."""
        found: dict[str, list[bytes]] = {}
        for name in self._files():
            text = (self._folder / name).read_bytes()
            others = [
                text.replace(old.encode(), new.encode(), 1) for pair in ALTERNATIVES for old, new in (pair, pair[::-1])
            ]
            found[name] = [each for each in others if each != text and (not same_size or len(each) == len(text))]
        name = self._draw.choice([name for name, others in found.items() if others] or self._files())
        return self._folder / name, self._draw.choice(found[name] or [(self._folder / name).read_bytes()])

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _alternative(self) -> str:
        path, text = self._other_text()
        path.write_bytes(text)
        return f"edit {self._name(path)}"

    def _keep_time(self) -> str:
        """The same size, and the same time of modification: as of a tool that sets it back."""
        path, text = self._other_text(same_size=True)
        before = path.stat()
        path.write_bytes(text)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return f"edit {self._name(path)}, with the same size and time of modification"

    def _replace(self) -> str:
        """As editors save: another file takes its place."""
        path, text = self._other_text()
        before, part = path.stat(), path.with_name("part.tmp")
        part.write_bytes(text)
        os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
        part.replace(path)
        return f"replace {self._name(path)} by another file of the same time"

    def _new_path(self, moved: str = "") -> str:
        """Where nothing is yet, in a folder that is there, but not in what is moved."""
        folders = [each for each in (REPOSITORY, SHARED, *self._folders()) if not f"{each}/".startswith(f"{moved}/")]
        within = self._draw.choice(folders)
        names = [*NEW_NAMES, *(os.path.basename(name) for name in FILES)]
        free = [name for name in names if not os.path.lexists(self._folder / within / name)]
        return f"{within}/{self._draw.choice(free)}"

    def _add(self) -> str:
        source, target = self._draw.choice(self._files()), self._new_path()
        shutil.copyfile(self._folder / source, self._folder / target)
        return f"copy {source} to {target}"

    def _remove(self) -> str:
        name = self._draw.choice([*self._files(), *self._links(), *self._draw.sample(self._folders(), 2)])
        self._remove_path(self._folder / name)
        return f"remove {name}"

    def _remove_path(self, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    def _rename(self) -> str:
        name = self._draw.choice([*self._files(), *self._links(), *self._folders()])
        target = self._new_path(name)
        os.rename(self._folder / name, self._folder / target)
        return f"rename {name} to {target}"

    def _swap(self) -> str:
        """Two files, of a kind where there are such: each takes its times along."""
        one = self._draw.choice(self._files())
        others = [each for each in self._files() if each != one]
        other = self._draw.choice([each for each in others if Path(each).suffix == Path(one).suffix] or others)
        part = self._folder / f"{one}.part"
        os.rename(self._folder / one, part)
        os.rename(self._folder / other, self._folder / one)
        os.rename(part, self._folder / other)
        return f"swap {one} and {other}"

    def _link(self) -> str:
        """A file becomes a link to another one, or to itself."""
        return self._link_to(self._draw.choice(self._files()), self._draw.choice(self._files()))

    def _retarget(self) -> str:
        if not self._links():
            return self._link()
        name = self._draw.choice(self._links())
        return self._link_to(name, self._draw.choice([*self._folders(), *self._files()]))

    def _link_folder(self) -> str:
        """A folder becomes a link, to what it held or to another folder."""
        name = self._draw.choice(self._folders())
        path, aside = self._folder / name, f"{name}.moved"
        others = [each for each in self._folders() if not f"{each}/".startswith(f"{name}/")]
        target = self._draw.choice([aside, *others])
        if target == aside and not os.path.lexists(self._folder / aside):
            os.rename(path, self._folder / aside)
        return self._link_to(name, target)

    def _link_to(self, name: str, target: str) -> str:
        path = self._folder / name
        if os.path.lexists(path):
            self._remove_path(path)
        path.symlink_to(os.path.relpath(self._folder / target, path.parent))
        return f"make {name} a link to {target}"

    def _touch(self) -> str:
        name = self._draw.choice(self._files())
        os.utime(self._folder / name)
        return f"touch {name}"

    def _rewrite(self) -> str:
        name = self._draw.choice(self._files())
        (self._folder / name).write_bytes((self._folder / name).read_bytes())
        return f"write {name} with the same text"

    def _chmod(self) -> str:
        name = self._draw.choice([*self._files(), *self._folders()])
        mode = self._draw.choice([0o755, 0o700] if self._now[name].content is None else [0o755, 0o700, 0o600, 0o644])
        (self._folder / name).chmod(mode)
        return f"chmod {mode:o} {name}"

    def _revert(self) -> str:
        back = self._draw.randrange(len(self._states))
        restore(self._folder, self._states[back])
        return f"revert to what was {len(self._states) - back} edits ago"

    def _restart(self) -> str:
        """Edits pile up until little is left to check: now and then all is again as it was first."""
        restore(self._folder, self._first)
        return "revert to the first state"

    def _command(self) -> str:
        """The command itself writes files."""
        arguments = self._draw.choice(WRITING)
        self._run(arguments)
        return f"run hpolint {' '.join(arguments)}"

    def _nothing(self) -> str:
        return "change nothing"
