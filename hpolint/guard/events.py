"""The guard's handlers on the events of botocore's sessions and clients.

Source: botocore 1.44.8, ``client.BaseClient._make_api_call``: ``before-parameter-build`` is emitted with the parameters
of the call, before they are validated; ``before-call`` with the request as it is sent. A session copies its handlers
to each client that it makes.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from typing import Any

OPERATIONS = ("CreateHyperParameterTuningJob", "CreatePipeline", "UpdatePipeline")
SERVICE = "sagemaker"
Handler = Callable[..., None]


class Events:
    """The registration of two handlers: one before the parameters are built, one before the request is sent."""

    def __init__(self, before_build: Handler, before_call: Handler) -> None:
        self._handlers = {"before-parameter-build": before_build, "before-call": before_call}

    def register(self) -> None:
        """Register the handlers with all sessions and clients that exist, and with each new session.

        Raises ImportError without botocore, or with one that is older than ``register_initializer`` (1.27.12).
        """
        from botocore import register_initializer

        register_initializer(self._register_session)
        for emitter in _emitters():
            self._register(emitter)

    def unregister(self) -> None:
        """Remove the handlers from all sessions and clients."""
        from botocore import unregister_initializer

        unregister_initializer(self._register_session)
        for emitter in _emitters():
            for event, handler, unique_id in self._registrations():
                emitter.unregister(event, handler, unique_id=unique_id)

    def _register_session(self, session: Any) -> None:
        self._register(session.get_component("event_emitter"))

    def _register(self, emitter: Any) -> None:
        for event, handler, unique_id in self._registrations():
            emitter.register_last(event, handler, unique_id=unique_id)  # last: other handlers change the request

    def _registrations(self) -> Iterator[tuple[str, Handler, str]]:
        """Each event with its handler and an identifier, by which a second registration has no effect."""
        for moment, handler in self._handlers.items():
            for operation in OPERATIONS:
                event = f"{moment}.{SERVICE}.{operation}"
                yield event, handler, f"hpolint-{event}"


def _emitters() -> Iterator[Any]:
    """The event emitters of all sessions, and of all clients of SageMaker, that exist in this process."""
    if "botocore.session" in sys.modules:
        from botocore.session import Session

        for session in _instances(Session):
            yield session.get_component("event_emitter")
    if "botocore.client" in sys.modules:
        from botocore.client import BaseClient

        for client in _instances(BaseClient):
            if client.meta.service_model.service_name == SERVICE:
                yield client.meta.events


def _instances(kind: type) -> list[Any]:
    """The objects of a class. By their type alone: ``isinstance`` would call into proxies of other libraries."""
    gc.collect(0)
    return [each for each in gc.get_objects() if issubclass(type(each), kind)]
