"""Edits of JSON, YAML and Terraform files, each in the syntax of the place that it changes."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

from hpolint.fixes import brace_edits, hcl_edits, yaml_edits
from hpolint.fixes.changes import Change, Insert, NoEditError, Remove, Rename, Replace, check_line_ends
from hpolint.fixes.edits import Edit, PlacedEdit, whole_line
from hpolint.fixes.other_files import names_beside, text_beside
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import TuningJob
from hpolint.model.node import Node, Scalar, ScalarValue, Struct, walk
from hpolint.model.source import Source, Span
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.pieced_text import offsets

MAX_MODULE_FILE_BYTES = 4 * 1024 * 1024
"""Size of another file of a Terraform module."""

QUOTED = lazy_regex(r"""(?P<quote>\\*["'])(?P<words>.*?)(?P=quote)""", re.DOTALL)


FOLDED = lazy_regex(r"(?<!\\)(?:\\\\)*\\\r?\n")
"""An escaped line end within a double-quoted YAML string."""


class Document:
    """Plans edits of a JSON, YAML or HCL file. Every method raises NoEditError."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._is_hcl = source.name.lower().endswith(".tf")
        self._is_yaml = not source.is_json and not self._is_hcl

    def edits(self, changes: list[Change], _job: TuningJob, _readers: int) -> list[PlacedEdit]:
        """The edits that make the changes of a job."""
        edits = [self._edit_of(change) for change in changes]
        return [PlacedEdit(None, edit) for edit in _merged(edits)]

    def _edit_of(self, change: Change) -> Edit:
        if isinstance(change, Replace):
            return self._replaced(change)
        if isinstance(change, Insert):
            return self._inserted(change)
        if isinstance(change, Rename):
            return self._renamed(change)
        return self._removed(change)

    def _replaced(self, change: Replace) -> Edit:
        self._check_shared(change.span)
        start, end = offsets(self._source, change.span)
        raw = self._source.text[start:end]
        if not raw or "\n" in raw.strip():
            raise NoEditError("the value spans several lines")
        if "${" in raw and not self._is_hcl:
            raise NoEditError("the value contains a placeholder, which is filled in elsewhere")
        return Edit(start, end, self._rendered(change.value, raw, start))

    def _rendered(self, value: ScalarValue, raw: str, start: int) -> str:
        """A value in the syntax of the text that it replaces."""
        quoted = QUOTED.fullmatch(raw)
        if quoted is not None and isinstance(value, str):
            quote = quoted["quote"]
            if quote == "'":
                inner = value.replace("'", "''")
            else:
                inner = brace_edits.escaped(value, brace_edits.string_depth(quote) + 1)
            return f"{quote}{inner}{quote}"
        if self._is_yaml and not self._is_json_within_yaml(start):
            return yaml_edits.rendered(value)
        level = brace_edits.string_depth(quoted["quote"]) if quoted is not None else self._string_depth(start)
        return brace_edits.escaped(hcl_edits.rendered(value), level)

    def _string_depth(self, start: int) -> int:
        """The number of strings around an unquoted value, from the quotes of its key."""
        found = re.search(r'(\\*)"\s*[:=](?:\s|\\+[rnt])*\Z', self._source.text[max(start - 500, 0) : start])
        return brace_edits.string_depth(f'{found[1]}"') if found is not None else 0

    def _is_json_within_yaml(self, start: int) -> bool:
        """Whether a value in YAML is written as JSON, in flow style or in a string: its key has double quotes."""
        line = self._source.text[self._source.text.rfind("\n", 0, start) + 1 : start]
        return bool(re.search(r'"\s*:\s*\Z', line))

    def _inserted(self, change: Insert) -> Edit:
        struct = change.struct
        self._check_shared(struct.span)
        start, _ = offsets(self._source, struct.span)
        self._check_joined(struct)
        self._check_string(struct)
        if self._is_hcl and (self._source.text[start] != "{" or self._hcl.at(start, "object") is not None):
            return hcl_edits.insertion(self._source, self._hcl, start, change.members)
        if self._source.text[start : start + 1] == "{":
            structure = brace_edits.braces(self._source.text, start)
            is_json = not self._is_yaml or any(self._source.text[member.key] in '"\\' for member in structure.members)
            render = None if is_json else yaml_edits.rendered
            return brace_edits.insertion(self._source.text, structure, change.members, render)
        if not self._is_yaml or not struct.keys:
            raise NoEditError("nothing can be added where it is written")
        self._check_block(struct)
        return yaml_edits.insertion(self._source, struct, change.members)

    def _check_string(self, struct: Struct) -> None:
        """Raise NoEditError for a structure in a string that is folded."""
        start, end = offsets(self._source, struct.span)
        if self._is_yaml and FOLDED.search(self._source.text, start, end):
            raise NoEditError("it is in a string that is folded over several lines")

    def _check_joined(self, struct: Struct) -> None:
        """Raise NoEditError for a structure in several strings that are joined."""
        start, end = offsets(self._source, struct.span)
        for first, last in self._joined_strings:
            if not first <= start < last:
                continue
            if last < end:
                raise NoEditError("it is in a string that is split within it")
            if self._source.text[start] != "{":  # known only as the whole string
                raise NoEditError("it is in a string whose characters cannot be placed")

    def _check_block(self, struct: Struct) -> None:
        """Raise NoEditError for a mapping with members written elsewhere, for example through a merge key."""
        start, end = offsets(self._source, struct.span)
        if any(not start <= self._source.offset(key.line, key.column) < end for key in struct.keys.values()):
            raise NoEditError("a part of it is written elsewhere")

    def _renamed(self, change: Rename) -> Edit:
        self._check_shared(change.key)
        start, end = offsets(self._source, change.key)
        raw = self._source.text[start:end]
        quoted = QUOTED.fullmatch(raw)
        quote = quoted["quote"] if quoted is not None else ""
        return Edit(start, end, f"{quote}{change.name}{quote}")

    def _removed(self, change: Remove) -> Edit:
        self._check_shared(change.key)
        start, _ = offsets(self._source, change.key)
        parent, _ = offsets(self._source, change.struct.span)
        self._check_joined(change.struct)
        if self._source.text[parent : parent + 1] == "{":
            self._check_string(change.struct)
            return brace_edits.removal(brace_edits.braces(self._source.text, parent), start)
        check_line_ends(self._source.line(change.key.line))
        holder = self._hcl.at(start, "attribute", "block") if self._is_hcl else None
        if holder is not None and holder.type == "block":
            raise NoEditError("the member to remove is a block")
        if self._source.is_json or change.key.line != change.value.end_line:
            raise NoEditError("the member to remove spans several lines")
        return Edit(*whole_line(self._source, change.key.line), "")

    @cached_property
    def _hcl(self) -> hcl_edits.HclPlaces:
        return hcl_edits.HclPlaces(self._source)

    def _check_shared(self, span: Span) -> None:
        """Raise NoEditError for a value that is also used elsewhere, through an alias or a local value."""
        if self._is_hcl:
            name = self._hcl.local(self._source.offset(span.line, span.column))
            if name is not None and self._uses_of(name) != 1:
                raise NoEditError(f"`local.{name}` is used elsewhere, too")
        elif self._aliased[span] > 1:
            raise NoEditError("the value is also used through an alias")

    def _uses_of(self, local: str) -> int:
        """The number of uses of a local value in all files of its module, which are the files of its folder."""
        named = re.compile(rf"\blocal\.{re.escape(local)}\b")
        return sum(len(named.findall(text)) for text in (self._source.text, *self._module_texts))

    @cached_property
    def _module_texts(self) -> list[str]:
        """The texts of the module's other files. Raises NoEditError if one of them cannot be read."""
        name = self._source.name
        try:
            others = names_beside(name, (".tf", ".tf.json"))
            return [text_beside(name, other, MAX_MODULE_FILE_BYTES, "use") for other in others]
        except OSError as error:
            raise NoEditError(f"the other files of the module cannot be read: {error.strerror}") from None

    @cached_property
    def _joined_strings(self) -> list[tuple[int, int]]:
        """The start and end offset of each string of a template that joins strings; empty for any other file."""
        if self._is_hcl or "Join" not in self._source.text:
            return []
        return [offsets(self._source, node.span) for node in self._nodes if isinstance(node, Scalar)]

    @property
    def _nodes(self) -> list[Node]:
        """The values and structures of a JSON or YAML file, in all its documents."""
        from hpolint.syntax.json_syntax import parse_json
        from hpolint.syntax.yaml_syntax import parse_yaml

        nodes: list[Node] = []
        try:
            documents = [parse_json(self._source)] if self._source.is_json else parse_yaml(self._source, tags=_untagged)
            for document in documents:
                nodes += [node for _, node in walk(document)]
        except SyntaxProblem:
            raise NoEditError("the file cannot be parsed to its end, and the rest may use the value") from None
        return nodes

    @cached_property
    def _aliased(self) -> Counter[Span]:
        """The number of occurrences of each value and structure in a YAML file's documents."""
        if self._source.is_json or not re.search(r"(?m)[\s\[{,]&\w", self._source.text):
            return Counter()
        return Counter(node.span for node in self._nodes)


def _untagged(_tag: str, node: Node, _at: Span) -> Node:
    """A tagged value, for example ``!Join``, without its tag."""
    return node


def _merged(edits: list[Edit]) -> list[Edit]:
    """Edits with insertions at the same place merged, the most indented lines first."""
    by_place: dict[tuple[int, int], list[Edit]] = {}
    for edit in edits:
        by_place.setdefault((edit.start, edit.end), []).append(edit)
    merged = []
    for (start, end), same in by_place.items():
        if end > start:
            merged.append(same[0])
            continue
        same.sort(key=lambda insertion: -_indent(insertion.text))
        merged.append(Edit(start, end, "".join(insertion.text for insertion in same)))
    return merged


def _indent(lines: str) -> int:
    first = lines.lstrip("\r\n")
    return len(first) - len(first.lstrip(" "))
