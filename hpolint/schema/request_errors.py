"""Shape errors of a request, with messages and fixes: the findings of ``launch/invalid-request``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint import schema
from hpolint.io.escaping import brief
from hpolint.model.job import TuningJob
from hpolint.model.message_parts import Member, Part, Sentence, capitalized, listed, sentence_of
from hpolint.model.node import Path, Scalar, ScalarValue, Struct, follow, is_counted, path_text, place, walk
from hpolint.model.source import Span
from hpolint.schema.breaches import Breach, breaches
from hpolint.schema.displaced import Displaced, displaced_members
from hpolint.syntax.numbers import MAX_NUMERAL_CHARACTERS, NUMBER, is_in_double_range

_NAME = "letters and digits, with hyphens between them, at most"
NAMES = {"HyperParameterTuningJobName": f"{_NAME} 32", "HyperParameterTrainingJobDefinitionName": f"{_NAME} 64"}
ACCEPTED = NAMES | {
    "S3Uri": "a URI such as `s3://bucket/prefix`, or one that begins with `https://`",
    "RoleArn": "a role's ARN, such as `arn:aws:iam::123456789012:role/Name`",
    "ArnOrName": "an ARN, or letters and digits with hyphens between them, at most 63",
    "SecurityGroupId": "letters, digits and hyphens",
    "SubnetId": "letters, digits and hyphens",
    "ChannelName": "letters, digits, dots, hyphens and underscores",
    "HyperParameterTrainingJobEnvironmentKey": "letters, digits and underscores, the first not a digit",
    "KmsKeyId": "letters, digits and the characters `:/_-`",
    "TagKey": "letters, digits, white space and the characters `_.:/=+-@`",
    "TagValue": "letters, digits, white space and the characters `_.:/=+-@`",
}
"""The patterns of the service's model in words."""

KINDS = {"string": "a string", "integer": "an integer", "number": "a finite number", "boolean": "true or false"}
KINDS |= {"object": "a structure", "array": "a list"}


class ShapeError(msgspec.Struct, frozen=True):
    """One reason for the service to refuse the request. ``set`` and ``rename`` are the fix, relative to the request."""

    path: Path
    span: Span
    message: list[Sentence]
    set: dict[Path, ScalarValue] = msgspec.field(default_factory=dict)
    rename: dict[Path, str] = msgspec.field(default_factory=dict)


def shape_errors(job: TuningJob) -> list[ShapeError]:
    """The shape errors of a job's request, in the order of their places."""
    violations = breaches(job.request, schema.linked_request_schema())
    nearest = _nearest_names(violations)
    displaced = displaced_members(job.request, _unknown_by_structure(nearest))
    excused: set[Path] = set()
    for members in displaced:
        excused.update(members.places())
    homes = {members.home for members in displaced}
    violations = [breach for breach in violations if breach.keyword != "type" or breach.path not in homes]
    errors = [_displaced_error(job.request, members) for members in displaced]
    for first, *others in _by_list(_one_per_value(violations)):
        errors += _with_others(_errors(job, first, nearest, excused), len(others))
    reported = {observation.path for observation in job.observations if observation.kind == "yaml-boolean"}
    errors = [error for error in errors if error.path not in reported]
    errors += _shadowed(job)
    errors = [replace(error, message=[capitalized(sentence) for sentence in error.message]) for error in errors]
    return sorted(errors, key=lambda error: (error.span, path_text(error.path)))


def _nearest_names(violations: list[Breach]) -> dict[Path, str | None]:
    """The members that the API does not know, with the most similar name that it knows there."""
    nearest: dict[Path, str | None] = {}
    for breach in violations:
        if breach.keyword == "additionalProperties":
            for name in _unknown_names(breach):
                nearest[(*breach.path, name)] = _nearest(name, breach.schema["properties"])
    return nearest


