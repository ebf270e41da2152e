"""Runs programs against the SageMaker Python SDK v2 without a network, and tells what they would have sent.

The oracle of the Python reader. It is run as a script, by the interpreter of an environment that has the SDK: a JSON
list of program texts on stdin, a JSON list of ``{"requests": [...], "documents": [...], "error": ...}`` on stdout, in
the same order: ``documents`` are the pipelines' and state machines' definitions, as texts. What
is faked lies below the SDK (botocore's calls, the file transfer) or beside it (source code that nobody wrote), so that
each request is what the SDK made of the program, and has passed the validation of the client that would send it.

The runner is shared: ``capture_sdk3.py`` differs in the SDK that it imports and in what it has to fake of it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import boto3
import botocore.session
from boto3.s3.transfer import S3Transfer
from botocore.client import BaseClient
from botocore.loaders import create_loader
from botocore.response import StreamingBody

REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE = "SageMakerRole"
CAPTURED = "CreateHyperParameterTuningJob"
TASK = ":createHyperParameterTuningJob"
SECONDS = 120
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""The time in all programs, so that a name with the time in it is the same whenever they are run."""

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}


@dataclass(frozen=True)
class Sdk:
    """What a runner has to know of one generation of the SDK."""

    modules: Sequence[str]
    """Imported before the first program: by then nothing is patched that an import could keep."""
    patches: Callable[[], Sequence[contextlib.AbstractContextManager[Any]]]
    """Fakes for what the SDK asks of the disk about source code, which no program of ours brings along."""
    caches: Sequence[tuple[str, str]] = ()
    """Module and dotted name of dictionaries that keep clients alive beyond one program."""


