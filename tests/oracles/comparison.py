"""Compare the request that a reader extracted with the one that the real SDK sent."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from typing import Any

from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, path_text, plain

NAMES = ("Name", "DefinitionName", "ChannelName")
"""The members that identify an item of a list; the order of ranges, definitions and channels does not matter."""


def capture(python: str, which: str, programs: list[str]) -> list[dict[str, Any]]:
    """What each program sends, by the real SDK of a Python."""
    done = subprocess.run(
        [python, str(pathlib.Path(__file__).parent / f"capture_{which}.py")],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def differences(sent: Any, node: Node, path: Path = ()) -> list[str]:
    """Every field that the reader calls known and is not so, and every one that it calls absent and was sent."""
    where = path_text(path)
    if isinstance(node, Unknown):
        return []
    if isinstance(node, Scalar):
        same = type(sent) is type(node.value) and sent == node.value
        return [] if same else [f"{where}: read {node.value!r}, sent {sent!r}"]
    if isinstance(node, Array):
        return _items(sent, node, path)
    if not isinstance(sent, dict):
        return [f"{where}: read a structure, sent {sent!r}"]
    found = []
    for name, member in node.members.items():
        if name in sent:
            found += differences(sent[name], member, (*path, name))
        elif not isinstance(member, Unknown):
            found.append(f"{path_text((*path, name))}: read, but not sent")
    if node.open is None:
        found += [f"{path_text((*path, name))}: sent, but called absent" for name in sent.keys() - node.members.keys()]
    return found


def _items(sent: Any, node: Array, path: Path) -> list[str]:
    """A list's items: those with a name by their name, others by their place if the list is closed."""
    if not isinstance(sent, list):
        return [f"{path_text(path)}: read a list, sent {sent!r}"]
    if len(sent) != len(node.items) and (node.open is None or len(sent) < len(node.items)):
        return [f"{path_text(path)}: read {len(node.items)} items, sent {len(sent)}"]
    found: list[str] = []
    for index, item in enumerate(node.items):
        at = (*path, index)
        alike = [one for one in sent if _name(one) is not None and _name(one) == _name(plain(item))]
        candidates = alike or (sent if node.open is not None else [sent[index]])
        each = sorted((differences(one, item, at) for one in candidates), key=len)
        found += each[0]
    return found


def _name(value: Any) -> Any:
    return next((value[key] for key in NAMES if key in value), None) if isinstance(value, dict) else None


def known_share(sent: Any, node: Node | None) -> tuple[int, int]:
    """Of the sent leaves, how many are known; and how many there are."""
    if isinstance(sent, dict):
        below = [known_share(v, node.members.get(k) if isinstance(node, Struct) else None) for k, v in sent.items()]
        return sum(known for known, _ in below), sum(total for _, total in below)
    if isinstance(sent, list):
        items = node.items if isinstance(node, Array) else []
        below = [known_share(v, items[i] if i < len(items) else None) for i, v in enumerate(sent)]
        return sum(known for known, _ in below), sum(total for _, total in below)
    return int(isinstance(node, Scalar)), 1


def matched(requests: list[dict[str, Any]], jobs: list[TuningJob]) -> list[tuple[dict[str, Any], TuningJob]]:
    """Each sent request with the job that was read for it: by name, else the only one that stands for several."""
    if len(jobs) == 1:
        return [(request, jobs[0]) for request in requests]
    by_name: dict[Any, TuningJob] = {job.name: job for job in jobs if job.name is not None}
    unnamed = [job for job in jobs if job.name is None]
    found = []
    for request in requests:
        job = by_name.get(request.get("HyperParameterTuningJobName"))
        if job is not None or len(unnamed) == 1:
            found.append((request, job or unnamed[0]))
    return found
