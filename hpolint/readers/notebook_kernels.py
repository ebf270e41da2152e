"""Notebooks: those with a kernel of R, and those with one of Python."""

from __future__ import annotations

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Reading
from hpolint.model.source import Source

MAY_BE_R = lazy_regex(r'"(?:name|language)"\s*:\s*"(?:ir\b|ir_|[rR]")')
"""What the metadata of a notebook with a kernel of R has."""


def read_notebook(source: Source) -> Reading:
    """The tuning jobs of a notebook."""
    from hpolint.readers.python.reader import read_notebook as read_python_notebook

    if MAY_BE_R.search(source.text) is None:
        return read_python_notebook(source)
    from hpolint.readers.python.notebook import is_r_notebook
    from hpolint.readers.r.reader import read_r_notebook

    return read_r_notebook(source) if is_r_notebook(source) else read_python_notebook(source)