def _unknown_by_structure(nearest: dict[Path, str | None]) -> dict[Path, list[str]]:
    """The unknown members of each structure, without those that are only spelled otherwise than the API does."""
    unknown: dict[Path, list[str]] = {}
    for (*inside, step), near in nearest.items():
        name = str(step)
        if near is None or _squeeze(name) != _squeeze(near):
            unknown.setdefault(tuple(inside), []).append(name)
    return unknown


def _displaced_error(request: Struct, members: Displaced) -> ShapeError:
    """One error for all members that stand in one wrong place: at the first, or at the structure that is empty."""
    inside, home = members.inside, members.home
    verb, them = " are members of ", "them"
    if len(members.names) == 1:
        verb, them = " is a member of ", "it"
    names = listed(_step(name) for name in members.names)
    message = sentence_of(*names, verb, *_owner(home), ", not of ", *_owner(inside))
    is_empty = isinstance(follow(request, home), Scalar)
    advice = sentence_of(f"Move {them} below ", *_owner(home), ", which is empty" if is_empty else "")
    path = home if is_empty else (*inside, members.names[0])
    return ShapeError(path, _place_of_key(request, path), [message, advice])


def _place_of_key(request: Struct, path: Path) -> Span:
    """The place of a member's key; where that is not written, the place of the member."""
    parent = follow(request, path[:-1])
    key = parent.keys.get(str(path[-1])) if isinstance(parent, Struct) else None
    return key or place(request, path)[0]


def _one_per_value(breaches: list[Breach]) -> list[Breach]:
    """Only the most specific breach of each value: too long before the pattern, the pattern before too short."""
    order = ("enum", "maxLength", "pattern", "minLength")
    best: dict[Path, int] = {}
    for breach in breaches:
        if breach.keyword in order:
            best[breach.path] = min(best.get(breach.path, len(order)), order.index(breach.keyword))
    kept: dict[tuple[Path, str], Breach] = {}  # `required` comes by name
    for breach in breaches:
        if breach.keyword not in order or order.index(breach.keyword) == best[breach.path]:
            kept[breach.path, breach.keyword] = breach
    return list(kept.values())


def _by_list(breaches: list[Breach]) -> list[list[Breach]]:
    """The breaches, with items of one list that are all too long together: they have one cause."""
    groups: dict[object, list[Breach]] = {}
    for breach in breaches:
        is_item = breach.keyword == "maxLength" and isinstance(breach.path[-1], int)
        cause = breach.path[:-1] if is_item else (breach.path, breach.keyword)
        groups.setdefault(cause, []).append(breach)
    return list(groups.values())


def _with_others(errors: list[ShapeError], count: int) -> list[ShapeError]:
    """The errors of an item, which name how many others of its list have the same error."""
    if not count:
        return errors
    items, are = ("item", "is") if count == 1 else ("items", "are")
    sentence = sentence_of(f"{count:,} more {items} of the same list {are} too long")
    return [replace(error, message=[*error.message, sentence]) for error in errors]


def _shadowed(job: TuningJob) -> Iterator[ShapeError]:
    """Errors for repeated keys: JSON's parsers use the last one, as do some of YAML's."""
    consequence = "the last value counts and this one is lost"
    if not job.source.is_json:
        consequence = "some parsers keep only the last value, others refuse the file"
    for path, node in walk(job.request):
        if isinstance(node, Struct):
            for name, span in node.shadowed:
                yield _error((*path, name), span, sentence_of(f"{_quoted(name)} is repeated below: {consequence}"))