@dataclass
class Account:
    """An account in which every job has just completed: it answers what a program asks on its way to a tuning job."""

    requests: list[Any] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    created: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def call(self, client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """What ``client`` gets for a call, once the real client's own validation has let it through."""
        model = client._service_model.operation_model(operation)
        context = {"client_region": client.meta.region_name, "client_config": client.meta.config}
        sent = client._emit_api_params(api_params=parameters, operation_model=model, context=context)
        client._serializer.serialize_to_request(sent, model)
        if operation == CAPTURED:
            self.requests.append(json.loads(json.dumps(parameters, default=float)))
        self.requests += carried(operation, parameters)
        self.documents += [str(parameters[name]) for name in ("PipelineDefinition", "definition") if name in parameters]
        if operation.startswith("Create"):
            thing = operation.removeprefix("Create")
            self.created[thing, str(sent.get(f"{thing}Name"))] = sent
        answer = self.answer(operation, sent)
        members = model.output_shape.members if model.output_shape else {}
        kept = {name: value for name, value in answer.items() if name in members}
        return {**kept, "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}

    def answer(self, operation: str, sent: dict[str, Any]) -> dict[str, Any]:
        """The members of a plausible response; those that the operation's output does not have are dropped."""
        if operation.startswith("Describe"):
            return self.described(operation.removeprefix("Describe"), sent)
        if operation.startswith("Create"):
            thing = operation.removeprefix("Create")
            made = arn(thing, str(sent.get(f"{thing}Name")))
            return {f"{thing}Arn": made, f"{thing[0].lower()}{thing[1:]}Arn": made, "Location": "/"}
        return answers(sent).get(operation, {})

    def described(self, thing: str, sent: dict[str, Any]) -> dict[str, Any]:
        """What was asked for when the thing was created, and that it is done: nobody has to wait for it."""
        name = str(sent.get(f"{thing}Name"))
        return {
            **self.created.get((thing, name), {}),
            f"{thing}Name": name,
            f"{thing}Arn": arn(thing, name),
            f"{thing}Status": "InService" if thing == "Endpoint" else "Completed",
            "SecondaryStatus": "Completed",
            "CreationTime": NOW,
            "LastModifiedTime": NOW,
            "TrainingJobStatusCounters": {"Completed": 1},
            "ObjectiveStatusCounters": {"Succeeded": 1},
            "BestTrainingJob": best_job(name),
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://sagemaker-{REGION}-{ACCOUNT}/{name}/output/model.tar.gz"},
            "logStreams": [],
        }


def carried(operation: str, parameters: dict[str, Any]) -> list[Any]:
    """The requests that a pipeline's steps or a state machine's tasks would send, as its definition has them."""
    if operation == "CreatePipeline":
        return [step["Arguments"] for step in dicts(parameters["PipelineDefinition"]) if step.get("Type") == "Tuning"]
    if operation == "CreateStateMachine":
        states = [state for state in dicts(parameters["definition"]) if isinstance(state.get("Resource"), str)]
        return [without_paths(state["Parameters"]) for state in states if TASK in state["Resource"]]
    return []


def without_paths(value: Any) -> Any:
    """The parameters of a state with each ``Member.$`` as the member that it fills at run time."""
    if isinstance(value, dict):
        return {name.removesuffix(".$"): without_paths(member) for name, member in value.items()}
    return [without_paths(item) for item in value] if isinstance(value, list) else value


def dicts(text: str) -> list[dict[str, Any]]:
    """All objects of a JSON text, at any depth."""
    found: list[dict[str, Any]] = []

    def keep(made: dict[str, Any]) -> dict[str, Any]:
        found.append(made)
        return made

    json.loads(text, object_hook=keep)
    return found


def arn(thing: str, name: str) -> str:
    """An ARN in SageMaker's form."""
    kind = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in thing).lstrip("-")
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"


def best_job(tuning_job: str) -> dict[str, Any]:
    """A best training job, as notebooks ask for one after tuning."""
    name = f"{tuning_job}-001"
    return {
        "TrainingJobName": name,
        "TrainingJobArn": arn("TrainingJob", name),
        "CreationTime": NOW,
        "TrainingJobStatus": "Completed",
        "TunedHyperParameters": {},
    }


def answers(sent: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the operations say that notebooks use before a tuning job; every other one says nothing."""
    role = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{sent.get('RoleName')}", "RoleName": sent.get("RoleName")}
    return {
        "GetCallerIdentity": {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/session"},
        "GetRole": {"Role": {**role, "Path": "/", "AssumeRolePolicyDocument": {"Statement": [TRUST]}}},
        "SimulatePrincipalPolicy": {"EvaluationResults": [], "IsTruncated": False},
        "ListBuckets": {"Buckets": []},
        "ListObjectsV2": {"Contents": [], "KeyCount": 0, "IsTruncated": False},
        "ListObjects": {"Contents": [], "IsTruncated": False},
        "HeadObject": {"ContentLength": 0, "ETag": '""'},
        "GetObject": {"Body": StreamingBody(io.BytesIO(b""), 0), "ContentLength": 0},
    }


def environment(folder: Path) -> dict[str, str]:
    """The environment of the programs: no account, profile, metadata service, file or variable of this machine."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR")}
    empty = folder / "empty"
    empty.touch()
    return {
        **kept,
        "HOME": str(folder),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": str(empty),
        "AWS_SHARED_CREDENTIALS_FILE": str(empty),
        "AWS_EC2_METADATA_DISABLED": "true",
        # The SDKs insist that a file named here exists, and take an empty one for no defaults.
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(empty),
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(empty),
    }


def refused(*_: Any, **__: Any) -> NoReturn:
    """Stands for the network and for other processes: telemetry and pip fail at once, as if offline."""
    raise ConnectionRefusedError("the capture is offline")


def nothing(*_: Any, **__: Any) -> None:
    """Stands for what would take time or move bytes, and has no result."""


strftime = time.strftime
one_loader = functools.cache(create_loader)


def formatted(pattern: str, moment: Any = None) -> str:
    """Stands for ``time.strftime``, which would take the time from the system and not from ``time.time``."""
    return strftime(pattern, moment or NOW.timetuple())


