"""Bytes that hpolint did not write make nothing but values, few of them, or are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest
from msgspec import inspect
from msgspec.structs import replace

from hpolint.model.node import Array, Scalar, Struct, plain
from hpolint.model.observations import KINDS
from hpolint.model.settings import Settings
from hpolint.model.source import Source, Span
from hpolint.report.outcome import Outcome
from hpolint.serialization import node_records
from hpolint.serialization.decoding import decoded
from hpolint.serialization.encoding import LENGTH, encoded
from hpolint.serialization.lazy_sources import LazySources
from hpolint.serialization.node_records import MAX_DEPTH, Growth, tree, tree_records
from hpolint.serialization.records import (
    ArrayRecord,
    JobPiece,
    NodeRecord,
    Observed,
    OutcomeRecord,
    RecordError,
    SourcePiece,
    StructRecord,
)
from tests.conftest import scaled
from tests.serialization.outcomes import of_fixtures

PLACE = Span(1, 1, 1, 2)


def types_in(found: object, above: tuple[object, ...] = ()) -> Iterator[tuple[inspect.Type, tuple[object, ...]]]:
    """All types that a type is made of, each with the classes that contain it."""
    if isinstance(found, inspect.Type):
        yield found, above
        own = (*above, found.cls) if isinstance(found, inspect.StructType | inspect.NamedTupleType) else above
        if above.count(getattr(found, "cls", None)) == 0:
            for name in found.__struct_fields__:
                yield from types_in(getattr(found, name), own)
    elif isinstance(found, inspect.Field):
        yield from types_in(found.type, above)
    elif isinstance(found, tuple):
        for each in found:
            yield from types_in(each, above)


@pytest.mark.parametrize("record", [OutcomeRecord, JobPiece, SourcePiece])
def test_records_have_no_place_for_anything_else(record: type) -> None:
    """No field of an arbitrary type or of a class with code of its own, no unknown field, no record within itself."""
    classes = set()
    for found, above in types_in(inspect.type_info(record)):
        assert not isinstance(found, inspect.AnyType | inspect.CustomType | inspect.RawType | inspect.ExtType)
        assert not isinstance(found, inspect.DataclassType | inspect.TypedDictType)
        if isinstance(found, inspect.StructType):
            assert found.forbid_unknown_fields, found.cls
            assert found.cls not in above
            classes.add(found.cls)
    assert record in classes
    assert set(KINDS.values()) == set(Observed.__args__)


def pieces_of(data: bytes) -> list[bytes]:
    """The pieces that an outcome is encoded as: its own record first."""
    (count,) = LENGTH.unpack_from(data)
    sizes = [size for (size,) in LENGTH.iter_unpack(data[LENGTH.size : LENGTH.size * (count + 1)])]
    starts = [LENGTH.size * (count + 1) + sum(sizes[:number]) for number in range(count)]
    return [data[start : start + size] for start, size in zip(starts, sizes, strict=True)]


def joined(pieces: list[bytes]) -> bytes:
    """The opposite."""
    return b"".join([LENGTH.pack(len(pieces)), *(LENGTH.pack(len(each)) for each in pieces), *pieces])


def test_what_refers_to_what_is_not_there_is_refused() -> None:
    """An index below 0 or above its list, a piece for two, a rule or a file that the run does not know."""
    file, outcome, rules = next(each for each in of_fixtures() if each[1].findings and each[1].jobs)
    record_bytes, *pieces = pieces_of(encoded(outcome, rules, file.settings))
    record = msgspec.msgpack.decode(record_bytes, type=OutcomeRecord)
    finding, job, source = record.findings[0], record.jobs[0], record.sources[0]
    assert decoded(joined([record_bytes, *pieces]), rules, file.settings, LazySources()).findings
    for wrong in (
        replace(record, source=-1),
        replace(record, source=len(record.sources)),
        replace(record, included_sources=[99]),
        replace(record, jobs=[replace(job, source=99)]),
        replace(record, jobs=[replace(job, spelling=99)]),
        replace(record, jobs=[replace(job, piece=source.piece)]),
        replace(record, jobs=[replace(job, piece=99)]),
        replace(record, jobs=[job, job]),
        replace(record, sources=[source, source]),
        replace(record, findings=[replace(finding, job=99)]),
        replace(record, findings=[replace(finding, rule="scale/none")]),
        replace(record, findings=[replace(finding, source="/etc/passwd")]),
        replace(record, findings=[replace(finding, level="fatal")]),
        replace(record, findings=[replace(finding, span=(-1, 1, 1, 1))]),
        replace(record, used_entries=[(0, "scale/none")]),
        replace(record, name=1),
    ):
        data = joined([msgspec.msgpack.encode(wrong), *pieces])
        with pytest.raises(RecordError):
            decoded(data, rules, file.settings, LazySources())
    for broken in (b"", record_bytes[:-1], record_bytes + b"\0", msgspec.msgpack.encode([1])):
        with pytest.raises(RecordError):
            decoded(joined([broken, *pieces]), rules, file.settings, LazySources())
    for table in (b"", b"\xff" * 8, LENGTH.pack(2) + LENGTH.pack(2**63) * 2, joined([record_bytes]) + b"\0"):
        with pytest.raises(RecordError):
            decoded(table, rules, file.settings, LazySources())


def test_what_is_loaded_later_is_refused_then() -> None:
    """A source or job whose bytes are not hpolint's raises an error that says what to do, in whichever report."""
    file, outcome, rules = next(each for each in of_fixtures() if each[1].findings and each[1].jobs)
    pieces = pieces_of(encoded(outcome, rules, file.settings))
    found = decoded(joined([pieces[0], *(b"\xc1" for _ in pieces[1:])]), rules, file.settings, LazySources())
    for read in (lambda: found.jobs[0].request, lambda: found.source and found.source.text):
        with pytest.raises(RecordError, match="`hpolint clean` empties the cache"):
            read()


