"""A number of trials that a generator, a task or a mock sets for a time: no locked rule is silent about it."""

from __future__ import annotations

from typing import Any

import pytest

import hpolint as library
from tests.launches.programs import IMPORTS

TRIALS = "policy/max-trials"
OPTIONS: dict[str, Any] = {"select": [TRIALS], "rules": {TRIALS: {"trials": 10, "locked": True}}}
LAUNCH = """
import asyncio
import contextlib
from unittest import mock
from unittest.mock import patch

def launch(n):
    estimator = Estimator("image:1", "arn:aws:iam::111122223333:role/x", instance_count=1, instance_type="ml.m5.large")
    ranges = {"lr": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic")}
    metrics = [{"Name": "loss", "Regex": "loss=(.*)"}]
    HyperparameterTuner(estimator, "loss", ranges, metrics, max_jobs=n).fit()

"""

FOUND, UNDECIDED, SILENT = "found", "undecided", "silent"


def verdict(statements: str, **modules: str) -> str:
    """What the locked rule says about a program with these statements, beside these modules."""
    texts = {"launch.py": f"{IMPORTS}{LAUNCH}\n{statements}\n"}
    texts |= {f"{name}.py": text for name, text in modules.items()}
    report = library.check(texts, OPTIONS, isolated=True)
    assert not report.failures
    if report.findings:
        return FOUND
    return UNDECIDED if report.open_locked_values else SILENT