def _errors(job: TuningJob, breach: Breach, nearest: dict[Path, str | None], excused: set[Path]) -> list[ShapeError]:
    path, request = breach.path, job.request
    span = place(request, path)[0]
    match breach.keyword:
        case "additionalProperties":
            members = [(*path, name) for name in _unknown_names(breach)]
            return [_unknown_member(request, member, nearest[member]) for member in members if member not in excused]
        case "required":
            return _missing(breach, span, nearest, excused)
        case "type":
            return _wrong_type(job, breach, span)
        case "enum":
            return _wrong_choice(breach, span)
        case "pattern":
            return [_error(path, span, *_unmatched(breach))]
        case "propertyNames":
            return [_error(path, _place_of_key(request, path), *_bad_key(breach))]
        case "items" | "properties":
            return []
    return [_error(path, span, sentence_of(*_name(path), f" {_bound(breach)}"))]


def _unmatched(breach: Breach) -> list[Sentence]:
    """What the service accepts, in words if they are known, and a similar name that it accepts, if there is one."""
    shape, pattern = schema.shape_at(breach.path), breach.expected
    if breach.value == "":
        return [sentence_of(*_name(breach.path), " is empty")]
    accepted = ACCEPTED.get(shape or "", f"only text that matches `{pattern.removeprefix('^(?:').removesuffix(')$')}`")
    message = [sentence_of(*_name(breach.path), f" is {_quoted(breach.value)}; the service accepts {accepted}")]
    similar = re.sub(r"[^A-Za-z0-9]+", "-", breach.value).strip("-")
    if shape in NAMES and re.search(pattern, similar):
        message.append(sentence_of(f"Write `{similar}`"))
    return message


def _bad_key(breach: Breach) -> list[Sentence]:
    """The message for a map's key that the service refuses; the path ends in the key."""
    map_, key = schema.shape_at(breach.path[:-1]), breach.value
    keys = schema.target(schema.shape(map_)["propertyNames"]) if map_ is not None else ""
    subject = sentence_of("A key of ", *_name(breach.path[:-1]), " is ")
    if not key:
        return [sentence_of(*subject, "empty")]
    most = schema.shape(keys).get("maxLength") if keys else None
    if most is not None and len(key) > most:
        reason = f", which is {len(key)} characters long; the service accepts at most {most}"
        return [sentence_of(*subject, f"{_quoted(key)}{reason}")]
    reason = f"; the service accepts {ACCEPTED[keys]}" if keys in ACCEPTED else ", which the service does not accept"
    return [sentence_of(*subject, f"{_quoted(key)}{reason}")]


def _error(path: Path, span: Span, *message: Sentence) -> ShapeError:
    return ShapeError(path, span, list(message))


def _unknown_names(breach: Breach) -> list[str]:
    return [name for name in breach.value if name not in breach.schema["properties"]]


def _unknown_member(request: Struct, path: Path, near: str | None) -> ShapeError:
    name = str(path[-1])
    parent = follow(request, path[:-1])
    message = [sentence_of(f"{_quoted(name)} is not a member of ", *_owner(path[:-1]))]
    rename = {}
    if near is not None:
        message.append(sentence_of("Use ", Member(near)))
        if isinstance(parent, Struct) and near not in parent.members:
            rename = {path: near}
    return ShapeError(path, _place_of_key(request, path), message, rename=rename)


def _owner(path: Path) -> Sentence:
    shape = schema.shape_at(path)
    if not path or shape is None:
        return sentence_of("the request")
    return _name(path)


def _missing(breach: Breach, span: Span, nearest: dict[Path, str | None], excused: set[Path]) -> list[ShapeError]:
    misspelt = {near for path, near in nearest.items() if path[:-1] == breach.path}
    errors = []
    for name in breach.expected:
        if name not in breach.value and name not in misspelt and (*breach.path, name) not in excused:
            message = sentence_of(*_owner(breach.path), " lacks ", Member(name), ", which the API requires")
            errors.append(_error(breach.path, span, message))
    return errors


