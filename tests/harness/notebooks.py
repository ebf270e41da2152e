"""Notebooks for tests."""

from __future__ import annotations

import json


def notebook(*cells: str) -> str:
    """A notebook of code cells that have not been run."""
    made: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell} for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
