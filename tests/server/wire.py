"""The server as a process, and messages to it that no client library would send."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

SECONDS = 60
"""The longest that an answer, or the end of the server, may take: a busy machine is slow."""


class Wire:
    """A server, and what it has sent. ``notes`` are the notifications that came before the last answer."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "hpolint", "server"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        self.notes: list[dict[str, Any]] = []
        self._sent = 0
        self._received: queue.Queue[dict[str, Any] | None] = queue.Queue()
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def initialize(self, folder: Path, **params: Any) -> dict[str, Any]:
        """Start with a folder; the server's answer."""
        folders = [{"uri": folder.as_uri(), "name": folder.name}]
        given: dict[str, Any] = {
            "processId": None,
            "rootUri": folder.as_uri(),
            "workspaceFolders": folders,
            "capabilities": {},
        }
        answer = self.ask("initialize", given | params)
        self.tell("initialized", {})
        return answer

    def open(self, uri: str, text: str, language: str = "python") -> None:
        """Open a document."""
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, text: str) -> None:
        """Replace the text of a document."""
        document = {"uri": uri, "version": version}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def tell(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any = None) -> int:
        """Send a request; its number."""
        self._sent += 1
        self._send({"id": self._sent, "method": method, "params": params})
        return self._sent

    def ask(self, method: str, params: Any = None) -> dict[str, Any]:
        """The answer to a request."""
        return self.answer(self.request(method, params))

    def answer(self, number: int) -> dict[str, Any]:
        """The answer to the request with a number. Raises queue.Empty if none comes."""
        self.notes = []
        while True:
            message = self._received.get(timeout=SECONDS)
            assert message is not None, "the server has ended"
            if "method" in message:
                self.notes.append(message)
                if "id" in message:
                    self._send({"id": message["id"], "result": None})
            elif message.get("id") == number:
                return message

    def received(self) -> list[dict[str, Any]]:
        """The next diagnostics that the server sends. Raises queue.Empty if none come."""
        while True:
            message = self._received.get(timeout=SECONDS)
            assert message is not None, "the server has ended"
            if message.get("method") == "textDocument/publishDiagnostics":
                return [message]

    def code(self) -> int:
        """The exit code of the server, which has been told to end."""
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """End the server, however it is."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was not sent is lost
                    stream.close()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self.process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stream.flush()

    def _read(self, stream: IO[bytes]) -> None:
        length = 0
        while line := stream.readline():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            elif line == b"\r\n":
                self._received.put(json.loads(stream.read(length)))
        self._received.put(None)
