"""The program that a Dockerfile gives to its image."""

from __future__ import annotations

import pytest

from hpolint.syntax.dockerfile import entry_point


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('FROM a\nENTRYPOINT ["python", "-m", "a"]\nCMD []\n', ["python", "-m", "a"]),
        ('FROM a\r\nentrypoint\t["python", \\\r\n# why\r\n  "a.py"]\r\n', ["python", "a.py"]),
        ('FROM a\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n', ["b"]),
        ('FROM a\nENTRYPOINT ["a"]\nFROM b\n', None),
        ('FROM a\n# ENTRYPOINT ["a"]\n', None),
        ("FROM a\nENTRYPOINT python a.py\n", None),
        ('FROM a\nENTRYPOINT ["a", 1]\n', None),
        ("FROM a\nENTRYPOINT\n", None),
        ("", None),
    ],
)
def test_the_entry_point_of_the_last_stage_counts(text: str, expected: list[str] | None) -> None:
    """If it is a list; a shell's command, a comment and another stage's entry point are none."""
    assert entry_point(text) == expected
