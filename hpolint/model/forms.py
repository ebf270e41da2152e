"""Tables of the languages of files and of the forms of jobs, one row for each.

Discovery, standard input and the readers use these tables, so that a new form takes one module and one row. Readers are
named, not imported: most runs need none.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from hpolint.io.packed import GZIP_START
from hpolint.lazy_regex import lazy_regex

MEGABYTE = 1024 * 1024
IMPORT = lazy_regex(rb"^(?:from[ \t]++[\w.]++[ \t]++)?import[ \t]++\w", re.MULTILINE)
BLOCK = lazy_regex(rb'^resource[ \t]++"\w++"[ \t]++"', re.MULTILINE)
LEADING_BYTES = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Bytes before a text's first visible character: byte order marks, zeros of UTF-16 and UTF-32, white space."""


class Language(msgspec.Struct, frozen=True):
    """The language of a file, by its suffix.

    ``reader`` is ``module:function``, a function from Source to Reading. A file of more than ``max_bytes`` is searched
    but not parsed; for a packed file, these are its unpacked bytes. ``begins`` recognises the language of a text
    without a name, as on standard input. Files with ``named_suffixes`` are read if they are passed by name, and not
    found in folders, where most of them are data sets.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    begins: Callable[[bytes], bool]
    max_bytes: int = 10 * MEGABYTE
    named_suffixes: tuple[str, ...] = ()


def load(name: str) -> Callable[..., Any]:
    """The function that ``module:function`` names, below ``hpolint.readers``."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(f"hpolint.readers.{module}"), function)
    return found


def _is_notebook(data: bytes) -> bool:
    return _is_json(data) and b'"nbformat"' in data and b'"cells"' in data


def _is_json(data: bytes) -> bool:
    return data.lstrip(LEADING_BYTES)[:1] in (b"{", b"[")


LOGS = "logs of events"

