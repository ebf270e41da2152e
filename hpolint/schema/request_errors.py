"""Shape errors of a request, with messages and fixes: the findings of ``launch/invalid-request``."""

from __future__ import annotations

import json
import re
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
    found = breaches(job.request, schema.linked_request_schema())
    unknown_members = {
        (*breach.path, name): _nearest(name, breach.schema["properties"])
        for breach in found
        if breach.keyword == "additionalProperties"
        for name in _unknown_names(breach)
    }
    displaced = displaced_members(job.request, _unknown_by_structure(found, unknown_members))
    excused = frozenset(path for members in displaced for path in members.places())
    homes = {members.home for members in displaced}
    found = [breach for breach in found if breach.keyword != "type" or breach.path not in homes]
    breaches_by_list = _by_list(_one_per_value(found))
    errors = [_displaced_error(job.request, members) for members in displaced]
    errors += [
        error
        for first, *others in breaches_by_list
        for error in _with_others(_errors(job, first, unknown_members, excused), len(others))
    ]
    reported = {observation.path for observation in job.observations if observation.kind == "yaml-boolean"}
    errors = [error for error in errors if error.path not in reported]
    errors += [
        error for path, node in walk(job.request) if isinstance(node, Struct) for error in _shadowed(job, path, node)
    ]
    errors = [replace(error, message=[capitalized(sentence) for sentence in error.message]) for error in errors]
    return sorted(errors, key=lambda error: (error.span, path_text(error.path)))


def _unknown_by_structure(found: list[Breach], nearest: dict[Path, str | None]) -> dict[Path, list[str]]:
    """The unknown members of each structure, without those that are only spelled otherwise than the API does."""
    unknown: dict[Path, list[str]] = {}
    for breach in found:
        if breach.keyword == "additionalProperties":
            names = _unknown_names(breach)
            unknown[breach.path] = [name for name in names if not _is_respelled(name, nearest[(*breach.path, name)])]
    return unknown


def _is_respelled(name: str, near: str | None) -> bool:
    return near is not None and _squeeze(name) == _squeeze(near)


def _displaced_error(request: Struct, members: Displaced) -> ShapeError:
    """One error for all members that stand in one wrong place: at the first, or at the structure that is empty."""
    inside, home = members.inside, members.home
    is_one = len(members.names) == 1
    names = listed(_step(name) for name in members.names)
    verb = " is a member of " if is_one else " are members of "
    message = sentence_of(*names, verb, *_owner(home), ", not of ", *_owner(inside))
    is_empty = isinstance(follow(request, home), Scalar)
    path = home if is_empty else (*inside, members.names[0])
    parent = follow(request, path[:-1])
    key = parent.keys.get(str(path[-1])) if isinstance(parent, Struct) else None
    advice = sentence_of(
        f"Move {'it' if is_one else 'them'} below ", *_owner(home), ", which is empty" if is_empty else ""
    )
    return ShapeError(path, key or place(request, path)[0], [message, advice])


def _one_per_value(found: list[Breach]) -> list[Breach]:
    """Only the most specific breach of each value: too long before the pattern, the pattern before too short."""
    found = list({(breach.path, breach.keyword): breach for breach in found}.values())  # `required` comes by name
    order = ("enum", "maxLength", "pattern", "minLength")
    best: dict[Path, int] = {}
    for breach in found:
        if breach.keyword in order:
            best[breach.path] = min(best.get(breach.path, len(order)), order.index(breach.keyword))
    return [
        breach for breach in found if breach.keyword not in order or order.index(breach.keyword) == best[breach.path]
    ]


def _by_list(found: list[Breach]) -> list[list[Breach]]:
    """The breaches, with items of one list that are all too long together: they have one cause."""
    groups: dict[object, list[Breach]] = {}
    for breach in found:
        is_item = breach.keyword == "maxLength" and isinstance(breach.path[-1], int)
        groups.setdefault(breach.path[:-1] if is_item else (breach.path, breach.keyword), []).append(breach)
    return list(groups.values())


def _with_others(errors: list[ShapeError], count: int) -> list[ShapeError]:
    """The errors of an item, which name how many others of its list have the same error."""
    if not count:
        return errors
    sentence = sentence_of(
        f"{count:,} more item{'s' if count > 1 else ''} of the same list {'are' if count > 1 else 'is'} too long"
    )
    return [replace(error, message=[*error.message, sentence]) for error in errors]


