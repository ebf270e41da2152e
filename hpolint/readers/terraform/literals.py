"""How HCL spells numbers and references, and how Terraform writes the values of ``jsonencode``.

Source: the HCL native syntax specification, github.com/hashicorp/hcl, and Terraform's language reference.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation

from hpolint.readers.terraform.provider import words_of

LOCAL = re.compile(r"\blocal\.([\w-]+)")
"""A reference to a local value."""

MAX_EXPONENT = 300
"""Of numbers that are written out: a larger one is not, so that a few characters do not become gigabytes."""
ESCAPED_IN_JSON = re.compile("[<>&\u2028\u2029]")


def encoded_json(value: object) -> str:
    """What ``jsonencode`` writes for a value: keys in order, numbers in plain decimals, some characters escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{encoded_json(key)}:{encoded_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(encoded_json(item) for item in value) + "]"
    if isinstance(value, float):
        return words_of(value)
    text = json.dumps(value, ensure_ascii=False)
    return ESCAPED_IN_JSON.sub(lambda mark: f"\\u{ord(mark.group()):04x}", text)


def number_of(word: str) -> int | float | None:
    """The number that a word spells; None where it spells none that can be told."""
    try:
        number = Decimal(word)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > MAX_EXPONENT:
        return None
    if number == number.to_integral_value():
        return int(number)
    return float(number) or None  # nearer to zero than any double
