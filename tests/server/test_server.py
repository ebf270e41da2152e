"""The server as an editor uses it: over its standard input and output."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from hpolint import check
from hpolint.editor.positions import Units
from tests.differential.tree import LONE, OPTIONS, PLAIN, POLICY, SCRIPT
from tests.differential.tree import TUNER as PACKAGED
from tests.harness.notebooks import notebook
from tests.server.editor import Editor, applied, change_of, rule_of
from tests.server.wire import Wire

Session = Callable[[Editor], Coroutine[Any, Any, None]]
TUNER = PLAIN.strip() + "\n"
WHOLE = types.Range(types.Position(0, 0), types.Position(999, 0))


def run(folder: Path, session: Session, options: dict[str, Any] | None = None, **more: Any) -> None:
    """Run a session with an editor that has opened a folder."""

    async def whole() -> None:
        editor = Editor(**more)
        await editor.start(folder, options)
        try:
            await session(editor)
            assert editor.log == []
        finally:
            await editor.stop()

    asyncio.run(whole())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tuner and its script."""
    (tmp_path / "tune.py").write_text(TUNER, "utf-8")
    (tmp_path / "lone.py").write_text(LONE, "utf-8")
    return tmp_path


def codes(found: list[types.Diagnostic]) -> set[object]:
    """The rules of some diagnostics."""
    return {each.code for each in found}


def test_diagnostics_are_the_findings_of_a_check(folder: Path) -> None:
    """With the same places, levels and texts, a link to the rule's page, and the places that belong to a finding."""

    async def session(editor: Editor) -> None:
        found = await editor.found(editor.open(folder / "tune.py"))
        report = check([str(folder)])
        expected = [each for each in report.findings if each.source.endswith("tune.py")]
        assert {(each.rule.id, each.span.line - 1, each.span.column - 1) for each in expected} == {
            (each.code, each.range.start.line, each.range.start.character) for each in found
        }
        for each in found:
            assert each.code_description is not None
            assert str(each.code) in each.code_description.href
            assert str(folder) not in each.message

    run(folder, session)


def test_an_unsaved_script_renews_the_definition_that_names_it(folder: Path) -> None:
    """As it is typed, and back to the file when it is closed."""

    async def session(editor: Editor) -> None:
        tuner = editor.open(folder / "tune.py")
        assert "script/metric-not-printed" not in codes(await editor.found(tuner))
        script = editor.open(folder / "lone.py")
        await editor.found(script)
        editor.change(script, LONE.replace("acc=0.5", "loss"))
        await editor.until(lambda: "script/metric-not-printed" in codes(editor.diagnostics[tuner]))
        editor.close(script)
        await editor.until(lambda: "script/metric-not-printed" not in codes(editor.diagnostics[tuner]))

    run(folder, session)