def _shadowed(job: TuningJob, path: Path, node: Struct) -> list[ShapeError]:
    """Errors for repeated keys: JSON's parsers use the last one, as do some of YAML's."""
    consequence = "the last value counts and this one is lost"
    if not job.source.is_json:
        consequence = "some parsers keep only the last value, others refuse the file"
    return [
        ShapeError((*path, name), span, [sentence_of(f"`{brief(name)}` is repeated below: {consequence}")])
        for name, span in node.shadowed
    ]


def _errors(
    job: TuningJob, breach: Breach, unknown: dict[Path, str | None], excused: frozenset[Path]
) -> list[ShapeError]:
    path, request = breach.path, job.request
    span = place(request, path)[0]
    match breach.keyword:
        case "additionalProperties":
            names = [name for name in _unknown_names(breach) if (*path, name) not in excused]
            return [_unknown_member(request, (*path, name), unknown[(*path, name)]) for name in names]
        case "required":
            return _missing(breach, span, unknown, excused)
        case "type":
            return _wrong_type(job, breach, span)
        case "enum":
            return _wrong_choice(breach, span)
        case "pattern":
            return [_error(path, span, *_unmatched(breach))]
        case "propertyNames":
            parent = follow(request, path[:-1])
            key = parent.keys.get(str(path[-1])) if isinstance(parent, Struct) else None
            return [_error(path, key or span, *_bad_key(breach))]
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
    span = parent.keys.get(name) if isinstance(parent, Struct) else None
    message = [sentence_of(f"{_quoted(name)} is not a member of ", *_owner(path[:-1]))]
    rename = {}
    if near is not None:
        message.append(sentence_of("Use ", Member(near)))
        if isinstance(parent, Struct) and near not in parent.members:
            rename = {path: near}
    return ShapeError(path, span or place(request, path)[0], message, rename=rename)


def _owner(path: Path) -> Sentence:
    shape = schema.shape_at(path)
    if not path or shape is None:
        return sentence_of("the request")
    return sentence_of(_step(path[-1])) if isinstance(path[-1], str) else sentence_of("an item of ", _step(path[-2]))


def _missing(breach: Breach, span: Span, unknown: dict[Path, str | None], excused: frozenset[Path]) -> list[ShapeError]:
    misspelt = {near for path, near in unknown.items() if path[:-1] == breach.path}
    return [
        _error(
            breach.path, span, sentence_of(*_owner(breach.path), " lacks ", Member(name), ", which the API requires")
        )
        for name in breach.expected
        if name not in breach.value and name not in misspelt and (*breach.path, name) not in excused
    ]


def _wrong_type(job: TuningJob, breach: Breach, span: Span) -> list[ShapeError]:
    kind, value = breach.expected, breach.value
    coerced = _coerced(job, breach)
    message = [sentence_of(*_name(breach.path), f" must be {KINDS[kind]}, but is {_described(value)}")]
    if coerced is None:
        return [_error(breach.path, span, *message)]
    message.append(sentence_of(f"Write `{json.dumps(coerced)}`"))
    return [ShapeError(breach.path, span, message, set={breach.path: coerced})]


def _coerced(job: TuningJob, breach: Breach) -> ScalarValue:
    """The same value in the API's type; None if the conversion is not certain."""
    value = breach.value
    if isinstance(value, bool):
        return None
    if breach.expected == "string" and isinstance(value, int | float):
        if "enum" in breach.schema:
            return None  # a number is not one of the choices
        node = follow(job.request, breach.path)
        written = job.source.read(node.span) if isinstance(node, Scalar) else ""
        return written if NUMBER.match(written) else str(value)
    if breach.expected == "integer" and isinstance(value, float) and value.is_integer():
        return int(value) if is_counted(int(value)) else None
    if not isinstance(value, str):
        return None
    if breach.expected in ("integer", "number"):
        return _number(value, whole=breach.expected == "integer")
    truth = {"true": True, "false": False}.get(value.lower())
    return truth if breach.expected == "boolean" else None


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
    last = path[-1]
    return sentence_of("an item of ", _step(path[-2])) if isinstance(last, int) else sentence_of(_step(last))


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
