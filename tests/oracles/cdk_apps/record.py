"""Synthesize the apps beside this file with the real CDK, and record the parts of its output that hpolint reads.

Usage: ``python -m tests.oracles.cdk_apps.record``. HPOLINT_CDK and HPOLINT_CDK_OLDEST name Pythons that have
aws-cdk-lib, HPOLINT_CDK_NODE and HPOLINT_CDK_NODE_OLDEST folders whose ``node_modules`` have it, as ``.ci/nightly``
installs them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

APPS = Path(__file__).parent
RECORDS = APPS.parent / "records" / "cdk"
FOLDER = "churn-app"
"""The name of the folder of each app. Frames name its files."""

BUILT = f"/build/{FOLDER}"
"""What stands for the path of that folder in a record."""

CONTEXT = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:disable-version-reporting": True,
}
"""What the CDK's command passes to each app."""

COMMANDS = {
    "ts-node": "npx ts-node bin/app.ts",
    "compiled": "npx tsc --outDir built && node built/bin/app.js",
    "python": "$PYTHON app.py",
}
VARIABLES = {
    "python": ("HPOLINT_CDK", "HPOLINT_CDK_OLDEST"),
    "ts-node": ("HPOLINT_CDK_NODE", "HPOLINT_CDK_NODE_OLDEST"),
    "compiled": ("HPOLINT_CDK_NODE", "HPOLINT_CDK_NODE_OLDEST"),
}
DEBUGGED = "ts-node"
"""The way that is also recorded with frames in the oldest version, which writes them only if it is asked."""


def records() -> dict[str, dict[str, Any]]:
    """All records by their names. Raises KeyError for an environment that is not named."""
    made: dict[str, dict[str, Any]] = {}
    for how, (newest, oldest) in VARIABLES.items():
        made[f"{how}-newest"] = synthesized(how, os.environ[newest])
        made[f"{how}-oldest"] = synthesized(how, os.environ[oldest])
    made[f"{DEBUGGED}-oldest-frames"] = synthesized(DEBUGGED, os.environ["HPOLINT_CDK_NODE_OLDEST"], has_frames=True)
    return made


def synthesized(how: str, environment: str, *, has_frames: bool = False) -> dict[str, Any]:
    """The templates, and the files with frames, that an app writes, by their paths in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(os.path.realpath(folder)) / FOLDER
        shutil.copytree(APPS / ("python" if how == "python" else "typescript"), app)
        if how != "python":
            (app.parent / "node_modules").symlink_to(Path(environment) / "node_modules")
        variables = {**os.environ, "PYTHON": environment, "CDK_CONTEXT_JSON": json.dumps(CONTEXT)}
        if has_frames:
            variables["CDK_DEBUG"] = "1"
        result = subprocess.run(COMMANDS[how], shell=True, cwd=app, env=variables, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        texts: dict[str, Any] = {}
        for path in sorted((app / "cdk.out").rglob("*.json")):
            document = kept(path.name, json.loads(path.read_text("utf-8")))
            if document is not None:
                text = json.dumps(document).replace(str(app), BUILT).replace(environment, "/build")
                texts[path.relative_to(app).as_posix()] = json.loads(text)
        return texts


def kept(name: str, document: dict[str, Any]) -> dict[str, Any] | None:
    """The part of a file that hpolint reads; None for any other file."""
    if name.endswith(".template.json"):
        resources = document["Resources"].items()
        return {"Resources": {key: each for key, each in resources if "yperParameterTuningJob" in json.dumps(each)}}
    if name.endswith(".metadata.json"):
        return stacks(document)
    if name == "manifest.json":
        artifacts = document["artifacts"].items()
        found = {key: {"metadata": stacks(each["metadata"])} for key, each in artifacts if each.get("metadata")}
        return {"artifacts": found} if found else None
    return None


def stacks(metadata: dict[str, Any]) -> dict[str, Any]:
    """The entries of metadata that have frames, each with its first frames."""
    found: dict[str, Any] = {}
    for path, entries in metadata.items():
        for entry in entries:
            for key in ("trace", "data"):
                if isinstance(entry.get(key), list):
                    found.setdefault(path, []).append({**entry, key: entry[key][:6]})
    return found


def main() -> None:
    """Write the records."""
    RECORDS.mkdir(exist_ok=True)
    for name, texts in records().items():
        (RECORDS / f"{name}.json").write_text(json.dumps(texts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