@pytest.mark.parametrize(
    ("encoding", "units"), [("utf-8", lambda text: len(text.encode())), ("utf-16", None), ("utf-32", len)]
)
def test_characters_are_counted_as_the_editor_counts_them(
    folder: Path, encoding: str, units: Callable[[str], int] | None
) -> None:
    """Also behind characters that take several units."""
    line = '"🙂é"; '

    async def session(editor: Editor) -> None:
        text = TUNER.replace("tuner = ", f"{line}tuner = ")
        found = await editor.found(editor.open(folder / "tune.py", text))
        plain = check({str(folder / "tune.py"): text}).findings
        lines = text.split("\n")
        count = units or (lambda each: len(each.encode("utf-16-le")) // 2)
        expected = {(each.rule.id, count(lines[each.span.line - 1][: each.span.column - 1])) for each in plain}
        assert {(each.code, each.range.start.character) for each in found if each.code != "script/x"} >= {
            each for each in expected if not each[0].startswith("script/")
        }

    run(folder, session, encoding=types.PositionEncodingKind(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_units_and_characters_are_inverse(encoding: str) -> None:
    """For every prefix of a line."""
    units, line = Units(encoding), "a🙂é\u0301b"
    assert [units.characters(line, units.count(line[:end])) for end in range(len(line) + 1)] == [*range(len(line) + 1)]


def test_a_fix_removes_its_finding(folder: Path) -> None:
    """The edit of each code action, applied by the editor; safe fixes are preferred, others say that they are not."""

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py")
        before = await editor.found(uri)
        actions = [each for each in await editor.actions(uri, WHOLE, "quickfix") if isinstance(each, types.CodeAction)]
        fixes = [each for each in actions if not each.title.startswith("Ignore")]
        assert fixes
        for each in fixes:
            assert bool(each.is_preferred) != ("unsafe" in each.title)
            text = applied(TUNER, change_of(each)[1])
            left = {finding.rule.id for finding in check({str(folder / "tune.py"): text}).findings}
            assert rule_of(each) not in left
        assert codes(before) >= set(map(rule_of, fixes))

    run(folder, session)


def test_all_safe_fixes_are_applied_at_once(folder: Path) -> None:
    """As an editor asks for it when a file is saved."""
    text = TUNER.replace("ContinuousParameter(0.0001, 0.5)", 'ContinuousParameter(0.0001, 0.5, scaling_type="Linear")')

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py", text)
        before = await editor.found(uri)
        (action,) = await editor.actions(uri, WHOLE, "source.fixAll")
        fixed = applied(text, change_of(action)[1])
        after = {finding.rule.id for finding in check({str(folder / "tune.py"): fixed}).findings}
        assert "scale/linear-learning-rate" in codes(before) - after

    run(folder, session)


LINEAR = TUNER.replace("ContinuousParameter(0.0001, 0.5)", 'ContinuousParameter(0.0001, 0.5, scaling_type="Linear")')


def test_the_safe_fixes_of_a_notebook_are_applied_at_once(folder: Path) -> None:
    """The editor asks at one cell for those of all cells, or at each cell for those of that cell."""
    path, texts = folder / "tune.ipynb", ["import os", LINEAR]
    path.write_text(notebook(*texts), "utf-8")

    async def session(editor: Editor) -> None:
        params = opened(path, texts)
        editor.client.notebook_document_did_open(params)
        first, second = (item.uri for item in params.cell_text_documents)
        await editor.until(lambda: second in editor.diagnostics)
        (of_notebook,) = await editor.actions(first, WHOLE, "notebook.source.fixAll")
        (of_cell,) = await editor.actions(second, WHOLE, "source.fixAll")
        for action in (of_notebook, of_cell):
            uri, edits = change_of(action)
            assert uri == second
            assert 'scaling_type="Logarithmic"' in applied(LINEAR, edits)
        assert str(of_notebook.kind) == "notebook.source.fixAll.hpolint"
        assert await editor.actions(first, WHOLE, "source.fixAll") == []

    run(folder, session)


def test_what_an_action_changes_is_sent_when_it_is_chosen(folder: Path) -> None:
    """If the editor can ask for it; of a text that has changed since, nothing is sent."""
    uri, place = (
        (folder / "tune.py").as_uri(),
        {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}},
    )
    context = {"diagnostics": [], "only": ["quickfix", "source.fixAll"]}
    able = {"codeAction": {"resolveSupport": {"properties": ["edit"]}, "dataSupport": True}}
    wire = Wire()
    try:
        wire.initialize(folder, capabilities={"textDocument": able})
        wire.open(uri, LINEAR)
        asked = {"textDocument": {"uri": uri}, "range": place, "context": context}
        offered = {each["title"]: each for each in wire.ask("textDocument/codeAction", asked)["result"]}
        assert not any("edit" in action for action in offered.values())
        for title in ('Set scaling_type="Logarithmic"', "hpolint: apply all safe fixes"):
            chosen = wire.ask("codeAction/resolve", offered[title])["result"]
            assert "Logarithmic" in str(chosen["edit"])
        wire.change(uri, 2, f"\n{LINEAR}")
        assert "edit" not in wire.ask("codeAction/resolve", offered['Set scaling_type="Logarithmic"'])["result"]
    finally:
        wire.close()


def test_a_finding_is_ignored_with_a_comment(folder: Path) -> None:
    """The comment is above its line, and names the rule."""

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py")
        await editor.found(uri)
        actions = [each for each in await editor.actions(uri, WHOLE, "quickfix") if each.title.startswith("Ignore")]
        for each in actions:
            text = applied(TUNER, change_of(each)[1])
            left = check({str(folder / "tune.py"): text, str(folder / "lone.py"): LONE}).findings
            assert rule_of(each) not in {finding.rule.id for finding in left}

    run(folder, session)


def test_a_hover_says_what_a_job_costs_and_what_a_range_draws(folder: Path) -> None:
    """At the constructor, and at the name of a range; elsewhere there is none."""
    lines = TUNER.split("\n")
    at = next(number for number, line in enumerate(lines) if "HyperparameterTuner(" in line)

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py")
        await editor.found(uri)
        job = await editor.hover(uri, at, lines[at].index("HyperparameterTuner") + 3)
        assert "**Tuning job** `tuner`" in job
        assert "At worst 960 instance-hours" in job
        assert "40 trials, 20 at a time: 2 rounds" in job
        range_ = await editor.hover(uri, at, lines[at].index('"lr"') + 2)
        assert "**lr** · learning rate" in range_
        assert "27% of the trials" in range_
        assert "`Auto` draws the first trials of such a range on a logarithmic scale" in range_
        assert await editor.hover(uri, 0, 0) == ""

    run(folder, session)


def test_an_editor_that_shows_pictures_gets_one_of_a_range(folder: Path) -> None:
    """An image within the hover's text, which says what it shows also for a name that means something in Markdown."""
    text = TUNER.replace('"lr"', '"l]r`"')
    lines = text.split("\n")
    at = next(number for number, line in enumerate(lines) if '"l]r`"' in line)

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py", text)
        await editor.found(uri)
        hover = await editor.hover(uri, at, lines[at].index('"l]r`"') + 2)
        (image,) = re.findall(r"^!\[([^\]]*)\]\(data:image/svg\+xml;base64,([\w+/=]+)\)$", hover, re.MULTILINE)
        assert "Of 20 trials of l r  from 0.0001 to 0.5: Linear: " in image[0]
        assert ElementTree.fromstring(b64decode(image[1])).tag == "{http://www.w3.org/2000/svg}svg"
        assert "of the trials" not in hover

    run(folder, session, options={"pictures": True})


def test_a_hover_says_which_values_are_not_known_and_what_to_do(folder: Path) -> None:
    """Those that can be written first, by their names and lines; those that nobody writes last."""
    text = "import os\n" + TUNER.replace("max_jobs=40", 'max_jobs=int(os.environ["JOBS"])')
    lines = text.split("\n")
    at = next(number for number, line in enumerate(lines) if "HyperparameterTuner(" in line)

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py", text)
        await editor.found(uri)
        job = await editor.hover(uri, at, lines[at].index("HyperparameterTuner") + 3)
        assert "Rules check them once they are written here:\n- `max_jobs` is `int()` of the environment" in job
        nothing = job.index("Nothing in the source settles, so there is nothing to do:")
        assert job.index("`max_jobs`") < nothing < job.index("a hyperparameter that the source does not name")
        assert "this value" not in job

    run(folder, session)


def test_a_hover_in_plain_text_has_no_marks(folder: Path) -> None:
    """For an editor that shows no Markdown."""
    uri = (folder / "tune.py").as_uri()
    at = next(number for number, line in enumerate(TUNER.split("\n")) if "HyperparameterTuner(" in line)
    wire = Wire()
    try:
        wire.initialize(folder, capabilities={"textDocument": {"hover": {"contentFormat": ["plaintext"]}}})
        wire.open(uri, TUNER)
        place = {"line": at, "character": TUNER.split("\n")[at].index("HyperparameterTuner")}
        contents = wire.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})["result"][
            "contents"
        ]
        assert contents["kind"] == "plaintext"
        assert contents["value"].startswith("Tuning job tuner")
        assert not {"`", "*"} & set(contents["value"])
    finally:
        wire.close()


