"""HCL's numbers and references, and the JSON that ``jsonencode`` writes.

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
"""Limit of a number's decimal exponent, so that a few characters do not expand to gigabytes."""
ESCAPED_IN_JSON = re.compile("[<>&\u2028\u2029]")


def encoded_json(value: object) -> str:
    """The output of ``jsonencode``: keys sorted, numbers as plain decimals, some characters escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{encoded_json(key)}:{encoded_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(encoded_json(item) for item in value) + "]"
    if isinstance(value, float):
        return words_of(value)
    text = json.dumps(value, ensure_ascii=False)
    return ESCAPED_IN_JSON.sub(lambda mark: f"\\u{ord(mark.group()):04x}", text)


def number_of(text: str) -> int | float | None:
    """The number of a text; None if it is not a number, or out of range."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > MAX_EXPONENT:
        return None
    if number == number.to_integral_value():
        return int(number)
    return float(number) or None  # too small for a double
