"""Below a lock, a launch in a file that no reader reads is a finding: the call, and nothing that only names it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpolint.model.forms import may_be_program
from hpolint.model.other_texts import launches_of_other
from tests.conftest import Command
from tests.harness.git import git
from tests.harness.growth import assert_linear_in_time
from tests.requests import sound

RULE, TRIALS = "hygiene/launch-not-read", "policy/max-trials"
LOCK = f'extend-select = ["{TRIALS}"]\n[rules."{TRIALS}"]\ntrials = 20\nlocked = true\n'
CALL = "await sagemaker.createHyperParameterTuningJob(request).promise();\n"
CLI = "aws sagemaker create-hyper-parameter-tuning-job"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.js", CALL),
        ("a.js", "sagemaker['createHyperParameterTuningJob'](request)"),
        ("a.ts", "await client.send(new CreateHyperParameterTuningJobCommand(input));"),
        ("a.ts", "new CallAwsService(this, 'Tune', { action: 'createHyperParameterTuningJob' });"),
        ("a.ts", "const resource = 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync';"),
        ("a.ts", f"execSync(`{CLI} --region ${{region}}`);"),
        ("a.go", "out, err := svc.CreateHyperParameterTuningJob(ctx, input)"),
        ("A.java", "client\n    .createHyperParameterTuningJob(request);"),
        ("A.cs", "await client.CreateHyperParameterTuningJobAsync(request);"),
        ("a.kt", "client.createHyperParameterTuningJob { strategy = x }"),
        ("a.php", "$client->createHyperParameterTuningJob([]);"),
        ("a.rb", "client.create_hyper_parameter_tuning_job(strategy: x)"),
        ("a.R", "svc$create_hyper_parameter_tuning_job(Strategy = x)"),
        ("launch.py.j2", "import sagemaker\ntuner = HyperparameterTuner({{ estimator }})"),
        ("init.tftpl", f"{CLI} --cli-input-json '${{job}}'"),
        ("Dockerfile", f"CMD {json.dumps([*CLI.split(), '--cli-input-json', '$JOB'])}"),
        ("Jenkinsfile", f'sh "{CLI} --region x"'),
        ("launch", f"#!/bin/sh\n{CLI} --region x"),
        (
            "a.ts",
            "import { CreateHyperParameterTuningJobCommand as Tune } from '@aws-sdk/client-sagemaker';\nnew Tune(x);",
        ),
        ("a.js", "const { CreateHyperParameterTuningJobCommand: Tune } = require('@aws-sdk/client-sagemaker');"),
        ("a.js", "sagemaker.createHyperParameterTuningJob?.(request)"),
        ("a.js", "sagemaker.createHyperParameterTuningJob.call(sagemaker, request)"),
        ("a.js", "const tune = promisify(sagemaker.createHyperParameterTuningJob);"),
        ("a.js", "sagemaker.makeRequest('createHyperParameterTuningJob', request)"),
        ("a.rb", "client.create_hyper_parameter_tuning_job name: 'x'"),
        ("a.rb", "client.create_hyper_parameter_tuning_job params\n"),
        ("a.go", "request, out := svc.CreateHyperParameterTuningJobRequest(input)"),
        ("a.cpp", "client.CreateHyperParameterTuningJobCallable(request);"),
        ("a.ps1", "New-SMHyperParameterTuningJob -HyperParameterTuningJobName x"),
        ("a.clj", "(aws/invoke client {:op :CreateHyperParameterTuningJob :request request})"),
    ],
)
def test_a_call_is_found_in_any_language(name: str, text: str) -> None:
    """By the name in its own spelling, in programs, templates and files without an ending."""
    assert may_be_program(name)
    ((start, end),) = launches_of_other(name, text)
    assert (
        text[start:end]
        .strip("'\"`")
        .lower()
        .replace("_", "")
        .replace("-", "")
        .removeprefix(":")
        .startswith(("createhyper", "hyperparametertuner", "::sagemaker:", "newsmhyper"))
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.js", f"const word = /[^ /*]+/;\n{CALL}"),
        ("a.js", f"const word = /[^ /*]+/;\n{CALL}/** More. */"),
        ("a.js", f"lex(a /* ); {CALL}"),
        ("a.tsx", f"<p>Don't {{{CALL.strip()}}} 'x'</p>"),
        ("A.scala", f'val glob = """\ns3://b /*\n"""\n{CALL}/* More. */'),
        ("a.rs", "fn go<'a>(c: C) { c.create_hyper_parameter_tuning_job(); let x = 'c'; }"),
        ("launch", f"ls // ; {CLI} --region x"),
        ("a.pl", "my $name = $given // 'x'; $sm->CreateHyperParameterTuningJob(Strategy => 'Random');"),
        ("a.clj", "(run! #(aws/invoke client {:op :CreateHyperParameterTuningJob}) jobs)"),
    ],
)
def test_code_that_looks_like_a_comment_hides_no_call(name: str, text: str) -> None:
    """An expression, a text, a lifetime, an operator: only what its language has as a comment is one."""
    assert len(launches_of_other(name, text)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ts", "actions: ['sagemaker:CreateHyperParameterTuningJob', 'sagemaker:createHyperParameterTuningJob']"),
        ("a.ts", "// client.createHyperParameterTuningJob(request)\n/* new CreateHyperParameterTuningJobCommand(x) */"),
        ("a.ts", "throw new Error('client.createHyperParameterTuningJob() failed');"),
        ("a.d.ts", "createHyperParameterTuningJob(args: Input): Promise<Output>;"),
        ("a.ts", "type Request = Parameters<Client['createHyperParameterTuningJob']>;"),
        ("a.js", "expect(sagemaker.createHyperParameterTuningJob).toHaveBeenCalled();"),
        ("a.js", f"x={'y' * 3_000};{CALL}"),
        ("a.go", "client.CreateHyperparameterTuningJob(ctx, request)"),
        ("A.java", "public Result createHyperParameterTuningJob(Request request);"),
        ("A.scala", "new HyperparameterTuner(model)"),
        ("a.clj", "(defn create-hyper-parameter-tuning-job [request])"),
        ("tuner.py.j2", "import sagemaker\nclass HyperparameterTuner(Base):"),
        ("launch", f"# {CLI} --region x\necho '{CLI}'"),
        ("a.ts", "import { CreateHyperParameterTuningJobCommand } from '@aws-sdk/client-sagemaker';"),
        ("A.java", "new com.amazonaws.services.sagemaker.model.CreateHyperParameterTuningJobRequest();"),
        ("a.clj", "{:allow [:CreateHyperParameterTuningJob]}"),
        ("Jenkinsfile", f"// sh '{CLI} --region x'"),
        ("a.vue", f"// {CALL}"),
        ("a.ps1", "# New-SMHyperParameterTuningJob -HyperParameterTuningJobName x"),
        ("a.ps1", "<#\n.EXAMPLE\nNew-SMHyperParameterTuningJob -HyperParameterTuningJobName x\n#>"),
        ("a.html", "Call client.create_hyper_parameter_tuning_job instead\n"),
    ],
)
def test_what_only_names_a_call_is_none(name: str, text: str) -> None:
    """Permissions, comments, messages, declarations, other services, minified code, a definition that hpolint reads."""
    assert launches_of_other(name, text) == []