GENERATORS = {
    "global": """
n = 4
def big():
    global n
    n = 500
    yield
    n = 4
for _ in big():
    launch(n)
""",
    "nonlocal": """
def main():
    n = 4
    def big():
        nonlocal n
        n = 500
        yield
        n = 4
    for _ in big():
        launch(n)
main()
""",
    "dict": """
config = {"n": 4}
def big():
    config["n"] = 500
    yield
    config["n"] = 4
for _ in big():
    launch(config["n"])
""",
    "a key for a time": """
config = {}
def big():
    config["n"] = 500
    yield
    del config["n"]
for _ in big():
    launch(config.get("n", 4))
""",
    "argument": """
config = {"n": 4}
def big(settings):
    settings["n"] = 500
    yield
    settings["n"] = 4
for _ in big(config):
    launch(config["n"])
""",
    "list": """
sizes = [4]
def big():
    sizes[0] = 500
    yield
    sizes[0] = 4
for _ in big():
    launch(sizes[0])
""",
    "class attribute": """
class Size:
    n = 4
def big():
    Size.n = 500
    yield
    Size.n = 4
for _ in big():
    launch(Size.n)
""",
    "instance attribute": """
class Size:
    def __init__(self):
        self.n = 4
size = Size()
def big():
    size.n = 500
    yield
    size.n = 4
for _ in big():
    launch(size.n)
""",
    "own method": """
class Size:
    def __init__(self):
        self.n = 4
    def big(self):
        self.n = 500
        yield
        self.n = 4
size = Size()
for _ in size.big():
    launch(size.n)
""",
    "__iter__": """
n = 4
class Big:
    def __iter__(self):
        global n
        n = 500
        yield
        n = 4
for _ in Big():
    launch(n)
""",
    "__iter__ in a comprehension": """
n = 4
class Big:
    def __iter__(self):
        global n
        n = 500
        yield
        n = 4
[launch(n) for _ in Big()]
""",
    "__iter__ by iter()": """
n = 4
class Big:
    def __iter__(self):
        global n
        n = 500
        yield
        n = 4
big = iter(Big())
next(big)
launch(n)
""",
    "__next__": """
n = 4
class Big:
    def __iter__(self):
        return self
    def __next__(self):
        global n
        if n == 500:
            n = 4
            raise StopIteration
        n = 500
for _ in Big():
    launch(n)
""",
    "next()": """
n = 4
def big():
    global n
    n = 500
    yield
    n = 4
g = big()
next(g)
launch(n)
""",
    "next() after another value": """
n = 4
def big():
    global n
    yield
    n = 500
    yield
    n = 4
g = big()
next(g)
n = 4
next(g)
launch(n)
""",
    "send()": """
n = 4
def big():
    global n
    yield
    n = 500
    yield
    n = 4
g = big()
n = 4
g.send(None)
launch(n)
""",
    "unpacked after another value": """
n = 4
def big():
    global n
    n = 500
    yield 1
    yield 2
g = big()
n = 4
a, b = g
launch(n)
""",
    "spread after another value": """
n = 4
def big():
    global n
    n = 500
    yield 1
g = big()
n = 4
values = [*g]
launch(n)
""",
    "the next pass": """
n = 4
def big():
    global n
    yield
    n = 500
    yield
for _ in big():
    launch(n)
    n = 4
""",
    "after the loop": """
n = 4
def big():
    global n
    yield
    n = 500
for _ in big():
    n = 4
launch(n)
""",
    "comprehension": """
n = 4
def big():
    global n
    n = 500
    yield
    n = 4
[launch(n) for _ in big()]
""",
    "yield from": """
n = 4
def inner():
    global n
    n = 500
    yield
    n = 4
def big():
    yield from inner()
for _ in big():
    launch(n)
""",
    "a loop in the generator": """
config = {"n": 4}
def sizes():
    for v in (4, 500):
        config["n"] = v
        yield v
    config["n"] = 4
for _ in sizes():
    launch(config["n"])
""",
    "finally": """
n = 4
def big():
    global n
    n = 500
    try:
        yield
    finally:
        n = 4
for _ in big():
    launch(n)
""",
    "asynchronous": """
n = 4
async def big():
    global n
    n = 500
    yield
    n = 4
async def main():
    async for _ in big():
        launch(n)
asyncio.run(main())
""",
    "context manager": """
n = 4
@contextlib.contextmanager
def big():
    global n
    n = 500
    yield
    n = 4
with big():
    launch(n)
""",
    "context manager on a stack": """
n = 4
@contextlib.contextmanager
def big():
    global n
    n = 500
    yield
    n = 4
with contextlib.ExitStack() as stack:
    stack.enter_context(big())
    launch(n)
""",
    "context manager by its name": """
n = 4
@contextlib.contextmanager
def big():
    global n
    n = 500
    yield
    n = 4
manager = big()
with manager:
    launch(n)
""",
    "asynchronous context manager": """
n = 4
class Big:
    async def __aenter__(self):
        global n
        n = 500
    async def __aexit__(self, *error):
        global n
        n = 4
async def main():
    async with Big():
        launch(n)
asyncio.run(main())
""",
}


@pytest.mark.parametrize("statements", GENERATORS.values(), ids=GENERATORS.keys())
def test_what_a_generator_changes_is_not_known_to_the_code_that_consumes_it(statements: str) -> None:
    """Its value is the one at any `yield`, so a locked rule is an error or names the value."""
    assert verdict(statements) in (FOUND, UNDECIDED)


