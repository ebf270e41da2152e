"""Values that a job imports from a module of its own repository are known, and shown where they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import candidate
from hpolint.discovery.python_imports import imported_modules
from hpolint.model.node import Array, Node, Scalar, Struct, follow, walk
from hpolint.readers import read_source
from tests.cache.test_file_results import opened
from tests.conftest import Command
from tests.harness.growth import assert_linear_in_time
from tests.harness.notebooks import notebook
from tests.harness.texts import read_texts

SETTINGS = """
from sagemaker.tuner import ContinuousParameter, IntegerParameter
TRIALS = 40
TYPE = "ml.m5.xlarge"
RANGES = {"lr": ContinuousParameter(0.0001, 0.1), "depth": IntegerParameter(2, 9)}
class Settings:
    trials = TRIALS
def parallel(divisor=10):
    return TRIALS // divisor
"""
LINEAR = SETTINGS.replace("(0.0001, 0.1)", '(0.0001, 0.1, "Linear")')
JOB = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner
{imports}
estimator = Estimator("image:1", "role", instance_count=1, instance_type={type})
tuner = HyperparameterTuner(estimator, "loss", hyperparameter_ranges={ranges}, max_jobs={trials},
                            max_parallel_jobs={parallel}, objective_type="Minimize",
                            metric_definitions=[{{"Name": "loss", "Regex": "loss: (.*)"}}])
tuner.fit()
"""
BARE = {"type": "TYPE", "ranges": "RANGES", "trials": "TRIALS", "parallel": "parallel()"}
WHOLE = JOB.format(imports=SETTINGS, **BARE)


def job(imports: str, owner: str = "") -> str:
    """A launch script whose settings are imported, as members of ``owner`` if that is given."""
    names = {name: f"{owner}.{text}" if owner else text for name, text in BARE.items()}
    return JOB.format(imports=imports, **names)


def requests(path: Path) -> list[Any]:
    """What the jobs of a file say, without their places."""
    found = candidate(path.as_posix(), path.read_bytes(), [path.parent.as_posix()])
    assert found is not None
    _, reading = read_source(found.name, found.data, found.beside)
    return [[(path, shape(node)) for path, node in walk(each.request)] for each in reading.jobs]


def shape(node: Node) -> object:
    """A node's value, or only its kind for a structure; the reason why it may have further members."""
    if isinstance(node, Struct | Array) and node.open is not None:
        return node.open.reason
    return node.value if isinstance(node, Scalar) else type(node).__name__


def written(folder: Path, **files: str) -> None:
    """Write some modules; ``_in_`` in a name is a folder's end, and ``initial`` stands for ``__init__``."""
    for name, text in files.items():
        path = folder / f"{name.replace('_in_', '/').replace('initial', '__init__')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("module", "imports", "owner"),
    [
        ("settings", "from settings import RANGES, TRIALS, TYPE, parallel", ""),
        ("settings", "from settings import (\n    RANGES,\n    TRIALS,\n    TYPE,\n    parallel,\n)", ""),
        ("settings", "from settings import *", ""),
        ("settings", "from .settings import *", ""),
        ("settings", "import settings", "settings"),
        ("settings", "import settings as s", "s"),
        ("settings", "from . import settings", "settings"),
        ("package/settings", "from package.settings import *", ""),
        ("package/settings", "import package.settings", "package.settings"),
        ("package/settings", "from package import settings", "settings"),
        ("package/initial", "from package import *", ""),
    ],
)
def test_a_request_is_the_same_with_its_settings_in_a_module(
    repository: Path, module: str, imports: str, owner: str
) -> None:
    """However a module is imported, the job is the one that a single file would launch."""
    written(repository, whole=WHOLE, job=job(imports, owner), **{module.replace("/", "_in_"): SETTINGS})
    if module == "package/settings":
        written(repository, package_in_initial="")
    assert requests(repository / "job.py") == requests(repository / "whole.py") != []