def test_files_that_are_not_open_have_diagnostics_if_the_editor_asks(folder: Path) -> None:
    """One that has all of them is answered when something has changed, and may cancel the question."""
    (folder / "second.py").write_text(f"# the same job\n{TUNER}", "utf-8")
    wire = Wire()

    def asked(previous: list[dict[str, Any]]) -> dict[str, Any]:
        ids = [{"uri": item["uri"], "value": item["resultId"]} for item in previous]
        return {"identifier": "hpolint", "previousResultIds": ids}

    try:
        able = wire.initialize(folder, initializationOptions={"workspaceDiagnostics": True})
        assert able["result"]["capabilities"]["diagnosticProvider"]["workspaceDiagnostics"]
        items = wire.ask("workspace/diagnostic", asked([]))["result"]["items"]
        report = check([str(folder)])
        found = sorted((Path(item["uri"]).name, each["code"]) for item in items for each in item["items"])
        assert found == sorted((Path(each.source).name, each.rule.id) for each in report.findings)
        waiting = wire.request("workspace/diagnostic", asked(items))
        wire.tell("$/cancelRequest", {"id": waiting})
        assert wire.answer(waiting)["error"]["code"] == types.LSPErrorCodes.RequestCancelled.value
        waiting = wire.request("workspace/diagnostic", asked(items))
        (folder / "second.py").write_text("x = 1\n", "utf-8")
        wire.tell("workspace/didChangeWatchedFiles", {"changes": []})
        changed = {item["uri"]: item for item in wire.answer(waiting)["result"]["items"]}
        assert changed[(folder / "second.py").as_uri()]["items"] == []
        assert changed[(folder / "tune.py").as_uri()]["kind"] == "unchanged"
    finally:
        wire.close()