KNOWN = {
    "another name": """
n, m = 4, 4
def big():
    global m
    m = 500
    yield
    m = 4
for _ in big():
    launch(n)
""",
    "another key": """
config = {"n": 4, "m": 4}
def big():
    config["m"] = 500
    yield
    config["m"] = 4
for _ in big():
    launch(config["n"])
""",
    "set by the loop": """
n = 4
def big():
    global n
    n = 500
    yield
for _ in big():
    n = 4
    launch(n)
""",
    "set after the loop": """
n = 4
def big():
    global n
    n = 500
    yield
for _ in big():
    print(n)
n = 4
print(n)
launch(n)
""",
    "a local name": """
n = 4
def big():
    n = 500
    yield n
    n = 4
for _ in big():
    launch(n)
""",
    "read by the generator": """
config = {"n": 4}
def big():
    yield config["n"]
    yield config.get("m")
for _ in big():
    launch(config["n"])
""",
    "awaited": """
n = 500
async def small():
    global n
    await asyncio.sleep(1)
    n = 4
async def main():
    await small()
    launch(n)
asyncio.run(main())
""",
    "awaited with a limit": """
n = 500
async def small():
    global n
    n = 4
async def main():
    await asyncio.wait_for(small(), 10)
    launch(n)
asyncio.get_event_loop().run_until_complete(main())
""",
    "set by the main coroutine": """
n = 500
async def main():
    global n
    n = 4
asyncio.run(main())
launch(n)
""",
    "tasks that change nothing": """
n = 4
async def start(size):
    await asyncio.sleep(1)
    launch(size)
async def main():
    await asyncio.gather(*[start(size) for size in (4, n)])
    launch(n)
asyncio.run(main())
""",
    "read before a task runs": """
n = 4
async def start():
    await asyncio.sleep(0)
    print(n)
async def main():
    global n
    t = asyncio.create_task(start())
    launch(n)
    n = 3
    await t
asyncio.run(main())
""",
    "read before a generator is used": """
config = {"n": 4}
sizes = [4]
def start():
    print(config, sizes)
    yield
g = start()
launch(config["n"] + sizes[0])
config.update(n=3)
sizes.append(3)
next(g)
""",
    "what a generator reads and nobody changes": """
n = 4
config = {"n": 4}
def start():
    yield
    launch(n)
    launch(config["n"])
for m in start():
    print(m, config.get("n"))
""",
    "enumerated at once": """
n = 4
def start():
    launch(n)
    yield
for index, _ in enumerate(start()):
    print(index)
n = 3
""",
    "patched to a harmless value": """
class Size:
    n = 500
with patch.object(Size, "n", 4):
    launch(Size.n)
""",
    "after the patch": """
class Size:
    n = 4
with patch.object(Size, "n", 500):
    print(Size.n)
launch(Size.n)
""",
    "patched in a function that returns": """
class Size:
    n = 4
def show(early):
    with patch.object(Size, "n", 500):
        if early:
            return Size.n
        print(Size.n)
show(os.path.exists("early"))
launch(Size.n)
""",
    "patched in a loop that ends": """
class Size:
    n = 4
for name in ("a", "b"):
    with patch.object(Size, "n", 500):
        if os.path.exists(name):
            break
launch(Size.n)
""",
    "patched where a failure is suppressed": """
class Size:
    n = 4
with contextlib.suppress(OSError), patch.object(Size, "n", 500):
    print(Size.n)
launch(Size.n)
""",
    "another attribute patched": """
class Size:
    n = 4
    m = 4
with patch.object(Size, "m", 500), patch("os.getcwd"):
    launch(Size.n)
""",
}


@pytest.mark.parametrize("statements", KNOWN.values(), ids=KNOWN.keys())
def test_other_values_stay_known(statements: str) -> None:
    """What suspended code or a mock does not change, or what is set after it, is judged as it is written."""
    assert verdict(statements) == SILENT
    assert verdict(statements.replace("4", "4_000")) == FOUND