def _wrong_type(job: TuningJob, breach: Breach, span: Span) -> list[ShapeError]:
    kind, value = breach.expected, breach.value
    coerced = _coerced(job, breach)
    message = [sentence_of(*_name(breach.path), f" must be {KINDS[kind]}, but is {_described(value)}")]
    if coerced is None:
        return [_error(breach.path, span, *message)]
    written = job.spelling.written(coerced) if job.spelling.is_r else json.dumps(coerced)
    message.append(sentence_of(f"Write `{written}`"))
    return [ShapeError(breach.path, span, message, set={breach.path: coerced})]


def _coerced(job: TuningJob, breach: Breach) -> ScalarValue:
    """The same value in the API's type; None if the conversion is not certain."""
    value, kind = breach.value, breach.expected
    if isinstance(value, str):
        if kind in ("integer", "number"):
            return _number(value, whole=kind == "integer")
        return {"true": True, "false": False}.get(value.lower()) if kind == "boolean" else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if kind == "string" and "enum" not in breach.schema:  # a number is not one of the choices
        node = follow(job.request, breach.path)
        written = job.source.read(node.span) if isinstance(node, Scalar) else ""
        return written if NUMBER.match(written) else str(value)
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value) if is_counted(int(value)) else None
    return None


def _number(text: str, *, whole: bool) -> int | float | None:
    """The number in a string; None if the string is not a number that can be written without quotes."""
    if len(text) > MAX_NUMERAL_CHARACTERS or not NUMBER.match(text):
        return None
    try:
        value = int(text, 10) if whole else float(text)
    except ValueError:
        return None
    return value if is_in_double_range(value) and is_counted(int(value)) else None


def _wrong_choice(breach: Breach, span: Span) -> list[ShapeError]:
    if not isinstance(breach.value, str) or schema.shape_at(breach.path) in schema.OPEN_ENUMS:
        return []
    choices = ", ".join(f"`{choice}`" for choice in breach.expected)
    message = sentence_of(*_name(breach.path), f" is {_quoted(breach.value)}; the service accepts {choices}")
    near = _nearest(breach.value, breach.expected)
    if near is None:
        return [_error(breach.path, span, message)]
    return [ShapeError(breach.path, span, [message, sentence_of(f"Write `{near}`")], set={breach.path: near})]


def _bound(breach: Breach) -> str:
    value, limit = breach.value, breach.expected
    length = len(value) if isinstance(value, str | list | dict) else None
    words = {
        "minLength": f"is {length} characters long; the service requires at least {limit}",
        "maxLength": f"is {length} characters long; the service accepts at most {limit}",
        "minItems": f"has {length} items; the service requires at least {limit}",
        "maxItems": f"has {length} items; the service accepts at most {limit}",
        "minProperties": f"has {length} entries; the service requires at least {limit}",
        "maxProperties": f"has {length} entries; the service accepts at most {limit}",
        "minimum": f"is {value}; the service requires at least {limit}",
        "maximum": f"is {value}; the service accepts at most {limit}",
    }
    return words[breach.keyword]


def _nearest(name: str, choices: Any) -> str | None:
    """The choice with the same name except for case, ``_`` and ``-``, else a similar one; None if none is similar."""
    squeezed = {_squeeze(choice): choice for choice in choices}
    if _squeeze(name) in squeezed:
        return str(squeezed[_squeeze(name)])
    import difflib  # only for a mistake

    close = difflib.get_close_matches(_squeeze(name), squeezed, n=1, cutoff=0.8)
    return str(squeezed[close[0]]) if close else None


def _squeeze(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _name(path: Path) -> Sentence:
    if isinstance(path[-1], int):
        return sentence_of("an item of ", _step(path[-2]))
    return sentence_of(_step(path[-1]))


def _step(step: str | int) -> Part:
    """A step of a path: a member of the API, or a key that the user has chosen, abbreviated if it is long."""
    return Member(str(step)) if step in schema.member_names() else f"`{brief(str(step))}`"


def _quoted(value: object) -> str:
    return f"`{brief(str(value))}`"


def _described(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, str):
        return f"the string {_quoted(value)}"
    if isinstance(value, int | float):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "a structure"
