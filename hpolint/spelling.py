"""Messages in the source's own spelling: a rule names the API's members, the SDK's arguments have other names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from hpolint.node import ScalarValue

Names = Mapping[str, str]
"""How a source spells the members of a request, for those that it spells otherwise than the API."""

CODE = re.compile(r"(`[^`]*`)")
NAMED = re.compile(r"\b([A-Z][A-Za-z]+)\b(?:: ([\w.-]+))?")
COMPOUND = re.compile(r"\b(?:[A-Z][a-z]+){2,}[A-Z]*\b")
TRUTH = {"true": "True", "false": "False", "null": "None"}


def spelt(sentence: str, names: Names) -> str:
    """A sentence with the members' names, and values given with them, as the source spells them."""
    if not names:
        return sentence
    parts = CODE.split(sentence)
    return "".join(
        NAMED.sub(lambda match: _argument(match, names), part)
        if part.startswith("`")
        else COMPOUND.sub(lambda match: names.get(match[0], match[0]), part)
        for part in parts
    )


def _argument(match: re.Match[str], names: Names) -> str:
    """``EnableManagedSpotTraining: true`` as ``use_spot_instances=True``."""
    name, value = match[1], match[2]
    if name not in names:
        return match[0]
    if value is None:
        return names[name]
    plain = TRUTH.get(value) or (value if re.fullmatch(r"[\d.]+", value) else json.dumps(value))
    return f"{names[name]}={plain}"


def spelt_value(name: str, value: ScalarValue, names: Names) -> str:
    """A member with its value, as the source would give it."""
    text = json.dumps(value, ensure_ascii=False)
    return f"{names[name]}={TRUTH.get(text, text)}" if name in names else f"{name} = {text}"