def test_the_hover_of_a_range_does_not_guess_its_scale(folder: Path) -> None:
    """An unknown scale is said to be unknown, and nothing is drawn for it."""
    given = 'ContinuousParameter(0.0001, 0.5, os.environ["S"])'
    text = "import os\n" + TUNER.replace("ContinuousParameter(0.0001, 0.5)", given)
    lines = text.split("\n")
    at = next(number for number, line in enumerate(lines) if '"lr"' in line)

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py", text)
        await editor.found(uri)
        range_ = await editor.hover(uri, at, lines[at].index('"lr"') + 2)
        assert "0.0001 to 0.5, unknown scale" in range_
        assert "of the trials" not in range_

    run(folder, session)


def cells() -> list[str]:
    """The tuner in cells, with text between them."""
    head, _, tail = TUNER.partition("tuner = ")
    return [head, "# Search", f"tuner = {tail}"]


def opened(path: Path, texts: list[str]) -> types.DidOpenNotebookDocumentParams:
    """A notebook as VS Code sends it: each cell is a document of its own."""
    kinds = [types.NotebookCellKind.Markup if text.startswith("#") else types.NotebookCellKind.Code for text in texts]
    uris = [f"vscode-notebook-cell:{path}#c{number}" for number in range(len(texts))]
    found = [types.NotebookCell(kind, uri) for kind, uri in zip(kinds, uris, strict=True)]
    items = [types.TextDocumentItem(uri, "python", 1, text) for uri, text in zip(uris, texts, strict=True)]
    return types.DidOpenNotebookDocumentParams(
        types.NotebookDocument(path.as_uri(), "jupyter-notebook", 1, found), items
    )


@pytest.mark.parametrize("pulls", [False, True])
def test_the_cells_of_a_notebook_have_their_own_diagnostics_and_fixes(folder: Path, pulls: bool) -> None:
    """With the numbers of the editor, lines of the cell, and edits of the cell, not of the file's JSON."""
    path, texts = folder / "tune.ipynb", cells()
    path.write_text(notebook(*texts), "utf-8")

    async def session(editor: Editor) -> None:
        params = opened(path, texts)
        editor.client.notebook_document_did_open(params)
        uri = params.cell_text_documents[2].uri
        found = await editor.found(uri)
        by_check = {each.rule.id for each in check([str(path)]).findings}
        parts = [item.uri for item in params.cell_text_documents]
        assert {code for part in parts for code in codes(editor.diagnostics[part])} == by_check
        assert all(each.range.end.line <= texts[2].count("\n") for each in found)
        actions = await editor.actions(uri, WHOLE, "quickfix")
        fix = next(each for each in actions if isinstance(each, types.CodeAction) and "max_parallel_jobs" in each.title)
        changed, edits = change_of(fix)
        assert changed == uri
        assert "max_parallel_jobs=20" not in applied(texts[2], edits)
        lines = texts[2].split("\n")
        assert "instance-hours" in await editor.hover(uri, 0, lines[0].index("HyperparameterTuner") + 2)

    run(folder, session, pulls=pulls)


def test_the_editors_options_are_those_of_a_check(folder: Path) -> None:
    """Its settings take precedence over the configuration file of the folder."""
    (folder / "hpolint.toml").write_text('ignore = ["compute"]\n', "utf-8")

    async def session(editor: Editor) -> None:
        found = codes(await editor.found(editor.open(folder / "tune.py")))
        assert not any(str(code).startswith(("strategy", "scale")) for code in found)

    run(folder, session, {"settings": {"ignore": ["strategy", "scale"]}})


def test_an_invalid_configuration_is_shown_in_its_file(folder: Path) -> None:
    """Other documents keep what they show until it is valid again: half of a line is nothing that they depend on."""
    (folder / "hpolint.toml").write_text("", "utf-8")
    config = (folder / "hpolint.toml").as_uri()

    async def session(editor: Editor) -> None:
        tuner = editor.open(folder / "tune.py")
        before = codes(await editor.found(tuner))
        editor.open(folder / "hpolint.toml", language="toml")
        editor.change(config, "\nselect = 3\n")
        await editor.until(lambda: "configuration" in codes(editor.diagnostics.get(config, [])))
        (error,) = editor.diagnostics[config]
        assert error.range.start.line == 1
        assert codes(editor.diagnostics[tuner]) == before
        editor.change(config, 'ignore = ["strategy"]\n')
        await editor.until(lambda: codes(editor.diagnostics[tuner]) != before)
        await editor.until(lambda: editor.diagnostics[config] == [])

    run(folder, session)


