"""Runs a launch program with the guard, in the environment of an SDK, and tells what was sent.

Run as a script by that environment's Python, which needs hpolint's dependencies and not hpolint itself: the name of a
program on the command line, JSON on stdout. What is faked is the transport alone: it counts requests and answers them.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

NOW = 1767323045.0
ARN = "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/nightly"
TARGET = "SageMaker.CreateHyperParameterTuningJob"
ACCOUNT = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Account>123456789012</Account><Arn>arn:aws:sts::123456789012:assumed-role/Tuning/me</Arn><UserId>me</UserId>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
DENIED = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
BUCKETS = (
    "<ListAllMyBucketsResult><Buckets><Bucket><Name>bucket</Name><CreationDate>2026-01-01T00:00:00Z</CreationDate>"
    "</Bucket></Buckets></ListAllMyBucketsResult>"
)
SCRIPT = """
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.parse_args()
print("loss=0.5")
"""


class Transport:
    """Takes the place of the network: it keeps the bodies of the launches, and answers every request."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def answer(self, request: Any) -> bytes:
        """The body of the response to a prepared request."""
        target, body = request.headers.get("X-Amz-Target", b""), request.body or b""
        target = target.decode() if isinstance(target, bytes) else target
        if target == TARGET:
            self.sent.append(body.decode() if isinstance(body, bytes) else body)
            return json.dumps({"HyperParameterTuningJobArn": ARN}).encode()
        if target.startswith("SageMaker."):
            return json.dumps(described(json.loads(self.sent[-1]))).encode() if self.sent else b"{}"
        answers = {"sts": ACCOUNT, "iam": DENIED, "//s3.amazonaws.com/": BUCKETS}
        return next((text.encode() for part, text in answers.items() if part in request.url), b"")


def described(sent: dict[str, Any]) -> dict[str, Any]:
    """The response to DescribeHyperParameterTuningJob."""
    counters = {"TrainingJobStatusCounters": {"Completed": 1}, "ObjectiveStatusCounters": {"Succeeded": 1}}
    state = {"HyperParameterTuningJobStatus": "Completed", "HyperParameterTuningJobArn": ARN, "CreationTime": 1.0}
    return {**sent, **state, **counters}


def install_transport(transport: Transport) -> None:
    """Answer the requests of botocore, and of aiobotocore if it is installed."""
    from botocore import httpsession
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    class Raw(io.BytesIO):
        def stream(self, **_: Any) -> Any:
            yield self.read()

    def send(_: Any, request: Any) -> Any:
        answer = transport.answer(request)
        headers = HTTPHeaders()
        headers["ETag"] = '"0"'
        return AWSResponse(request.url, 403 if answer == DENIED.encode() else 200, headers, Raw(answer))

    setattr(httpsession.URLLib3Session, "send", send)  # noqa: B010 - an assignment has another type
    with contextlib.suppress(ImportError):
        from aiobotocore.awsrequest import AioAWSResponse
        from aiobotocore.httpsession import AIOHTTPSession

        class AioRaw:
            def __init__(self, data: bytes) -> None:
                self.data = data

            async def read(self) -> bytes:
                await asyncio.sleep(0)
                return self.data

        async def send_later(_: Any, request: Any) -> Any:
            return AioAWSResponse(request.url, 200, {}, AioRaw(transport.answer(request)))

        AIOHTTPSession.send = send_later


def text_of(name: str) -> str:
    """The text of a program."""
    text = (HERE / "programs" / f"{name}.txt").read_text("utf-8")
    return text.replace("{boto3}", (HERE / "programs" / "boto3.txt").read_text("utf-8").replace("import boto3\n", ""))


def outcome(name: str) -> dict[str, Any]:
    """What a program sends without and with the guard, and how its careless launches end."""
    transport = Transport()
    install_transport(transport)
    Path("source").mkdir()
    Path("source/train.py").write_text(SCRIPT, "utf-8")
    Path("launch.py").write_text(text_of(name), "utf-8")
    sys.path.insert(0, os.getcwd())
    from launch import launch  # type: ignore[import-not-found]

    time.time = lambda: NOW  # names hold the time

    launch("Bayesian")
    plain = list(transport.sent)
    import hpolint.guard

    hpolint.guard.install(isolated=True)
    transport.sent.clear()
    launch("Bayesian")
    guarded = list(transport.sent)
    transport.sent.clear()
    refusals = [refusal(launch, "Grid")]
    if name in ("sdk2", "sdk3"):
        settings = {"select": ["script/option-never-read"]}  # for which the script must be found
        hpolint.guard.install(isolated=True, settings=settings, refuse="warning")
        refusals.append(refusal(launch, "Bayesian"))
    careless = list(transport.sent)
    hpolint.guard.uninstall()
    launch("Grid")
    return {
        "plain": plain,
        "guarded": guarded,
        "refusals": refusals,
        "sent": careless,
        "uninstalled": len(transport.sent),
    }


def refusal(launch: Any, strategy: str) -> dict[str, Any] | None:
    """How a launch with a strategy is refused; None if it is not."""
    import hpolint.guard

    try:
        launch(strategy)
    except hpolint.guard.Refused as error:
        rules = [finding.rule.id for finding in error.findings]
        return {"rules": rules, "file": os.path.basename(error.file), "line": error.line, "text": str(error)}
    return None


def main() -> None:
    """Run the program that the command line names."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        os.environ.update(keys, HOME=folder, AWS_EC2_METADATA_DISABLED="true", AWS_REGION="us-east-1")
        os.environ["AIRFLOW_HOME"] = folder
        os.chdir(folder)
        Path("none.yaml").touch()  # the SDKs take an empty file for no defaults
        for which in ("ADMIN", "USER"):
            os.environ[f"SAGEMAKER_{which}_CONFIG_OVERRIDE"] = os.path.abspath("none.yaml")
        found = outcome(sys.argv[1])
        os.chdir("/")
    print(json.dumps(found))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
