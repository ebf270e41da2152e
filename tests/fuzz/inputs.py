"""The inputs: fixtures and generated programs, each mutated a few times. A seed and a number give one input, always."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests.conftest import FIXTURES, ROOT
from tests.fuzz import documents, hostile, programs, text
from tests.oracles.grammar import program, program3

LARGEST = 14_000
"""Bytes of a fixture that is mutated: larger ones say the same again, and take ten times as long."""

PROGRAMS = 40
"""How many generated programs are mutated, of each version of the SDK."""

MOST_BYTES = 400_000
"""A mutant is cut here: what a mutation repeats may be long, not without end."""

Mutation = Callable[[random.Random, bytes], bytes]


@dataclass(frozen=True)
class Original:
    """A sound file that is mutated."""

    name: str
    data: bytes

    @property
    def suffix(self) -> str:
        """Its ending, which decides the language."""
        return "." + self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Input:
    """One file that is tried. ``mutations`` names what was done to the original."""

    number: int
    original: str
    suffix: str
    data: bytes
    mutations: tuple[str, ...]

    @property
    def name(self) -> str:
        """A file name with the original's ending."""
        return f"mutant-{self.number}{self.suffix}"


MUTATIONS: dict[str, list[Mutation]] = {
    ".json": [*documents.JSON * 3, *text.ANY],
    ".yaml": [*documents.YAML * 3, *text.ANY],
    ".ipynb": [*documents.NOTEBOOK * 3, *text.ANY],
    ".tf": [*documents.TERRAFORM * 3, *text.ANY],
    ".py": [*programs.PYTHON * 3, *text.ANY],
}
"""What may be done to a file, by its ending: mostly what leaves it a document or a program."""


@cache
def originals() -> dict[str, list[Original]]:
    """The sound files by their ending, in an order that no machine changes."""
    found: dict[str, list[Original]] = {suffix: [] for suffix in MUTATIONS}
    for path in sorted(FIXTURES.rglob("*")):
        if path.suffix in MUTATIONS and path.stat().st_size <= LARGEST:
            name, data = path.relative_to(FIXTURES).as_posix(), path.read_bytes()
            parts = _blocks(data) if path.suffix == ".tf" else [data]
            found[path.suffix] += [Original(name, part) for part in parts]
    for path in sorted((ROOT / "tests/oracles/programs").rglob("*.txt")):
        found[".py"].append(Original(f"{path.parent.name}-{path.stem}.py", path.read_bytes()))
    for seed in range(PROGRAMS):
        found[".py"].append(Original(f"program-{seed}.py", program(seed).encode()))
        found[".py"].append(Original(f"program3-{seed}.py", program3(seed).encode()))
    for original in found[".py"][::9]:
        found[".ipynb"].append(Original(f"{original.name}.ipynb", programs.notebook(original.data)))
    return found


def _blocks(data: bytes) -> list[bytes]:
    """A Terraform file's resources, each with the locals and variables that it may need: four times as fast."""
    blocks = re.split(rb"\n(?=[a-z])", data)
    shared = b"\n".join(block for block in blocks if not block.startswith(b"resource"))
    return [shared + b"\n" + block for block in blocks if block.startswith(b"resource")]


def made(seed: int, number: int, *, is_hostile: bool = False) -> Input:
    """The input of that number: an original, one to four times mutated; or one of the hostile makers'."""
    if is_hostile:
        maker, suffix, data = hostile.made(seed, number)
        return Input(number, maker, suffix, data, ())
    draw = random.Random(f"{seed}/{number}")
    original = draw.choice(originals()[draw.choice(list(originals()))])
    data, names = original.data, []
    for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 4))):
        mutation = draw.choice(MUTATIONS[original.suffix])
        data = mutation(draw, data)[:MOST_BYTES]
        names.append(mutation.__name__)
    return Input(number, original.name, original.suffix, data, tuple(names))