def test_the_last_valid_configuration_stays_in_force(folder: Path) -> None:
    """Also for documents that are opened while the text of the file is invalid, which says so; saved or not."""
    (folder / "hpolint.toml").write_text('ignore = ["strategy"]\n', "utf-8")
    config = (folder / "hpolint.toml").as_uri()
    (folder / "second.py").write_text(TUNER, "utf-8")

    async def session(editor: Editor) -> None:
        editor.open(folder / "hpolint.toml", 'ignore = ["strategy"\n', language="toml")
        await editor.until(lambda: codes(editor.diagnostics.get(config, [])) == {"configuration"})
        expected = {each.rule.id for each in check([str(folder / "tune.py")]).findings}
        assert codes(await editor.found(editor.open(folder / "tune.py"))) == expected
        editor.change(config, 'ignore = ["compute"]\n')
        await editor.until(lambda: editor.diagnostics[config] == [])
        editor.change(config, 'ignore = ["compute"\n')
        await editor.until(lambda: codes(editor.diagnostics[config]) == {"configuration"})
        (error,) = editor.diagnostics[config]
        assert "documents are checked with the last valid configuration" in error.message
        second = codes(await editor.found(editor.open(folder / "second.py")))
        assert "strategy/excessive-parallelism" in second
        assert "compute/missing-spot" not in second
        assert await editor.hints((folder / "second.py").as_uri())

    run(folder, session)


def test_a_configuration_that_was_never_valid_is_said_to_stop_the_checks(folder: Path) -> None:
    """Nothing is shown that it might switch off."""
    (folder / "hpolint.toml").write_text("select = 3\n", "utf-8")
    config = (folder / "hpolint.toml").as_uri()

    async def session(editor: Editor) -> None:
        assert await editor.found(editor.open(folder / "tune.py")) == []
        await editor.until(lambda: config in editor.diagnostics)
        (error,) = editor.diagnostics[config]
        assert "documents below it are not checked" in error.message

    run(folder, session)


