"""What is decoded says what was encoded, and is loaded when somebody reads it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from hpolint.fixes.preview import prepare_fixes
from hpolint.model.finding import UndecidedJudgement
from hpolint.model.node import Unknown
from hpolint.model.reasons import Part, Reason, a_part_of, is_a, named
from hpolint.model.rule import Rule
from hpolint.model.settings import Exclude, Settings
from hpolint.model.source import Cell, Source, Span
from hpolint.model.training_script import Doubt, Script, Site
from hpolint.readers.python.notebook import Placement
from hpolint.report.outcome import Outcome
from hpolint.report.report import Report
from hpolint.reporters import reporter
from hpolint.serialization import lazy_sources
from hpolint.serialization.decoding import decoded
from hpolint.serialization.encoding import encoded
from hpolint.serialization.lazy_sources import LazySources
from hpolint.serialization.node_records import unknown, unknown_record
from hpolint.serialization.records import RecordError
from hpolint.suppressions.config_entries import UnusedEntry
from tests.conftest import Command
from tests.requests import unbounded
from tests.serialization.outcomes import again, of_fixtures, outcomes_in


def report_of(outcome: Outcome) -> Report:
    """A report of one outcome."""
    report = Report(Settings())
    report.add(outcome)
    report.finish()
    return report


def what_is_open(value: tuple[str, Unknown, list[UndecidedJudgement]]) -> object:
    """An unknown value, with the rules that it leaves undecided and its path for each."""
    name, unknown, judgements = value
    paths = [(each.rule.id, each.path, each.cause_path(unknown)) for each in judgements]
    return name, str(unknown), paths


def test_what_is_decoded_says_the_same() -> None:
    """Of every form: each finding, with its places, its fix as it would be written, and what stays undecided."""
    seen = 0
    for file, outcome, rules in of_fixtures():
        before = report_of(outcome)
        prepare_fixes(before, before.findings)
        outcome.written = [before.fix_of(finding) for finding in outcome.findings]
        after = report_of(again(file, outcome, rules))
        for format_ in ("json", "text"):
            assert reporter(format_).render(before) == reporter(format_).render(after)
        assert list(map(what_is_open, before.open_values())) == list(map(what_is_open, after.open_values()))
        seen += len(before.findings)
    assert seen > 100


def test_a_job_is_loaded_when_somebody_reads_more_than_its_place() -> None:
    """Its form, its place and its name in the source are there at once; all else that there was follows."""
    seen = 0
    for file, outcome, rules in of_fixtures():
        for before, after in zip(outcome.jobs, again(file, outcome, rules).jobs, strict=True):
            assert (after.form, after.source.name, after.variable) == (before.form, before.source.name, before.variable)
            assert after.load is not None
            assert after == before
            assert after.load is None
            seen += 1
    assert seen > 30


def test_what_was_one_object_is_one_again() -> None:
    """A finding's job is the job of the outcome, and a job's source the outcome's: reports count them by identity."""
    for file, outcome, rules in of_fixtures():
        found = again(file, outcome, rules)
        for before, after in zip(outcome.findings, found.findings, strict=True):
            if before.job is not None:
                assert after.job is found.jobs[outcome.jobs.index(before.job)]
        sources = [each.source is outcome.source for each in outcome.jobs]
        assert sources == [each.source is found.source for each in found.jobs]


@pytest.mark.parametrize(
    "reason", ["is unknown", is_a("the parameter `x`"), named("Tags", "is not there"), a_part_of(is_a("`f()`"))]
)
def test_a_reason_keeps_its_parts(reason: str) -> None:
    """Messages and further reasons are made of them."""
    found = unknown(unknown_record(Unknown(reason, Span(1, 1, 1, 2)))).reason
    assert (type(found), found) == (type(reason), reason)
    if isinstance(reason, Reason) and isinstance(found, Reason):
        assert (found.thing, found.name, isinstance(found, Part)) == (
            reason.thing,
            reason.name,
            isinstance(reason, Part),
        )


@pytest.mark.parametrize("large", [1, 10**9])
@pytest.mark.parametrize("reads_at", [True, False])
def test_few_texts_are_loaded_at_once_and_each_can_be(
    monkeypatch: pytest.MonkeyPatch, large: int, reads_at: bool
) -> None:
    """However many sources a report has, and wherever their bytes wait: each can be read again, in any order."""
    if not reads_at:  # as on Windows
        monkeypatch.delattr("os.pread", raising=False)
    monkeypatch.setattr(lazy_sources, "FILE_MIN_BYTES", large)
    monkeypatch.setattr(lazy_sources, "MAX_LOADED_CHARACTERS", 200)
    files: list[IO[bytes]] = []
    made = tempfile.TemporaryFile

    def noted(**given: Any) -> IO[bytes]:
        files.append(made(**given))
        return files[-1]

    monkeypatch.setattr("tempfile.TemporaryFile", noted)
    sources, rules = LazySources(), dict[str, Rule]()
    texts = [f"# {number}\nsource" for number in range(60)] + [f"# {'.' * 200}\nsource", "# last\nsource"]
    outcomes = [Outcome(f"{at}.py", Source(f"{at}.py", text)) for at, text in enumerate(texts)]
    encodings = [encoded(outcome, rules, Settings()) for outcome in outcomes]
    decodings = (decoded(data, rules, Settings(), sources, sources.keep(data).read) for data in encodings)
    found = [each.source for each in decodings if each.source is not None]
    assert sum("text" in vars(source) for source in found) == 0
    for order in (1, -1):
        assert [source.text for source in found[::order]] == texts[::order]
        assert [source.line(2) for source in found] == ["source"] * len(texts)
        held = [len(source.text) for source in found if "text" in vars(source)]
        assert sum(held) <= lazy_sources.MAX_LOADED_CHARACTERS or len(held) == 1
    assert found[0] == Source("0.py", texts[0])
    assert not hasattr(found[0], "nothing")
    assert len(files) == (large == 1)
    assert [source.text for source in found[:10]] == texts[:10]
    assert sum("text" in vars(source) for source in found) >= 10  # as many as fit
    waiting = [source for source in found if "text" not in vars(source)]
    for each in files:
        each.truncate(0)
    assert [_is_lost(source) for source in waiting] == [bool(files)] * len(waiting)  # nothing of them is in memory
    for each in files:
        each.close()


