"""The objects in S3 that a script writes in each run, under addresses that do not name the run."""

from __future__ import annotations

import ast
import posixpath
from functools import cached_property

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import AddressPart, SharedObject
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.training_script.call_paths import CallPaths, Frame, is_spelled_out
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.part_texts import PartTexts, Pieces, known_text, merged
from hpolint.readers.python.training_script.scope_names import Place, ScopeNames
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of, called_name
from hpolint.readers.python.training_script.value_origins import NONE, Origins, ValueOrigins

SCHEME = "s3://"
FILE_UPLOADS, BODY_UPLOADS = frozenset({"upload_file", "upload_fileobj"}), frozenset({"put_object", "put"})
"""Methods of boto3's client, bucket and object.

Source: boto3 1.44.8, ``s3/inject.py``, and botocore's model of S3.
"""

UPLOADER_METHODS = frozenset({"upload", "upload_string_as_file_body"})
"""Methods of ``sagemaker.s3.S3Uploader``. Source: sagemaker 2.257.7, ``s3.py``."""

FRAME_METHODS = frozenset({"to_csv", "to_json", "to_parquet", "to_pickle", "to_feather", "to_excel", "to_html"})
"""Methods of a data frame of pandas, which takes an address in S3 as a path."""

COMMANDS = frozenset({"system", "popen", "run", "call", "check_call", "check_output", "Popen"})
WRITES = FILE_UPLOADS | BODY_UPLOADS | UPLOADER_METHODS | FRAME_METHODS | COMMANDS | {"open"}

READS = frozenset({"download_file", "download_fileobj", "get_object", "get", "head_object"})
ADDRESS_READS = frozenset(
    {"read_csv", "read_json", "read_parquet", "read_pickle", "read_feather", "read_excel", "read_table"}
    | {"open", "download", "read_file", "read", "load"}
)
"""Functions that may get the address of what they read."""

SAVING = lazy_regex(
    r"(?i)(?:^|_)(?:save|dump|export|store|persist|serialize|write|writelines|writerows?|writestr)(?:_|$)"
    r"|^to_(?:csv|json|parquet|pickle|feather|excel|html|hdf|yaml|markdown|string)$|^(?:add|save[a-z]*)$"
)
"""Names of functions and methods that write their object or their arguments to a path or an open file."""

OPENERS = frozenset({"open", "writer", "DictWriter", "ZipFile", "GzipFile", "TextIOWrapper", "BytesIO", "StringIO"})
"""Functions whose result writes to the path or the open file that they get."""

WRITING_MODE = lazy_regex(r"[rbt]*[wx+][wxrbt+]*\Z")
MAX_CALLS, MAX_READS = 50, 200
"""Calls of a script that are followed, and addresses that it reads: with more of these, what it updates is unknown."""

MAX_FILES, MAX_STEPS = 8, 500
"""Names through which a file is followed, and files within each other, as in an archive; files of one script."""

GUARDS = frozenset({"IfMatch", "IfNoneMatch", "endpoint_url"})
"""Arguments by which a write fails if the object exists or has changed, or goes to another store."""

OTHER_STORES = ("delete_object", "delete_objects", "copy_object", "put_bucket_versioning", "mock_aws", "mock_s3")
"""Functions after which an object does not stay, has a copy or former versions, or was never in S3."""

S3 = ("s3", "S3")
"""What a script that writes to S3 has in its text."""


def written_objects(trees: ScriptTrees) -> tuple[SharedObject, ...]:
    """The objects of a script that each run writes, with a content that depends on hyperparameters."""
    if not any(_mentions_s3(unit.text) for unit in trees.units):
        return ()
    return () if _may_keep_others(trees) else SharedObjects(trees).all()


def _mentions_s3(text: str) -> bool:
    return any(word in text for word in S3)


def _may_keep_others(trees: ScriptTrees) -> bool:
    """Whether a script may write to another store than S3, only under a condition, or delete what it has written."""
    keywords = {keyword.arg for keyword in trees.nodes_of(ast.keyword)}
    return not GUARDS.isdisjoint(keywords) or bool(trees.calls_of(*OTHER_STORES))


