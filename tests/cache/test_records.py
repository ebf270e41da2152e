"""A record says the same after it was stored, and bytes that hpolint did not write make nothing but values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec
import pytest
from msgspec import inspect
from msgspec.structs import replace

from hpolint.cache.file_results import Content, decoded, encoded
from hpolint.model.rule import Rule
from hpolint.model.source import Span
from hpolint.report.records import Diagnostic, FileRecord, Place, RuleSummary
from hpolint.run.file_check import FileChecks
from hpolint.run.file_records import FileRecords
from hpolint.run.recording import JOINED_CHARACTERS, MAX_EXCERPT_COLUMNS, excerpt_line
from tests.conftest import ROOT, Command, scaled
from tests.harness.files import found_in
from tests.requests import unbounded


@cache
def of_fixtures() -> list[tuple[FileRecord, Mapping[str, Rule]]]:
    """The record of each fixture that names a job, with the rules that it was judged with."""
    checks = FileChecks([str(ROOT / "fixtures")])
    records = FileRecords(checks)
    found = []
    for file in found_in(ROOT / "fixtures"):
        record, _ = records.file(file)
        if record is not None:
            found.append((record, checks.rules(file.settings)))
    return found


def test_what_is_decoded_says_the_same() -> None:
    """Of every form: each finding with its places, lines, rule and job, and what stays undecided."""
    for record, rules in of_fixtures():
        data = encoded(record)
        assert data is not None
        again = decoded(data, rules)
        assert again == record
        for diagnostic in again.diagnostics:
            assert diagnostic.rule.summary == rules[diagnostic.rule.id].summary
    assert sum(len(record.diagnostics) for record, _ in of_fixtures()) > 100
    assert sum(len(record.undecided) for record, _ in of_fixtures()) > 100


def test_a_record_holds_no_text_of_a_file() -> None:
    """Only the lines around its places, and of a long line the part around the value: a cache stays small."""
    whole = "x" * 100_000
    line = excerpt_line(7, whole + "value" + whole, 100_000, 100_005)
    assert line.text[line.start : line.end] == "value"
    assert len(line.text) == 5 + 2 * (MAX_EXCERPT_COLUMNS + JOINED_CHARACTERS)
    endless = excerpt_line(7, whole, 0, 100_000)
    assert len(endless.text) <= 2 * (MAX_EXCERPT_COLUMNS + JOINED_CHARACTERS)
    sizes = [len(encoded(record) or b"") for record, _ in of_fixtures()]
    assert sum(sizes) < 1_000_000


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


@pytest.mark.parametrize("stored", [FileRecord, Content])
def test_records_have_no_place_for_anything_else(stored: type) -> None:
    """No field of an arbitrary type or of a class with code of its own but a rule, which is stored as its id."""
    classes = set()
    for found, above in types_in(inspect.type_info(stored)):
        assert not isinstance(found, inspect.AnyType | inspect.RawType | inspect.ExtType)
        assert not isinstance(found, inspect.DataclassType | inspect.TypedDictType)
        if isinstance(found, inspect.CustomType):
            assert found.cls is RuleSummary
        if isinstance(found, inspect.StructType):
            assert found.forbid_unknown_fields, found.cls
            assert found.cls not in above
            classes.add(found.cls)
    assert stored in classes


def test_what_refers_to_what_is_not_there_is_refused() -> None:
    """A value beyond the record's own, and a rule that the run does not know: the file is checked again."""
    record, rules = next(each for each in of_fixtures() if each[0].undecided)
    data = encoded(record)
    assert data is not None
    with pytest.raises(KeyError):
        decoded(data, {})
    with pytest.raises(ValueError, match="that is not there"):
        replace(record, values=record.values[:-1])
    fields = msgspec.msgpack.decode(data)
    fields[FileRecord.__struct_fields__.index("values")] = []
    with pytest.raises(msgspec.ValidationError):
        decoded(msgspec.msgpack.encode(fields), rules)


def test_a_value_of_another_type_makes_no_record() -> None:
    """Every value of the wrong type is refused, wherever it stands."""
    fields = msgspec.msgpack.decode(encoded(FileRecord(name="a.py")) or b"")
    for at in range(len(fields)):
        changed = [*fields[:at], 1.5, *fields[at + 1 :]]
        with pytest.raises(msgspec.ValidationError):
            decoded(msgspec.msgpack.encode(changed), {})


@pytest.mark.parametrize("value", ["\ud800", 2**70], ids=["half of a surrogate pair", "beyond 64 bits"])
def test_what_msgpack_cannot_say_is_checked_and_not_stored(hpolint: Command, value: str | int) -> None:
    """The job is read in each process, and its record is stored only if it does not have the value."""
    request = unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20) | {"RoleArn": value}
    hpolint.write("a.json", json.dumps(request))
    assert b"a.json" in hpolint("check").stdout
    rule = RuleSummary(next(iter(of_fixtures()[0][1].values())))
    place = Place(source="a", span=Span(1, 1, 1, 2), local=Span(1, 1, 1, 2))
    path = (value,)
    diagnostic = Diagnostic(rule=rule, level="note", place=place, text=("a",), file="a", number=0, path=path)
    assert encoded(FileRecord(name="a", diagnostics=(diagnostic,))) is None


def test_changed_entries_do_nothing() -> None:
    """Entries changed below a checksum that fits: no file is written, nothing runs, time and memory are bounded."""
    argv = [sys.executable, "-m", "tests.cache.mutations", "--count", str(scaled(1_000)), "--seed", "1"]
    run = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    counts = json.loads(run.stdout)
    assert counts["refused"] > counts["entries"] / 4