def test_a_module_may_import_others_and_itself(repository: Path) -> None:
    """Values come by way of several modules, and a circle of imports ends."""
    written(
        repository,
        whole=WHOLE,
        job=job("from first import *"),
        first="from second import *\nimport job",
        second=f"import first\n{SETTINGS}",
    )
    assert requests(repository / "job.py") == requests(repository / "whole.py")


def test_a_launch_in_a_folder_below_finds_the_repositorys_modules(repository: Path) -> None:
    """A module in a folder above is taken if it has the imported names, as with ``python -m``."""
    written(repository, whole=WHOLE, scripts_in_job=job("from common.settings import *"), common_in_settings=SETTINGS)
    assert requests(repository / "scripts/job.py") == requests(repository / "whole.py")


TRIALS = ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxNumberOfTrainingJobs")
INTEGERS = ("HyperParameterTuningJobConfig", "ParameterRanges", "IntegerParameterRanges")


def trials(path: Path, member: tuple[str, ...] = TRIALS) -> object:
    """The number of trials of a file's only job, or another member of it."""
    (found,) = requests(path)
    return dict(found)[member]


@pytest.mark.parametrize(
    ("imports", "files"),
    [
        ("import sys\nsys.path.insert(0, '/opt/shared')\nfrom settings import *", {"settings": SETTINGS}),
        ("import os\nos.chdir('/tmp')\nfrom settings import *", {"settings": SETTINGS}),
        ("from settings import *", {"settings": SETTINGS, "settings_in_initial": SETTINGS}),
        ("from statistics import *", {"statistics": SETTINGS}),
        ("from ..settings import *", {"settings": SETTINGS}),
        ("from settings import *", {"settings": SETTINGS + "\nRANGES = [" + "1, " * 60_000 + "]"}),
        ("from settings import *", {"settings": SETTINGS + "\n)"}),
    ],
    ids=["path", "folder", "two files", "standard library", "outside", "large", "syntax error"],
)
def test_an_import_that_may_mean_another_file_is_unknown(repository: Path, imports: str, files: dict[str, str]) -> None:
    """Where the code decides at run time which file is imported, or the file cannot be read, nothing is guessed."""
    written(repository, job=job(imports), **files)
    assert trials(repository / "job.py") == "Unknown"


def test_two_folders_with_the_module_are_ambiguous(repository: Path) -> None:
    """Beside the script and above it: which is imported depends on how the script is started."""
    written(repository, scripts_in_job=job("from settings import *"), scripts_in_settings=SETTINGS)
    assert trials(repository / "scripts/job.py") == 40
    written(repository, settings=SETTINGS.replace("40", "50"))
    assert trials(repository / "scripts/job.py") == "Unknown"


def test_a_module_outside_of_the_repository_is_not_read(tmp_path: Path) -> None:
    """Neither a folder above the repository nor a link out of it is looked into."""
    (tmp_path / "own/.git").mkdir(parents=True)
    written(tmp_path, settings=SETTINGS, own_in_scripts_in_job=job("from settings import *"))
    assert trials(tmp_path / "own/scripts/job.py") == "Unknown"
    if os.name != "nt":
        (tmp_path / "own/scripts/settings.py").symlink_to(tmp_path / "settings.py")
        assert trials(tmp_path / "own/scripts/job.py") == "Unknown"