def of_lists(*items: list[int]) -> list[NodeRecord]:
    """Lists by the indices of what they hold, and a structure around the last."""
    arrays: list[NodeRecord] = [ArrayRecord(each, PLACE, PLACE, None) for each in items]
    return [Scalar(1, PLACE), *arrays, StructRecord({"a": len(arrays)}, PLACE, PLACE, {}, None, [], None)]


def counted(records: list[NodeRecord]) -> Struct:
    """The tree of some records, counted before."""
    Growth().add(records)
    return tree(records)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [Scalar(1, PLACE)],
        of_lists([1]),
        of_lists([2], [0]),
        of_lists([9]),
        of_lists(*([number, number] for number in range(40))),
    ],
    ids=["nothing", "no structure", "itself", "a later one", "none", "doubling"],
)
def test_a_tree_is_bounded(records: list[NodeRecord]) -> None:
    """A few bytes cannot stand for millions of nodes, nor for a tree that everything that walks it fails on."""
    with pytest.raises(RecordError):
        counted(records)


def test_a_tree_up_to_the_limit_is_read() -> None:
    """No document is refused for a depth that its readers accept."""
    levels = MAX_DEPTH - 2  # a scalar below them, a structure above
    for bottom in ([0], []):  # a list of a scalar, and an empty one, which is a level less
        fits = levels if bottom else levels + 1
        lists = [bottom, *([number + 1] for number in range(fits))]
        assert counted(of_lists(*lists[:fits])).members
        with pytest.raises(RecordError, match="levels"):
            counted(of_lists(*lists))


def test_a_wide_tree_is_not_deep() -> None:
    """A list of thousands of values is one level."""
    wide = of_lists([0] * (MAX_DEPTH * 2))
    assert isinstance(counted(wide).members["a"], Array)


def test_a_tree_that_is_shared_stays_so() -> None:
    """A value behind YAML's aliases is one node, with the same places."""
    records = of_lists([0, 0], [1, 1])
    root = counted(records)
    assert plain(root) == {"a": [[1, 1], [1, 1]]}
    assert tree_records(root) == records


def test_the_trees_of_an_outcome_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many jobs of few bytes each cannot stand for more than one may."""
    monkeypatch.setattr(node_records, "MAX_NODES", 16)  # of eight nodes each
    growth, records = Growth(), of_lists([0, 0], [1, 1])
    growth.add(records)
    growth.add(records)
    with pytest.raises(RecordError, match="more than 16 nodes"):
        growth.add(records)
    monkeypatch.setattr(node_records, "MAX_NODES", 15)
    growth = Growth()
    growth.add(records)
    with pytest.raises(RecordError, match="more than 15 nodes"):
        growth.add(records)


def test_an_outcome_of_another_kind_of_value_is_no_outcome() -> None:
    """Every value of the wrong type is refused, wherever it stands."""
    data = pieces_of(encoded(Outcome("a.py", Source("a.py", "x")), {}, Settings()))
    fields = msgspec.msgpack.decode(data[0])
    for number in range(len(fields)):
        wrong = [*fields[:number], {"a": object.__name__}, *fields[number + 1 :]]
        with pytest.raises(RecordError):
            decoded(joined([msgspec.msgpack.encode(wrong), *data[1:]]), {}, Settings(), LazySources())


def test_changed_entries_do_nothing() -> None:
    """Entries changed below a checksum that fits: no file is written, nothing runs, time and memory are bounded."""
    argv = [sys.executable, "-m", "tests.serialization.mutations", "--count", str(scaled(1_000)), "--seed", "1"]
    run = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    counted = json.loads(run.stdout)
    assert counted["entries"] == scaled(1_000)
    assert counted["used"] > counted["entries"] // 10
    assert counted["refused"] > counted["entries"] // 10
