"""The real things, an SDK, Airflow or boto3 in an environment of its own each, and the programs that they run."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.oracles.grammar import program, program3

HERE = Path(__file__).parent
GENERATED: Mapping[str, Callable[[int], str]] = {"sdk2": program, "sdk3": program3}
"""What makes a program of a seed, for each major version of the SDK."""

SEEDS = 50
"""How many generated programs of each version have a recorded answer; nightly runs ask about a thousand."""


def sections(text: str) -> dict[str, str]:
    """The programs of a file by their titles, each with the head that stands above it."""
    found, head = {}, ""
    for title, body in re.findall(r"^##(#? .*)\n((?:(?!##).*\n?)*)", text, flags=re.MULTILINE):
        if title == " head":
            head = body
        else:
            found[title.removeprefix("# ")] = head + body
    return found


@dataclass(frozen=True)
class Oracle:
    """What runs programs. ``packages`` are what its environment is made for, the rest of it follows from them.

    ``share`` is the least share of the sent leaves that must be known: the text does not determine the rest, such as
    names with the time, roles, buckets and uploaded code.
    """

    name: str
    packages: tuple[str, ...]
    share: float

    @property
    def python(self) -> str:
        """The Python of its environment, or nothing: boto3 is among what the tests need anyway."""
        return os.environ.get(self.variable, sys.executable if self.name == "boto3" else "")

    @property
    def variable(self) -> str:
        """The environment variable that names that Python."""
        return f"HPOLINT_{self.name.upper()}"

    @property
    def environment(self) -> Path:
        """The versions of all packages in its environment."""
        return HERE / "environments" / f"{self.name}.txt"

    @cached_property
    def kinds(self) -> dict[str, dict[str, str]]:
        """The texts of its programs by their names, for each kind of them."""
        found = {"written": self.written, "snippets": self.snippets, "generated": self.generated}
        return {kind: programs for kind, programs in found.items() if programs}

    @cached_property
    def written(self) -> dict[str, str]:
        """Whole programs as people write them."""
        return {path.stem: path.read_text("utf-8") for path in sorted((HERE / "programs" / self.name).glob("*.txt"))}

    @cached_property
    def snippets(self) -> dict[str, str]:
        """Small programs, each about one turn that Python or an SDK can take, with the head that stands above it."""
        path = HERE / "snippets" / f"{self.name}.txt"
        return sections(path.read_text("utf-8")) if path.exists() else {}

    @cached_property
    def generated(self) -> dict[str, str]:
        """Programs put together at random, by their seeds."""
        return self.of_seeds(SEEDS) if self.name in GENERATED else {}

    def of_seeds(self, count: int) -> dict[str, str]:
        """So many generated programs."""
        return {f"seed {seed}": GENERATED[self.name](seed) for seed in range(count)}


ORACLES = {
    oracle.name: oracle
    for oracle in (
        Oracle("sdk2", ("sagemaker", "stepfunctions"), 0.7),
        Oracle("sdk3", ("sagemaker-train", "sagemaker-mlops"), 0.7),
        Oracle("airflow", ("apache-airflow-providers-amazon",), 0.9),
        Oracle("boto3", ("boto3",), 0.9),
    )
}
