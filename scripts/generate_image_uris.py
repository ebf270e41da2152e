"""Write hpolint/data/image_uris.json: what ``image_uris.retrieve`` of the SageMaker SDK knows and needs.

Usage: ``HPOLINT_SDK2=… HPOLINT_SDK2_OLDEST=… HPOLINT_SDK3=… HPOLINT_SDK3_OLDEST=… python scripts/generate_image_uris.py
[--check]``. The variables name the Pythons with the SDKs of ``tests/oracles/environments``. ``--check`` writes nothing
and exits 1 if the committed file differs in anything but its date.

A framework or a version is known if any of these SDKs knows it. An argument is needed if all SDKs that take a call
for the framework refuse every version's call without it: each SDK was asked.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "hpolint/data/image_uris.json"
MODULES = {
    "sdk2": "sagemaker",
    "sdk2_oldest": "sagemaker",
    "sdk3": "sagemaker.core",
    "sdk3_oldest": "sagemaker.core",
}
"""The environments, with the package that has ``image_uris``."""

NEEDS = {"needs", "needs_for_training"}
"""The arguments that a call needs that does not name a scope, and that one needs which names training."""

PROGRAM = r"""
import functools, importlib, importlib.metadata, json, logging, os, pathlib
logging.disable(logging.CRITICAL)
image_uris = importlib.import_module(PACKAGE + ".image_uris")
folder = pathlib.Path(image_uris.__file__).parent / "image_uri_config"
# each call parses these files anew
image_uris.config_for_framework = functools.cache(image_uris.config_for_framework)
image_uris.utils._botocore_resolver = functools.cache(image_uris.utils._botocore_resolver)
REGION = "us-east-1"
INSTANCES = ("ml.p3.2xlarge", "ml.m5.xlarge")
SCOPES = {"needs": {}, "needs_for_training": {"image_scope": "training"}}

def answers(framework, arguments):
    try:
        image_uris.retrieve(framework, REGION, **arguments)
    except Exception:
        return False
    return True

def complete_calls(framework, version, entry, scope):
    # the arguments of calls for training that the SDK takes, one for each base framework
    nested = [name for name in entry if name.startswith(("pytorch", "tensorflow"))]
    for base in nested or [None]:
        pythons = entry[base].get("py_versions", []) if base else entry.get("py_versions", [])
        for instance in INSTANCES:
            call = {"version": version, "instance_type": instance, **scope}
            if base:
                call["base_framework_version"] = base
            if pythons:
                call["py_version"] = pythons[-1]
            if answers(framework, call):
                yield call
                break

def described(framework, config):
    training = config if "versions" in config else config.get("training")
    if training is None or "training" not in config.get("scope", ["training"]):
        return {"versions": []}
    described = {"versions": sorted({*training["versions"], *training.get("version_aliases", {})})}
    for name, scope in SCOPES.items():
        needed = needed_arguments(framework, training["versions"], scope)
        if needed is not None:
            described[name] = sorted(needed)
    return described

def needed_arguments(framework, versions, scope):
    # the arguments without which no version's call is taken; None if no call is taken
    needed = None
    for version, entry in versions.items():
        for call in complete_calls(framework, version, entry, scope):
            refused = {name for name in call if name != "py_version" and not answers(framework, without(call, name))}
            needed = refused if needed is None else needed & refused
    return needed

def without(call, name):
    return {key: value for key, value in call.items() if key != name}

frameworks, regions = {}, set()
for file in sorted(folder.glob("*.json")):
    config = json.loads(file.read_text())
    scopes = [config] if "versions" in config else [part for part in config.values() if "versions" in part]
    if not scopes:
        continue
    frameworks[file.stem] = described(file.stem, config)
    for scope in scopes:
        for entry in scope["versions"].values():
            regions |= entry.get("registries", {}).keys()
distribution = "sagemaker" if PACKAGE == "sagemaker" else "sagemaker-core"
answer = {"version": importlib.metadata.version(distribution), "frameworks": frameworks, "regions": sorted(regions)}
print(json.dumps(answer))
"""


def captured(environment: str) -> dict[str, Any]:
    """What the SDK of an environment answers. Raises KeyError without the variable of its Python."""
    python = os.environ[f"HPOLINT_{environment.upper()}"]
    program = f"PACKAGE = {MODULES[environment]!r}\n{PROGRAM}"
    settings = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}  # a module asks for it when it is imported
    run = subprocess.run([python, "-c", program], capture_output=True, text=True, env=settings, check=True)
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return answer


def recorded() -> dict[str, Any]:
    """The content of the data file without its date."""
    answers = [captured(environment) for environment in MODULES]
    names: set[str] = set()
    regions: set[str] = set()
    for answer in answers:
        names |= answer["frameworks"].keys()
        regions |= set(answer["regions"])
    return {
        "versions": [answer["version"] for answer in answers],
        "frameworks": {name: _joined(name, answers) for name in sorted(names)},
        "regions": sorted(regions),
    }


def _joined(framework: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The versions of a framework's images for training in any SDK, and the arguments that all SDKs need."""
    versions: set[str] = set()
    needed: dict[str, set[str]] = {}
    for answer in answers:
        described = answer["frameworks"].get(framework, {"versions": []})
        versions |= set(described["versions"])
        for name in NEEDS & described.keys():
            needed[name] = needed.get(name, set(described[name])) & set(described[name])
    if "needs" not in needed and "needs_for_training" in needed:
        needed["needs"] = needed["needs_for_training"] | {"image_scope"}
    return {"versions": sorted(versions), **{name: sorted(needed[name]) for name in sorted(needed)}}


def document(content: dict[str, Any], as_of: str) -> str:
    """The file's text: a framework is in one line."""
    frameworks = [f"  {json.dumps(name)}: {json.dumps(own)}" for name, own in content["frameworks"].items()]
    lines = [
        f' "as_of": {json.dumps(as_of)}',
        ' "frameworks": {\n' + ",\n".join(frameworks) + "\n }",
        f' "regions": {json.dumps(content["regions"])}',
        f' "sdks": {json.dumps(content["versions"])}',
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    content = recorded()
    if "--check" in sys.argv[1:]:
        written = TARGET.read_text("utf-8")
        return int(document(content, json.loads(written)["as_of"]) != written)
    TARGET.write_text(document(content, datetime.datetime.now(datetime.UTC).date().isoformat()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
