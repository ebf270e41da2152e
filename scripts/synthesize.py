"""Make the fixtures that other tools write: the CDK's output, pipelines' definitions, a state machine's.

Usage: ``python scripts/synthesize.py [NAME…]`` with HPOLINT_CDK, HPOLINT_SDK2 and HPOLINT_SDK3 naming Pythons that have
aws-cdk-lib, sagemaker 2 with stepfunctions, and sagemaker-train in the versions of ``tests/oracles/environments``, as
``.ci/nightly`` installs them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.oracles.comparison import capture  # noqa: E402

FIXTURES = ROOT / "fixtures"
APP = FIXTURES / "cdk"
KEPT = ("*.template.json", "asset.*.json", "*/*.template.json")
"""What of the cloud assembly can hold a definition; the rest is the CDK's own bookkeeping."""

PROGRAMS = {
    "pipeline/churn-sdk2.json": ("sdk2", "python/pipeline_sdk2.py"),
    "pipeline/vision-sdk3.json": ("sdk3", "python/pipeline_sdk3.py"),
    "states/forecast-sdk.asl.json": ("sdk2", "python/state_machine.py"),
}
"""Each document, with the SDK and the program that make it."""


def main(names: list[str]) -> None:
    """Write the fixtures of some names, or all of them."""
    for name in names or [*PROGRAMS, "cdk"]:
        for path, text in made(name).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))


def made(name: str) -> dict[Path, str]:
    """The files of one fixture, with their texts."""
    return synthesized(python("cdk")) if name == "cdk" else {FIXTURES / name: defined(*PROGRAMS[name])}


def python(which: str) -> str:
    """The Python that has a tool."""
    variable = f"HPOLINT_{which.upper()}"
    if variable not in os.environ:
        raise SystemExit(f"{variable} names no Python")
    return os.environ[variable]


def defined(which: str, program: str) -> str:
    """The definition that a program makes."""
    (outcome,) = capture(python(which), which, [(FIXTURES / program).read_text("utf-8")])
    (document,) = outcome["documents"] or [outcome["error"]]
    return json.dumps(json.loads(document), indent=2) + "\n"


def synthesized(interpreter: str) -> dict[Path, str]:
    """The templates and definitions of the CDK's cloud assembly. The app writes it where it runs."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("app.py", "tuning.asl.json"):
            shutil.copy(APP / name, folder)
        subprocess.run([interpreter, "app.py"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        out = Path(folder) / "cdk.out"
        found = sorted(path for pattern in KEPT for path in out.glob(pattern))
        return {APP / "cdk.out" / path.relative_to(out): path.read_text("utf-8") for path in found}


if __name__ == "__main__":
    main(sys.argv[1:])