class Write(msgspec.Struct, frozen=True):
    """A call that writes an object: its address, the expressions of its ``body``, and the ``files`` that it copies."""

    address: Pieces
    body: tuple[ast.expr, ...] = ()
    files: tuple[ast.expr, ...] = ()


class SharedObjects:
    """Finds the objects of one script."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._paths = CallPaths(trees)
        self._names = ScopeNames(trees, self._paths)
        parsed = ParsedOptions(trees)
        self._texts = PartTexts(trees, self._paths, self._names, parsed)
        self._origins = ValueOrigins(trees, self._paths, self._names, parsed)
        self._files = 0

    def all(self) -> tuple[SharedObject, ...]:
        """The objects that each run writes, without those that may be read by a script that changes them."""
        objects: dict[SharedObject, None] = {}
        calls = [call for call in self._trees.calls_of(*sorted(WRITES)) if self._may_write(call)]
        for call in calls[:MAX_CALLS]:
            for frame in self._paths.frames(call, is_certain=True):
                shared = self._object(call, frame)
                if shared is not None:
                    objects[shared] = None
        return tuple(objects)

    def _may_write(self, call: ast.Call) -> bool:
        """Whether a call may write to S3, by its own text: it is of no function of the script."""
        name = called_name(call)
        if name in self._trees.defined or not is_spelled_out(call):
            return False
        if name in COMMANDS:
            return self._has_aws_command
        if name == "open":
            return argument_of(call, "mode", 1) is not None
        is_local = name in FRAME_METHODS and bool(call.args) and not _may_be_in_s3(call.args[0])
        return not is_local

    @cached_property
    def _has_aws_command(self) -> bool:
        return any("aws" in unit.text for unit in self._trees.units)

    def _object(self, call: ast.Call, frame: Frame) -> SharedObject | None:
        write = self._write(call, frame)
        if write is None or not _is_same(write.address):
            return None
        origins = self._origins.of_all(write.body, frame)
        for node in (*write.body, *write.files):
            origins |= self._of_file(node, frame, MAX_FILES)
        if not origins:
            return None
        is_updated = write.address in self._reads
        if len(self._reads) >= MAX_READS:
            return None
        if not is_updated and any(_may_equal(address, write.address) for address in self._reads):
            return None
        return SharedObject(
            address=write.address,
            needed=self._needed(write.address),
            origins=tuple(sorted(origins)),
            site=self._trees.site_of(call),
            is_updated=is_updated,
        )

    def _needed(self, address: Pieces) -> tuple[str, ...]:
        """The options in an address that have no default."""
        needed: list[str] = []
        for part in address:
            options = part.options if isinstance(part, AddressPart) else None
            needed += [option for option in options or () if self._texts.default(option) is None]
        return tuple(needed)

    # the address of a call

    def _write(self, call: ast.Call, frame: Frame) -> Write | None:
        """What a call writes to S3; None if it is not known to write there."""
        name = called_name(call)
        if name in FILE_UPLOADS:
            content = argument_of(call, "Filename", 0) or argument_of(call, "Fileobj")
            return _written(self._object_address(call, frame, 1), files=[content])
        if name in BODY_UPLOADS:
            return _written(self._object_address(call, frame), body=[argument_of(call, "Body")])
        if name in UPLOADER_METHODS:
            return self._write_of_uploader(call, frame)
        if name in FRAME_METHODS:
            return self._write_of_data_frame(call, frame)
        return self._opened_object(call, frame) if name == "open" else self._copying_command(call, frame)

    def _object_address(self, call: ast.Call, frame: Frame, place: int | None = None) -> Pieces | None:
        """The address of an object that a method of boto3 reads or writes.

        ``place`` is that of the bucket among the arguments of the client's method, which the key follows; None if it
        takes keywords only. The methods of a bucket and of an object of boto3 have fewer arguments.
        """
        after = None if place is None else place + 1
        bucket, key = argument_of(call, "Bucket", place), argument_of(call, "Key", after)
        if bucket is not None and key is not None:
            return self._address((bucket, frame), (key, frame))
        if not isinstance(call.func, ast.Attribute):
            return None
        owner, at = self._names.followed(call.func.value, frame)
        if _is_call_of(owner, "Bucket"):
            own_key = argument_of(call, "Key", place)
            return self._address(_argument(owner, at, "name", 0), (own_key, frame) if own_key is not None else None)
        return self._address_of_object(owner, at) if _is_call_of(owner, "Object") else None

    def _address_of_object(self, owner: ast.expr, frame: Frame) -> Pieces | None:
        """The address of an object of boto3: of ``Object(bucket, key)``, or of ``Object(key)`` of a bucket."""
        if not isinstance(owner, ast.Call) or not isinstance(owner.func, ast.Attribute):
            return None
        bucket, key = _argument(owner, frame, "bucket_name", 0), _argument(owner, frame, "key", 1)
        if bucket is not None and key is not None:
            return self._address(bucket, key)
        holder, at = self._names.followed(owner.func.value, frame)
        if not _is_call_of(holder, "Bucket"):
            return None
        return self._address(_argument(holder, at, "name", 0), _argument(owner, frame, "key", 0))

    def _address(self, bucket: Place | None, key: Place | None) -> Pieces | None:
        if bucket is None or key is None:
            return None
        return merged([SCHEME, *self._texts.of(*bucket), "/", *self._texts.of(*key)])

    def _write_of_uploader(self, call: ast.Call, frame: Frame) -> Write | None:
        """What a method of the SDK's ``S3Uploader`` writes: a file, under its name in the folder, or a text."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        folder, content = argument_of(call, "desired_s3_uri", 1), argument_of(call, "local_path", 0)
        if folder is None or not isinstance(owner, ast.Name) or owner.id != "S3Uploader":
            return None
        address = self._texts.of(folder, frame)
        if called_name(call) != "upload":
            return _written(address, body=[argument_of(call, "body", 0)])
        if content is None:
            return None
        name = _file_name(self._texts.of(content, frame))
        return _written(_in_folder(address, name), files=[content]) if name else None

    def _write_of_data_frame(self, call: ast.Call, frame: Frame) -> Write | None:
        """What a data frame writes to an address in S3."""
        path = call.args[0] if call.args else _path_keyword(call)
        mode = argument_of(call, "mode")
        if path is None or mode is not None or not isinstance(call.func, ast.Attribute):
            return None
        address = self._texts.of(path, frame)
        return _written(address, body=[call.func.value]) if _is_in_s3(address) else None

    def _opened_object(self, call: ast.Call, frame: Frame) -> Write | None:
        """What is written to an object that s3fs, fsspec or smart_open opens."""
        path, mode = argument_of(call, "path", 0), argument_of(call, "mode", 1)
        if path is None or not isinstance(mode, ast.Constant) or not WRITING_MODE.match(str(mode.value)):
            return None
        address = self._texts.of(path, frame)
        if isinstance(call.func, ast.Attribute):
            owner, _ = self._names.followed(call.func.value, frame)
            if _is_call_of(owner, "S3FileSystem") and not _is_in_s3(address):
                address = merged([SCHEME, *address])
        elif not self._trees.is_imported("smart_open"):
            return None
        return _written(address, files=[path, call]) if _is_in_s3(address) else None

    def _copying_command(self, call: ast.Call, frame: Frame) -> Write | None:
        """What ``aws s3 cp FILE ADDRESS`` writes, run by the shell or as a list of words."""
        if not call.args:
            return None
        command = call.args[0]
        operands = _copied(self._command_words(command, frame))
        if operands is None or not _is_in_s3(operands[1]):
            return None
        source, address = operands
        if str(address[-1]).endswith("/"):
            address = _in_folder(address, _file_name(source))
        text = known_text(source)
        files = [node for node in walk(command) if isinstance(node, ast.expr)] if text is None else [ast.Constant(text)]
        return _written(address, files=[*files])

    def _command_words(self, command: ast.expr, frame: Frame) -> list[Pieces]:
        """The words of a command that is one text, or a list of them."""
        words: list[Pieces] = []
        for node in command.elts if isinstance(command, ast.List | ast.Tuple) else [command]:
            words += _words(self._texts.of(node, frame))
        return words

    # the content of a file

    def _of_file(self, node: ast.expr, frame: Frame, depth: int) -> Origins:
        """The hyperparameters with which the content of a file is made, by its path or its object."""
        self._files += 1
        if depth <= 0 or self._files > MAX_STEPS:
            return NONE
        return self._found_in_file(node, frame, depth)

    def _found_in_file(self, node: ast.expr, frame: Frame, depth: int) -> Origins:
        origins = self._of_saved(node, frame, depth)
        bound = self._names.bound(node, frame)
        if bound is not None:
            return origins | self._of_file(*bound, depth - 1)
        match node:
            case ast.Call(func=ast.Attribute(attr="getvalue" | "read" | "getbuffer" | "encode", value=owner)):
                return origins | self._of_file(owner, frame, depth - 1)
            case ast.Call(args=[first, *_]) if called_name(node) in OPENERS:
                return origins | self._of_file(first, frame, depth - 1)
        text = known_text(self._texts.of(node, frame))
        if text is None or "." not in text:
            return origins
        for call in self._saving_calls:
            scope = self._paths.scope_of(call)
            if scope is not None and scope is not frame.scope:
                origins |= self._of_saving_call(call, ast.Constant(text), Frame(scope), depth)
        return origins

    def _of_saved(self, node: ast.expr, frame: Frame, depth: int) -> Origins:
        """The hyperparameters in what the calls of a scope write to a path or an open file."""
        origins = NONE
        for inner in self._paths.inside(frame.scope):
            if isinstance(inner, ast.Call) and _may_save(inner):
                origins |= self._of_saving_call(inner, node, frame, depth)
            elif isinstance(inner, ast.Assign | ast.withitem):
                opened = _opened(inner)
                if opened is not None and any(self._is_same_file(first, node, frame) for first in opened[0].args):
                    origins |= self._of_file(opened[1], frame, depth - 1)
        return origins

    def _of_saving_call(self, call: ast.Call, node: ast.expr, frame: Frame, depth: int) -> Origins:
        """The hyperparameters in what a call writes to a path or an open file."""
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(call.func, ast.Attribute):
            values.append(call.func.value)
        others = [value for value in values if not self._is_same_file(value, node, frame)]
        if len(others) == len(values):
            return NONE
        origins = self._origins.of_all(others, frame)
        for other in others if called_name(call) in ("add", "write") else ():  # of an archive
            origins |= self._of_file(other, frame, depth - MAX_FILES // 2)
        return origins

    def _is_same_file(self, value: ast.expr, node: ast.expr, frame: Frame) -> bool:
        """Whether an expression is the same path or open file as another one of the same scope."""
        match value, node:
            case ast.Name(id=name), ast.Name(id=other) if name == other:
                return True
            case ast.Call(args=[first, *_]), _ if called_name(value) in OPENERS:
                return value is node or self._is_same_file(first, node, frame)
        own = self._texts.of(value, frame)
        has_name = bool(own) and isinstance(own[-1], str)
        return has_name and own == self._texts.of(node, frame)

    @cached_property
    def _saving_calls(self) -> list[ast.Call]:
        return [call for call in self._trees.nodes_of(ast.Call) if _may_save(call)]

    # what the script reads

    @cached_property
    def _reads(self) -> list[Pieces]:
        """The addresses of the objects that the script may read."""
        addresses: list[Pieces] = []
        for call in self._trees.calls_of(*sorted(READS | ADDRESS_READS)):
            if len(addresses) >= MAX_READS:
                break
            if called_name(call) not in self._trees.defined:
                scope = self._paths.scope_of(call)
                unknown = [Frame(scope)] if scope is not None else []
                for frame in self._paths.frames(call, is_certain=False) or unknown:
                    addresses += self._read(call, frame)
        return addresses

    def _read(self, call: ast.Call, frame: Frame) -> list[Pieces]:
        """The address of the object that a call reads; empty if it reads none, or if nothing is known of it."""
        name = called_name(call)
        if name in ADDRESS_READS:
            if not call.args or self._write(call, frame) is not None:
                return []
            address = self._texts.of(call.args[0], frame)
            return [address] if _is_in_s3(address) else []
        known = self._object_address(call, frame, 0 if name.startswith("download") else None)
        if known is not None:
            return [known]
        return [(AddressPart(name),)] if name != "get" else []


def _argument(call: ast.expr, frame: Frame, name: str, place: int) -> Place | None:
    """An argument of a call, with its frame."""
    argument = argument_of(call, name, place) if isinstance(call, ast.Call) else None
    return (argument, frame) if argument is not None else None


def _is_call_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and called_name(node) == name


def _written(
    address: Pieces | None, body: list[ast.expr | None] | None = None, files: list[ast.expr | None] | None = None
) -> Write | None:
    """A write to an address with what is known of its content."""
    if not address:
        return None
    bodies = tuple(node for node in body or () if node is not None)
    return Write(address, bodies, tuple(node for node in files or () if node is not None))


def _is_in_s3(address: Pieces) -> bool:
    return bool(address) and isinstance(address[0], str) and address[0].startswith(SCHEME)


def _may_be_in_s3(path: ast.expr) -> bool:
    return not isinstance(path, ast.Constant) or str(path.value).startswith(SCHEME)


def _in_folder(folder: Pieces, name: str) -> Pieces:
    """The address of a file in a folder."""
    last = folder[-1] if folder else ""
    is_closed = isinstance(last, str) and last.endswith("/")
    return merged([*folder, name if is_closed else f"/{name}"])


def _file_name(path: Pieces) -> str:
    """The name of a file with an ending; empty if it is not known."""
    last = path[-1] if path else ""
    if not isinstance(last, str) or (len(path) > 1 and "/" not in last):
        return ""
    name = posixpath.basename(last)
    return name if "." in name else ""


def _path_keyword(call: ast.Call) -> ast.expr | None:
    for keyword in ("path_or_buf", "path", "excel_writer"):
        argument = argument_of(call, keyword)
        if argument is not None:
            return argument
    return None


def _words(parts: Pieces) -> list[Pieces]:
    """The words of a command."""
    words: list[Pieces] = []
    word: list[str | AddressPart] = []
    for part in parts:
        pieces: list[str | AddressPart] = [*part.split(" ")] if isinstance(part, str) else [part]
        for number, piece in enumerate(pieces):
            if number:
                words.append(merged(word))
                word = []
            word.append(piece)
    words.append(merged(word))
    return [word for word in words if word]


def _copied(words: list[Pieces]) -> tuple[Pieces, Pieces] | None:
    """The file and the address of a command that copies one file with the AWS CLI; None for any other command."""
    if words[:3] != [("aws",), ("s3",), ("cp",)] or ("--recursive",) in words:
        return None
    operands = [word for word in words[3:] if not str(word[0]).startswith("-")]
    return (operands[0], operands[1]) if len(operands) > 1 else None


def _may_save(call: ast.Call) -> bool:
    return SAVING.search(called_name(call)) is not None


def _opened(node: ast.Assign | ast.withitem) -> tuple[ast.Call, ast.Name] | None:
    """The call that opens a file, and the name that it gets; None for any other assignment."""
    match node:
        case ast.Assign(targets=[ast.Name() as name], value=ast.Call() as call):
            pass
        case ast.withitem(context_expr=ast.Call() as call, optional_vars=ast.Name() as name):
            pass
        case _:
            return None
    return (call, name) if called_name(call) in OPENERS else None


def _is_same(address: Pieces) -> bool:
    """Whether an address is the same in each run with the same options."""
    return all(isinstance(part, str) or part.options is not None for part in address)


def _may_equal(one: Pieces, other: Pieces) -> bool:
    """Whether two addresses may be the same."""
    if one == other:
        return True
    if known_text(one) is not None and known_text(other) is not None:
        return False
    heads, tails = (one[0], other[0]), (one[-1], other[-1])
    if all(isinstance(head, str) for head in heads) and not _begins(str(heads[0]), str(heads[1])):
        return False
    if all(isinstance(tail, str) for tail in tails):
        return _begins(str(tails[0])[::-1], str(tails[1])[::-1])
    return True


def _begins(one: str, other: str) -> bool:
    """Whether one of two texts begins with the other."""
    return one.startswith(other) or other.startswith(one)