LANGUAGES = (
    Language("notebooks", (".ipynb",), "notebook_kernels:read_notebook", _is_notebook, 64 * MEGABYTE),
    Language(
        LOGS,
        (".json.gz",),
        "event_logs:read_log",
        lambda data: data.startswith(GZIP_START),
        64 * MEGABYTE,
        named_suffixes=(".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".csv", ".csv.gz"),
    ),
    Language("JSON and YAML", (".json", ".template", ".asl"), "json_and_yaml:read_documents", _is_json),
    Language("Terraform", (".tf",), "terraform.hcl_files:read_terraform", lambda d: bool(BLOCK.search(d))),
    Language("Python", (".py", ".pyw"), "python.reader:read_python", lambda data: bool(IMPORT.search(data))),
    Language("R", (".r",), "r.reader:read_r", lambda _: False),
    Language("R documents", (".rmd", ".qmd"), "r.reader:read_document", lambda _: False),
    Language("shell scripts", (".sh", ".bash", "makefile"), "shell:read_shell", lambda _: False),
    Language("JSON and YAML", (".yaml", ".yml"), "json_and_yaml:read_documents", lambda _: True),
)
"""In the order in which a text without a name is tried. The largest request that the service accepts is below 1 MB."""

PYTHON_SUFFIXES = (".py", ".pyw", ".ipynb")

SUFFIXES = (
    ".json",
    ".yaml",
    ".yml",
    ".py",
    ".pyw",
    ".ipynb",
    ".tf",
    ".template",
    ".asl",
    ".R",
    ".Rmd",
    ".qmd",
    ".sh",
    ".bash",
    "Makefile",
    ".json.gz",
)
"""The endings of the files that hpolint reads, in the order of messages."""

SEARCHED_SUFFIXES = tuple(suffix for language in LANGUAGES for suffix in language.suffixes)
"""The same endings in lower case, in the order of the languages."""

NAMED_SUFFIXES = tuple(suffix for language in LANGUAGES for suffix in language.named_suffixes)
"""The endings of the files that are read only if they are passed by name, in lower case."""

NO_PROGRAMS = (
    *(".md", ".mdx", ".markdown", ".rst", ".adoc", ".html", ".htm", ".txt"),
    *(".csv", ".tsv", ".log", ".patch", ".diff", ".snap", ".lock", ".map", ".min.js", ".min.mjs", ".min.cjs"),
    *(".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".bmp", ".tif", ".tiff", ".pdf", ".mp4", ".wav"),
    *(".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".tar", ".jar", ".whl", ".class", ".pyc", ".so", ".dll", ".exe"),
    *(".npy", ".npz", ".parquet", ".pkl", ".h5", ".pt", ".pth", ".onnx", ".bin", ".ttf", ".woff", ".woff2", ".css"),
    *NAMED_SUFFIXES,
)
"""Endings of documentation, data, records of a change or a test, minified code and binary files."""

PROGRAMS = (".ts", ".js", ".go", ".java", ".cs")
"""Endings of programs that no reader reads, and that often call AWS."""

MANIFESTS = frozenset({"package.json", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts"})
"""Names of the files that list the packages which such programs use."""

NOTES = frozenset({"readme", "license", "licence", "changelog", "changes", "news", "authors", "contributing", "notice"})
"""Names without an ending of files that are documentation."""

TEST = lazy_regex(
    r"(?:^|/)(?:__tests__|__mocks__|src/test)/"
    r"|_test\.go\Z|\.(?:test|spec)\.[cm]?[jt]sx?\Z|Tests?\.(?:java|kt|scala|cs)\Z"
)
"""Paths of tests, which call a mock of the service, by the conventions of their languages."""

DOCUMENTS = LANGUAGES[-1]
MAX_PARSED_BYTES = max(language.max_bytes for language in LANGUAGES)
"""Largest file of any language that is parsed, in bytes."""


@lru_cache(maxsize=8)
def language_of(name: str) -> Language:
    """The language of a file by its name; JSON and YAML for an unknown suffix, as in a rule's example."""
    lowered = name.lower()
    for language in LANGUAGES:
        if lowered.endswith((*language.suffixes, *language.named_suffixes)):
            return language
    return DOCUMENTS


def is_manifest(name: str) -> bool:
    """Whether a file of this name lists the packages of programs that no reader reads."""
    return name in MANIFESTS or name.endswith(".csproj")


def may_be_program(name: str) -> bool:
    """Whether a file that no reader reads may be a program or a template, and is no test, by its path."""
    lowered = name.lower()
    is_excluded = lowered.endswith(NO_PROGRAMS) or lowered.rpartition("/")[2] in NOTES
    return not is_excluded and not TEST.search(name)


def name_of_text(data: bytes) -> str:
    """A name for a text without one: ``stdin`` with the suffix of its language."""
    return f"stdin{next(each for each in LANGUAGES if each.begins(data)).suffixes[0]}"


class Form(msgspec.Struct, frozen=True):
    """A form in which jobs are written.

    ``byte_patterns`` are in every file with a definition of this form, in lower case and without ``_``. For a form of
    JSON and YAML, ``recogniser`` and ``reader`` are ``module:function``: the test for its structures, and the function
    from a source and such a structure to a Reading. If the form names ``members``, each of its structures has one of
    them, and no other structure imports the module. ``is_yaml_1_1``: the form's consumer reads YAML 1.1, where a bare
    ``Off`` is false.
    """

    name: str
    byte_patterns: tuple[bytes, ...] = ()
    recogniser: str | None = None
    reader: str | None = None
    members: frozenset[str] = frozenset()
    is_yaml_1_1: bool = False


CONFIG, PARALLEL = b"hyperparametertuningjobconfig", b"maxparalleltrainingjobs"

FORMS = (
    Form(
        "cloudformation",
        (CONFIG, b"aws-sdk:sagemaker:createhyperparametertuningjob"),
        "cloudformation.reader:is_template",
        "cloudformation.reader:read_template",
        frozenset({"Resources"}),
        is_yaml_1_1=True,
    ),
    Form(
        "kubernetes",
        (CONFIG, PARALLEL),
        "kubernetes:is_resource",
        "kubernetes:read_document",
        frozenset({"apiVersion"}),
        is_yaml_1_1=True,
    ),
    Form(
        "step-functions",
        (b":::sagemaker:createhyperparametertuningjob",),
        "step_functions:is_states",
        "step_functions:read_document",
    ),
    Form("cloudtrail", (CONFIG, b'"createhyperparametertuningjob"'), "cloudtrail:is_event", "cloudtrail:read_event"),
    Form("pipeline", (CONFIG,), "pipeline:is_pipeline", "pipeline:read_document"),
    Form("pipeline", (CONFIG,), "pipeline:is_tuning_step", "pipeline:read_step_alone"),
    Form(
        "terraform",
        (b"awssagemakerhyperparametertuningjob",),
        "terraform.plan:is_terraform",
        "terraform.plan:read_terraform_json",
        frozenset({"resource", "resource_changes", "module"}),
    ),
    Form(
        "request",
        (CONFIG, PARALLEL, b"statichyperparameters", b"hyperparameterranges"),
        "request:is_candidate",
        "request:read_candidate",
    ),
    Form("describe", (CONFIG,)),
    Form("tuning-config", (PARALLEL,)),
    Form("training-definition", (b"statichyperparameters", b"hyperparameterranges")),
    Form("python-sdk", (b"hyperparametertuner", b"hyperparametertuningjob.create(")),
    Form("boto3", (b"createhyperparametertuningjob(", b".createhyperparametertuningjob")),
    Form("airflow", (CONFIG, b"sagemakertuningoperator")),
)
"""Every form that a job can have. The recognisers of document forms are tried in this order: the first match wins.

The reader of ``request`` also makes the jobs of the three forms below it, the reader of Python those of the last three.
"""

TERRAFORM_OVERRIDE = lazy_regex(r"(?:^|[/_])override\.tf(?:\.json)?\Z")
"""The files whose blocks Terraform merges over those of other files (language reference, "Override Files")."""

FORM_NAMES = tuple(dict.fromkeys(form.name for form in FORMS))

UNREAD_PATTERNS = (
    b"create-hyper-parameter-tuning-job",
    b"hyperparametertuning/component.yaml",
    b"createtransferlearningtuner",
    b"createidenticaldatasetandalgorithmtuner",
    b".createtuningjob(",
    b"import hyperparametertuningjob",
    *(b"sagemaker::hyperparametertuningjob", b"kind: hyperparametertuningjob", b'"hyperparametertuningjob"'),
    *(b'"createhyperparametertuningjob"', b"'createhyperparametertuningjob'"),
)
"""In files that start a job by the AWS CLI, Kubeflow's component or rarer calls, or that hold a part of one."""

BYTE_PATTERNS = tuple(dict.fromkeys((*(pattern for form in FORMS for pattern in form.byte_patterns), *UNREAD_PATTERNS)))
