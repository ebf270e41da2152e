"""What is installed is whole and light."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import msgspec

from hpolint import __version__, data, registry
from hpolint.cel.conjuncts import conjuncts
from hpolint.cel.runtime import Environment
from hpolint.model.rule_page import SITE
from hpolint.registry import builtin_folder, builtin_rules, rule_files
from hpolint.registry.compiled_expressions import COMPILED_EXPRESSIONS, Expressions, StoredExpressions
from hpolint.registry.vocabulary import WORDS
from tests.conftest import ROOT

HEAVY = (
    *("boto3", "botocore", "sagemaker", "pydantic", "requests", "rich"),
    *("jsonschema", "cel_expr_python", "ruamel", "tree_sitter", "tree_sitter_hcl"),
)


def imported(code: str) -> set[str]:
    """The top-level modules that are loaded after some code has run."""
    script = f"{code}\nimport sys\nprint('\\n'.join({{name.partition('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_wheel_holds_rules_and_data(tmp_path: Path) -> None:
    """An installed hpolint finds the rules inside its package, with their expressions compiled, and knows its types."""
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)], check=True
    )
    (wheel,) = tmp_path.glob("hpolint-*.whl")
    assert f"-{__version__}-" in wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    for path in rule_files(builtin_folder()):
        assert f"hpolint/rules/{path.parent.name}/{path.name}" in names
    for name in ("py.typed", "schema/request.json", "schema/rule.json", "data/roles.yaml"):
        assert f"hpolint/{name}" in names
    assert not [name for name in names if name.startswith(("tests/", "fixtures/"))]
    rules = json.loads(zipfile.ZipFile(wheel).read(f"hpolint/rules/{registry.COMPILED}"))
    assert {name: tuple(rule) for name, rule in rules.items()} == registry.parsed_rules(builtin_folder())
    stored = msgspec.msgpack.decode(
        zipfile.ZipFile(wheel).read(f"hpolint/rules/{COMPILED_EXPRESSIONS}"), type=StoredExpressions
    )
    for known in ({}, stored.serialized):
        environment = Environment(WORDS, known)
        for text in stored.serialized:
            environment.compile(text)
        assert environment.serialized() == stored.serialized
    conditions = [Expressions(rule).expanded(rule.condition).text for rule in builtin_rules() if rule.condition]
    assert stored.conjuncts == {text: conjuncts(text) for text in conditions}
    assert {*conditions} - {*stored.serialized} == {"true"}
    tables = json.loads(zipfile.ZipFile(wheel).read(f"hpolint/data/{data.COMPILED}"))
    files = sorted(path.relative_to(ROOT / "hpolint" / "data") for path in (ROOT / "hpolint" / "data").rglob("*.yaml"))
    assert tables == {path.with_suffix("").as_posix(): data.parsed(path.with_suffix("").as_posix()) for path in files}


def test_without_its_own_rules_nothing_is_called_clean(tmp_path: Path) -> None:
    """A checkout or package that lost them ends with exit code 2, and says what to do."""
    shutil.copytree(ROOT / "hpolint", tmp_path / "hpolint", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "job.json").write_text((ROOT / "fixtures" / "request" / "churn-xgboost.json").read_text())
    argv = [sys.executable, "-m", "hpolint", "check", "--no-cache", "job.json"]
    run = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert "hpolint's built-in rules are missing: reinstall hpolint" in run.stderr


def test_a_server_without_its_extra_says_what_to_run() -> None:
    """The command names the interpreter, and works where hpolint is no package of an index."""
    program = "import sys; sys.modules['pygls'] = None; from hpolint.__main__ import main; main()"
    run = subprocess.run([sys.executable, "-c", program, "server"], capture_output=True, text=True, check=False)
    (extra,) = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["server"]
    assert (run.returncode, run.stdout) == (2, "")
    assert f'Run: {sys.executable} -m pip install "{extra}"' in run.stderr


def test_the_package_says_where_its_project_is() -> None:
    """Its index page links to all of it, and the reports link to the same documentation."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["urls"]) == {"Homepage", "Documentation", "Repository", "Issues", "Changelog"}
    assert project["urls"]["Documentation"] == SITE
    site = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
    assert (site["site_url"], site["repo_url"]) == (SITE, project["urls"]["Repository"])


def test_nothing_heavy_before_there_is_a_job() -> None:
    """The library, and a search that finds nothing, import no parser and no rule."""
    loaded = imported("import hpolint; hpolint.check(['fixtures/unrelated', 'hpolint/syntax'])")
    assert not loaded & set(HEAVY)


def test_no_client_library_at_run_time() -> None:
    """Judging a job needs neither AWS's libraries nor the network's."""
    loaded = imported("import hpolint; hpolint.check(['fixtures'])")
    assert not loaded & {"boto3", "botocore", "sagemaker", "pydantic", "requests", "urllib3"}
    assert "cel_expr_python" in loaded
    assert "jsonschema" not in loaded
