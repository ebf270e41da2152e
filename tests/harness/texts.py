"""Texts in memory, read together as ``hpolint.check`` reads them, with their live jobs."""

from __future__ import annotations

from collections.abc import Mapping

from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import candidate
from hpolint.io import disk
from hpolint.io.overlay import Overlay
from hpolint.report.judged import JudgedFiles
from hpolint.run.reading import read_candidates


def read_texts(texts: Mapping[str, str], options: CheckOptions) -> JudgedFiles:
    """The jobs and findings of texts by their file names."""
    data = {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}
    with disk.overlaid(Overlay(data, is_given=True)):
        candidates = [candidate(name, text, []) for name, text in data.items()]
        return read_candidates([each for each in candidates if each is not None], options)
