"""Programs of R, each with a construct whose value is a hyperparameter in the request; and the R that runs them."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from random import Random

from tests.oracles.programs import Oracle

HERE = Path(__file__).parent
HEAD = """\
library(reticulate)
sagemaker <- import("sagemaker")
estimator <- sagemaker$estimator$Estimator(
  image_uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1", role = "arn:aws:iam::123456789012:role/r",
  instance_count = 1L, instance_type = "ml.m5.large")
tuner <- sagemaker$tuner$HyperparameterTuner(
  estimator, "loss", list(rate = sagemaker$tuner$ContinuousParameter(0.1, 0.5)),
  list(list(Name = "loss", Regex = "loss=(.*)")), max_jobs = 4L, max_parallel_jobs = 2L)
"""
TAIL = """
estimator$set_hyperparameters(v = v)
tuner$fit("s3://bucket/train")
"""
"""What makes the job, and launches it after a program has set ``v``."""


def written() -> dict[str, str]:
    """The programs that are written out, by their titles."""
    text = (HERE / "snippets/r.txt").read_text("utf-8")
    parts = re.findall(r"^### (.*)\n((?:(?!###).*\n?)*)", text, flags=re.MULTILINE)
    return {title: HEAD + body + TAIL for title, body in parts}


class Writer:
    """Writes a program at random, of statements whose results its last line joins."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.lines: list[str] = []
        self.names: dict[str, list[str]] = {"integer": [], "double": [], "text": [], "vector": [], "list": []}
        self.functions: list[str] = []
        self.count = 0

    def program(self) -> str:
        """The program."""
        for kind in ("integer", "double", "text", "vector", "list"):
            self.assign(kind)
        for _ in range(self.random.randint(3, 7)):
            self.random.choice(self.statements)(self)
        scalars = [name for kind in ("integer", "double", "text") for name in self.names[kind]]
        lists = [f"{name}$a" for name in self.names["list"]] + [f"sum({name})" for name in self.names["vector"]]
        joined = ", ".join([*self.random.sample(scalars, min(4, len(scalars))), self.random.choice(lists)])
        return HEAD + "\n".join([*self.lines, f"v <- paste({joined})"]) + TAIL

    def name(self, kind: str, *, is_new: bool = False) -> str:
        """A name of a variable of a kind."""
        if is_new or not self.names[kind]:
            self.count += 1
            name = f"{kind[0]}{self.random.choice(['', '.', '_'])}{self.count}"
            self.names[kind].append(name)
            return name
        return self.random.choice(self.names[kind])

    def value(self, kind: str, depth: int = 2) -> str:
        """An expression of a kind."""
        if kind == "logical" and depth == 0:
            return self.random.choice(["TRUE", "FALSE", "T", "F"])
        if kind != "logical" and (depth == 0 or (self.names[kind] and self.random.random() < 0.3)):
            return self.name(kind) if self.names[kind] else self.literal(kind)
        if kind != "logical" and self.random.random() < 0.25:
            return self.literal(kind)
        template = self.random.choice(TEMPLATES[kind])
        return re.sub(r"<(\w+)>", lambda match: self.value(match[1], depth - 1), template)

    def literal(self, kind: str) -> str:
        """A value that is written out."""
        integer = str(self.random.choice([0, 1, 2, 3, 7, 12, 100, 4096]))
        double = self.random.choice(["0.5", "2.5", "3", "1e-3", "100000", "0.1", "1234567", "1e5", "7.25", "40.5"])
        text = self.random.choice(['"a"', "'b-c'", '"xgb"', '"s3://b/"', '"10"', '"ml.m5"'])
        lists = f"list(a = {integer}L, bb = {text}, ccc = {double})"
        vector = f"c({double}, {integer}, 2)"
        return {"integer": f"{integer}L", "double": double, "text": text, "vector": vector, "list": lists}[kind]

    def kind(self) -> str:
        """A kind of a scalar."""
        return self.random.choice(["integer", "double", "text"])

    def assign(self, kind: str = "") -> None:
        """Set a variable, by one of the ways of the language."""
        kind = kind or self.random.choice(list(self.names))
        value = self.value(kind)
        name = self.name(kind, is_new=self.random.random() < 0.5 or not self.names[kind])
        way = self.random.choice(
            ["{n} <- {v}", "{n} = {v}", "{v} -> {n}", "assign('{n}', {v})", "invisible({n} <- {v})"]
        )
        self.lines.append(way.format(n=name, v=f"({value})" if "->" in way else value))

    def copy(self) -> None:
        """Copy a list, and change one of the two."""
        old, new = self.name("list"), self.name("list", is_new=True)
        self.lines.append(f"{new} <- {old}")
        changed = self.random.choice([old, new])
        place = self.random.choice(["{n}$a <- {v}", '{n}[["a"]] <- {v}', "{n}[[1]] <- {v}", '{n}["a"] <- list({v})'])
        self.lines.append(place.format(n=changed, v=self.value("integer")))

    def branch(self) -> None:
        """Set a variable in one of two branches."""
        kind = self.kind()
        name = self.name(kind)
        test, first, second = self.value("logical", 1), self.value(kind, 1), self.value(kind, 1)
        form = self.random.choice(["if ({t}) {{ {n} <- {a} }} else {{ {n} <- {b} }}", "{n} <- if ({t}) {a} else {b}"])
        self.lines.append(form.format(t=test, n=name, a=first, b=second))

    def loop(self) -> None:
        """Change a variable in each pass of a loop."""
        name, values = self.name("integer"), self.random.choice(["1:3", "seq_len(2)", "c(4L, 5L)", "list(1L, 2L)"])
        body = self.random.choice(["{n} <- {n} + i", "{n} <- max({n}, i)", "if (i == 2L) next; {n} <- {n} + 1L"])
        self.lines.append(f"for (i in {values}) {{ {body.format(n=name)} }}")

    def function(self) -> None:
        """Call a function with arguments by name, by a part of it or by place."""
        self.count += 1
        function, kind = f"f{self.count}", self.kind()
        default, body = self.value(kind, 1), self.value(kind, 1)
        outer = self.name("integer")
        more = self.random.choice([f"{outer} <<- {outer} + 1L; ", f"{outer} <- 77L; ", "first <- first; ", ""])
        self.lines.append(f"{function} <- function(first, second = {default}, ...) {{")
        last = self.random.choice(["first", "second", body, f"if (missing(second)) first else {body}"])
        self.lines.append(f"  {more}{last}\n}}")
        one, two = self.value(kind, 1), self.value(kind, 1)
        call = self.random.choice(["{f}({a})", "{f}({a}, {b})", "{f}(sec = {b}, {a})", "{f}(second = {b}, fir = {a})"])
        name = self.name(kind, is_new=True)
        self.lines.append(f"{name} <- " + call.format(f=function, a=one, b=two))

    def pipe(self) -> None:
        """Pass a value through a pipe."""
        kind = self.random.choice(["double", "text"])
        value, other = self.name(kind), self.value("integer", 0)
        name = self.name("text", is_new=True)
        steps = {"double": "round() |> as.integer() |> paste0('x')", "text": "toupper() |> paste0('-', _2)"}[kind]
        self.lines.append(f"{name} <- {value} |> " + steps.replace("_2", other))

    def members(self) -> None:
        """Read members of a list, by a part of the name and by place."""
        name, kind = self.name("list"), self.random.choice(["integer", "text"])
        reads = {"integer": ["{n}$a", '{n}[["a"]]', "{n}[[1]]"], "text": ["{n}$b", "{n}$bb", "{n}[[2]]"]}[kind]
        target = self.name(kind, is_new=True)
        self.lines.append(f"{target} <- " + self.random.choice(reads).format(n=name))

    def redefine(self) -> None:
        """Give a function or constant of R another meaning."""
        what = self.random.choice(["T <- FALSE", "c <- 5L", "max <- function(...) 3L", "paste0 <- function(...) 'own'"])
        self.lines.append(what)

    def applied(self) -> None:
        """Call a function for each element."""
        outer, factor = self.name("integer"), self.value("integer", 0)
        self.lines.append(f"{self.name('integer', is_new=True)} <- sum(sapply(c(1L, 2L), function(k) k * {factor}))")
        self.lines.append(f"invisible(lapply(1:2, function(k) {outer} <<- {outer} + k))")

    statements = (assign, assign, assign, copy, branch, loop, function, function, pipe, members, redefine, applied)


