"""What is said of an average that a script prints agrees with what the script prints when it is run."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from hpolint.facts.metric_match import captured_value
from hpolint.model.training_script import Print
from tests.script.test_arguments import read

FRAME = """import logging
from torch import nn
from torch.utils.data import DataLoader


def test(model, loader, dataset, criterion):
    total = 0.0
    count = 0
    for inputs, labels in {loop}:
        loss = criterion(model(inputs), labels)
        total += {added}
        count += len(inputs)
    {average}
    {printed}


test(MODEL, DataLoader(DATASET, {size}), DATASET, nn.CrossEntropyLoss())
"""
LOOPS = ("loader", "enumerate(loader)", "tqdm(loader)")
ADDED = ("loss.item()", "loss.item() * inputs.size(0)", "inputs.shape[0] * loss.item()", "loss.item() * len(labels)")
DIVISIONS = ("/ len(loader)", "// len(loader)", "/ len(dataset)", "/ len(loader.dataset)", "/ count", "")
PRINTED = (
    *("print(f'loss: {average}')", "print('loss: {}'.format(average))"),
    *("print('loss: %s' % average)", "print('loss:', average)"),
    *("print(f'count: {count} loss: {average}')", "print('loss: {1} of {0}'.format(count, average))"),
)
EXPRESSION = "loss: ([0-9.]+)"
SIZE = "batch_size=args.batch_size"


class Number(float):
    """A number with torch's methods."""

    def item(self) -> float:
        """The number."""
        return float(self)


class Batch(list[int]):
    """A batch with torch's methods."""

    @property
    def shape(self) -> tuple[int]:
        """The size of the batch, as a shape."""
        return (len(self),)

    def size(self, _: int) -> int:
        """The size of the batch."""
        return len(self)


class Loader:
    """A loader of 128 samples."""

    def __init__(self, dataset: list[int], batch_size: int = 1) -> None:
        self.dataset = dataset
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.dataset) // self.batch_size

    def __iter__(self) -> Iterator[tuple[Batch, Batch]]:
        for _ in range(len(self)):
            yield Batch(range(self.batch_size)), Batch(range(self.batch_size))


def run(source: str, batch_size: int) -> float:
    """The number that a script prints, of a model whose loss is 0.7 for each sample."""
    plain = "\n".join(line for line in source.split("\n") if not line.startswith("from torch"))
    out = io.StringIO()
    names = {
        "DataLoader": Loader,
        "DATASET": list(range(128)),
        "MODEL": lambda inputs: inputs,
        "args": SimpleNamespace(batch_size=batch_size),
    }
    losses = SimpleNamespace(CrossEntropyLoss=lambda: lambda _inputs, _labels: Number(0.7))
    names |= {"tqdm": iter, "nn": losses, "args": SimpleNamespace(batch_size=batch_size)}
    with contextlib.redirect_stdout(out):
        exec(compile(plain.replace("enumerate(loader)", "loader"), "train.py", "exec"), names)
    found = re.search(EXPRESSION, out.getvalue())
    assert found is not None
    return float(found[1])


def faults(line: Print) -> set[str]:
    """The faults of the value that the expression takes from a line."""
    return {each.fault for each in line.averages if each.place == captured_value(EXPRESSION, line)}


def shown(source: str) -> Print:
    """The line that a script prints."""
    (line,) = read(source).output.prints
    return line