def common_patches(account: Account) -> list[contextlib.AbstractContextManager[Any]]:
    """The fakes below every SDK."""

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return account.call(client, operation, parameters)

    return [
        mock.patch.object(BaseClient, "_make_api_call", call),
        mock.patch.object(S3Transfer, "upload_file", nothing),
        mock.patch.object(S3Transfer, "download_file", nothing),
        mock.patch.object(socket.socket, "connect", refused),
        mock.patch.object(socket, "getaddrinfo", refused),
        mock.patch.object(subprocess.Popen, "__init__", refused),
        mock.patch.object(subprocess.Popen, "__del__", nothing),
        mock.patch.object(os, "system", return_value=0),
        mock.patch.object(time, "sleep", nothing),
        mock.patch.object(time, "time", return_value=NOW.timestamp()),
        mock.patch.object(time, "strftime", formatted),
        mock.patch.object(uuid, "uuid4", return_value=uuid.UUID(int=0)),
        mock.patch.object(boto3, "DEFAULT_SESSION", None),
        # Each program makes sessions of its own: without this, each would parse the service models again.
        mock.patch.object(botocore.session, "create_loader", one_loader),
    ]


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Keeps stdout for our answer, whoever writes: print, loggers, or code below Python's own streams."""
    sys.stdout.flush()
    sys.stderr.flush()
    streams = [(number, os.dup(number)) for number in (1, 2)]
    with open(os.devnull, "w", encoding="utf-8") as sink:
        try:
            for number, _ in streams:
                os.dup2(sink.fileno(), number)
            with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
                yield
        finally:
            for number, copy in streams:
                os.dup2(copy, number)
                os.close(copy)


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Ends a program that loops for good: the others are still to run."""

    def ring(*_: Any) -> NoReturn:
        raise TimeoutError(f"still running after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def kept_state(sdk: Sdk) -> Iterator[None]:
    """A program's own folder and main module; afterwards what it may have changed of the process is as before."""
    folder = os.getcwd()
    level = logging.root.manager.disable
    with (
        tempfile.TemporaryDirectory() as own,
        mock.patch.dict(os.environ),
        mock.patch.dict(sys.modules, {"__main__": types.ModuleType("__main__")}),
        mock.patch.object(sys, "argv", ["program.py"]),
        mock.patch.object(sys, "path", [own, *sys.path]),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        os.chdir(own)
        try:
            yield
        finally:
            os.chdir(folder)
            logging.disable(level)
            for module, name in sdk.caches:
                cache(module, name).clear()


def cache(module: str, name: str) -> Any:
    """The dictionary of that name."""
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part)
    return found


def executed(program: str) -> str | None:
    """The program's error, if it ended with one. A plain ``sys.exit()`` is an end like any other."""
    try:
        code = compile(program, "program.py", "exec", dont_inherit=True)
        exec(code, sys.modules["__main__"].__dict__)
    except SystemExit as stop:
        return f"SystemExit: {stop.code}" if stop.code else None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the program's result
        return f"{type(error).__name__}: {error}"
    return None


def captured(program: str, sdk: Sdk) -> dict[str, Any]:
    """The requests that the program sends, the definitions that it makes, and the error that it ends with."""
    account = Account()
    with contextlib.ExitStack() as stack:
        stack.enter_context(kept_state(sdk))
        for patch in (*common_patches(account), *sdk.patches()):
            stack.enter_context(patch)
        stack.enter_context(silenced())
        stack.enter_context(time_limit(SECONDS))
        error = executed(program)
    return {"requests": account.requests, "documents": account.documents, "error": error}


def main(sdk: Sdk) -> None:
    """Answers the list of programs on stdin."""
    programs = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, environment(Path(folder)), clear=True):
        with silenced():
            for module in sdk.modules:
                importlib.import_module(module)
        results = [captured(program, sdk) for program in programs]
    json.dump(results, sys.stdout)


def archived(_: Any, target: str) -> str:
    """Stands for the archive of an entry point that does not exist; its name in S3 is still the SDK's."""
    return target


def cloned(_: Any, entry_point: str, source_dir: str | None = None, dependencies: Any = None) -> dict[str, Any]:
    """Stands for a clone of the repository that a ``git_config`` names."""
    return {"entry_point": entry_point, "source_dir": source_dir, "dependencies": dependencies}


def sdk2_patches() -> list[contextlib.AbstractContextManager[Any]]:
    """Source code is taken to be where the program says."""
    return [
        mock.patch("sagemaker.estimator.validate_source_dir", return_value=True),
        mock.patch("sagemaker.fw_utils._list_files_to_compress", return_value=[]),
        mock.patch("sagemaker.utils.create_tar_file", archived),
        mock.patch("sagemaker.git_utils.git_clone_repo", cloned),
    ]


SDK2 = Sdk(
    modules=("sagemaker", "sagemaker.tuner", "sagemaker.git_utils", "sagemaker_core.resources"),
    patches=sdk2_patches,
    caches=[("sagemaker_core.main.utils", "SingletonMeta._instances")],
)

if __name__ == "__main__":
    main(SDK2)