def test_a_folder_that_is_added_has_its_own_configuration(tmp_path: Path) -> None:
    """Its documents are checked as if the editor had been started with it; a removed one's as files of no folder."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tune.py").write_text(TUNER, "utf-8")
    (tmp_path / "two" / "hpolint.toml").write_text('ignore = ["strategy"]\n', "utf-8")
    (tmp_path / ".git").mkdir()
    added = types.WorkspaceFolder((tmp_path / "two").as_uri(), "two")

    async def session(editor: Editor) -> None:
        uri = editor.open(tmp_path / "two" / "tune.py")
        await editor.found(uri)
        for event in (
            types.WorkspaceFoldersChangeEvent([added], []),
            types.WorkspaceFoldersChangeEvent([], [added]),
        ):
            before = editor.published
            editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
            await editor.until(lambda before=before: editor.published > before)
            assert not any(str(code).startswith("strategy") for code in codes(editor.diagnostics[uri]))

    run(tmp_path / "one", session)


def test_a_document_without_a_file_follows_the_folders(folder: Path) -> None:
    """It is checked as if it lay in the first one, also after that is another one; there is one text of it."""
    (folder / "more").mkdir()
    (folder / "more" / "hpolint.toml").write_text('ignore = ["strategy"]\n', "utf-8")
    more = types.WorkspaceFolder((folder / "more").as_uri(), "more")
    first = types.WorkspaceFolder(folder.as_uri(), "tests")

    async def session(editor: Editor) -> None:
        uri = "untitled:Untitled-1"
        item = types.TextDocumentItem(uri, "python", 1, TUNER)
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        assert "strategy/excessive-parallelism" in codes(await editor.found(uri))
        change = types.WorkspaceFoldersChangeEvent([more], [first])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(change))
        await editor.until(lambda: "strategy/excessive-parallelism" not in codes(editor.diagnostics[uri]))

    run(folder, session)


def test_a_finding_of_several_jobs_is_one_diagnostic(folder: Path) -> None:
    """As the command reports it, and with one fix."""
    head, _, tail = TUNER.partition("tuner = ")
    shared = '{"lr": ContinuousParameter(0.0001, 0.5, scaling_type="Linear")}'
    call = tail.replace('{"lr": ContinuousParameter(0.0001, 0.5)}', "ranges")
    text = f"{head}ranges = {shared}\nfirst = {call}second = {call.replace('tuner.', 'second.')}"

    async def session(editor: Editor) -> None:
        found = await editor.found(editor.open(folder / "tune.py", text))
        report = check({str(folder / "tune.py"): text, str(folder / "lone.py"): LONE})
        assert len(report.jobs) > 1
        assert sorted(str(each.code) for each in found) == sorted(each.rule.id for each in report.findings)
        fixes = await editor.edits((folder / "tune.py").as_uri(), WHOLE)
        assert [each.title for each in fixes].count('Set scaling_type="Logarithmic"') == 1

    run(folder, session)


def test_what_is_asked_between_a_change_and_its_check_hides_nothing(folder: Path) -> None:
    """A document that depends on the changed one is shown anew, although a hover has already needed its new result."""
    (folder / "hpolint.toml").write_text("", "utf-8")

    async def session(editor: Editor) -> None:
        tuner = editor.open(folder / "tune.py")
        before = codes(await editor.found(tuner))
        editor.change(editor.open(folder / "hpolint.toml", language="toml"), 'ignore = ["strategy"]\n')
        await editor.hover(tuner, 0, 0)
        await editor.until(lambda: codes(editor.diagnostics[tuner]) != before)

    run(folder, session)


UNREADABLE = "hygiene/unreadable-definition"


@pytest.mark.parametrize("pulls", [False, True])
def test_findings_stay_while_a_line_is_typed(folder: Path, pulls: bool) -> None:
    """A text that does not parse shows what was found before, at its places in the new text, and what is wrong."""

    async def session(editor: Editor) -> None:
        async def shown() -> list[types.Diagnostic]:
            if pulls:
                return await editor.pulled(tuner)
            await editor.until(lambda: editor.versions.get(tuner) == editor.version(tuner))
            return editor.diagnostics[tuner]

        tuner = editor.open(folder / "tune.py")
        before = await shown()
        editor.change(tuner, f"\nx = (\n{TUNER}")
        now = await shown()
        (error,) = (each for each in now if each.code == UNREADABLE)
        assert error.range.start == types.Position(1, 4)
        moved = [(each.code, each.range.start.line - 2) for each in now if each.code != UNREADABLE]
        assert moved == [(each.code, each.range.start.line) for each in before]
        editor.change(tuner, "x = (\n" + TUNER.replace("max_parallel_jobs=20", ""))
        assert "strategy/excessive-parallelism" not in codes(await shown())
        editor.change(tuner, TUNER)
        assert await shown() == before

    run(folder, session, pulls=pulls)


def test_findings_return_when_a_text_is_readable_again(folder: Path) -> None:
    """Those of the new text, not those that were kept."""

    async def session(editor: Editor) -> None:
        tuner = editor.open(folder / "tune.py")
        await editor.found(tuner)
        editor.change(tuner, TUNER + "x = (\n")
        await editor.until(lambda: UNREADABLE in codes(editor.diagnostics[tuner]))
        editor.change(tuner, TUNER.replace("max_parallel_jobs=20", "max_parallel_jobs=2"))
        await editor.until(lambda: "strategy/excessive-parallelism" not in codes(editor.diagnostics[tuner]))

    run(folder, session)


@pytest.mark.parametrize("name", ["a b", "é", "[x]", "a+b", "a@b", "a#b", "q?x", "a%20b"])
def test_documents_in_any_folder_are_renewed(folder: Path, name: str) -> None:
    """Addresses with escapes come back as the editor has sent them."""
    (folder / name).mkdir()
    path = folder / name / "tune.py"
    path.write_text(TUNER, "utf-8")

    async def session(editor: Editor) -> None:
        uri = editor.open(path)
        await editor.until(lambda: "strategy/excessive-parallelism" in codes(editor.diagnostics.get(uri, [])))
        assert await editor.hints(uri)
        editor.change(uri, TUNER.replace("max_parallel_jobs=20", "max_parallel_jobs=2"))
        await editor.until(lambda: "strategy/excessive-parallelism" not in codes(editor.diagnostics[uri]))
        editor.close(uri)
        await editor.until(lambda: editor.diagnostics[uri] == [])
        assert set(editor.diagnostics) == {uri}

    run(folder, session)


def test_a_text_that_is_overtaken_is_not_shown(folder: Path) -> None:
    """While somebody types, nothing is published for a text that the editor no longer has."""

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py")
        await editor.found(uri)
        before = editor.published
        for number in range(20):
            editor.change(uri, f"{TUNER}# {number}\n")
        editor.change(uri, "x = 1\n")
        await editor.until(lambda: editor.diagnostics[uri] == [])
        assert editor.published <= before + 2

    run(folder, session)


def test_broken_documents_do_not_end_the_server(folder: Path) -> None:
    """Whatever is typed, the next document is checked."""
    texts = ["def (", "\x00", "{" * 500, json.dumps({"HyperParameterTuningJobConfig": 3}), "🙂" * 10]

    async def session(editor: Editor) -> None:
        for number, text in enumerate(texts):
            for suffix, language in ((".py", "python"), (".json", "json"), (".yaml", "yaml"), (".tf", "terraform")):
                path = folder / f"broken{number}{suffix}"
                path.touch()
                await editor.found(editor.open(path, text, language))
        assert codes(await editor.found(editor.open(folder / "tune.py")))

    run(folder, session)


def test_a_hint_says_what_a_job_costs_at_worst(folder: Path) -> None:
    """At the line where it begins."""
    lines = TUNER.split("\n")
    at = next(number for number, line in enumerate(lines) if "HyperparameterTuner(" in line)

    async def session(editor: Editor) -> None:
        ((line, text),) = await editor.hints(editor.open(folder / "tune.py"))
        assert line == at
        assert text.startswith("≤ 960 h · ≈ ")

    run(folder, session)


RULE = POLICY.replace("budget.trials != null && budget.trials > 30", "budget.trails > 30")


def test_a_rule_shows_its_errors_where_they_are(folder: Path) -> None:
    """A Markdown file that is no rule has none, whatever its front matter."""
    (folder / "house").mkdir()
    for name in ("house/few.md", "page.md"):
        (folder / name).touch()

    async def session(editor: Editor) -> None:
        rule = editor.open(folder / "house/few.md", RULE, "markdown")
        found = await editor.found(rule)
        assert any("trails" in each.message and each.range.start.line == 7 for each in found)
        assert await editor.found(editor.open(folder / "page.md", "---\ntitle: A page\n---\nText\n", "markdown")) == []

    run(folder, session)


def test_a_configuration_is_completed(folder: Path) -> None:
    """With its keys, and in strings with the names of rules; other TOML is not."""
    (folder / "hpolint.toml").write_text('ex\nselect = ["sc\n', "utf-8")
    (folder / "pyproject.toml").write_text("[project]\nna\n[tool.hpolint]\nig\n", "utf-8")

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "hpolint.toml", language="toml")
        assert "extend-select" in await editor.completions(uri, 0, 2)
        assert "scale/linear-learning-rate" in await editor.completions(uri, 1, 13)
        other = editor.open(folder / "pyproject.toml", language="toml")
        assert await editor.completions(other, 1, 2) == []
        assert "ignore" in await editor.completions(other, 3, 2)

    run(folder, session)


def test_the_definition_of_a_hyperparameter_is_the_scripts_option(folder: Path) -> None:
    """In the script's file, or in the document of it that is not saved."""
    lines = TUNER.split("\n")
    at = next(number for number, line in enumerate(lines) if '"lr"' in line)

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py")
        await editor.found(uri)
        script = (folder / "lone.py").as_uri()
        column = lines[at].index('"lr"') + 2
        assert await editor.definitions(uri, at, column) == [(script, 3)]
        editor.open(folder / "lone.py", f"\n{LONE}")
        await editor.found(script)
        assert await editor.definitions(uri, at, column) == [(script, 4)]
        assert await editor.definitions(uri, 0, 0) == []

    run(folder, session)