TASKS = {
    "create_task": "t = asyncio.create_task(later()); launch(n); await t",
    "ensure_future": "t = asyncio.ensure_future(later()); launch(n); await t",
    "create_task of a loop": "t = asyncio.get_running_loop().create_task(later()); launch(n); await t",
    "run_coroutine_threadsafe": "asyncio.run_coroutine_threadsafe(later(), asyncio.get_event_loop()); launch(n)",
    "gather": "await asyncio.gather(later(), start())",
    "gather, the launch first": "n = 4; await asyncio.gather(start(), big_for_a_time())",
    "gather, the launch first, through a function": "n = 4; await asyncio.gather(start(), big_by_function())",
    "task group": "async with asyncio.TaskGroup() as group:\n        group.create_task(later()); launch(n)",
    "never awaited": "later(); launch(n)",
    "awaited later": "task = later(); launch(n); await task",
    "set again before an await": "t = asyncio.create_task(late_big()); n = 4; await t; launch(n)",
    "for a time": "n = 4; t = asyncio.create_task(big_for_a_time()); await asyncio.sleep(0); launch(n); await t",
    "through another coroutine": "n = 4; t = asyncio.create_task(calls_big()); await asyncio.sleep(0); launch(n)",
}
COROUTINES = """
n = 500
async def later():
    global n
    n = 4
async def late_big():
    global n
    await asyncio.sleep(0)
    n = 500
async def big_for_a_time():
    global n
    n = 500
    await asyncio.sleep(1)
    n = 4
async def calls_big():
    await big_for_a_time()
def set_big():
    global n
    n = 500
async def big_by_function():
    set_big()
async def start():
    await asyncio.sleep(0)
    launch(n)
async def main():
    global n
    {}
asyncio.run(main())
"""


@pytest.mark.parametrize("statement", TASKS.values(), ids=TASKS.keys())
def test_what_a_task_changes_is_not_known(statement: str) -> None:
    """A coroutine that is not awaited where it is called runs at any later `await`, or not at all."""
    assert verdict(COROUTINES.format(statement)) in (FOUND, UNDECIDED)


LATE = {
    "generator": """
n = 4
def start():
    launch(n)
    yield
g = start()
n = 500
next(g)
""",
    "loop over a generator": """
n = 4
def start():
    yield
    launch(n)
for _ in start():
    n = 500
""",
    "a change through a function": """
n = 4
def start():
    launch(n)
    yield
def grow():
    global n
    n = 500
g = start()
grow()
next(g)
""",
    "dict": """
config = {"n": 4}
def start():
    launch(config["n"])
    yield
g = start()
config["n"] = 500
next(g)
""",
    "updated dict": """
config = {"n": 4}
def start():
    yield
    launch(config["n"])
for _ in start():
    config.update(n=500)
""",
    "object": """
class Size:
    def __init__(self):
        self.n = 4
    def start(self):
        launch(self.n)
        yield
    def grow(self):
        self.n = 500
size = Size()
g = size.start()
size.grow()
next(g)
""",
    "generator expression": """
n = 4
g = (launch(n) for _ in range(2))
n = 500
list(g)
""",
    "task": """
n = 4
async def start():
    launch(n)
async def main():
    global n
    t = asyncio.create_task(start())
    n = 500
    await t
asyncio.run(main())
""",
    "task that another function starts": """
n = 4
tasks = []
async def start():
    launch(n)
def begin():
    tasks.append(asyncio.create_task(start()))
async def main():
    global n
    begin()
    n = 500
    await asyncio.gather(*tasks)
asyncio.run(main())
""",
    "object of a task": """
class Size:
    def __init__(self):
        self.n = 4
    async def start(self):
        await asyncio.sleep(0)
        launch(self.n)
    async def grow(self):
        self.n = 500
async def main():
    size = Size()
    await asyncio.gather(size.start(), size.grow())
asyncio.run(main())
""",
}


@pytest.mark.parametrize("statements", LATE.values(), ids=LATE.keys())
def test_code_that_runs_later_does_not_know_what_is_changed_until_then(statements: str) -> None:
    """A generator or task reads a value when it runs: where other code changes it until then, it is not known."""
    assert verdict(statements) in (FOUND, UNDECIDED)


