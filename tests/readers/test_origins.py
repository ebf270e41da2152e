"""Findings of synthesized templates are placed in the program of the CDK app: at the one construction with the id."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.model.source import Source
from hpolint.readers.cloudformation import app_sources
from hpolint.readers.cloudformation.construct_ids import uses_of_names
from hpolint.report.records import OriginPlace
from hpolint.run.check import check_paths, checked_paths
from tests.harness.growth import assert_linear_in_time
from tests.requests import unbounded

MACHINE, STATE = "Beta/Training/Machine", "Tune"
CONSTRUCTION = "new sfn.CustomState(this, 'Tune', {"

CONSTRUCTIONS = {
    "new in one line": ("a.ts", CONSTRUCTION),
    "new in several lines": ("a.js", 'const tune = new CustomState(\n  this,\n  "Tune",\n)'),
    "types": ("a.ts", "new Job<Props, X>(scope, `Tune`)"),
    "a factory of the CDK": ("a.ts", "tasks.CallAwsService.jsonata(this, 'Tune', {})"),
    "a class in Python": ("a.py", 'tune = sfn.CustomState(self, "Tune", state_json={})'),
    "names of arguments": ("a.py", "CustomState(\n    scope=self.stack,\n    id='Tune',\n)"),
    "Java": ("A.java", 'new CustomState(this, "Tune", props)'),
    "a builder in Java": ("A.java", 'CustomState.Builder.create(this, "Tune").build()'),
    "C#": ("A.cs", 'var tune = new CustomState(this, "Tune", new CustomStateProps { })'),
    "after a comment with a quote": ("a.ts", f"// don't\n{CONSTRUCTION}"),
    "after a regular expression with a quote": ("a.ts", f"x.replace(/'/g, '-');\n{CONSTRUCTION}"),
    "beside a comment with the same": ("a.ts", f"/* {CONSTRUCTION} */\n{CONSTRUCTION}"),
    "beside a docstring with the same": ("a.py", '"""CustomState(self, "Tune")"""\nCustomState(self, "Tune")'),
    "beside the name of a machine": ("a.ts", f"{CONSTRUCTION} stateMachineName: 'Tune'"),
}
OTHERS = {
    "a variable": ("a.ts", "const name = 'Tune';\nnew sfn.CustomState(this, name)"),
    "a function that is no class": ("a.py", 'make_state(self, "Tune")'),
    "a method": ("a.ts", "this.state(this, 'Tune')"),
    "a function of paths": ("a.ts", "path.join(folder, 'Tune')"),
    "a message": ("a.ts", "throw new Error(\"new X(this, 'Tune')\")"),
    "only a comment": ("a.py", '# CustomState(self, "Tune")'),
    "two constructions": ("a.ts", f"{CONSTRUCTION}\n{CONSTRUCTION}"),
    "a construction and a variable": ("a.ts", f"{CONSTRUCTION}\nconst other = 'Tune';"),
    "a state of an object": ("a.ts", f"{CONSTRUCTION}\nconst states = {{ Tune: {{ Type: 'Task' }} }};"),
    "a state of a text": ("a.ts", f'{CONSTRUCTION}\nconst states = `{{"Tune": {{"Type": "Task"}}}}`;'),
    "the name of another state": ("a.ts", f"{CONSTRUCTION}\nnew X(this, 'Other', {{ stateName: 'Tune' }})"),
}


def template(state: str = STATE, path: str = MACHINE) -> str:
    """A template as the CDK writes it, with one machine that has one state."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync", "End": True}
    states = {
        "StartAt": state,
        "States": {state: {**task, "Parameters": unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20)}},
    }
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"DefinitionString": json.dumps(states)},
        "Metadata": {"aws:cdk:path": f"{path}/Resource"},
    }
    return json.dumps({"Resources": {"Machine123": machine}})


def app(folder: Path, files: dict[str, str]) -> Path:
    """An app with some files and its output, in a repository."""
    texts = {"cdk.json": "{}", ".git/HEAD": "", "cdk.out/Training.template.json": template(), **files}
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def origin(folder: Path, path: str = "cdk.out") -> OriginPlace | None:
    """The origin of the only job of an app, with the program's files named from the app's folder."""
    (job,) = check_paths([str(folder / path)], CheckOptions(uses_cache=False)).jobs
    return job.origin


def places(folder: Path) -> tuple[str, int, str] | None:
    """The file, the line and the name of the origin."""
    found = origin(folder)
    return (Path(found.source).relative_to(folder).as_posix(), found.span.line, found.name) if found else None


