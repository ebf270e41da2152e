"""The training script of a definition: its options, output and channels, as far as its text shows them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from hpolint.model.node import ScalarValue
from hpolint.model.source import Source, Span
from hpolint.model.stored import Stored


class Site(Stored, frozen=True):
    """A place in a script or in a module that it imports."""

    source: str
    span: Span


class Doubt(Stored, frozen=True):
    """Why something about a script is unknown. ``reason`` continues "this value …", as an Unknown's does."""

    reason: str
    site: Site


class ScriptChange(Stored, frozen=True):
    """A change of a script at one place, which corrects a mistake.

    ``divide``: the division by ``//`` becomes one by ``/``. ``decimals``: of the formats without decimals in a string,
    the one with this ``number``, from 0, gets four. ``dataset``: the length of a loader becomes that of its dataset.
    ``samples``: the mean of a batch is multiplied by the size of the batch with this ``name``. ``path`` and ``folder``:
    the path, or its folder, begins with the folder whose content the service keeps. ``import``: the module with this
    ``name`` is imported before the statement. ``option``: after the statement, which declares an option, one
    with this ``name`` and ``type`` is declared. ``value``: the number becomes this ``name``. ``argument``: after the
    last argument of a call, the one with this ``name`` is added.
    """

    kind: Literal["divide", "decimals", "dataset", "samples", "path", "folder", "import", "option", "value", "argument"]
    site: Site
    number: int = 0
    name: str = ""
    type: str = ""


class Shown(Stored, frozen=True):
    """A value in a line that a call at ``site`` prints: its place among the line's values that are no literals, from 0.

    ``place`` is None if it is not known.
    """

    site: Site
    place: int | None


class Receiver(Stored, frozen=True):
    """A call of a library's constructor that an option's value certainly reaches, as one of its arguments.

    ``constructor`` is its full name: ``sklearn.tree.DecisionTreeClassifier``. ``conversion`` is ``int`` or ``float`` if
    the script converts the value on the way, else empty.
    """

    constructor: str
    parameter: str
    conversion: str
    site: Site


class ConstructorArgument(Stored, frozen=True):
    """What a constructor gets for one of its parameters.

    It is the value of the option whose attribute in the parser's result is ``member``, converted as a Receiver's is, or
    the ``value`` that is written in the script. Without ``is_known`` it is neither.
    """

    parameter: str
    member: str = ""
    conversion: str = ""
    value: ScalarValue = None
    is_known: bool = True


class Construction(Stored, frozen=True):
    """A call of a library's constructor that the script certainly makes, of a model that it fits as it is.

    ``is_whole``: the constructor gets no other arguments, so that its other parameters have their defaults.
    """

    constructor: str
    site: Site
    arguments: tuple[ConstructorArgument, ...]
    is_whole: bool


class Condition(Stored, frozen=True):
    """What the option whose attribute is ``member`` certainly is somewhere in a script.

    Its value, converted by ``conversion`` (``int``, ``float``, ``lower`` or ``upper``), is one of ``values``, or none
    of them without ``is_in``. With ``is_truth`` it is true, or false without ``is_in``.
    """

    member: str
    conversion: str
    values: tuple[ScalarValue, ...] = ()
    is_in: bool = True
    is_truth: bool = False


class OptionUse(Stored, frozen=True):
    """A place where a script uses the value of an option, which it comes to under some conditions only.

    ``construction`` is the place of the constructor among the script's that gets it as its ``parameter``; -1 for none.
    """

    conditions: tuple[Condition, ...]
    construction: int = -1
    parameter: str = ""


class Default(Stored, frozen=True):
    """The value of an option that is not on the command line, before its ``type`` converts it."""

    value: ScalarValue


