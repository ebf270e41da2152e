"""Tuning jobs of R are read by R's rules; what is not certain is unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Scalar, Struct, Unknown, walk
from hpolint.readers import read_source
from tests.conftest import Command
from tests.oracles.r_programs import HEAD, TAIL

UNKNOWN = object()


def reading_of(body: str) -> Reading:
    """The reading of a program that sets the hyperparameter ``v``."""
    return read_source("program.R", (HEAD + body + TAIL).encode())[1]


def hyperparameter(body: str) -> Any:
    """The hyperparameter ``v`` of the only job; ``UNKNOWN`` if it is not known."""
    (job,) = reading_of(body).jobs
    return value_of(job)


def value_of(job: TuningJob) -> Any:
    """The hyperparameter ``v`` of a job; ``UNKNOWN`` if it is not known."""
    definition = job.request.members.get("TrainingJobDefinition")
    values = definition.members["StaticHyperParameters"] if isinstance(definition, Struct) else None
    node = values.members.get("v") if isinstance(values, Struct) else None
    return node.value if isinstance(node, Scalar) else UNKNOWN


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("cfg <- list(x = 1L)\ncfg2 <- cfg\ncfg2[['x']] <- 9L\nv <- cfg$x", "1"),
        ("v <- paste0('s3://b/', 10, '/', 100000, '/', TRUE, '/', 0.1 + 0.2)", "s3://b/10/1e+05/TRUE/0.3"),
        ("n <- 1L\ninvisible(n <- 9L)\nv <- n", "9"),
        ("f <- function(maximum = 1L) maximum\nv <- f(max = 7L)", "7"),
        ("n <- 0L\ninvisible(lapply(1:3, function(i) n <<- n + i))\nv <- n", "6"),
        ("c <- function(...) 99L\nv <- c(1L, 2L)", "99"),
        ("`+` <- function(a, b) a * b\nv <- 3L + 4L", "12"),
        ("T <- 0L\nv <- T", "0"),
        ("v <- round(40.5)", "40.0"),
        ("v <- c('a')", "a"),
        ("cfg <- list(instance_type = 'm5')\nv <- cfg$inst", "m5"),
        ("f <- function(a, b = a * 2L) b\nv <- f(4L)", "8"),
        ("x <- list(a = 1L)\nx$a <- NULL\nv <- if (is.null(unlist(x))) 1L else 2L", "1"),
        ("x <- lapply(1:40, function(i) list(a = i))\nv <- x[[2]]$a", "2"),
        ("x <- list(a = list(b = 1L))\nx[['a']][['b']] <- 5L\nv <- x$a$b", "5"),
    ],
)
def test_a_value_is_what_r_computes(body: str, value: object) -> None:
    """Copies, text of numbers, assignments in arguments, abbreviations, callbacks and redefinitions follow R."""
    assert hyperparameter(body) == value


@pytest.mark.parametrize(
    "body",
    [
        "n <- 1L\nsource('settings.R')\nv <- n",
        "n <- 1L\nload('settings.rda')\nv <- n",
        "n <- 1L\nattach(settings)\nv <- n",
        "n <- 1L\neval(parse(text = code))\nv <- n",
        "eval(parse(text = code))\nv <- paste0('a', 1)",
        "n <- 1L\nassign(key, 9L)\nv <- n",
        "n <- 1L\nlist2env(settings, .GlobalEnv)\nv <- n",
        "n <- 1L\ndelayedAssign('n', n + 1L)\nv <- n",
        "n <- 1L\nwith(settings, n <- 2L)\nv <- n",
        "n <- 1L\nf <- function(x) { n <<- 5L; x }\nv <- f(n)",
        "make <- function(n) function() n\nk <- 1L\ng <- make(k)\nk <- 2L\nv <- g()",
        "v <- c(1L, NA)[1]",
        "v <- factor('b')",
        "v <- Sys.time()",
        "x <- c(a = 1L)\nnames(x)[1] <- 'b'\nv <- x",
        "x <- list(1L)\nattr(x, 'a')$b[2] <- 'b'\nv <- x[[1]]",
        "while (runif(1) < 0.5) n <- 5L\nv <- n",
        "v <- `+`(1L, 2L, 3L)",
        "v <- `*`(3L)",
        "v <- `!`(TRUE, FALSE)",
        "v <- `%in%`(1L)",
        "v <- `%||%`(1L)",
    ],
)
def test_a_value_that_r_may_compute_in_another_way_is_unknown(body: str) -> None:
    """Names that unread code may set, late evaluation, kinds of values that are not read, and calls that R refuses."""
    reading = reading_of(body)
    assert not reading.jobs or hyperparameter(body) is UNKNOWN


@pytest.mark.parametrize("taken", ["e <- globalenv()", "f <- function() parent.frame()", "lapply(files, source)"])
def test_no_variable_is_known_where_any_code_may_set_it(taken: str) -> None:
    """The launch is then named as one that is not read, and no job is made up."""
    reading = reading_of(f"n <- 1L\n{taken}\nv <- n")
    assert reading.jobs == []
    assert reading.unread is not None
    assert len(reading.unread()) > 0


def test_the_places_are_those_of_the_text() -> None:
    """Also behind characters that take several bytes, in the lines of a call."""
    text = HEAD + "é <- 'ü'; v <- list(a = 1L)$a\n" + TAIL
    (job,) = read_source("program.R", text.encode())[1].jobs
    definition = job.request.members["TrainingJobDefinition"]
    assert isinstance(definition, Struct)
    values = definition.members["StaticHyperParameters"]
    assert isinstance(values, Struct)
    assert job.source.read(values.members["v"].span) == "1L"
    assert job.source.read(values.keys["v"]) == "v"


def notebook(cells: list[str], metadata: dict[str, Any]) -> str:
    """A notebook with code cells."""
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "language": "R"}},
        {"kernelspec": {"name": "ir__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:1:image/r", "language": "python"}},
        {"kernelspec": {"name": "conda-env-R"}, "language_info": {"name": "R"}},
    ],
)
def test_a_notebook_with_a_kernel_of_r_is_read(metadata: dict[str, Any]) -> None:
    """By what the kernel has said of itself, or its name; its cells run in their order."""
    text = notebook([HEAD, "v <- 5L", TAIL], metadata)
    source, reading = read_source("n.ipynb", text.encode())
    (job,) = reading.jobs
    assert job.cell == 1
    assert reading.problems == []
    assert [cell.number for cell in source.cells] == [1, 2, 3]


def test_a_notebook_of_python_is_not_read_as_r() -> None:
    """Although a kernel of R has run it once: the last kernel decides."""
    metadata = {"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "python"}}
    assert read_source("n.ipynb", notebook([HEAD, TAIL], metadata).encode())[1].jobs == []


def test_a_cell_that_does_not_parse_makes_all_names_unknown() -> None:
    """It may set any of them; the cells around it are read."""
    metadata = {"kernelspec": {"name": "ir", "language": "R"}}
    texts = [notebook([HEAD, "v <- 5L", cell, TAIL], metadata) for cell in ("w <- 1L", "w <- (")]
    readings = [read_source("n.ipynb", text.encode())[1] for text in texts]
    values = [[value_of(job) for job in reading.jobs] for reading in readings]
    assert values[0] == ["5"]
    assert set(values[1]) <= {UNKNOWN}


def test_a_script_that_does_not_parse_is_a_problem() -> None:
    """If it names a tuning job."""
    (problem,) = read_source("p.R", b"t <- HyperparameterTuner(a b)")[1].problems
    assert problem.span.line == 1


def test_messages_write_r_and_no_fix_is_written(hpolint: Command) -> None:
    """Numbers have their L, and the reason names R; the file stays as it is."""
    text = HEAD.replace("max_jobs = 4L", "max_jobs = 4") + "v <- 1L" + TAIL
    path = hpolint.folder / "tune.R"
    path.write_text(text)
    found = hpolint("check", "tune.R", "--fix").stdout.decode()
    assert "Write `4L`" in found
    assert "`max_jobs = 4L`" in found
    assert "hpolint writes no fixes in R" in found
    assert "internal error" not in found
    assert path.read_text() == text


def test_a_comment_suppresses_findings_of_a_statement(hpolint: Command) -> None:
    """Also one on the line above a call of several lines; a sign of a comment in a string is none."""
    text = HEAD.replace("max_jobs = 4L", "max_jobs = 4") + "x <- '# hpolint: ignore[invalid-request]'\nv <- 1L" + TAIL
    (hpolint.folder / "tune.R").write_text(text)
    assert "invalid-request" in hpolint("check", "tune.R").stdout.decode()
    ignored = text.replace("tuner <- ", "# hpolint: ignore[invalid-request] a test\ntuner <- ")
    (hpolint.folder / "tune.R").write_text(ignored)
    assert "invalid-request" not in hpolint("check", "tune.R").stdout.decode()


def test_unknown_values_have_a_reason() -> None:
    """A report says why a value of R is not known."""
    (job,) = reading_of("n <- runif(1)\nn <- 1L\nv <- c(1L, n)[[n]]\nif (runif(1) > 0.5) v <- 5L").jobs
    reasons = [node.reason for _, node in walk(job.request) if isinstance(node, Unknown)]
    assert any("differs between branches" in reason for reason in reasons)