@pytest.mark.parametrize(
    ("change", "member", "expected"),
    [
        ("settings.TRIALS = 7", TRIALS, 7),
        ("if unknown():\n    settings.TRIALS = 7", TRIALS, "Unknown"),
        ("for each in unknown():\n    settings.TRIALS = each", TRIALS, "Unknown"),
        ("if unknown():\n    settings.RANGES['new'] = 1", INTEGERS, "differs between branches at line 6"),
    ],
)
def test_a_modules_value_may_be_changed_by_the_importer(
    repository: Path, change: str, member: tuple[str, ...], expected: object
) -> None:
    """An assignment to a module's name, or to a key of its dict, counts; one that may not happen leaves it unknown."""
    written(repository, settings=SETTINGS, job=job(f"import settings\n{change}", "settings"))
    assert trials(repository / "job.py", member) == expected


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ("TRIALS = 20\nfrom local_settings import *", "Unknown"),
        ("TRIALS = 20\ntry:\n    from local_settings import *\nexcept ImportError:\n    pass", "Unknown"),
        ("from local_settings import *\nTRIALS = 20", 20),
        ("TRIALS = 20\nfrom numpy import *\nfrom math import *", 20),
        ("TRIALS = 20\nfrom settings import *", 40),
    ],
)
def test_a_star_import_that_cannot_be_read_may_set_any_name(repository: Path, imports: str, expected: object) -> None:
    """The usual override by a file that is not in the repository: what was set before it is unknown."""
    rest = "from sagemaker.tuner import *\nTYPE, RANGES = 'ml.m5.large', {'x': IntegerParameter(1, 9)}\n"
    rest += "parallel = int\n"
    written(repository, settings="TRIALS = 40\n", job=job(rest + imports))
    assert trials(repository / "job.py") == expected


def test_a_job_of_a_module_is_reported_once(repository: Path, hpolint: Command) -> None:
    """The job that an imported module launches belongs to the module's own file."""
    written(repository, settings=WHOLE, job=job("from settings import *"))
    out = hpolint("check", str(repository)).stdout.decode()
    assert "2 tuning jobs in 2 files" in out
    assert len(requests(repository / "job.py")) == 1


def test_a_finding_shows_the_module_and_no_fix_is_written_there(repository: Path, hpolint: Command) -> None:
    """A finding stands where the value is used, shows the line that writes it, and says why it is not fixed."""
    written(repository, settings=LINEAR, job=job("from settings import *"))
    before = {path: path.read_text() for path in repository.glob("*.py")}
    options = ("check", str(repository), "--select", "linear-learning-rate")
    out = hpolint(*options, "--all").stdout.decode()
    assert "job.py:6:70: note" in out
    assert "settings.py:5:50" in out
    assert 'RANGES = {"lr": ContinuousParameter(0.0001, 0.1, "Linear")' in out
    assert "settings.py, line 5" in out
    hpolint(*options, "--fix", "--unsafe-fixes")
    assert {path: path.read_text() for path in repository.glob("*.py")} == before


@pytest.mark.parametrize("use", ['SETTINGS["type"]', 'SETTINGS.get("type")', "TYPE", "settings.TYPE"])
def test_each_job_has_the_finding_at_its_own_use_of_a_value(repository: Path, hpolint: Command, use: str) -> None:
    """Two jobs that use one value of a module have two findings, also if one of them reads it from a dict."""
    rest = {"imports": "", "ranges": "{}", "trials": 9, "parallel": 1}
    jobs = [JOB.format(type=each, **rest) for each in (use, "TYPE")]
    text = "import settings\nfrom settings import *\n" + "".join(jobs)
    written(repository, settings='TYPE = "ml.p3.2xlarge"\nSETTINGS = {"type": TYPE}\n', job=text)
    found = hpolint("check", str(repository), "--select", "retired-instance", "--output", "json").stdout
    expected = [number for number, line in enumerate(text.splitlines(), 1) if "Estimator(" in line]
    assert [each["line"] for each in json.loads(found)["findings"]] == expected


@pytest.mark.parametrize(
    "look",
    [
        'print(SETTINGS["instance_type"])',
        'print("on", f"{TYPE}")',
        'logger.info("on %s", SETTINGS["instance_type"])',
        "TYPE",
        'small = TYPE == "ml.m5.large"',
        'name = f"on {TYPE}"',
    ],
)
def test_a_finding_does_not_stand_where_a_value_is_only_shown(repository: Path, hpolint: Command, look: str) -> None:
    """A value that the call takes from a dict of a module is reported at the call, wherever else it is read."""
    text = f"""from settings import SETTINGS, TYPE
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner
estimator = Estimator("image:1", "role", **SETTINGS)
{look}
HyperparameterTuner(estimator, "loss", {{}}, max_jobs=9).fit()
print(estimator)
"""
    written(repository, settings='TYPE = "ml.p3.2xlarge"\nSETTINGS = {"instance_type": TYPE}\n', job=text)
    found = hpolint("check", str(repository), "--select", "retired-instance", "--output", "json").stdout
    assert [each["line"] for each in json.loads(found)["findings"]] == [4]


