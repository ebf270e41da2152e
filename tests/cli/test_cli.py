"""The command as a user runs it: what it prints and how it exits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hpolint import __version__
from hpolint.cli.program import COMMANDS
from hpolint.model.forms import SUFFIXES
from hpolint.model.settings import FORMATS
from tests.conftest import FIXTURES, ROOT, Command
from tests.harness.systems import linux, posix
from tests.requests import sound

BAD = (ROOT / "fixtures/request/churn-xgboost.json").read_text()
ETA = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
NOTE = {**sound(), "HyperParameterTuningJobConfig": {**sound()["HyperParameterTuningJobConfig"], "ResourceLimits": {
    "MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 2}, "ParameterRanges": ETA}}  # fmt: skip
BROKEN = '{"HyperParameterTuningJobConfig": {'


def test_clean_findings_and_mistakes_exit_with_0_1_and_2(hpolint: Command) -> None:
    """The three exit codes that scripts rely on."""
    hpolint.write("good.json", json.dumps(sound()))
    assert hpolint("check").returncode == 0
    hpolint.write("bad.json", BAD)
    assert hpolint("check").returncode == 1
    for arguments in (["check", "nowhere"], ["check", "--select", "nonsense"], ["check", "--nonsense"], ["nonsense"]):
        run = hpolint(*arguments)
        assert run.returncode == 2, arguments
        assert b"finding" not in run.stdout
        assert b"Traceback" not in run.stderr
        assert run.stderr


@pytest.mark.parametrize("output", FORMATS)
def test_the_exit_code_is_the_same_for_every_format(hpolint: Command, output: str) -> None:
    """A format changes how findings are printed, not whether they count."""
    hpolint.write("bad.json", BAD)
    assert hpolint("check", "--output", output).returncode == 1
    assert hpolint("check", "--output", output, "--exit-zero").returncode == 0
    hpolint.write("bad.json", json.dumps(sound()))
    assert hpolint("check", "--output", output).returncode == 0


def test_fail_on_says_which_findings_count(hpolint: Command) -> None:
    """By default notes are printed and do not fail."""
    hpolint.write("note.json", json.dumps(NOTE))
    assert hpolint("check").returncode == 0
    assert b"note[strategy/missing-warm-start]" in hpolint("check").stdout
    assert hpolint("check", "--fail-on", "note").returncode == 1
    hpolint.write("bad.json", BAD)
    assert hpolint("check", "--fail-on", "error", "--ignore", "launch").returncode == 0
    assert hpolint("check", "--fail-on", "grave").returncode == 2


def test_no_jobs_cannot_be_taken_for_clean(hpolint: Command) -> None:
    """The last line distinguishes no findings from no jobs."""
    for name in "abc":
        hpolint.write(f"{name}.json", "{}")
    assert hpolint("check").stdout == b"no tuning jobs found in 3 files\n"
    hpolint.write("d.json", json.dumps(sound()))
    assert hpolint("check").stdout == b"1 tuning job in 4 files, 0 findings\n"
    assert hpolint("check", "--quiet").stdout == b""
    assert b"hpolint reads .json" in hpolint("check", "--exclude", "*").stdout


def test_rules_are_chosen_by_name_and_category(hpolint: Command) -> None:
    """A rule's own name outweighs its category; a misspelt name is an error that names the nearest."""
    hpolint.write("bad.json", BAD)

    def rules(*arguments: str) -> set[str]:
        run = hpolint("check", "--output", "json", *arguments)
        return {finding["rule"].partition("/")[2] for finding in json.loads(run.stdout)["findings"]}

    both = {"linear-learning-rate", "linear-regularization"}
    assert rules("--select", "scale") == both | {"outside-recommended-range"}, "a category has those that are off, too"
    assert rules("--select", "scale", "--ignore", "outside-recommended-range,linear-learning-rate") == both - {
        "linear-learning-rate"
    }
    assert rules("--select", "scale/linear-learning-rate", "--ignore", "scale") == {"linear-learning-rate"}
    assert rules("--select", "scale,compute") >= both | {"missing-spot"}
    assert "missing-spot" not in rules("--ignore", "compute")
    assert b"did you mean `scale/linear-learning-rate`" in hpolint("check", "--ignore", "linear-learning-rat").stderr


