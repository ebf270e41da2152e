"""What the tests of the guard share: a transport that counts, a client, and an uninstalled guard at the end."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session

import hpolint.guard


class Raw(io.BytesIO):
    """The raw body of a response."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """The whole body."""
        yield self.read()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Any]]:
    """The bodies that are sent; nothing leaves the machine. The working folder is an empty one."""
    bodies: list[Any] = []

    def send(_: Any, request: Any) -> AWSResponse:
        bodies.append(json.loads(request.body))
        return AWSResponse(request.url, 200, HTTPHeaders(), Raw(b"{}"))

    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(URLLib3Session, "send", send)
    monkeypatch.chdir(tmp_path)
    yield bodies
    hpolint.guard.uninstall()


@pytest.fixture
def client(sent: list[Any]) -> Any:
    """A client of SageMaker, made before the guard."""
    return boto3.Session().client("sagemaker")
