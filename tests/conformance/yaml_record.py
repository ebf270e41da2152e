"""The differences from yaml-test-suite: ``python -m tests.conformance.yaml_record`` prints the record.

A reason is kept for each; a new difference is printed with a question mark, to be replaced by its reason.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hpolint.model.node import plain
from hpolint.model.source import Source
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.yaml_syntax import parse_yaml
from tests.conformance.suites import YAML_SUITE, Case, yaml_cases

RECORD = Path(__file__).with_name("yaml-differences.txt")
"""The record: a case's name, how it is read, and why that stays, a line each. Nothing of the suite itself."""

CRASHES, REFUSES, ACCEPTS, OTHERWISE = "crashes", "refuses", "accepts", "otherwise"


def reading(case: Case) -> str | None:
    """How a case is read differently from the suite; None where it is the same, or where JSON cannot express it."""
    try:
        documents = [plain(document) for document in parse_yaml(Source(f"{case.id}.yaml", case.text))]
    except SyntaxProblem:
        return None if case.fails else REFUSES
    except Exception as error:  # noqa: BLE001 - any other way out is what is looked for
        return f"{CRASHES} {type(error).__name__}"
    if case.fails:
        return ACCEPTS
    return None if case.documents is None or _same(documents, case.documents) else OTHERWISE


def _same(read: Any, said: Any) -> bool:
    """Whether two values are the same in JSON, where 1 is not true; members in any order."""
    return json.dumps(read, sort_keys=True) == json.dumps(said, sort_keys=True)


def recorded() -> dict[str, tuple[str, str]]:
    """The differences that are known: how each is read, and why that stays."""
    found = {}
    for line in RECORD.read_text().splitlines():
        name, how, why = line.split(" ", 2)
        found[name] = (how, why)
    return found


def differences() -> dict[str, str]:
    """The cases that are read otherwise, each with how."""
    return {case.id: how for case in yaml_cases() if (how := reading(case)) is not None}


if __name__ == "__main__":
    if not YAML_SUITE:
        sys.exit("HPOLINT_YAML_TEST_SUITE names no yaml-test-suite")
    known = {name: how for name, how in differences().items() if not how.startswith(CRASHES)}
    reasons = {name: why for name, (_, why) in recorded().items()}
    sys.stdout.write("".join(f"{name} {how} {reasons.get(name, '?')}\n" for name, how in known.items()))