@pytest.mark.parametrize("text", ["x=/[", "/* ", '"""', "'", "makeRequest( ", "a`", "promisify(a."])
def test_texts_and_comments_are_searched_in_linear_time(text: str) -> None:
    """Whatever seems to begin and does not end."""
    assert_linear_in_time(lambda size: text * size, partial(launches_of_other, "a.js"), 4_000)


@pytest.mark.parametrize(("place", "count"), [("image/job.json", 0), ("job.json", 0), ("other/job.json", 1)])
def test_a_definition_in_a_file_is_read_if_the_file_is_there(
    place: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder of the command's file or above, where hpolint checks it."""
    monkeypatch.chdir(tmp_path)
    for path in (place, "image/Dockerfile", ".git/HEAD"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("{}")
    text = f"CMD {json.dumps([*CLI.split(), '--cli-input-json', 'file://job.json'])}"
    assert len(launches_of_other("image/Dockerfile", text)) == count


def test_notes_data_and_generated_files_are_not_searched() -> None:
    """They show calls, and make none; a test calls a mock."""
    tests = ["a_test.go", "web/a.spec.ts", "a.test.js", "web/__tests__/a.ts", "src/test/java/A.java", "LaunchTest.java"]
    assert [name for name in tests if may_be_program(name)] == []
    names = [
        "notes/a.md",
        "a.RST",
        "a.txt",
        "a.csv",
        "run.log",
        "a.min.js",
        "a.js.map",
        "fix.patch",
        "a.jsonl",
        "README",
    ]
    assert [name for name in names if may_be_program(name)] == []


def found(hpolint: Command, *arguments: str) -> list[tuple[str, str, str, int]]:
    """Rule, level, path and line of what a check finds."""
    report = json.loads(hpolint("check", *(arguments or (".",)), "--output", "json", "--no-cache").stdout)
    return [(each["rule"], each["level"], each["path"], each["line"]) for each in report["findings"]]


def advice(hpolint: Command, *arguments: str) -> str:
    """What the first finding of a check says is to be done."""
    findings: list[dict[str, Any]] = json.loads(hpolint("check", ".", "-o", "json", *arguments).stdout)["findings"]
    return str(findings[0]["message"][-1])


def test_a_lock_searches_what_git_tracks(hpolint: Command) -> None:
    """At the level that the rule has there; without a lock, and what git does not track, is no finding."""
    hpolint.write("web/launch.ts", f"import x\n{CALL}")
    hpolint.write("web/scratch.ts", CALL)
    hpolint.write("web/large.ts", CALL + "\n" * 1024 * 1024)
    hpolint.write("web/binary", CALL.encode() + b"\0")
    git(hpolint.folder, "init", "-q", ".")
    git(hpolint.folder, "add", "web/launch.ts", "web/large.ts", "web/binary")
    assert found(hpolint) == []
    hpolint.write("hpolint.toml", LOCK)
    assert found(hpolint) == found(hpolint, "web/launch.ts") == [(RULE, "note", "web/launch.ts", 2)]
    assert found(hpolint, "web/scratch.ts") == []
    hpolint.write("hpolint.toml", f'levels."{RULE}" = "error"\n{LOCK}')
    assert found(hpolint) == [(RULE, "error", "web/launch.ts", 2)]
    assert hpolint("check", ".").returncode == 1


def test_a_rule_that_demands_a_decision_gets_an_error(hpolint: Command) -> None:
    """As for every place that may launch a job and is not read."""
    hpolint.write("Dockerfile", f"RUN {CLI} --region x\n")
    hpolint.write("hpolint.toml", f'{LOCK}[undecided]\n"{TRIALS}" = "error"\n')
    git(hpolint.folder, "init", "-q", ".")
    git(hpolint.folder, "add", ".")
    assert (TRIALS, "error", "Dockerfile", 1) in found(hpolint)


@pytest.mark.parametrize("name", ["launch.ts", "app/[id]/it's/route.ts"])
@pytest.mark.parametrize("is_outside", [False, True])
def test_the_message_has_the_line_that_excludes_the_file(
    hpolint: Command, tmp_path_factory: pytest.TempPathFactory, name: str, is_outside: bool
) -> None:
    """In the file with the lock, wherever that lies: such a file can hold no comment."""
    hpolint.write(name, CALL)
    hpolint.write(f"other/{name}", CALL)
    git(hpolint.folder, "init", "-q", ".")
    git(hpolint.folder, "add", ".")
    folder = tmp_path_factory.mktemp("platform") if is_outside else hpolint.folder
    lock = folder / "hpolint.toml"
    lock.write_text(LOCK)
    options = ["--policy", str(lock)] if is_outside else []
    said = advice(hpolint, *options)
    assert "`hpolint.toml`: `" in said if not is_outside else f"`{lock}`: `" in said
    lock.write_text(f"{said.split(': `')[1].rstrip('`')}\n{LOCK}")
    left = [path for _, _, path, _ in found(hpolint, ".", *options)]
    assert left == [f"other/{name}"] or (is_outside and left == [])


def test_a_folder_below_a_lock_cannot_exclude_it(hpolint: Command) -> None:
    """Its own `exclude` and ignore files hide no launch from a locked rule."""
    hpolint.write("hpolint.toml", f'{LOCK}[rules."{RULE}"]\nlocked = true\n')
    hpolint.write("web/hpolint.toml", 'exclude = ["*.ts"]\n')
    hpolint.write("web/launch.ts", CALL)
    hpolint.write("web/.gitignore", "*.ts\n")
    git(hpolint.folder, "init", "-q", ".")
    git(hpolint.folder, "add", "-f", ".")
    assert [(rule, path) for rule, _, path, _ in found(hpolint)] == [(RULE, "web/launch.ts")]


def test_without_a_lock_the_summary_names_programs_that_launch_a_job(hpolint: Command) -> None:
    """If a list of packages names SageMaker: else other programs are not opened. Jobs beside them change nothing."""
    hpolint.write("web/launch.ts", CALL)
    hpolint.write("web/list.ts", "sagemaker.listHyperParameterTuningJobs();\n")
    hpolint.write("web/package.json", '{"dependencies": {"express": "4"}}')
    assert b"launch.ts" not in hpolint("check", ".").stdout
    hpolint.write("web/package.json", '{"dependencies": {"@aws-sdk/client-sagemaker": "3"}}')
    said = b"1 file mentions a tuning job in a form that hpolint does not read: web/launch.ts"
    assert said in hpolint("check", ".").stdout
    hpolint.write("job.json", json.dumps(sound()))
    assert said in hpolint("check", ".").stdout
    hpolint.write(".gitignore", "launch.ts\n")
    git(hpolint.folder, "init", "-q", ".")
    assert b"launch.ts" not in hpolint("check", ".").stdout