def test_reports_go_to_files_as_well(hpolint: Command) -> None:
    """One run prints for people and writes for machines, and leaves no other file behind."""
    hpolint.write("bad.json", BAD)
    outputs = ("--output", "text", "--output", "sarif:out.sarif", "--output", "json:out.json")
    run = hpolint("check", "--select", "missing-spot,linear-learning-rate", *outputs)
    assert run.stdout.endswith(b"with `--fix --unsafe-fixes`\n")
    assert json.loads((hpolint.folder / "out.sarif").read_text())["version"] == "2.1.0"
    assert len(json.loads((hpolint.folder / "out.json").read_text())["findings"]) == 2
    assert sorted(path.name for path in hpolint.folder.iterdir()) == ["bad.json", "out.json", "out.sarif"]
    for wrong in ("xml", "sarif:", "sarif:missing/out.sarif"):
        run = hpolint("check", "--output", wrong)
        assert run.returncode == 2
        assert b"hpolint: " in run.stderr
    assert hpolint("check", "--output", "text", "--output", "json").returncode == 2


@posix
def test_a_report_never_damages_what_is_there(hpolint: Command) -> None:
    """Links are followed, modes kept, devices written to, folders refused, and nothing is left behind."""
    hpolint.write("bad.json", BAD)
    target = hpolint.write("target.json", "old")
    target.chmod(0o600)
    os.symlink("target.json", hpolint.folder / "link.json")
    os.mkdir(hpolint.folder / "folder")
    hpolint("check", "bad.json", "--output", "json:link.json")
    assert json.loads(target.read_text())["version"] == 1
    assert (hpolint.folder / "link.json").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert hpolint("check", "--output", "json:folder").returncode == 2
    assert hpolint("check", "--output", "json:/dev/null").returncode == 1
    assert not Path("/dev/null").is_file()
    assert hpolint("check", "--output", "json:a", "--output", "sarif:./a").returncode == 2
    assert sorted(path.name for path in hpolint.folder.iterdir()) == ["bad.json", "folder", "link.json", "target.json"]


