"""What every carrier of a request ends in: a tuning job in the API's own spelling."""

from __future__ import annotations

from hpolint import schema
from hpolint.job import Observation, TuningJob
from hpolint.node import Array, Node, Path, Scalar, Struct, Unknown, walk
from hpolint.source import Source, Span

NAME, CONFIG, DEFINITION = "HyperParameterTuningJobName", "HyperParameterTuningJobConfig", "TrainingJobDefinition"
NAMED_BY = ("Name", "DefinitionName", "ChannelName", "InstanceGroupName", NAME)
TRUTHS = ("true", "false")


def set_anchors(root: Struct) -> None:
    """Let the structures that have a name be shown by it: a range, a definition, a channel, the job."""
    for path, node in walk(root):
        if not isinstance(node, Struct) or (path and not isinstance(path[-1], int)):
            continue
        for name in NAMED_BY:
            if isinstance(node.get(name), Scalar | Unknown) and name in node.keys:
                node.anchor = node.keys[name] if not path else node.members[name].span
                break
        else:
            if not path and CONFIG in node.keys:
                node.anchor = node.keys[CONFIG]


def carried(form: str, source: Source, request: Node, anchor: Span, carrier: str) -> TuningJob:
    """A job that something else carries: ``carrier`` says in words what, ``anchor`` is its small place.

    A request of which nothing is known is one that may have any member.
    """
    if isinstance(request, Struct):
        found = Struct(dict(request.members), request.span, anchor, dict(request.keys), request.open, request.shadowed)
    else:
        reason = request if isinstance(request, Unknown) else Unknown("is no structure", request.span)
        found = Struct({}, request.span, anchor, {}, reason)
    set_anchors(found)
    return TuningJob(form, source, found, carrier=carrier)


def coerced(source: Source, node: Node, shape: str) -> Node:
    """A tree with each scalar in the type that the API wants, for a consumer that converts between them.

    CloudFormation and Terraform make a number or truth value of a string and the other way round.
    """
    if isinstance(node, Scalar):
        return _coerced_scalar(source, node, str(schema.shape(shape).get("type")))
    if isinstance(node, Array):
        item = schema.item(shape)
        items = [coerced(source, each, item) for each in node.items] if item else node.items
        return Array(items, node.span, node.anchor, node.open)
    if isinstance(node, Struct):
        targets, value = schema.members(shape), schema.map_value(shape)
        members = {}
        for name, member in node.members.items():
            target = targets.get(name, value)
            members[name] = coerced(source, member, target) if target else member
        return Struct(members, node.span, node.anchor, node.keys, node.open, node.shadowed)
    return node


def _coerced_scalar(source: Source, node: Scalar, kind: str) -> Scalar:
    value = node.value
    if kind == "string" and isinstance(value, bool):
        return Scalar(str(value).lower(), node.span, node.origin)
    if kind == "string" and isinstance(value, int | float):
        written = source.read(node.span)
        return Scalar(written if _is_number(written) else str(value), node.span, node.origin)
    if not isinstance(value, str):
        return node
    if kind == "boolean" and value.lower() in TRUTHS:
        return Scalar(value.lower() == "true", node.span, node.origin)
    if kind in ("integer", "number") and _is_number(value):
        number = float(value)
        whole = kind == "integer" and number.is_integer()
        return Scalar(int(number) if whole else number, node.span, node.origin)
    return node


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 2**53 and text.strip() == text and "_" not in text
    except ValueError:
        return False


def misread_booleans(source: Source, request: Struct) -> list[Observation]:
    """Words like a bare ``Off`` that YAML 1.1 takes for a truth value where the API wants a string."""
    found = []
    for path, node in walk(request):
        if not (isinstance(node, Scalar) and isinstance(node.value, bool)):
            continue
        word = source.read(node.span)
        if word.lower() in TRUTHS or not word.isalpha():
            continue
        shape = schema.shape_at(path)
        if shape is not None and schema.shape(shape).get("type") == "string":
            read = str(node.value).lower()
            data = {"word": word, "read": read, "value": _meant(word, shape), "member": _member(path)}
            found.append(Observation("yaml-boolean", path, node.span, data))
    return found


def _meant(word: str, shape: str) -> str:
    """The choice of the API that a word spells; a free string is the word itself."""
    choices = schema.shape(shape).get("enum", [])
    return next((choice for choice in choices if choice.lower() == word.lower()), word)


def _member(path: Path) -> str:
    return str(next(step for step in reversed(path) if isinstance(step, str)))
