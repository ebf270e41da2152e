"""The channels that a script reads in one way, so that equal data of two of them is equal in the script, too."""

from __future__ import annotations

import ast
from collections import defaultdict

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.imported_names import ImportedNames
from hpolint.readers.python.training_script.parsed_options import ParsedOptions, option_member
from hpolint.readers.python.training_script.script_libraries import ScriptUses
from hpolint.readers.python.training_script.script_trees import (
    DISPLAY_FUNCTIONS,
    ScriptTrees,
    argument_of,
    called_name,
)
from hpolint.readers.python.training_script.undeclared_options import are_all_seen

CHANNEL = "SM_CHANNEL_"

READING_LIBRARIES = frozenset({"xgboost", "sagemaker_xgboost_container"})
"""Libraries whose functions read data from a path, do not look at its name, and return what is trained on as it is.

Of a table or an array, a script may use other rows for each channel.
"""

ROW_CHOICES = ("slice", "cv")
"""Methods and functions by which it may do so with xgboost's data, too."""

JOIN = "os.path.join"

FOLDER = "FOLDER"
"""What stands for a channel's folder when expressions are compared."""


def channels_read_alike(recorded: ScriptUses, trees: ScriptTrees) -> tuple[tuple[str, ...], ...]:
    """Groups of channels whose folders are only passed to the same functions of libraries, with the same arguments.

    Their names are in upper case, as in the environment variables that are the defaults of the options. A group has at
    least two channels.
    """
    options = _folder_options(trees)
    if len(options) < 2 or trees.calls_of(*ROW_CHOICES) or not are_all_seen(recorded, trees):
        return ()
    reads = _Reads(trees)
    groups: dict[frozenset[str], list[str]] = defaultdict(list)
    for channel, member in options.items():
        texts = reads.of(member)
        if texts:
            groups[texts].append(channel)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _folder_options(trees: ScriptTrees) -> dict[str, str]:
    """The options whose default is the folder of a channel, by the channel, if nothing else reads its variable."""
    options: dict[str, str] = {}
    members = [option_member(call) for call in trees.calls_of("add_argument")]
    for call in trees.calls_of("add_argument"):
        variable = _variable(argument_of(call, "default"))
        count = list(trees.texts.values()).count(variable)
        if variable.startswith(CHANNEL) and count == 1 and members.count(option_member(call)) == 1:
            options[variable.removeprefix(CHANNEL)] = option_member(call)
    return options


def _variable(default: ast.expr | None) -> str:
    """The name of the environment variable that a default reads, without a value in its place; empty for any other."""
    match default:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(name))):
            return name if source_text(owner) == "os.environ" else ""
        case ast.Call(func=function, args=[ast.Constant(value=str(name))], keywords=[]):
            return name if source_text(function) in ("os.environ.get", "os.getenv") else ""
    return ""


class _Reads:
    """The expressions by which a script reads the folders in its options."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._parsed = ParsedOptions(trees)
        self._imported = ImportedNames(trees)

    def of(self, member: str) -> frozenset[str]:
        """The reading expressions of an option; empty if it is used in any other way."""
        texts: set[str] = set()
        if self._parsed.is_changed(member):
            return frozenset()
        for attribute in self._trees.attributes:
            if attribute.attr != member or not self._parsed.is_namespace(attribute.value, self._parsed.names):
                continue
            if self._is_test(attribute):
                continue
            text = self._reading_text(attribute)
            if text is None:
                return frozenset()
            texts.add(text)
        return frozenset(texts)

    def _is_test(self, attribute: ast.Attribute) -> bool:
        """Whether a folder is only printed, or looked at whether it is given."""
        above = self._trees.parents.get(attribute)
        match above:
            case ast.If(test=test) | ast.IfExp(test=test) if test is attribute:
                return True
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
                return True
            case ast.Call():
                return called_name(above) in DISPLAY_FUNCTIONS
        return False

    def _reading_text(self, attribute: ast.Attribute) -> str | None:
        """The call of a library that gets a folder, with a word in the folder's place; None for any other use."""
        call = self._trees.parents.get(attribute)
        if isinstance(call, ast.Call) and self._imported.full_name(call.func) == JOIN:
            call = self._trees.parents.get(call)
        if not isinstance(call, ast.Call) or not self._is_reader(call.func):
            return None
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not all(map(self._is_plain, values)):
            return None
        return ast.dump(call).replace(ast.dump(attribute), FOLDER)

    def _is_reader(self, function: ast.expr) -> bool:
        library = self._imported.full_name(function).partition(".")[0]
        return library in READING_LIBRARIES and library not in self._trees.modules

    def _is_plain(self, value: ast.expr) -> bool:
        """Whether an argument is the same wherever it is written: a literal, an option, or a path of these."""
        match value:
            case ast.Constant():
                return True
            case ast.Attribute(value=ast.Name(id=name)):
                return name in self._parsed.names
            case ast.Call(func=function, args=items, keywords=[]):
                return self._imported.full_name(function) == JOIN and all(map(self._is_plain, items))
        return False
