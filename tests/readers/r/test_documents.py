"""Documents of R Markdown and Quarto: chunks that run are read, with the places of the document."""

from __future__ import annotations

import pytest

from hpolint.model.job import Reading
from hpolint.readers import read_source
from hpolint.readers.r.chunks import chunks, masked
from tests.conftest import Command
from tests.oracles.r_programs import HEAD, TAIL
from tests.readers.r.test_reader import UNKNOWN, value_of

PYTHON = """\
import sagemaker
from sagemaker.tuner import HyperparameterTuner, ContinuousParameter
estimator = sagemaker.estimator.Estimator("image", "role", 1, "ml.m5.large")
tuner = HyperparameterTuner(estimator, "loss", {"rate": ContinuousParameter(0.1, 0.5)}, max_jobs=r.limit)
tuner.fit()
"""


def document(*parts: str) -> str:
    """A document with chunks; a part is the header of a chunk, a line end and its code."""
    return "# Tuning\n\nText about a `HyperparameterTuner`.\n\n" + "\n".join(f"```{{{part}\n```\n" for part in parts)


def reading_of(text: str) -> Reading:
    """The reading of a document."""
    return read_source("report.Rmd", text.encode())[1]


@pytest.mark.parametrize(
    ("last", "count"),
    [
        ("r}\n" + TAIL, 1),
        ("r fit, echo=FALSE}\n" + TAIL, 1),
        ("r fit, eval=TRUE}\n" + TAIL, 1),
        ("r, eval=FALSE}\n" + TAIL, 0),
        ("r, eval = F, echo=TRUE}\n" + TAIL, 0),
        ("r}\n#| eval: false\n" + TAIL, 0),
        ("bash}\n" + TAIL, 0),
    ],
)
def test_a_chunk_that_is_only_shown_launches_nothing(last: str, count: int) -> None:
    """By its own option, in either notation."""
    reading = reading_of(document("r setup}\n" + HEAD + "v <- 1L\n", last))
    assert len([job for job in reading.jobs if job.calls]) == count


def test_the_default_of_a_document_decides_for_the_chunks_below_it() -> None:
    """As `opts_chunk$set` says, unless a chunk says otherwise."""
    off = "r}\nknitr::opts_chunk$set(echo = TRUE, eval = FALSE)"
    assert reading_of(document(off, "r}\n" + HEAD + "v <- 1L" + TAIL)).jobs == []
    assert len(reading_of(document(off, "r, eval=TRUE}\n" + HEAD + "v <- 1L" + TAIL)).jobs) == 1


def test_chunks_of_both_languages_are_read() -> None:
    """Each with its own names, and with the lines of the document."""
    text = document("r}\n" + HEAD + "v <- 1L" + TAIL, "python}\n" + PYTHON)
    source, reading = read_source("report.qmd", text.encode())
    first, second = reading.jobs
    assert first.spelling.is_r
    assert not second.spelling.is_r
    assert source.line(second.request.span.line).startswith("tuner = Hyper")


def test_code_in_a_line_runs_too() -> None:
    """It may set a variable."""
    (chunk,) = chunks("Some `r x <- 5` text")
    assert (chunk.engine, chunk.runs) == ("r", True)


def test_an_option_that_is_computed_is_not_guessed() -> None:
    """The chunk may run, or not: what it sets is unknown from there on."""
    (chunk,) = chunks("```{r, eval=params$run}\nx\n```\n")
    assert chunk.runs is None
    (job,) = reading_of(document("r}\n" + HEAD + "v <- 1L", "r, eval=params$run}\nv <- 2L", "r}\n" + TAIL)).jobs
    assert value_of(job) is UNKNOWN


def test_masked_text_has_the_places_of_the_document() -> None:
    """Only code is left, with the same number of characters in each line."""
    text = document("r}\nx <- 1", "python}\ny = 2")
    shown = masked(text, "r")
    assert [len(line) for line in shown.split("\n")] == [len(line) for line in text.split("\n")]
    assert shown.split() == ["x", "<-", "1"]


def test_findings_and_comments_are_those_of_the_chunks(hpolint: Command) -> None:
    """A comment in a chunk suppresses, and text around it is no comment; no fix is written."""
    code = HEAD.replace("max_jobs = 4L", "max_jobs = 4") + "v <- 1L" + TAIL
    (hpolint.folder / "a.Rmd").write_text(document("r}\n" + code))
    found = hpolint("check", "a.Rmd").stdout.decode()
    line = document("r}\n" + code).split("max_jobs = 4,")[0].count("\n") + 1
    assert f"a.Rmd:{line}:" in found
    assert "hpolint writes no fixes in R" in found
    ignored = code.replace("tuner <- ", "# hpolint: ignore[invalid-request] a test\ntuner <- ")
    (hpolint.folder / "a.Rmd").write_text(document("r}\n" + ignored))
    assert "invalid-request" not in hpolint("check", "a.Rmd").stdout.decode()
