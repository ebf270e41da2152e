"""What is said of an average that a script prints agrees with what the script prints when it is run."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Iterator

import pytest

from hpolint.model.training_script import Print
from tests.script.test_arguments import read

FRAME = """import logging
from torch.utils.data import DataLoader


def test(model, loader, dataset):
    total = 0.0
    count = 0
    for inputs, labels in {loop}:
        loss = model(inputs, labels)
        total += {added}
        count += len(inputs)
    average = {average}
    {printed}


test(MODEL, DataLoader(DATASET, {size}), DATASET)
"""
LOOPS = ("loader", "enumerate(loader)", "tqdm(loader)")
ADDED = ("loss.item()", "loss.item() * inputs.size(0)", "inputs.shape[0] * loss.item()", "loss.item() * len(labels)")
AVERAGES = (
    *("total / len(loader)", "total // len(loader)", "total / len(dataset)", "total / len(loader.dataset)"),
    *("total / count", "total"),
)
PRINTED = (
    *("print(f'loss: {average}')", "print('loss: {}'.format(average))"),
    *("print('loss: %s' % average)", "print('loss:', average)"),
)


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
    plain = source.replace("from torch.utils.data import DataLoader", "").replace("enumerate(loader)", "loader")
    out = io.StringIO()
    names = {"DataLoader": Loader, "DATASET": list(range(128)), "MODEL": lambda *_: Number(0.7), "SIZE": batch_size}
    with contextlib.redirect_stdout(out):
        exec(compile(plain, "train.py", "exec"), names | {"tqdm": iter})
    return float(out.getvalue().split()[-1])


def shown(source: str) -> Print:
    """The line that a script prints."""
    (line,) = read(source).prints
    return line


@pytest.mark.parametrize(("loop", "added"), list(itertools.product(LOOPS, ADDED)))
def test_faults_are_those_of_the_run(loop: str, added: str) -> None:
    """A value grows with the batch size, or is whole, if and only if the reader says so."""
    for average, printed in itertools.product(AVERAGES, PRINTED):
        source = FRAME.format(loop=loop, added=added, average=average, printed=printed, size="batch_size=SIZE")
        small, large = (run(source, size) for size in (16, 64))
        line = shown(source)
        is_average = "/" in average
        assert (line.per_batch is not None) is (is_average and large == pytest.approx(4 * small, rel=0.1) and small > 1)
        assert (line.rounded_down is not None) is ("//" in average)
        if line.rounded_down is not None:
            assert small.is_integer()


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"size": "batch_size=32"}, False),
        ({"size": "32"}, False),
        ({"size": "shuffle=True"}, False),
        ({"printed": "print(f'loss: {average} after {count}')"}, False),
        ({"average": "total / len(loader)\n    average = 1"}, False),
        ({"average": "total / len(loader)\n    total += 1"}, False),
        ({"average": "total / len(others)"}, False),
        ({"printed": "logging.info('loss: %s', average)"}, True),
        ({"average": "(total.item() / len(loader))"}, True),
        ({"printed": "print(f'loss: {total / len(loader):.4f}')"}, True),
    ],
)
def test_what_is_not_certain_is_not_said(changes: dict[str, str], kept: bool) -> None:
    """A fixed batch size, several values in a line, or a name with several values: nothing is said."""
    parts = {"loop": "loader", "added": "loss.item() * inputs.size(0)", "average": "total / len(loader)"}
    parts |= {"printed": "print(f'loss: {average}')", "size": "batch_size=SIZE"} | changes
    assert any(each.per_batch is not None for each in read(FRAME.format(**parts)).prints) is kept