@pytest.mark.skipif(os.name == "nt", reason="nothing is kept there")
def test_a_kept_result_is_not_used_after_a_change_of_what_is_imported(tmp_path: Path) -> None:
    """The module or the data file has changed, or another file makes the module ambiguous."""
    command = Command(tmp_path / "work")
    (command.folder / ".git").mkdir(parents=True)
    load = "config = yaml.safe_load(open('config.yaml'))"
    command.write("config.yaml", YAML_TEXT)
    written(command.folder, settings=LINEAR, job=job(f"{LOADED.format(load=load)}from settings import RANGES"))

    def check() -> tuple[bool, set[str]]:
        files, findings = opened(command)
        return "job.py" in files, {"linear-learning-rate", "retired-instance"} & {
            rule.partition("/")[2] for _, rule, _ in findings
        }

    assert check() == (True, {"linear-learning-rate"})
    assert check() == (False, {"linear-learning-rate"})
    command.write("config.yaml", YAML_TEXT.replace("m5.xlarge", "p3.2xlarge"))
    assert check() == (True, {"linear-learning-rate", "retired-instance"})
    written(command.folder, settings=LINEAR.replace("0.0001", "0.0501"))
    assert check() == (True, {"retired-instance"})
    written(command.folder, settings_in_initial="")
    assert check() == (True, {"retired-instance"})


def test_a_notebooks_own_file_is_not_taken_from_the_disk(repository: Path) -> None:
    """A notebook that writes the module itself, or names its file, may have changed it before the import."""
    cells = [job("from settings import *")]

    def read() -> object:
        (repository / "tune.ipynb").write_text(notebook(*cells))
        return trials(repository / "tune.ipynb")

    written(repository, settings=SETTINGS)
    assert read() == 40
    cells.insert(0, "%%writefile settings.py\nTRIALS = 5\n")
    assert read() == "Unknown"