@pytest.mark.parametrize(("name", "text"), CONSTRUCTIONS.values(), ids=CONSTRUCTIONS)
def test_a_construction_is_found_by_its_form(name: str, text: str, tmp_path: Path) -> None:
    """Whatever the language: the place is the id itself, outside of comments and of other texts."""
    lines = text.splitlines()
    line = max(number for number, each in enumerate(lines, 1) if "Tune" in each)
    assert places(app(tmp_path, {f"lib/{name}": text})) == (f"lib/{name}", line, "state `Tune`")


@pytest.mark.parametrize(("name", "text"), OTHERS.values(), ids=OTHERS)
def test_no_other_use_of_a_name_is_an_origin(name: str, text: str, tmp_path: Path) -> None:
    """A name that may reach a construct by way of a variable, or is used twice, gives no place."""
    assert places(app(tmp_path, {f"lib/{name}": text})) is None


ELSEWHERE = (
    *("test/a.ts", "lib/__tests__/a.ts", "lib/a.test.ts", "lib/test_a.py", "lib/a.d.ts", "build/a.js", "dist/a.js"),
    *("node_modules/x/a.js", "cdk.out/asset.0123/a.js", ".venv/a.py", "packages/other/a.ts"),
)


@pytest.mark.parametrize("other", ELSEWHERE)
def test_tests_packages_and_what_is_built_are_not_searched(other: str, tmp_path: Path) -> None:
    """Neither do they have the place, nor do they make a name less than unique; another app has its own program."""
    files = {other: CONSTRUCTION, "packages/other/cdk.json": "{}"}
    assert places(app(tmp_path, files)) is None
    assert places(app(tmp_path, {"lib/a.ts": CONSTRUCTION, **files})) == ("lib/a.ts", 1, "state `Tune`")


def test_what_typescript_is_compiled_to_is_not_searched(tmp_path: Path) -> None:
    """Beside its source or in a folder of its own; JavaScript without a source is a program."""
    files = {"lib/a.ts": CONSTRUCTION, "lib/a.js": CONSTRUCTION, "compiled/lib/a.js": CONSTRUCTION}
    assert places(app(tmp_path, files)) == ("lib/a.ts", 1, "state `Tune`")
    assert places(app(tmp_path, {**files, "lib/b.js": CONSTRUCTION})) is None


def test_the_construct_is_said_where_its_state_is_unknown(tmp_path: Path) -> None:
    """And not as the state, which may stand elsewhere."""
    assert places(app(tmp_path, {"a.ts": "\nnew sfn.StateMachine(this, 'Machine')"})) == (
        "a.ts",
        2,
        "construct `Machine`",
    )


@pytest.mark.parametrize("name", ["Training.metadata.json", "manifest.json"])
def test_an_id_of_several_constructs_is_not_unique(name: str, tmp_path: Path) -> None:
    """The program constructs one of them, and a package the other; the copies of a stage are one construct."""
    paths = {f"/{stage}/Training/Machine/Resource": [{"type": "aws:cdk:logicalId"}] for stage in ("Beta", "Prod")}
    document: dict[str, object] = {**paths}
    folder = app(tmp_path, {"a.ts": "new sfn.StateMachine(this, 'Machine')"})
    for expected in (("a.ts", 1, "construct `Machine`"), None):
        whole = document if name != "manifest.json" else {"artifacts": {"Training": {"metadata": document}}}
        (folder / "cdk.out" / name).write_text(json.dumps(whole), encoding="utf-8")
        assert places(folder) == expected
        document["/Beta/Training/Search/Machine/Resource"] = [{"type": "aws:cdk:logicalId"}]


