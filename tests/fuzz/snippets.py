"""Pieces of Python that mutations put into programs: each is unusual for an interpreter."""

from __future__ import annotations

EXPRESSIONS = (
    *(
        "None",
        "True",
        "0",
        "-1",
        "''",
        "'x'",
        "b'x'",
        "...",
        "1e999",
        "-1e-400",
        "float('nan')",
        "10 ** 400",
        "2 ** -1",
    ),
    *("[]", "{}", "()", "{1}", "set()", "dict()", "[*x]", "{**x}", "(x, *y)", "[x for x in y]", "{k: v for k, v in z}"),
    *("(i for i in x)", "lambda: 0", "lambda *a, **k: (a, k)", "x if y else z", "not x", "x and y or z", "x < y < z"),
    *(
        "x[0]",
        "x[:]",
        "x[::-1]",
        "x['a']",
        "x.y.z",
        "x()",
        "x(*y, **z)",
        "x.copy()",
        "str(x)",
        "int('9' * 30)",
        "len(x)",
    ),
    *("f'{x!r:>{y}}'", "f'{x}{x}'", "'%s' % (x,)", "'%d %d' % 1", "'{}'.format(x)", "'{0[a]}'.format(x)", "'a' * 99"),
    *(
        "range(10 ** 9)",
        "list(range(3))",
        "sorted(x)",
        "zip(x, y)",
        "dict(zip('ab', 'cd'))",
        "map(str, x)",
        "sum([[1]], [])",
    ),
    *(
        "getattr(x, 'y')",
        "setattr(x, 'y', 1)",
        "globals()['x']",
        "vars(x)",
        "type('T', (), {})",
        "__import__('os').environ",
    ),
    *(
        "json.loads('{}')",
        "os.environ['X']",
        "os.path.join('a', 'b')",
        "Path('a') / 'b'",
        "copy.deepcopy(x)",
        "yield_",
        "(y := 5)",
    ),
    *(
        "ContinuousParameter(0, 1)",
        "IntegerParameter(1, 0)",
        "CategoricalParameter([])",
        "HyperparameterTuner()",
        "tuner",
        "est",
    ),
    *(
        "tuner.fit()",
        "tuner.__dict__",
        "HyperparameterTuner.create({}, 'm', {}, {})",
        "HyperparameterTuner.attach('x')",
        "1 << 99",
    ),
    *(
        "1 / 0",
        "7 // 0",
        "7 % 0",
        "0 ** -1",
        "'a' + 1",
        "[1] * -1",
        "[1] * 10 ** 9",
        "x @ y",
        "~x",
        "x is None",
        "1 in 'a'",
    ),
)
"""What an expression may become. The names are those of other values, or of nothing."""

STATEMENTS = (
    *("pass", "break", "continue", "return", "del x", "global x", "import os as x", "from a import *", "x = y = z = 1"),
    *(
        "x, *y = z",
        "x += x",
        "x: int",
        "x: int = 5",
        "assert x",
        "raise x",
        "x[0] = x",
        "x.append(x)",
        "x['a'] = x",
        "x.y = x",
    ),
    *(
        "x = x",
        "x = [x]",
        "x = {'a': x}",
        "del x[0], y",
        "x |= y",
        "x **= 9",
        "x.update(x)",
        "x.extend(x)",
        "nonlocal x",
    ),
    *(
        "async def f():\n    await x",
        "def x(*x, x=1): pass",
        "class x(x): pass",
        "match x:\n    case {'a': [y, *_]}: pass",
    ),
    *(
        "while True:\n    x = x",
        "for x in x:\n    x = x",
        "with x as (y, z): pass",
        "try:\n    x\nexcept* E as e: pass",
    ),
    *(
        "def x(): return x()\nx()",
        "x = lambda: x()\nx()",
        "class C:\n    def __getattr__(s, n): return s",
        "yield x",
        "tuner.fit()",
    ),
    *(
        "for tuner.max_jobs in range(3): tuner.fit()",
        "tuner = tuner if x else None",
        "est, tuner = tuner, est",
        "type X = int",
    ),
)
"""Statements that are put somewhere."""

GROWING = (
    *("s = s + s", "s *= 2", "s = [s, s]", "s = [*s, *s]", "s.extend(list(s))", "s = sorted(s + s)", "s = f'{s}{s}'"),
    *(
        "s = s + '/' + s",
        "s = s * s",
        "s = s ** s",
        "s = s << 9",
        "s = {**s, 'a': s}",
        "s = dict(a=s, b=s)",
        "s = str(s) * 2",
    ),
    *(
        "s = (s, s)",
        "s = s.replace('a', s)",
        "s = [x for x in s for y in s]",
        "s = s.join([s, s])",
        "s = '%s%s' % (s, s)",
    ),
    *("s = copy.deepcopy([s, s])", "s.append(s)", "s = lambda s=s: s", "s = json.dumps([s, s])", "s = list(zip(s, s))"),
)
"""Steps that make a value twice as large, or as deep: a loop of them takes everything there is."""

AROUND = (
    *(
        "for N in range(3):",
        "while N:",
        "if N:",
        "if N:\n    pass\nelse:",
        "try:",
        "with x as N:",
        "def N(*a, **k):",
        "class K:",
    ),
    *("async def g():", "match N:\n  case [x, *_]:", "for q in 1, 2:", "if N: raise x\nfor _ in []:\n    pass\nelse:"),
    *("try:\n    pass\nexcept E as x:", "try:\n    pass\nfinally:"),
)
"""Blocks that a statement can be put into; N is a name of the program."""

STARTS = ("[1]", "(1,)", "'a'", "10", "{'a': 1}", "b'a'", "1.5", "[[]]", "range(9)")