class Option(Stored, frozen=True):
    """An option of a parser, or a positional argument (whose only flag has no dash).

    ``action`` and ``nargs`` are argparse's, ``type`` is the function that converts a value: ``int``, ``float``,
    ``bool``, ``str``, or ``other``. ``choices`` are the allowed values; None if any value is allowed. ``required`` is
    None if that is unknown; ``is_open`` is set if something else is unknown. ``is_unused``: the script never reads it,
    except to print it. ``shown`` says where an option is printed that is unused or has ``uses``. ``receivers`` are the
    constructors that its value certainly reaches. ``fails_at``: it has no default, and here the script certainly fails
    if the job does not send it. ``changes`` are those of the script by which an unused option reaches what it is meant
    for, if that is certain. ``member`` is the name of its attribute in the parser's result, empty if no call declares
    it. ``default`` is None if it is not known. ``uses`` are all places that use it, besides prints, if other options
    may switch off each of them; else none.
    """

    flags: tuple[str, ...]
    site: Site
    action: str = "store"
    nargs: int | str | None = None
    type: str = "str"
    choices: tuple[ScalarValue, ...] | None = None
    required: bool | None = False
    is_open: bool = False
    is_unused: bool = False
    shown: tuple[Shown, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    fails_at: Site | None = None
    changes: tuple[ScriptChange, ...] = ()
    member: str = ""
    default: Default | None = None
    uses: tuple[OptionUse, ...] = ()

    @property
    def flag(self) -> str:
        """The name for messages: the first long flag, else the first flag."""
        return next((each for each in self.flags if each.startswith("--")), self.flags[0])


class KeyRead(Stored, frozen=True):
    """The read of a hyperparameter by its ``name`` from the JSON of an environment variable of the toolkit."""

    name: str
    site: Site


class Parser(Stored, frozen=True):
    """A parser in its state when it reads the command line.

    ``open`` is why it may have further options. ``is_strict``: an unknown argument ends the script. ``abbreviates``: a
    prefix that only one option has stands for that option. ``drops_rest``: no other part of the script reads the
    arguments that it does not know. ``commands`` are the names of its subparsers.
    """

    options: tuple[Option, ...]
    site: Site
    is_strict: bool
    open: Doubt | None = None
    abbreviates: bool = True
    drops_rest: bool = True
    has_help: bool = True
    commands: tuple[str, ...] | None = None
    dashes: str = "exact"
    """How dashes and underscores in names match: ``exact`` as in argparse, ``either``, or ``typer`` (only dashes)."""
    takes_overrides: bool = False
    """Whether it takes values as ``key=value``, as Hydra does, and its options are none of the script's."""


class Wildcard(Stored, frozen=True):
    """An unknown part of a printed line, without line breaks.

    ``number``; ``whole``: a number without decimals; ``scientific``: a number with an exponent; ``figures``: a number,
    or the text of an array, a tensor or a time; ``word``: letters, digits and connecting characters, as in a logger's
    name; ``given``: a value from the command line, also with text without a space; ``dense``: any text without a space;
    ``text``: any text; ``before`` and ``behind``: the prefix and suffix that a script's loggers add to a message.
    """

    kind: Literal["number", "whole", "scientific", "figures", "word", "given", "dense", "text", "before", "behind"]


NUMBER, FIGURES, WORD, TEXT = Wildcard("number"), Wildcard("figures"), Wildcard("word"), Wildcard("text")
WHOLE, SCIENTIFIC = Wildcard("whole"), Wildcard("scientific")
GIVEN, BEFORE, BEHIND = Wildcard("given"), Wildcard("before"), Wildcard("behind")

Template: TypeAlias = tuple[str | Wildcard, ...]
Marks: TypeAlias = tuple[Template, Template]


class Average(Stored, frozen=True):
    """A printed number that is not what it seems, by its place among the values of the line, from 0.

    ``rounded``: it is divided by `//`. ``whole``: it is printed without decimals. ``grows``: it is a sum over samples,
    divided by the number of batches, so that it grows with their size. ``shrinks``: it is a sum over batches, divided
    by the number of samples. ``last``: it is the loss of the last batch, or a sum over that batch, divided by the
    number of all batches or samples. ``option`` is the name of the option that is this size. ``changes`` are those of
    the script that correct it; none if they are not known for certain.
    """

    place: int
    fault: Literal["rounded", "whole", "grows", "shrinks", "last"]
    site: Site
    option: str = ""
    changes: tuple[ScriptChange, ...] = ()


class Print(Stored, frozen=True):
    """A line that may be printed or logged. ``is_sure``: it is printed if the script runs to its end.

    ``values`` is the number of its values that are no literals, of which ``averages`` are some.
    """

    line: Template
    site: Site
    in_loop: bool
    is_sure: bool
    averages: tuple[Average, ...] = ()
    values: int = 0


class EvaluatedSets(Stored, frozen=True):
    """Data sets for which ``library`` prints metrics after a round, in one line: the training data and another set.

    ``training`` is printed first. Both are the names under which their metrics are printed.
    """

    library: str
    training: str
    other: str
    site: Site


class Missing(Stored, frozen=True):
    """A name that the script certainly reads where it has no value.

    ``owners`` are the functions that have a local variable of that name.
    """

    name: str
    site: Site
    owners: tuple[str, ...] = ()


class UndeclaredOption(Stored, frozen=True):
    """An attribute of the parsed arguments that the script certainly reads and no option declares.

    ``near`` is the most similar declared one; None if none is similar. ``last`` is the statement that declares the last
    option of the only parser, if another one can be declared after it.
    """

    name: str
    near: str | None
    site: Site
    last: Site | None = None


class VariableRead(Stored, frozen=True):
    """A read of an environment variable that neither the training toolkit nor the script sets."""

    name: str
    site: Site


class ChannelUse(Stored, frozen=True):
    """A channel whose folder the script reads. ``is_required``: without it the script fails."""

    name: str
    site: Site
    is_required: bool


class UnkeptModel(Stored, frozen=True):
    """A model that is lost at the end of a trial: the relative path to which it is saved, and where.

    ``changes`` are those of the script by which all of its models are kept; none if they are not known for certain.
    """

    path: str
    site: Site
    changes: tuple[ScriptChange, ...] = ()


class AddressPart(Stored, frozen=True):
    """A part of an address that is no literal: its source text, and the options of which alone its value is made.

    ``options`` are None if the value may differ between runs of the script with the same options. ``is_option``: it is
    the value of its only option, whose ``default`` is None if it has none.
    """

    text: str
    options: tuple[str, ...] | None = None
    is_option: bool = False
    default: str | None = None


class SharedObject(Stored, frozen=True):
    """An object in S3 that each run of the script writes if it does not fail, at ``site``.

    ``address`` has the scheme, the bucket and the key. ``needed`` are the options in it that have no default.
    ``origins`` are the hyperparameters with which the content is made, by the names of their options' attributes, their
    keys or their environment variables; ``*`` stands for all. ``is_updated``: the script also reads the object.
    """

    address: tuple[str | AddressPart, ...]
    needed: tuple[str, ...]
    origins: tuple[str, ...]
    site: Site
    is_updated: bool = False


class Broken(Stored, frozen=True):
    """A file that does not parse: its path, why, such as ``line 12: '(' was never closed``, and where.

    ``is_blank``: the author has left a value for others to write.
    """

    file: str
    why: str
    site: Site
    is_blank: bool = False


class ScriptArguments(msgspec.Struct, frozen=True, kw_only=True):
    """How a script reads its hyperparameters.

    ``parsers`` read the command line; ``elsewhere`` is why hyperparameters may be read in another way, ``unread`` why
    it is unknown what reads them. ``fixed``: where the only parser parses a list that is written in the script, and
    nothing else reads hyperparameters. ``variables``: the environment variables that the script reads, if besides them
    only ``parsers`` may read hyperparameters. ``keys`` are those that it reads by their names, if besides them only
    ``parsers`` may read any. ``constructions`` are the calls of constructors that options may reach.
    ``reads_none``: nothing in it may read any hyperparameter, unless the container calls one of its functions.
    """

    parsers: tuple[Parser, ...] = ()
    elsewhere: Doubt | None = None
    unread: Doubt | None = None
    fixed: Site | None = None
    variables: tuple[VariableRead, ...] = ()
    keys: tuple[KeyRead, ...] = ()
    constructions: tuple[Construction, ...] = ()
    reads_none: bool = False

    @property
    def options(self) -> list[Option]:
        """The options of all parsers."""
        options: list[Option] = []
        for parser in self.parsers:
            options += parser.options
        return options


class ScriptOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What a script prints and logs.

    ``others`` is why more than ``prints`` may be printed. ``marks`` are the prefixes and suffixes that its loggers may
    add to a message, None if unknown. ``has_trainer``: transformers' Trainer prints its metrics, as the text of a dict.
    ``evaluated``: the data sets for which a library prints metrics.
    """

    prints: tuple[Print, ...] = ()
    others: Doubt | None = None
    marks: tuple[Marks, ...] | None = None
    has_trainer: bool = False
    evaluated: tuple[EvaluatedSets, ...] = ()

    def lines(self, shown: Print, given: Wildcard = TEXT) -> list[Template]:
        """The lines that a print may have in the log: one for each prefix and suffix of the loggers.

        ``given`` replaces values from the command line.
        """
        marked = BEFORE in shown.line or BEHIND in shown.line
        marks = self.marks if marked else (((), ()),)
        found = []
        for before, behind in marks if marks is not None else (((TEXT,), (TEXT,)),):
            replacements: dict[str | Wildcard, Template] = {BEFORE: before, BEHIND: behind, GIVEN: (given,)}
            found.append(tuple(piece for each in shown.line for piece in replacements.get(each, (each,))))
        return found


class ScriptFolders(msgspec.Struct, frozen=True, kw_only=True):
    """The container's folders that a script reads and writes.

    ``checkpoints``: it names the folder that the service keeps checkpoints in. ``model_save``: where it saves to the
    value of its option ``--model_dir``, and to no other place. ``saves_in_loop``: it saves a model within a loop.
    ``unkept``: a model that it saves in the folder in which it runs, while nothing in it may keep one elsewhere.
    ``alike``: groups of channels, in upper case, that it reads by the same calls, so that only their data may differ.
    ``objects``: the objects in S3 to which it writes in each run, under addresses made of literals and options.
    """

    channels: tuple[ChannelUse, ...] = ()
    alike: tuple[tuple[str, ...], ...] = ()
    checkpoints: bool | Doubt = False
    model_save: Site | None = None
    saves_in_loop: bool = False
    unkept: UnkeptModel | None = None
    objects: tuple[SharedObject, ...] = ()


class ScriptErrors(msgspec.Struct, frozen=True, kw_only=True):
    """What ends a script with an error.

    ``undefined`` are the names that it reads without a value. ``not_uploaded`` are the modules of its folder that it
    imports and that are not uploaded with it. ``undeclared`` is the first attribute of the parsed arguments that it
    reads and no option declares. ``broken``: where no version of Python 3 parses it, or a module that it
    certainly imports, and why. ``address``: where it opens an address in S3 as a file or folder of the local disk.
    """

    undefined: tuple[Missing, ...] | Doubt = ()
    not_uploaded: tuple[Missing, ...] = ()
    undeclared: UndeclaredOption | None = None
    broken: Broken | None = None
    address: Site | None = None


class Monitor(Stored, frozen=True):
    """An object that watches a ``metric`` while a script trains, and the direction ``mode`` in which it looks.

    For ``min`` smaller values are better, for ``max`` larger ones. ``stopping``: it ends the training. ``checkpoint``:
    it keeps the best model only. ``rate``: it lowers the learning rate.
    """

    kind: Literal["stopping", "checkpoint", "rate"]
    metric: str
    mode: str
    site: Site


class ScriptExecution(msgspec.Struct, frozen=True, kw_only=True):
    """What of a script runs, and on which machines.

    ``runs_nothing``: it only defines functions and classes. ``is_empty``: it has no statement but imports.
    ``legacy_functions``: the functions that the first framework containers call themselves. ``may_distribute``: it
    may share the work between several hosts. ``stays_on_cpu``: it trains with PyTorch, and nothing in it may move its
    model to a GPU. ``search``: where it certainly starts a tuning job. ``ignored_stopping``: where it gives
    ``early_stopping_rounds`` to XGBoost, which ignores it there. ``first_epoch_end``: where its loop over epochs
    certainly ends in the first pass. ``monitors``: what it watches while it trains, where that is certain.
    """

    runs_nothing: bool = False
    is_empty: bool = False
    legacy_functions: tuple[str, ...] = ()
    may_distribute: bool = True
    stays_on_cpu: bool = False
    search: Site | None = None
    ignored_stopping: Site | None = None
    first_epoch_end: Site | None = None
    monitors: tuple[Monitor, ...] = ()


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """One training script, with the local modules that it imports.

    ``name`` is its path; for a script that a notebook writes, the path in the notebook. ``sources`` are its own and
    those of the modules. ``module``: the name of the module as which the training toolkit runs it, if the name has a
    slash; None for any other script.
    """

    name: str
    sources: tuple[Source, ...]
    module: str | None = None
    arguments: ScriptArguments = ScriptArguments()
    output: ScriptOutput = ScriptOutput()
    folders: ScriptFolders = ScriptFolders()
    errors: ScriptErrors = ScriptErrors()
    execution: ScriptExecution = ScriptExecution()
