"""Write hpolint/data/image_uris.json: what ``image_uris.retrieve`` of the SageMaker SDK knows and needs, and for which
versions the estimators of frameworks find an image.

Usage: ``HPOLINT_SDK2=… HPOLINT_SDK2_OLDEST=… HPOLINT_SDK3=… HPOLINT_SDK3_OLDEST=… python scripts/generate_image_uris.py
[--check]``. The variables name the Pythons with the SDKs of ``tests/oracles/environments``. ``--check`` writes nothing
and exits 1 if the committed file differs in anything but its date.

A framework or a version is known if any of these SDKs knows it. An argument is needed if all SDKs that take a call
for the framework refuse every version's call without it: each SDK was asked. The estimators are those of version 2:
each was made with each version, base framework, Python and processor, and asked for its image.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator
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

ESTIMATORS = ("sdk2", "sdk2_oldest")
"""The environments that have classes of frameworks."""

Images = dict[str, dict[str, dict[str, list[str]]]]
"""The Pythons of a class's images by version, base framework and processor. Only HuggingFace has a base framework."""

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

ESTIMATOR_PROGRAM = r"""
import functools, itertools, json, logging
import boto3
logging.disable(logging.CRITICAL)
from sagemaker import Session, image_uris
from sagemaker.chainer import Chainer
from sagemaker.huggingface import HuggingFace
from sagemaker.mxnet import MXNet
from sagemaker.pytorch import PyTorch
from sagemaker.sklearn import SKLearn
from sagemaker.tensorflow import TensorFlow
from sagemaker.xgboost import XGBoost
image_uris.config_for_framework = functools.cache(image_uris.config_for_framework)
image_uris.utils._botocore_resolver = functools.cache(image_uris.utils._botocore_resolver)
CLASSES = (Chainer, HuggingFace, MXNet, PyTorch, SKLearn, TensorFlow, XGBoost)
PROCESSORS = {"cpu": "ml.m5.xlarge", "gpu": "ml.p3.2xlarge"}
SESSION = Session(boto3.Session(region_name="us-east-1"), default_bucket="bucket")
ROLE = "arn:aws:iam::111122223333:role/r"
BASES = ("pytorch", "tensorflow")

def training(cls):
    config = image_uris.config_for_framework(cls._framework_name)
    return config if "versions" in config else config["training"]

def has_image(cls, instance, **versions):
    try:
        estimator = cls(entry_point="train.py", role=ROLE, instance_count=1, instance_type=instance,
                        sagemaker_session=SESSION, **versions)
        return bool(estimator.training_image_uri())
    except Exception:
        return False

def entries(value):
    # the dicts in a value, at any depth
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from entries(inner)

def pythons_of(cls):
    for entry in entries(training(cls)):
        yield from entry.get("py_versions", [])
        yield from (key for key in entry if key.startswith("py") and key[2:].isdigit())

PYTHONS = sorted({python for cls in CLASSES for python in pythons_of(cls)})

def version_arguments(cls, config, version):
    # the names of the bases of a version's images, with the arguments of the constructor
    if cls is not HuggingFace:
        yield "", {"framework_version": version}
        return
    entry = config["versions"][config.get("version_aliases", {}).get(version, version)]
    for base in sorted({*entry, *entry.get("version_aliases", {})}):
        for name in BASES:
            if base.startswith(name):
                yield base, {"transformers_version": version, f"{name}_version": base.removeprefix(name)}

def images(cls):
    config, found = training(cls), {}
    for version in sorted({*config["versions"], *config.get("version_aliases", {})}):
        for base, arguments in version_arguments(cls, config, version):
            for processor, python in itertools.product(PROCESSORS, PYTHONS):
                if has_image(cls, PROCESSORS[processor], py_version=python, **arguments):
                    found.setdefault(version, {}).setdefault(base, {}).setdefault(processor, []).append(python)
    return found

print(json.dumps({cls.__name__: images(cls) for cls in CLASSES}))
"""


def captured(environment: str) -> dict[str, Any]:
    """What the SDK of an environment answers. Raises KeyError without the variable of its Python."""
    return _answer(environment, f"PACKAGE = {MODULES[environment]!r}\n{PROGRAM}")


def _answer(environment: str, program: str) -> dict[str, Any]:
    """The JSON that a program prints in an environment."""
    python = os.environ[f"HPOLINT_{environment.upper()}"]
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
        "estimators": _joined_images([_answer(environment, ESTIMATOR_PROGRAM) for environment in ESTIMATORS]),
    }


def _joined_images(answers: list[dict[str, Images]]) -> dict[str, Images]:
    """The images of each class in any SDK."""
    joined: dict[str, Images] = {}
    for answer in answers:
        for cls, versions in answer.items():
            for version, base, processor, pythons in _each(versions):
                own = joined.setdefault(cls, {}).setdefault(version, {}).setdefault(base, {})
                own[processor] = sorted({*own.get(processor, []), *pythons})
    return joined


def _each(versions: Images) -> Iterator[tuple[str, str, str, list[str]]]:
    for version, bases in versions.items():
        for base, processors in bases.items():
            for processor, pythons in processors.items():
                yield version, base, processor, pythons


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
    """The file's text: a framework is in one line, and so is a version of an estimator's class."""
    frameworks = [f"  {json.dumps(name)}: {json.dumps(own)}" for name, own in content["frameworks"].items()]
    estimators = [f"  {json.dumps(cls)}: {_laid_out(versions)}" for cls, versions in content["estimators"].items()]
    lines = [
        f' "as_of": {json.dumps(as_of)}',
        ' "frameworks": {\n' + ",\n".join(frameworks) + "\n }",
        ' "estimators": {\n' + ",\n".join(estimators) + "\n }",
        f' "regions": {json.dumps(content["regions"])}',
        f' "sdks": {json.dumps(content["versions"])}',
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _laid_out(versions: Images) -> str:
    lines = [f"   {json.dumps(version)}: {json.dumps(bases)}" for version, bases in sorted(versions.items())]
    return "{\n" + ",\n".join(lines) + "\n  }"


def main() -> int:
    content = recorded()
    if "--check" in sys.argv[1:]:
        written = TARGET.read_text("utf-8")
        return int(document(content, json.loads(written)["as_of"]) != written)
    TARGET.write_text(document(content, datetime.datetime.now(datetime.UTC).date().isoformat()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
