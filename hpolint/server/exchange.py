"""What the server answers to messages that are not as the protocol asks."""

from __future__ import annotations

from typing import Any

import msgspec
from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.workspace import Workspace

from hpolint.server.protocol import OpenTexts


class Unreadable(msgspec.Struct, frozen=True):
    """A message whose parameters are not those of its method. ``request`` is None for a notification."""

    request: str | int | None
    error: JsonRpcException


class Protocol(LanguageServerProtocol):
    """The protocol of a server whose workspace holds ``OpenTexts``, and which answers each request."""

    @property
    def workspace(self) -> Workspace:
        """The workspace. Raises RuntimeError before the server is initialized."""
        made = super().workspace
        if not isinstance(made, OpenTexts):
            folders = [*made.folders.values()]
            made = OpenTexts(made.root_uri, workspace_folders=folders, position_encoding=made.position_encoding)
            self._workspace = made
        return made

    @property
    def has_shut_down(self) -> bool:
        """Whether the editor has asked the server to shut down."""
        return self._shutdown

    def structure_message(self, data: dict[str, Any]) -> Any:
        """The message that an object of JSON is; ``Unreadable`` for invalid parameters."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" not in data:
                raise
            method = str(data["method"])
            reasons = transform_error(error.__cause__) if error.__cause__ is not None else []
            invalid = JsonRpcInvalidParams(f"{method}: {'; '.join(reasons) or 'invalid parameters'}")
            return Unreadable(data.get("id"), invalid)

    def handle_message(self, message: Any) -> None:
        """Give a message to its handler. A request that has none, or may not have one now, is answered by an error."""
        if isinstance(message, Unreadable):
            self._refuse(message.request, message.error)
            if message.request is None:
                self._server.report_server_error(message.error, JsonRpcException)
            return
        method = getattr(message, "method", None)
        error = self._refusal(method) if method is not None else None
        if error is None:
            super().handle_message(message)
        else:
            self._refuse(getattr(message, "id", None), error)

    def _refusal(self, method: str) -> JsonRpcException | None:
        """Why no message with a method is taken now; None if it is."""
        if method == types.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("the server has shut down")
        if self._workspace is None and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("the server is not initialized")
        if self._workspace is not None and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("the server is initialized already")
        return None

    def _refuse(self, request: str | int | None, error: JsonRpcException) -> None:
        if request is not None:
            self._send_response(request, error=error.to_response_error())

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: Any) -> None:  # type: ignore[override]
        """End what is asked, and take no more requests."""
        for request, future in [*self._request_futures.items()]:
            if request != self.msg_id and not future.done():
                future.cancel()
        self._shutdown = True