@pytest.mark.parametrize(("loop", "added"), list(itertools.product(LOOPS, ADDED)))
def test_faults_are_those_of_the_run(loop: str, added: str) -> None:
    """A value grows or shrinks with the batch size, or is whole, if and only if the reader says so."""
    for division, printed, in_place in itertools.product(DIVISIONS, PRINTED, (False, True)):
        if in_place and division:
            average, printed = f"total {division.replace(' ', '= ')}", printed.replace("average", "total")
        else:
            average = f"average = total {division}"
        source = FRAME.format(loop=loop, added=added, average=average, printed=printed, size=SIZE)
        small, large = (run(source, size) for size in (16, 64))
        found = faults(shown(source))
        is_seen = bool(division) and "{1}" not in printed
        grows, shrinks = (large == pytest.approx(each * small, rel=0.1) and small != 0 for each in (4, 0.25))
        is_counted = division in ("/ count", "/ len(dataset)")  # by a name that may be anything
        assert ("grows" in found) is (is_seen and grows)
        assert ("shrinks" in found) is (is_seen and shrinks and not is_counted and "//" not in division)
        assert ("rounded" in found) is (is_seen and "//" in division)
        if "rounded" in found:
            assert small.is_integer()


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"size": "batch_size=32"}, False),
        ({"size": "32"}, False),
        ({"size": "shuffle=True"}, False),
        ({"size": "batch_size=SIZE"}, False),
        ({"size": "batch_size=args.batch_size), DataLoader(DATASET, args.test_batch_size"}, False),
        ({"size": "options['batch_size']"}, True),
        ({"printed": "print(f'loss: {average} after {count}')"}, True),
        ({"printed": "print(f'{PHASE} loss: {average}')"}, True),
        ({"printed": "print(f'count: {average} loss: {count}')"}, False),
        ({"average": "average = total / len(loader)\n    average = 1"}, False),
        ({"average": "average = total / len(loader)\n    total += 1"}, False),
        ({"average": "total /= len(loader)\n    average = total"}, False),
        ({"average": "total /= len(loader)\n    total += 1", "printed": "print(f'loss: {total}')"}, False),
        ({"average": "total /= len(loader)\n    total *= 2", "printed": "print(f'loss: {total}')"}, False),
        ({"average": "print(f'loss: {total}')\n    total /= len(loader)", "printed": ""}, False),
        ({"average": "if total:\n        total /= len(loader)", "printed": "print(f'loss: {total}')"}, False),
        ({"average": "average = total / len(others)"}, False),
        ({"printed": "logging.info('loss: %s', average)"}, True),
        ({"average": "average = (total.item() / len(loader))"}, True),
        ({"printed": "print(f'loss: {total / len(loader):.4f}')"}, True),
    ],
)
def test_what_is_not_certain_is_not_said(changes: dict[str, str], kept: bool) -> None:
    """A fixed batch size, another value of the line, or a name with several values: nothing is said."""
    parts = {"loop": "loader", "added": "loss.item() * inputs.size(0)", "average": "average = total / len(loader)"}
    parts |= {"printed": "print(f'loss: {average}')", "size": SIZE} | changes
    assert any("grows" in faults(each) for each in read(FRAME.format(**parts)).output.prints) is kept


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("print(f'loss: {average:.0f}')", True),
        ("print(f'loss: {average:.1f}')", False),
        ("print('{} loss: {:.0f}'.format(count, average))", True),
        ("print('{:.0f} loss: {}'.format(count, average))", False),
        ("print('loss: {1:.0f}'.format(count, average))", False),
        ("print('%d loss: %.0f%%' % (count, average))", True),
        ("print('%.0f%% loss: %s' % (count, average))", False),
        ("print(f'loss: {average:{WIDTH}}')", False),
        ("print(f'loss: {average:}')", False),
    ],
)
def test_a_format_without_decimals(printed: str, expected: bool) -> None:
    """What it prints of the objective is a whole number."""
    parts = {"loop": "loader", "added": "loss.item()", "average": "average = total / count", "size": SIZE}
    source = FRAME.format(printed=printed, **parts)
    assert ("whole" in faults(shown(source))) is expected
    if expected:
        assert run(source, 16).is_integer()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(reduction='sum')"),
        ("nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(**options)"),
        ("nn.CrossEntropyLoss()", "FocalLoss(nn.CrossEntropyLoss())"),
        ("nn.CrossEntropyLoss()", "MODEL"),
        (
            "def test(",
            "def criterion(outputs, labels):\n    return nn.CrossEntropyLoss()(outputs, labels).sum()\n\n\ndef test(",
        ),
        ("criterion(model(inputs), labels)", "torch.sum(model(inputs) == labels)"),
        ("criterion(model(inputs), labels)", "criterion(model(inputs), labels, WEIGHTS)"),
    ],
)
def test_only_a_mean_loss_shrinks(old: str, new: str) -> None:
    """Sums over the batch, such as counts of right answers, are divided by the number of samples as they should be."""
    parts = {"loop": "loader", "added": "loss.item()", "average": "average = total / len(loader.dataset)"}
    source = FRAME.format(**parts, printed="print(f'loss: {average}')", size=SIZE)
    assert faults(shown(source)) == {"shrinks"}
    assert faults(shown(source.replace(old, new))) == set()


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        (r"Accuracy: \d+/\d+ \((\d+)%\)", 2),
        (r"[(](\d+)%[)]", 2),
        (r"Accuracy: (\d+)", 0),
        (r"Accuracy: (\d+)/(\d+)", None),
        (r"\((?:\d+)%\)", None),
        (r"\((?P<accuracy>\d+)%\)", None),
        (r"\((\d+)%\)|Loss: 1", None),
    ],
)
def test_which_value_an_expression_takes(expression: str, place: int | None) -> None:
    """A parenthesis that is escaped or in a class begins no group."""
    text = "print('Accuracy: {:d}/{:d} ({:.0f}%)'.format(right, count, 100 * right / count))\n"
    assert captured_value(expression, shown(text)) == place


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"added": "loss"}, True),
        ({"added": "criterion(model(inputs), labels).item()"}, True),
        ({"average": "total /= len(loader)", "printed": "print(f'loss: {total}')"}, True),
        ({"average": "total /= len(loader.dataset)", "printed": "print(f'loss: {total}')"}, True),
        ({"average": "average = 100.0 * total / count"}, True),
        ({"loop": "enumerate(loader)"}, True),
        ({"added": "total + loss.item()"}, False),
        ({"added": "max(total, loss.item())"}, False),
        ({"added": "loss.item()\n        total += 1"}, False),
        ({"added": "loss.item()\n        total = total * 2"}, False),
        ({"added": "loss.item()\n    total = 1"}, False),
        ({"added": "0\n        if count:\n            total = loss.item()"}, False),
        ({"added": "criterion(seen, labels)\n        seen.append(labels)"}, False),
        ({"added": "criterion(count, labels)"}, False),
        ({"added": "criterion(whole, labels)\n        whole = join(whole, inputs)"}, False),
        ({"added": "len(inputs)"}, False),
        ({"average": "average = total"}, False),
        ({"average": "average = total / 2"}, False),
        ({"average": "average = total / len(others)"}, False),
        ({"average": "    average = total / len(loader)"}, False),
        ({"size": "batch_size=len(DATASET)"}, False),
    ],
)
def test_a_value_of_the_last_batch(changes: dict[str, str], kept: bool) -> None:
    """A loss that each pass of the loop replaces, divided as if the batches had been added up."""
    parts = {"loop": "loader", "added": "loss.item()", "average": "average = total / len(loader)", "size": SIZE}
    source = FRAME.replace("total += ", "total = ").format(**parts | {"printed": "print(f'loss: {average}')"} | changes)
    assert any("last" in faults(line) for line in read(source).output.prints) is kept
    if kept:
        printed, batches = run(source, 16), 128 / 16
        expected = [0.7 / batches, 0.7 / 128, 70 / 128]
        assert any(printed == pytest.approx(value) for value in expected)