def _is_lost(source: Source) -> bool:
    try:
        return not source.text
    except RecordError:
        return True


def test_a_reason_is_stored_as_text_where_nothing_is_made_of_it() -> None:
    """As in what is doubtful about a script."""
    file, outcome, rules = next(each for each in of_fixtures() if each[1].jobs)
    (job, *_) = outcome.jobs
    doubt = Doubt(is_a("what `f()` returns"), Site("a.py", Span(1, 1, 1, 2)))
    script = Script(job.source, "a.py", elsewhere=doubt)
    jobs = [job.with_fields(scripts={("TrainingJobDefinition",): script})]
    outcome = msgspec.structs.replace(outcome, jobs=jobs, findings=[], undecided=[], suppressed=[])
    (found,) = again(file, outcome, rules).jobs
    assert found == jobs[0]


def test_texts_stay_in_memory_where_no_file_can_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a folder for temporary files a large tree takes more memory, and is checked all the same."""
    monkeypatch.setattr(lazy_sources, "FILE_MIN_BYTES", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    found = decoded(encoded(Outcome("a.py", Source("a.py", "text")), {}, Settings()), {}, Settings(), LazySources())
    assert found.source is not None
    assert found.source.text == "text"


@pytest.mark.parametrize("value", ["\ud800", 2**64, -(2**63) - 1])
def test_what_msgpack_cannot_say_is_checked_and_not_stored(hpolint: Command, value: str | int) -> None:
    """Half of a surrogate pair, an integer beyond 64 bits: the job is read in each process, and nothing is stored."""
    request = unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20) | {"RoleArn": value}
    hpolint.write("a.json", json.dumps(request))
    for file, outcome, rules in outcomes_in(hpolint.folder):
        with pytest.raises(RecordError):
            encoded(outcome, rules, file.settings)
        assert outcome.findings


def test_a_cell_that_stands_elsewhere_than_in_a_notebook_is_not_stored() -> None:
    """Its places could not be found again."""
    source = Source("a.ipynb", "[]")
    elsewhere = Cell(1, Source("a.ipynb", "x"), lambda offset: (offset, offset + 1))
    other = Cell(1, Source("b.ipynb", "x"), Placement(source.text, 0))
    for cell in (elsewhere, other):
        for cells in (source.cells, source.shells):
            cells.append(cell)
            with pytest.raises(RecordError, match="a cell that is not from"):
                encoded(Outcome("a.ipynb", source), {}, Settings())
            cells.clear()


def test_a_configuration_of_the_sdk_is_that_of_the_settings() -> None:
    """The file that completes a job is never named by what is decoded, since it is read for a fix."""
    file, outcome, rules = next(each for each in of_fixtures() if each[1].jobs)
    jobs = [job.with_fields(sdk_config="sdk.yaml") for job in outcome.jobs]
    outcome = msgspec.structs.replace(outcome, jobs=jobs, findings=[], undecided=[], suppressed=[])
    with pytest.raises(RecordError, match="an SDK configuration that the settings do not name"):
        encoded(outcome, rules, file.settings)
    settings = msgspec.structs.replace(file.settings, sdk_config="sdk.yaml")
    other = msgspec.structs.replace(file.settings, sdk_config="other.yaml")
    data = encoded(outcome, rules, settings)
    for held in (settings, other):
        found = decoded(data, rules, held, LazySources())
        assert {job.sdk_config for job in found.jobs} == {held.sdk_config}


def test_a_rule_or_suppression_of_another_run_is_not_stored() -> None:
    """It would be another one when it is read."""
    for file, outcome, _ in of_fixtures():
        if outcome.findings:
            with pytest.raises(RecordError, match="is not a rule of this run"):
                encoded(outcome, {}, file.settings)
    finding = next(outcome.findings[0] for _, outcome, _ in of_fixtures() if outcome.findings)
    idle = Outcome("a.py", unused_entries=[UnusedEntry(Exclude(".", ("a.py",)), finding.rule.id, finding)])
    with pytest.raises(RecordError, match="a suppression that the settings do not have"):
        encoded(idle, {finding.rule.id: finding.rule}, Settings())