def test_an_internal_error_is_reported_and_the_other_files_are_checked(hpolint: Command) -> None:
    """A file that makes the reader fail gives exit code 2 and one line; the other files are judged."""
    hpolint.write("bad.json", BAD)
    hpolint.write("good.json", json.dumps(sound()))
    code = (
        "import sys, hpolint.readers as r; real = r.read_source\n"
        "def read(name, *rest):\n"
        "    if name == 'good.json': raise RuntimeError('tripped')\n"
        "    return real(name, *rest)\n"
        "r.read_source = read\n"
        "sys.argv[1:] = ['check']\n"
        "from hpolint.__main__ import main; main()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=hpolint.folder, capture_output=True, check=False)
    assert run.returncode == 2
    message = b"good.json: internal error in the reader of JSON and YAML: RuntimeError: tripped; please report it"
    assert message in run.stderr
    assert b"Traceback" not in run.stderr
    assert b"missing-spot" in run.stdout


@pytest.mark.parametrize("output", FORMATS)
def test_a_rule_that_fails_is_reported_and_the_others_run(hpolint: Command, output: str) -> None:
    """Exit code 2 and a line for the rule, in every format, beside the findings of the others."""
    hpolint.write("bad.json", BAD)
    code = (
        "import sys, msgspec, hpolint.registry as r; real = r.builtin_rules()\n"
        "def spoil(rule):\n"
        "    bad = 'config.Strategy.matches(\"(\")'\n"
        "    return msgspec.structs.replace(rule, when=bad) if rule.name == 'missing-warm-start' else rule\n"
        "r.builtin_rules = r.default_rules = lambda: tuple(map(spoil, real))\n"
        f"sys.argv[1:] = ['check', '--output', '{output}']\n"
        "from hpolint.__main__ import main; main()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=hpolint.folder, capture_output=True, check=False)
    assert run.returncode == 2
    assert b"internal error in the rule strategy/missing-warm-start: INVALID_ARGUMENT" in run.stderr
    assert b"missing-spot" in run.stdout


def test_standard_input(hpolint: Command) -> None:
    """``-`` reads a request; its name is what reports show."""
    run = hpolint("check", "-", "--stdin-filename", "jobs/x.json", stdin=BAD.encode())
    assert run.returncode == 1
    assert b"jobs/x.json:3:3: note[strategy/no-early-stopping]" in run.stdout
    assert (
        b"stdin.yaml:"
        in hpolint("check", "-", stdin=b"Strategy: grid\nResourceLimits: {MaxParallelTrainingJobs: 1}").stdout
    )
    assert hpolint("check", "-", "x.json").returncode == 2
    assert b"stdin.json:" in hpolint("check", "-", stdin=BAD.encode("utf-8-sig")).stdout
    assert b"stdin.json:" in hpolint("check", "-", stdin=BAD.encode("utf-16")).stdout
    source = (FIXTURES / "python" / "tune_churn.py").read_bytes()
    assert b"stdin.py:" in hpolint("check", "-", stdin=source).stdout
    notebook = (FIXTURES / "notebook" / "vision.ipynb").read_bytes()
    assert b"stdin.ipynb:cell " in hpolint("check", "-", stdin=notebook).stdout
    assert b"stdin.tf:" in hpolint("check", "-", stdin=(FIXTURES / "terraform" / "tuning.tf").read_bytes()).stdout
    assert hpolint("check", "-", stdin=b"\x7fELF\x02\xff\xfe").stdout == NOTHING
    assert hpolint("check", "-", stdin=b"").stdout == NOTHING


def test_undecided_values_are_counted_and_listed(hpolint: Command) -> None:
    """By unknown value, with the rules that each of them blocks."""
    request = sound()
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = "$PARALLEL"
    hpolint.write("x.json", json.dumps(request, indent=1))
    summary = b"1 tuning job in 1 file, 0 findings; 1 unknown value leaves 2 judgements undecided\n"
    rules = ("--select", "parallel-limit-exceeded,parallel-exceeds-total")
    assert hpolint("check", *rules).stdout == summary + b"`--show-undecided` lists the unknown values\n"
    listed = hpolint("check", *rules, "--show-undecided").stdout.decode()
    assert "x.json:8:31: unknown: `MaxParallelTrainingJobs` is the placeholder $PARALLEL" in listed
    assert '"$PARALLEL"' in listed
    assert "undecided because of this value: launch/parallel-limit-exceeded" in listed


def test_statistics_count_by_rule(hpolint: Command) -> None:
    """Most findings first."""
    hpolint.write("bad.json", BAD)
    lines = hpolint("check", "--statistics", "--select", "scale").stdout.decode().splitlines()
    assert any(re.match(r"1 \*  note +scale/linear-learning-rate +Learning rate searched", line) for line in lines)


def test_extract_prints_what_was_read(hpolint: Command) -> None:
    """For people and for tests: the known values, the unknown ones with reasons, and who wrote what."""
    request = {**sound(), "Tags": "$TAGS"}
    hpolint.write("x.json", json.dumps(request))
    run = hpolint("extract", "--output", "json")
    document = json.loads(run.stdout)
    assert document["version"] == 1
    (job,) = document["jobs"]
    place = {"path", "form", "cell", "line", "column", "name", "carrier"}
    assert set(job) == place | {"request", "unknown", "defaults"}
    assert job["unknown"] == [{"path": "Tags", "reason": "is the placeholder $TAGS", "line": 1}]
    assert (job["path"], run.returncode) == ("x.json", 0)
    hpolint.write("x.json", json.dumps({**sound(), "Tags": 0}).replace('"Tags": 0', '"Tags": 1e999'))
    (job,) = json.loads(hpolint("extract").stdout)["jobs"]
    assert job["unknown"] == [{"path": "Tags", "reason": "is not a finite number", "line": 1}]
    hpolint.write("y.json", BROKEN)
    run = hpolint("extract", ".")
    assert run.returncode == 2
    assert b"y.json:1:35" in run.stderr
    assert hpolint("extract", "--output", "yaml").returncode == 2


def test_rule_and_rules(hpolint: Command) -> None:
    """A rule's page by either name, the table, and everything for other programs."""
    page = hpolint("rule", "linear-learning-rate").stdout.decode()
    assert page == hpolint("rule", "scale/linear-learning-rate").stdout.decode()
    for part in ("# scale/linear-learning-rate", "## Why", "## Instead", "min_decades", "https://docs.aws.amazon.com"):
        assert part in page
    assert b"did you mean `compute/missing-spot`" in hpolint("rule", "missing-spott").stderr
    table = hpolint("rules").stdout.decode().splitlines()
    listed = json.loads(hpolint("rules", "--output", "json").stdout)
    assert len(table) == len(listed) + 1
    assert {"rule", "summary", "levels", "options", "page", "sources", "fix"} <= set(listed[0])


@pytest.mark.parametrize(
    ("name", "is_listed"),
    [("missing-spott", False), ("zzzz", True), ("compute", True), ("zz may be", True), ("zz; did you mean", True)],
)
def test_an_unknown_rule_is_answered_with_similar_ones_or_where_all_are_listed(
    hpolint: Command, name: str, is_listed: bool
) -> None:
    """Whatever words the name itself has."""
    error = hpolint("rule", name).stderr
    assert error.endswith(b"; `hpolint rules` lists them\n") is is_listed


def test_version() -> None:
    """Both as an option and through ``python -m``, and it is the package's."""
    run = subprocess.run([sys.executable, "-m", "hpolint", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"hpolint {__version__}\n"


@posix
def test_a_closed_pipe_is_not_an_error(hpolint: Command) -> None:
    """``hpolint check | head -1`` ends without a message, with the shell's exit code for a closed pipe."""
    hpolint.write("bad.json", BAD)
    shell = f"({sys.executable} -m hpolint check --exit-zero; echo $? >code) | true; sleep 1"
    run = subprocess.run(["sh", "-c", shell], cwd=hpolint.folder, capture_output=True, check=True)
    assert run.stderr == b""
    assert (hpolint.folder / "code").read_text() == "141\n"


@linux
@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", ">/dev/full"])
def test_closed_streams_and_full_disks(hpolint: Command, redirection: str) -> None:
    """A message at most, never a traceback."""
    hpolint.write("bad.json", BAD)
    shell = f"{sys.executable} -m hpolint check {redirection}; {sys.executable} -m hpolint check - {redirection}"
    run = subprocess.run(
        ["sh", "-c", shell], cwd=hpolint.folder, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    assert b"Traceback" not in run.stderr + run.stdout
    assert b"internal error" not in run.stderr + run.stdout


def test_colour_only_on_a_terminal(hpolint: Command) -> None:
    """A pipe gets plain text."""
    hpolint.write("bad.json", BAD)
    assert b"\x1b[" not in hpolint("check").stdout


@linux
def test_names_that_are_no_utf8_and_texts_that_are_no_unicode(hpolint: Command) -> None:
    """Odd file names and lone surrogates are printed somehow and lose no finding."""
    Path(str(hpolint.folder).encode().decode() + "/na\udcffme.json").write_text(BAD)
    hpolint.write("x.json", BAD.replace('"eta"', '"eta\\ud800"'))
    for output in FORMATS:
        run = hpolint("check", "--output", output)
        assert run.returncode == 1, run.stderr
        assert b"missing-spot" in run.stdout


def test_a_file_that_is_not_read_is_reported_if_it_was_named(hpolint: Command) -> None:
    """Its ending is not read; for a hook, which passes every changed file, nothing is printed."""
    hpolint.write("request.txt", BAD)
    run = hpolint("check", "request.txt")
    assert (run.returncode, run.stdout) == (0, NONE)
    assert b"request.txt: skipped: hpolint reads files with these endings: .json, .yaml" in run.stderr
    assert hpolint("check", "request.txt", "--force-exclude").stderr == b""
    assert hpolint("check", ".").stderr == b""


NOTHING = b"no tuning jobs found in 1 file; skipped: standard input (contains no tuning job)\n"
NONE = f"no tuning jobs found in 0 files (hpolint reads {', '.join(SUFFIXES)})\n".encode()


def test_a_path_that_is_named_twice_is_read_once(hpolint: Command) -> None:
    """And counted once."""
    hpolint.write("x.json", BAD)
    assert hpolint("check", ".", "x.json", ".").stdout == hpolint("check").stdout


def test_a_template_that_is_not_read_is_named(hpolint: Command) -> None:
    """With the reason, where what stays open is asked for."""
    hpolint.write("chart.yaml", "spec:\n{{- if .Values.tuning }}\n  hyperParameterTuningJobConfig: {}\n{{- end }}\n")
    assert hpolint("check").stdout == b"no tuning jobs found in 1 file; 1 template not read\n"
    listed = hpolint("check", "--show-undecided").stdout
    assert b"chart.yaml: not read: a template that must be rendered first\n" in listed


LEVELS_NAMED = "--fail-on: unknown value `warn`: use error, warning, note"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("chek", "no command `chek`; did you mean `check`? See `hpolint --help`"),
        ("a.json", "no command `a.json`; did you mean `hpolint check a.json`? See `hpolint --help`"),
        ("jobs", "no command `jobs`; did you mean `hpolint check jobs`? See `hpolint --help`"),
        ("-", "no command `-`; did you mean `hpolint check -`? See `hpolint --help`"),
        ("--fix a.json", "no option `--fix`; did you mean `hpolint check --fix`? See `hpolint --help`"),
        ("--versoin", "no option `--versoin`; did you mean `--version`? See `hpolint --help`"),
        ("--show-completion", "--show-completion needs a value: use bash, zsh, fish, powershell; see `hpolint --help`"),
        ("check --colr auto", "check: no option `--colr`; did you mean `--color`? See `hpolint check --help`"),
        ("check --sel scale", "check: no option `--sel`; did you mean `--select`? See `hpolint check --help`"),
        ("check --select", "check: --select needs a value; see `hpolint check --help`"),
        ("check --baseline --fix", "check: --baseline needs a value; see `hpolint check --help`"),
        ("check --fix=yes", "check: --fix takes no value; see `hpolint check --help`"),
        ("check --fail-on warn", f"check: {LEVELS_NAMED}; did you mean `warning`? See `hpolint check --help`"),
        (
            "cost -o xml",
            "cost: --output: unknown value `xml`: use text, json, csv, markdown; see `hpolint cost --help`",
        ),
        ("cost --trial-minutes 0", "cost: --trial-minutes: `0` is less than 0.001; see `hpolint cost --help`"),
        ("cost --trial-minutes -1", "cost: --trial-minutes: `-1` is less than 0.001; see `hpolint cost --help`"),
        ("cost --trial-minutes x", "cost: --trial-minutes: `x` is not a number; see `hpolint cost --help`"),
        ("rule", "rule: NAME is missing; see `hpolint rule --help`"),
        ("clean a", "clean: unexpected argument `a`; see `hpolint clean --help`"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(hpolint: Command, arguments: str, message: str) -> None:
    """One line, with the nearest name or value and the help to look at, and exit code 2. Names are not abbreviated."""
    (hpolint.folder / "jobs").mkdir()
    run = hpolint(*arguments.split())
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.decode() == f"hpolint: {message}\n"


def test_paths_and_options_in_any_order(hpolint: Command) -> None:
    """Paths may stand between options; behind `--` a path may begin with a dash, and so may a value behind `=`."""
    hpolint.write("a.json", "{}")
    hpolint.write("-b.json", "{}")
    for arguments in (["a.json", "--isolated", "."], ["--isolated", "a.json", "--", "-b.json"], ["-qq", "a.json"]):
        assert hpolint("check", *arguments).returncode == 0, arguments
    assert b"in 2 files" in hpolint("check", "a.json", "--isolated", "--", "-b.json").stdout
    assert b"-b.json: No such file" not in hpolint("check", "--", "-b.json").stderr
    assert hpolint("check", "--stdin-filename=-c.json", "-", stdin=BAD.encode()).stdout.startswith(b"-c.json:")


def test_help_lists_every_command_with_a_sentence(hpolint: Command) -> None:
    """Also without a command, which is a mistake; each command has its own help, in groups."""
    listed = hpolint("--help").stdout.decode()
    run = hpolint()
    assert (run.returncode, run.stdout.decode(), run.stderr) == (2, listed, b"")
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[A-Z].*", listed, re.MULTILINE)
        run = hpolint(name, "-h")
        assert (run.returncode, run.stdout) == (0, hpolint(name, "--help").stdout)
        assert run.stdout.startswith(f"Usage: hpolint {name} [OPTIONS]".encode())
    assert "\nFixes:\n  --fix " in hpolint("check", "--help").stdout.decode()


def test_a_check_imports_neither_rich_nor_another_command(hpolint: Command) -> None:
    """Only the asked command is loaded: what the help or another command needs costs a check no time."""
    hpolint.write("bad.json", BAD)
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "sys.argv[1:] = ['check']\n"
        "from hpolint.__main__ import main; main()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=hpolint.folder, capture_output=True, text=True, check=False)
    imported = set(run.stderr.split())
    assert "hpolint.cli.check_command" in imported
    assert not imported & {"rich", "pydantic", "hpolint.cli.job_commands", "hpolint.cli.rule_commands"}