def test_a_state_with_the_name_of_its_machine_is_not_taken_for_a_construct(tmp_path: Path) -> None:
    """The one construction with the name may be the machine's, and the state a member of its definition."""
    files = {"a.ts": CONSTRUCTION, "cdk.out/Training.template.json": template(path="Beta/Training/Tune")}
    assert places(app(tmp_path, files)) == ("a.ts", 1, "construct `Tune`")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("new Training (/elsewhere/{folder}/lib/b.ts:2:5)", ("lib/b.ts", 2, "state `Tune`")),
        ("new Training (C:\\work\\{folder}\\lib\\b.js:9:5)", ("lib/b.ts", 2, "state `Tune`")),
        ("new Machine (/elsewhere/{folder}/node_modules/x/lib/b.ts:2:5)", None),
        ("new Training (/elsewhere/{folder}/lib/../../b.ts:2:5)", None),
        ("new Training (/elsewhere/{folder}/lib/none.ts:2:5)", None),
        ("new Training (/etc/passwd:1:1)", None),
        ("no frame", None),
    ],
)
def test_a_frame_narrows_the_search_to_its_file(
    line: str, expected: tuple[str, int, str] | None, tmp_path: Path
) -> None:
    """Its line may be outdated. A frame names only files of the program: nothing else is read because of it."""
    folder = tmp_path / "churn"
    stack = {"type": "aws:cdk:creationStack", "data": ["...", line.format(folder="churn")]}
    files = {
        "lib/a.ts": f"{CONSTRUCTION}\nnew sfn.StateMachine(this, 'Machine')",
        "lib/b.ts": f"\n{CONSTRUCTION}\nnew sfn.StateMachine(this, 'Machine')",
        "cdk.out/Training.metadata.json": json.dumps({f"/{MACHINE}/Resource": [stack]}),
    }
    assert places(app(folder, files)) == expected


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, "7", '{"/x": 7}', f'{{"/{MACHINE}/Resource": [{{"trace": [1]}}]}}']
)
def test_a_damaged_file_of_frames_is_as_none(text: str, tmp_path: Path) -> None:
    """It decides nothing but a place."""
    files = {"lib/a.ts": CONSTRUCTION, "lib/b.ts": CONSTRUCTION, "cdk.out/Training.metadata.json": text}
    assert places(app(tmp_path, files)) is None


def test_a_program_that_was_not_searched_whole_has_no_unique_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is too large may have the name, too."""
    folder = app(tmp_path, {"lib/a.ts": CONSTRUCTION, "lib/large.ts": " " * (app_sources.MAX_FILE_BYTES + 1)})
    assert places(folder) is None
    (folder / "lib/large.ts").unlink()
    assert places(folder) is not None
    monkeypatch.setattr(app_sources, "MAX_FILES", 0)
    assert places(folder) is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Neither to files and folders outside, nor into a circle."""
    outside = app(tmp_path / "outside", {"b.ts": CONSTRUCTION})
    folder = app(tmp_path / "inside", {"lib/c.ts": ""})
    for name, target in {"b.ts": outside / "b.ts", "outside": outside, "lib/circle": folder}.items():
        (folder / name).symlink_to(target)
    (folder / "cdk.out/Training.metadata.json").symlink_to(outside / "cdk.json")
    assert places(folder) is None


def test_no_program_outside_of_the_repository_is_read(tmp_path: Path) -> None:
    """The app of a repository lies in it; outside of a repository, in the checked folder."""
    folder = app(tmp_path, {"a.ts": CONSTRUCTION})
    (folder / ".git/HEAD").unlink()
    (folder / ".git").rmdir()
    assert origin(folder, "cdk.out") is None
    assert origin(folder, ".") is not None
    (folder / "cdk.out/.git").mkdir()
    assert origin(folder, ".") is None


def test_a_changed_program_changes_a_cached_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that decides a place is compared with what was read for the cached result, also files that are added."""
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path / "cache"))
    folder = app(tmp_path / "app", {"lib/a.ts": CONSTRUCTION})

    def line() -> int | None:
        with checked_paths([str(folder)], CheckOptions(uses_cache=True)) as check:
            check.store()
            found = check.report.jobs[0].origin
            return found.span.line if found is not None else None

    assert [line(), line()] == [1, 1]
    (folder / "lib/a.ts").write_text(f"\n\n{CONSTRUCTION}", encoding="utf-8")
    assert [line(), line()] == [3, 3]
    (folder / "lib/b.ts").write_text(CONSTRUCTION, encoding="utf-8")
    assert [line(), line()] == [None, None]


HOSTILE = {
    "escaped quotes": '\\"',
    "quotes": "'\"",
    "openings": "new a(",
    "comments": "/*",
    "templates": "`${",
    "regular expressions": "=/[",
    "docstrings": '"""',
    "spaces": " " * 50 + "a",
    "keys": "a : ",
    "types": "new a<b",
    "arguments": "new a(b ,",
}


@pytest.mark.parametrize("suffix", [".ts", ".py"])
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_program_is_searched_in_linear_time(piece: str, suffix: str) -> None:
    """Whatever a repository puts into it."""

    def made(count: int) -> Source:
        return Source(f"a{suffix}", piece * (count // len(piece)))

    assert_linear_in_time(made, lambda source: list(uses_of_names(source)), 20_000)