def test_modules_in_memory_come_first(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is checked imports the texts that are checked with it, and not the files of the same names."""
    monkeypatch.chdir(repository)
    written(repository, jobs_in_settings=SETTINGS.replace("40", "50"))
    texts = {"jobs/job.py": job("from settings import *"), "jobs/settings.py": SETTINGS}
    for names, expected in (list(texts), 40), (["jobs/job.py"], 50):
        (only,) = read_texts({name: texts[name] for name in names}, CheckOptions()).jobs
        number = follow(only.request, TRIALS)
        assert isinstance(number, Scalar)
        assert number.value == expected
        assert {site.source for site in only.imported.values()} == {"jobs/settings.py"}


LOADED = """
import json, os, yaml
from sagemaker.tuner import ContinuousParameter, IntegerParameter
{load}
TRIALS, TYPE = config["trials"], config["resources"]["type"]
RANGES = {{"lr": ContinuousParameter(*config["lr"]), "depth": IntegerParameter(2, 9)}}
def parallel():
    return TRIALS // 10
"""
VALUES = {"trials": 40, "resources": {"type": "ml.m5.xlarge"}, "lr": [0.0001, 0.1]}
YAML_TEXT = "trials: 40\nresources:\n  type: ml.m5.xlarge  # cheap\nlr: [0.0001, 0.1]\n"


@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("config.json", "with open('config.json') as f:\n    config = json.load(f)"),
        ("config.json", "config = json.load(open('config.json', 'r'))"),
        ("config.yaml", "with open('config.yaml', encoding='utf-8') as f:\n    config = yaml.safe_load(f)"),
        ("config.yaml", "config = yaml.load(open('./config.yaml', 'rb'), Loader=yaml.FullLoader)"),
        ("conf/config.yml", "with open('conf/config.yml') as f:\n    config = yaml.full_load(f)"),
        (
            "config.yaml",
            "config = yaml.safe_load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'config.yaml')))",
        ),
    ],
)
def test_a_request_is_the_same_with_its_settings_in_a_data_file(repository: Path, name: str, load: str) -> None:
    """A JSON or YAML file that is loaded under a literal path gives its values, with their places in it."""
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text(json.dumps(VALUES, indent=2) if name.endswith(".json") else YAML_TEXT)
    written(repository, whole=WHOLE, job=job(LOADED.format(load=load)))
    assert requests(repository / "job.py") == requests(repository / "whole.py")


@pytest.mark.parametrize(
    ("load", "files"),
    [
        ("with open('config.yaml') as f:\n    config = yaml.safe_load(f)", {}),
        ("yaml.safe_dump({}, open('config.yaml', 'w'))\nconfig = yaml.safe_load(open('config.yaml'))", None),
        ("name = 'config.yaml'\nconfig = yaml.safe_load(open(unknown() + name))", None),
        ("config = yaml.safe_load(open(os.path.join(unknown(), 'config.yaml')))", None),
        ("config = yaml.safe_load(open('../config.yaml'))", None),
        ("config = yaml.safe_load(open('config.yaml'))", {"config.yaml": "a: [", "x.yaml": ""}),
        ("config = yaml.safe_load(open('config.yaml'))", {"config.yaml": f"{YAML_TEXT}---\n{YAML_TEXT}"}),
    ],
    ids=["missing", "written", "unknown text", "unknown folder", "outside", "broken", "two documents"],
)
def test_a_data_file_that_may_be_another_is_unknown(repository: Path, load: str, files: dict[str, str] | None) -> None:
    """What the source may write first, or what cannot be read as one document, is not guessed."""
    for name, text in ({"config.yaml": YAML_TEXT} if files is None else files).items():
        (repository / name).write_text(text)
    written(repository, job=job(LOADED.format(load=load)))
    assert trials(repository / "job.py") == "Unknown"


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        ("!aws s3 cp s3://b/train data/train --recursive", True),
        ("%aws s3 sync $train ./data", True),
        ("!aws s3 cp conf/config.yaml s3://b/config.yaml", True),
        ("!aws s3 cp s3://b/config.yaml conf/config.yaml", False),
        ("!aws s3 sync s3://b/conf conf", False),
        ("!aws s3 cp s3://b/conf . --recursive", False),
        ("!aws s3 cp s3://b/conf .. --recursive", False),
        ("!aws s3 cp s3://b/conf $folder", False),
        ("!aws s3 cp --quiet s3://b/conf conf", False),
        ("!aws s3 cp s3://b/a data; cp data/a conf/config.yaml", False),
        ("!git pull", False),
        ("session.download_data('conf', 'b')", False),
    ],
)
def test_a_notebook_whose_code_may_write_the_data_file_does_not_know_it(
    repository: Path, line: str, is_read: bool
) -> None:
    """A copy from S3 to another place does not write it, and what an output says does not either."""
    (repository / "conf").mkdir()
    (repository / "conf" / "config.yaml").write_text(YAML_TEXT)
    document = json.loads(notebook(line, job(LOADED.format(load="config = yaml.safe_load(open('conf/config.yaml'))"))))
    document["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["download: s3://b/a to b\n"]}
    ]
    (repository / "tune.ipynb").write_text(json.dumps(document, indent=1))
    assert trials(repository / "tune.ipynb") == (40 if is_read else "Unknown")


def test_a_loaded_number_is_what_the_loader_makes_of_it(repository: Path) -> None:
    """PyYAML reads `1e-4` as a string: a request has what is sent, not what was meant."""
    (repository / "config.yaml").write_text("trials: 4e1\nresources: {type: ml.m5.xlarge}\nlr: [0.0001, 0.1]\n")
    load = "config = yaml.safe_load(open('config.yaml'))"
    written(repository, job=job(LOADED.format(load=load)))
    assert trials(repository / "job.py") == "4e1"


def test_a_finding_shows_the_data_file(repository: Path, hpolint: Command) -> None:
    """The line of the data file that writes a value is shown."""
    (repository / "config.yaml").write_text(YAML_TEXT.replace("m5.xlarge", "p3.2xlarge"))
    written(repository, job=job(LOADED.format(load="config = yaml.safe_load(open('config.yaml'))")))
    run = hpolint("check", str(repository), "--select", "retired-instance", "--all")
    assert "config.yaml:3:9: instance_type" in run.stdout.decode()


@pytest.mark.parametrize(
    "text", ["from a import (" * 50, "from ................ ", "import a, ", "import a.b as c, ", "from a.a.a.a"]
)
def test_the_search_for_imports_is_linear(repository: Path, text: str) -> None:
    """No text makes the search for imports slow."""

    def make(count: int) -> bytes:
        return (text * count).encode()

    def work(data: bytes) -> object:
        return imported_modules((repository / "job.py").as_posix(), data, [repository.as_posix()])

    assert_linear_in_time(make, work, 400)


def test_values_of_the_request_have_places_of_its_own_file(repository: Path) -> None:
    """Each place of a request lies within the checked file, also where a module writes the value."""
    written(repository, settings="\n" * 500 + SETTINGS, job=job("from settings import *"))
    path = repository / "job.py"
    found = candidate(path.as_posix(), path.read_bytes(), [repository.as_posix()])
    assert found is not None
    source, reading = read_source(found.name, found.data, found.beside)
    (only,) = reading.jobs
    lines = source.text.count("\n")
    for _, node in walk(only.request):
        keys = node.keys.values() if isinstance(node, Struct) else ()
        assert all(1 <= each.line <= lines and each.column >= 1 for each in (node.span, *keys))
    sites = {site.source for site in only.imported.values()}
    assert sites == {(repository / "settings.py").as_posix()}
    for path_, site in only.imported.items():
        assert follow(only.request, path_) is not None
        assert site.span.line > 500


@pytest.mark.parametrize("here", [".", "dags", "dags/team"])
def test_the_plugins_of_airflow_are_on_the_path_of_its_dags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    """From wherever the check is started; a folder of that name elsewhere is none."""
    for folder in ("dags/team", "plugins/tuning", ".git"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "plugins" / "tuning" / "settings.py").write_text(SETTINGS)
    text = job("from tuning import settings", "settings")
    (tmp_path / "dags" / "team" / "tune.py").write_text(text)
    (tmp_path / "tune.py").write_text(text)
    monkeypatch.chdir(tmp_path / here)
    dag = os.path.relpath(tmp_path / "dags" / "team" / "tune.py")
    assert [path for path, _ in imported_modules(dag, text.encode(), ["."]).values()] != []
    assert imported_modules(os.path.relpath(tmp_path / "tune.py"), text.encode(), ["."]) == {}


def test_a_request_that_another_file_makes_stands_where_it_is_launched(repository: Path) -> None:
    """A function of a module returns the whole request: findings point to the call that gets it."""
    (repository / "request.py").write_text(
        "def request(name, count):\n"
        "    return {'HyperParameterTuningJobName': name, 'HyperParameterTuningJobConfig': {'Strategy': 'Random',\n"
        "        'ResourceLimits': {'MaxNumberOfTrainingJobs': count, 'MaxParallelTrainingJobs': 1}}}\n"
    )
    path = repository / "launch.py"
    path.write_text(
        "from request import request\nimport states\n\n"
        "states.start({'Type': 'Task', 'Parameters': request('a', 40),\n"
        "    'Resource': 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync'})\n"
    )
    found = candidate(path.as_posix(), path.read_bytes(), [repository.as_posix()])
    assert found is not None
    _, reading = read_source(found.name, found.data, found.beside)
    assert [each.request.span.line for each in reading.jobs] == [4]
