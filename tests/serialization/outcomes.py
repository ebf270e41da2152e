"""Outcomes of real files, for tests of their encoding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.discovery.walk import Found, Search, find_files
from hpolint.model.rule import Rule
from hpolint.report.outcome import Outcome
from hpolint.run.file_check import FileChecks
from hpolint.serialization.decoding import decoded
from hpolint.serialization.encoding import encoded
from hpolint.serialization.lazy_sources import LazySources
from tests.conftest import ROOT


def found_in(folder: Path) -> list[Found]:
    """The files of a folder, with their settings."""
    return find_files([str(folder)], Configurations(CheckOptions()), Search())


@cache
def of_fixtures() -> list[tuple[Found, Outcome, Mapping[str, Rule]]]:
    """The outcome of each fixture that names a job, with the rules that it was judged with."""
    return list(outcomes_in(ROOT / "fixtures"))


def outcomes_in(folder: Path) -> Iterator[tuple[Found, Outcome, Mapping[str, Rule]]]:
    """The outcome of each file of a folder that names a job, with the rules that it was judged with."""
    checking = FileChecks([str(folder)])
    for file in found_in(folder):
        outcome, _ = checking.file(file)
        if outcome is not None:
            yield file, outcome, checking.rules(file.settings)


def again(file: Found, outcome: Outcome, rules: Mapping[str, Rule]) -> Outcome:
    """An outcome encoded and decoded."""
    return decoded(encoded(outcome, rules, file.settings), rules, file.settings, LazySources())