TEMPLATES = {
    "integer": (
        "<integer> + <integer>",
        "length(<vector>)",
        "as.integer(<double>)",
        "<integer> %% 5L",
        "nchar(<text>)",
        "max(<integer>, <integer>)",
        "-<integer>",
        "ifelse(<logical>, <integer>, <integer>)",
        "<list>$a",
        "{ <integer> }",
        "(<integer>)",
        "if (<logical>) <integer> else <integer>",
        "switch(<text>, a = <integer>, xgb = 5L, 9L)",
    ),
    "double": (
        "<double> * <integer>",
        "<integer> / 4L",
        "round(<double>)",
        "<double> + <double>",
        "<vector>[2]",
        "2^<integer>",
        "floor(<double>)",
        "round(<double>, 1)",
        "sum(<vector>)",
        "<double> %/% 2",
        "-2^2",
        "max(<double>, <integer>)",
        "tryCatch(<double>, error = function(e) 0)",
    ),
    "text": (
        "paste0(<text>, <double>)",
        "paste(<text>, <integer>, <logical>)",
        "toupper(<text>)",
        "as.character(<double>)",
        "paste(<vector>, collapse = '_')",
        "sprintf('%s-%d', <text>, <integer>)",
        "<list>$bb",
        "gsub('b', 'd', <text>)",
        "sprintf('%.2f', <double>)",
        "file.path(<text>, <double>)",
        "if (<logical>) <text> else <text>",
    ),
    "vector": (
        "c(<double>, <integer>, <double>)",
        "<vector> * 2",
        "c(<vector>, 1)",
        "rev(<vector>)",
        "<vector>[-1] + 0.5",
    ),
    "list": (
        "list(a = <integer>, bb = <text>, ccc = <double>)",
        "modifyList(<list>, list(a = <integer>))",
        "c(<list>, list(d = 1L))",
        "setNames(list(1L, 'z', 2), c('a', 'bb', 'ccc'))",
    ),
    "logical": (
        "<integer> > <integer>",
        "<double> <= <double>",
        "<text> == <text>",
        "TRUE",
        "!<logical>",
        "T",
        "<logical> && <logical>",
        "<integer> %in% c(1L, 2L)",
        "is.null(<list>$none)",
        "isTRUE(<logical>)",
        "<integer> == 1",
    ),
}
"""The forms of expressions of each kind, with the kinds of their parts."""


def generated(seed: int) -> str:
    """A program that is put together at random."""
    return Writer(seed).program()


SEEDS = 120
"""How many generated programs have a recorded answer."""


class OfR(Oracle):
    """R with reticulate and the SageMaker Python SDK v2, which runs in the environment of that oracle."""

    @property
    def environment(self) -> Path:
        """The versions of all packages in the environment."""
        return HERE / "environments" / "sdk2.txt"

    @cached_property
    def kinds(self) -> dict[str, dict[str, str]]:
        """The programs by their names, for each kind of them."""
        return {"constructs": written(), "generated": self.of_seeds(SEEDS)}

    def of_seeds(self, count: int) -> dict[str, str]:
        """So many generated programs."""
        return {f"seed {seed}": generated(seed) for seed in range(count)}


R = OfR("r", ("sagemaker",), 0.6)
