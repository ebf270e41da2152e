"""Calls of ``image_uris.retrieve`` that raise an error.

The frameworks, versions and needed arguments are those of ``hpolint/data/image_uris.json``, which
``scripts/generate_image_uris.py`` asks the SDKs for. What only a later SDK may know is not refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from msgspec.structs import replace

from hpolint.data import generated
from hpolint.lazy_regex import lazy_regex
from hpolint.model.observations import ImageLookupRefused, Observed, UnknownArgument
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, span_of, text_of
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import BoundArguments, is_none
from hpolint.readers.python.sdk.refused_calls import Seen, not_taken

RETRIEVE = "image_uris.retrieve"
JUDGED = frozenset(
    {"framework", "region", "version", "py_version", "instance_type", "image_scope", "container_version"}
    | {"base_framework_version", "sagemaker_session"}
)
"""The arguments of the calls that are judged: others change where the SDK looks."""

OTHER_CHIPS = ("ml.inf", "ml.trn")
"""The beginnings of instance types for which the SDK looks up another framework."""

REGION = lazy_regex(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
OTHER_NAMES = {
    "deepar": "forecasting-deepar",
    "scikit-learn": "sklearn",
    "scikit_learn": "sklearn",
    "sagemaker-xgboost": "xgboost",
    "random-cut-forest": "randomcutforest",
    "rcf": "randomcutforest",
}
"""Other names of frameworks and algorithms, with the SDK's."""

SIMILAR = 0.85
"""How similar a name must be to the framework that it stands for."""


def refused_lookup(name: str, arguments: Arguments, callee: Span) -> list[Seen]:
    """Why a call of a function by its full name raises an error; nothing for other functions."""
    if not name.endswith(RETRIEVE) or arguments.open is not None:
        return []
    not_known = list(not_taken(f"{RETRIEVE}()", arguments, signatures.RETRIEVE_KEYWORDS))
    if not_known:
        return [(place, _with_meant_name(observed)) for place, observed in not_known]
    if not arguments.keywords.keys() <= JUDGED or len(arguments.positional) > len(RETRIEVE_POSITIONS):
        return []
    lookup = Lookup(arguments, callee)
    for check in (_missing_argument, _refused_framework, _refused_region, _refused_version, _needed_argument):
        refused = check(lookup)
        if refused is not None:
            return [refused]
    return []


RETRIEVE_POSITIONS = ("framework", "region", "version", "py_version", "instance_type")
"""The parameters whose positions all recorded versions share."""


OTHER_ARGUMENTS = {
    "repo_name": "framework",
    "framework_name": "framework",
    "region_name": "region",
    "repo_version": "version",
    "framework_version": "version",
}
"""The arguments for the names that other functions and classes of the SDK use."""


def _with_meant_name(observed: Observed) -> Observed:
    """An argument that the function does not have, with the one that its name stands for elsewhere."""
    if not isinstance(observed, UnknownArgument) or observed.name not in OTHER_ARGUMENTS:
        return observed
    return replace(observed, near=[OTHER_ARGUMENTS[observed.name]])


class Lookup(BoundArguments):
    """A call of ``image_uris.retrieve`` with known names of arguments."""

    def __init__(self, arguments: Arguments, callee: Span) -> None:
        super().__init__(arguments, RETRIEVE_POSITIONS)
        self.callee = callee
        self.framework = text_of(self.get("framework")) or ""

    def place(self, argument: str) -> Span:
        """Where an argument is written."""
        return self._arguments.places.get(argument) or span_of(self.get(argument)) or self.callee


def _missing_argument(lookup: Lookup) -> Seen | None:
    for argument in ("framework", "region"):
        if lookup.get(argument) is None:
            return lookup.callee, ImageLookupRefused("missing", argument, lookup.framework, [])
    return None


def _refused_framework(lookup: Lookup) -> Seen | None:
    framework, known = lookup.framework, _data()["frameworks"]
    if not framework or framework.lower() in known:  # a file's name, which some systems find in another case
        return None
    if framework in _data()["regions"]:
        other = text_of(lookup.get("region")) or ""
        near = [other] if other in known else []
        return lookup.place("framework"), ImageLookupRefused("swapped", framework, other, near)
    near = _near(framework)
    if not near:
        return None
    return lookup.place("framework"), ImageLookupRefused("framework", framework, framework, near)


def _refused_region(lookup: Lookup) -> Seen | None:
    region = lookup.get("region")
    if not isinstance(region, Constant) or not _is_refused_region(region.value):
        return None
    return lookup.place("region"), ImageLookupRefused("region", str(region.value), lookup.framework, [])


def _refused_version(lookup: Lookup) -> Seen | None:
    version = lookup.get("version")
    is_known = lookup.framework in _data()["frameworks"] and _is_for_training(lookup)
    if not is_known or not isinstance(version, Constant) or not isinstance(version.value, str | float):
        return None
    known = _data()["frameworks"][lookup.framework]["versions"]
    takes_any = len(known) == 1
    likely = None if takes_any or version.value in known else likely_versions(known, str(version.value))
    if likely is None:
        return None
    return lookup.place("version"), ImageLookupRefused("version", str(version.value), lookup.framework, likely)


def _needed_argument(lookup: Lookup) -> Seen | None:
    needs = _data()["frameworks"].get(lookup.framework)
    if needs is None or not _is_for_training(lookup):
        return None
    kind = "needs" if is_none(lookup.get("image_scope")) else "needs_for_training"
    for argument in needs.get(kind, []):
        if is_none(lookup.get(argument)):
            return lookup.callee, ImageLookupRefused("missing", argument, lookup.framework, [])
    return None


def _data() -> dict[str, Any]:
    return generated("image_uris")


def _near(framework: str) -> list[str]:
    """The framework that another name is likely to mean; none if it may be one of a later SDK."""
    known = _data()["frameworks"]
    plain = framework.lower()
    if plain in OTHER_NAMES:
        return [OTHER_NAMES[plain]]
    letters = _letters(plain)
    same = [name for name in known if _letters(name) == letters]
    for_training = [name for name in known if known[name]["versions"]]
    return same or get_close_matches(plain, for_training, n=1, cutoff=SIMILAR)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name)


def _is_refused_region(region: object) -> bool:
    """Whether a region is none: a later SDK may know more regions, all of the same form."""
    return region is None or (isinstance(region, str) and REGION.fullmatch(region) is None and "{" not in region)


def _is_for_training(lookup: Lookup) -> bool:
    """Whether a call looks for an image for training, on instances for which the SDK keeps the framework's name."""
    scope, instance = lookup.get("image_scope"), lookup.get("instance_type")
    if not is_none(scope) and text_of(scope) != "training":
        return False
    if is_none(instance):
        return True
    text = text_of(instance)
    return text is not None and not text.startswith(OTHER_CHIPS)


def likely_versions(known: Collection[str], version: str) -> list[str] | None:
    """The likely versions if a later SDK will not take this one, which is not known; None if it may take it."""
    numbers = version_numbers(version)
    if not numbers:
        return None
    parsed = {name: version_numbers(name) for name in known}
    series = {name: own for name, own in parsed.items() if own[:2] == numbers[:2]}
    newest = max((series or parsed).values(), default=())
    return sorted(series) if numbers < newest else None


def version_numbers(version: str) -> tuple[int, ...]:
    """A version as numbers; empty if it is not written as one."""
    if re.fullmatch(r"\d+(\.\d+)+(-\d+)?", version) is None:
        return ()
    return tuple(int(part) for part in re.split(r"[.-]", version))