def test_an_editor_may_ask_for_diagnostics(folder: Path) -> None:
    """It is sent none then, and told to ask again when a script has changed."""

    async def session(editor: Editor) -> None:
        tuner, script = editor.open(folder / "tune.py"), editor.open(folder / "lone.py")
        found = await editor.pulled(tuner)
        report = check([str(folder)])
        assert codes(found) == {each.rule.id for each in report.findings if each.source.endswith("tune.py")}
        editor.change(tuner, TUNER + "\n")
        assert await editor.pulled(tuner) == found
        refreshed = editor.refreshed
        editor.change(script, LONE.replace("acc=0.5", "loss"))
        await editor.until(lambda: editor.refreshed > refreshed)
        assert "script/metric-not-printed" in codes(await editor.pulled(tuner))
        assert await editor.pulled((folder / "other.py").as_uri()) == []
        assert editor.diagnostics == {}

    run(folder, session, pulls=True)


def test_what_is_saved_while_the_editor_asks_again_is_no_error(folder: Path) -> None:
    """The editor may answer that it asks again when the server no longer waits for that."""

    async def session(editor: Editor) -> None:
        tuner, script = editor.open(folder / "tune.py"), editor.open(folder / "lone.py")
        assert codes(await editor.pulled(tuner))
        refreshed = editor.refreshed
        editor.at_refresh = lambda: editor.save(script)
        editor.change(script, LONE.replace("acc=0.5", "loss"))
        await editor.until(lambda: editor.refreshed > refreshed)
        assert "script/metric-not-printed" in codes(await editor.pulled(tuner))

    run(folder, session, pulls=True)