PATCHES = {
    "patch.object": 'with patch.object(Size, "n", 500):\n    launch(Size.n)',
    "by its keyword": 'with mock.patch.object(Size, attribute="n", new=500):\n    launch(Size.n)',
    "a mock": 'with patch.object(Size, "n") as n:\n    launch(Size.n)',
    "unknown name": "with patch.object(Size, input(), 500):\n    launch(Size.n)",
    "of an object": 'size = Size()\nwith patch.object(size, "n", 500):\n    launch(size.n)',
    "patch.multiple": "with patch.multiple(Size, n=500, m=4):\n    launch(Size.n)",
    "multiple of a text": 'with patch.multiple("settings", N=500):\n    launch(settings.N)',
    "text": 'with patch("settings.N", 500):\n    launch(settings.N)',
    "text of a class": 'with patch("settings.Size.n", 500):\n    launch(settings.Size.n)',
    "text of an imported class": 'with patch("settings.Size.n", 500):\n    launch(Imported.n)',
    "text of a part": 'with patch("package.settings.N", 500):\n    launch(settings.N)',
    "unknown text": "with patch(input(), 500):\n    launch(settings.N)",
    "unknown text of a class": "with patch(input(), 500):\n    launch(Size.n)",
    "this module": 'N = 4\nwith patch("__main__.N", 500):\n    launch(N)',
    "this module by its name": 'N = 4\nwith patch(__name__ + ".N", 500):\n    launch(N)',
    "module object": 'with patch.object(settings, "N", 500):\n    launch(settings.N)',
    "read by a function": 'with patch.object(settings, "N", 500):\n    launch(settings.size())',
    "start": 'patcher = patch.object(Size, "n", 500)\npatcher.start()\nlaunch(Size.n)',
    "start at once": 'patch.object(Size, "n", 500).start()\nlaunch(Size.n)',
    "after a patcher with a name": """patcher = patch.object(Size, "n", 500)
with patcher:
    print(Size.n)
patcher.start()
launch(Size.n)""",
    "the start value behind a return": """Size.n = 500
def show(early):
    with patch.object(Size, "n", 4):
        if early:
            return
        print(Size.n)
show(input())
launch(Size.n)""",
    "monkeypatch": """def test_it(monkeypatch):
    monkeypatch.setattr(Size, "n", 500)
    launch(Size.n)""",
    "monkeypatch with a text": """def test_it(monkeypatch):
    monkeypatch.setattr("settings.N", 500)
    launch(settings.N)""",
    "mocker": """def test_it(mocker):
    mocker.patch.object(Size, "n", 500)
    launch(Size.n)""",
    "mocker with a text": """def test_it(mocker):
    mocker.patch("settings.N", 500)
    launch(settings.N)""",
    "own method": 'with patch.object(Size, "size", return_value=500):\n    launch(Size().size())',
    "own method of an object": 'size = Size()\nwith patch.object(size, "size", lambda: 500):\n    launch(size.size())',
    "stack": 'with contextlib.ExitStack() as s:\n    s.enter_context(patch.object(Size, "n", 500))\n    launch(Size.n)',
    "decorator": '@patch.object(Size, "n", 500)\ndef main():\n    launch(Size.n)\nmain()',
    "dict": 'config = {"n": 4}\nwith patch.dict(config, n=500):\n    launch(config["n"])',
    "dict by its text": 'with patch.dict("settings.CONFIG", n=500):\n    launch(settings.CONFIG["n"])',
    "nested": 'with patch.object(Size, "n", 500), patch.object(Size, "m", 4):\n    launch(Size.n)',
    "given name": "patched = patch.object\nwith patched(Size, 'n', 500):\n    launch(Size.n)",
}
SETTINGS = """
N = 4
CONFIG = {"n": 4}
class Size:
    n = 4
def size():
    return N
"""
SIZE = """
import settings
from settings import Size as Imported
class Size:
    n = 4
    m = 4
    def size(self):
        return 4
"""


@pytest.mark.parametrize("statements", PATCHES.values(), ids=PATCHES.keys())
def test_what_a_mock_replaces_is_not_known_as_written(statements: str) -> None:
    """The value is the one that the mock sets within its `with`, or unknown."""
    assert verdict(SIZE + statements, settings=SETTINGS) in (FOUND, UNDECIDED)
    assert verdict(SIZE + "launch(Size.n + settings.N)", settings=SETTINGS) == SILENT
