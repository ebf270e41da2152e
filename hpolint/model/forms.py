"""The languages that files are written in and the forms that jobs have in them: a light row for each.

Discovery, standard input and the readers go by these rows, so that a new form is one module and one row. Readers are
named, not imported: most runs need none.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

import msgspec

MEGABYTE = 1024 * 1024
IMPORT = re.compile(rb"^(?:from[ \t]++[\w.]++[ \t]++)?import[ \t]++\w", re.MULTILINE)
BLOCK = re.compile(rb'^resource[ \t]++"\w++"[ \t]++"', re.MULTILINE)
LEADING_BYTES = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Before a text's first sign: byte order marks, the zeros of UTF-16 and 32, white space."""


class Language(msgspec.Struct, frozen=True):
    """What a file is written in: its ending tells.

    ``reader`` is ``module:function``: of a Source it makes a Reading. A file of more than ``most_bytes`` is searched,
    not parsed. ``begins`` tells a text of the language that has no name, as on standard input.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    begins: Callable[[bytes], bool]
    max_bytes: int = 10 * MEGABYTE


def load(name: str) -> Callable[..., Any]:
    """The function that ``module:function`` names, below ``hpolint.readers``."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(f"hpolint.readers.{module}"), function)
    return found


def _is_notebook(data: bytes) -> bool:
    return _is_json(data) and b'"nbformat"' in data and b'"cells"' in data


def _is_json(data: bytes) -> bool:
    return data.lstrip(LEADING_BYTES)[:1] in (b"{", b"[")


LANGUAGES = (
    Language("notebooks", (".ipynb",), "python.reader:read_notebook", _is_notebook, 64 * MEGABYTE),
    Language("JSON and YAML", (".json", ".template", ".asl"), "json_and_yaml:read_documents", _is_json),
    Language("Terraform", (".tf",), "terraform.hcl_files:read_terraform", lambda d: bool(BLOCK.search(d))),
    Language("Python", (".py",), "python.reader:read_python", lambda data: bool(IMPORT.search(data))),
    Language("JSON and YAML", (".yaml", ".yml"), "json_and_yaml:read_documents", lambda _: True),
)
"""In the order in which a text without a name is tried; the largest request that the service takes is below 1 MB."""

SUFFIXES = (".json", ".yaml", ".yml", ".py", ".ipynb", ".tf", ".template", ".asl")
"""The endings of the files that a reader is there for, as people are told of them."""

DOCUMENTS = LANGUAGES[-1]
MAX_PARSED_BYTES = max(language.max_bytes for language in LANGUAGES)
"""Bytes of a file of any language that is parsed."""


def language_of(name: str) -> Language:
    """The language of a file; of one whose ending nobody knows, as an example's, JSON or YAML."""
    lowered = name.lower()
    return next((each for each in LANGUAGES if lowered.endswith(each.suffixes)), DOCUMENTS)


def name_of_text(data: bytes) -> str:
    """A name for a text that has none, with the ending of its language."""
    return f"stdin{next(each for each in LANGUAGES if each.begins(data)).suffixes[0]}"


class Form(msgspec.Struct, frozen=True):
    """How a job is written.

    ``needles`` are what only a file with a definition holds, lower-cased and without ``_``. A form of JSON and YAML
    names, as ``module:function``, what recognises its structures and its ``reader``, which makes a Reading of a source
    and one of them. ``is_yaml_1_1``: its consumer reads YAML 1.1, where a bare ``Off`` is false.
    """

    name: str
    byte_patterns: tuple[bytes, ...] = ()
    recogniser: str | None = None
    reader: str | None = None
    is_yaml_1_1: bool = False


CONFIG, PARALLEL = b"hyperparametertuningjobconfig", b"maxparalleltrainingjobs"

FORMS = (
    Form(
        "cloudformation",
        (CONFIG, b"aws-sdk:sagemaker:createhyperparametertuningjob"),
        "cloudformation:is_template",
        "cloudformation:read_template",
        is_yaml_1_1=True,
    ),
    Form("kubernetes", (CONFIG, PARALLEL), "kubernetes:is_resource", "kubernetes:read_document", is_yaml_1_1=True),
    Form(
        "step-functions",
        (b":::sagemaker:createhyperparametertuningjob",),
        "states:is_states",
        "states:read_document",
    ),
    Form("pipeline", (CONFIG,), "pipeline:is_pipeline", "pipeline:read_document"),
    Form("pipeline", (CONFIG,), "pipeline:is_tuning_step", "pipeline:read_step_alone"),
    Form(
        "terraform",
        (b"awssagemakerhyperparametertuningjob",),
        "terraform.plan:is_terraform",
        "terraform.plan:read_terraform_json",
    ),
    Form(
        "request",
        (CONFIG, PARALLEL, b"statichyperparameters", b"hyperparameterranges"),
        "request:is_candidate",
        "request:read_candidate",
    ),
    Form("python-sdk", (b"hyperparametertuner", b"hyperparametertuningjob.create(")),
    Form("boto3", (b"createhyperparametertuningjob(",)),
)
"""The forms of documents in the order in which they are asked whether a structure is theirs: the first takes it."""

BYTE_PATTERNS = tuple(dict.fromkeys(needle for form in FORMS for needle in form.byte_patterns))