def test_a_text_that_is_overtaken_is_asked_for_again(folder: Path) -> None:
    """While somebody types, the answer for a text that the editor no longer has is no list of diagnostics."""

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / "tune.py")
        editor.change(uri, f"{TUNER}# 1\n")
        asked = asyncio.ensure_future(editor.pulled(uri))
        await asyncio.sleep(0.1)
        editor.change(uri, "x = 1\n")
        with pytest.raises(JsonRpcException) as error:
            await asked
        assert error.value.code == types.LSPErrorCodes.ServerCancelled.value
        assert await editor.pulled(uri) == []

    run(folder, session, pulls=True)


def test_the_values_of_a_definition_are_completed(folder: Path) -> None:
    """With what the API lists, instance types with their prices, and the script's options that are not tuned yet."""
    (folder / "lone.py").write_text(
        LONE.replace("parser.parse", 'parser.add_argument("--depth", type=int)\nparser.parse')
    )

    async def session(editor: Editor) -> None:
        text = TUNER.replace('"ml.p3.2xlarge"', '""').replace(
            "0.5)}", '0.5, scaling_type="Lin"), "": ContinuousParameter(1, 2)}'
        )
        uri = editor.open(folder / "tune.py", text)
        types_ = await editor.completed(uri, text, 'instance_type="')
        assert types_["ml.m5.xlarge"] == text.replace('instance_type=""', 'instance_type="ml.m5.xlarge"')
        assert "USD an hour" in await editor.detail(uri, text, 'instance_type="', "ml.m5.xlarge")
        scales = await editor.completed(uri, text, 'scaling_type="L')
        assert set(scales) == {"Auto", "Linear", "Logarithmic", "ReverseLogarithmic"}
        assert scales["Linear"] == text.replace('"Lin"', '"Linear"')
        names = await editor.completed(uri, text, '0.5, scaling_type="Lin"), "')
        assert set(names) == {"depth"}
        assert await editor.completed(uri, text, "max_jobs=") == {}

    run(folder, session)


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("job.json", "json", '{"HyperParameterTuningJobConfig": {"Strategy": ""}, "TrainingJobDefinition": {}}'),
        ("job.yaml", "yaml", "HyperParameterTuningJobConfig:\n  Strategy: Ba\nTrainingJobDefinition: {}\n"),
    ],
)
def test_the_values_of_a_request_are_completed(folder: Path, name: str, language: str, text: str) -> None:
    """Within the quotes of JSON, and without any in YAML."""

    async def session(editor: Editor) -> None:
        uri = editor.open(folder / name, text, language)
        before = 'Strategy": "' if language == "json" else "Strategy: B"
        found = await editor.completed(uri, text, before)
        assert set(found) == {"Bayesian", "Random", "Hyperband", "Grid"}
        assert found["Random"] == text.replace('""', '"Random"').replace("Ba\n", "Random\n")

    run(folder, session)


def test_the_references_of_an_option_are_the_hyperparameters_that_it_takes(folder: Path) -> None:
    """In all definitions of the folder that name the script, open or not; also those of a module of the script."""
    (folder / "more").mkdir()
    for name, text in (("tune.py", TUNER), ("lone.py", LONE)):
        (folder / "more" / name).write_text(text, "utf-8")
    (folder / "second.py").write_text(f"# the same job\n{TUNER}", "utf-8")
    (folder / "src" / "common").mkdir(parents=True)
    packaged = {
        "third.py": PACKAGED.strip(),
        "src/train.py": SCRIPT,
        "src/options.py": OPTIONS,
        "src/common/report.py": "",
    }
    for name, text in packaged.items():
        (folder / name).write_text(text, "utf-8")
    lines = TUNER.split("\n")
    at = next(number for number, line in enumerate(lines) if '"lr"' in line)
    column = lines[at].index('"lr"')

    async def session(editor: Editor) -> None:
        script = editor.open(folder / "lone.py")
        await editor.found(script)
        line = LONE.split("\n").index('parser.add_argument("--lr", type=float)')
        found = await editor.references(script, line, 25)
        assert found == [
            ((folder / "second.py").as_uri(), at + 1, column),
            ((folder / "tune.py").as_uri(), at, column),
        ]
        assert await editor.references(script, 0, 0) == []
        module = editor.open(folder / "src/options.py")
        line = OPTIONS.split("\n").index("    parser.add_argument('--lr', type=float)")
        assert await editor.references(module, line, 30) == [((folder / "third.py").as_uri(), at, column)]

    run(folder, session)
