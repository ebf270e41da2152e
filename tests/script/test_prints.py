"""What a script prints: the verdicts are those of its own output, searched with the expression."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpolint.facts.metric_match import finds, may_find
from hpolint.facts.regex import Regex
from hpolint.model.training_script import TEXT, Wildcard
from tests.conftest import scaled
from tests.script.test_arguments import read

PRINTS = st.sampled_from(
    [
        'print(f"epoch {epoch}: val_loss={loss:.4f}")',
        'print("epoch %d val_loss: %.3f" % (epoch, loss))',
        'print("val_loss: {:.5f}, acc: {}".format(loss, 1 - loss))',
        'print("val_loss", loss)',
        'print("val_loss:", loss, sep="")',
        'print("loss: " + str(loss))',
        'print(f"{name}: {loss}")',
        'print(f"{name}\\t{loss:.3f}")',
        "print(message(loss))",
        "print(dict(val_loss=loss))",
        'logger.info("val_loss=%f", loss)',
        'logger.info(f"loss {loss:.2e}")',
        'sys.stdout.write(f"val_loss = {loss}\\n")',
        'print("done")',
        'print(f"\\nval_loss={loss:.3f}\\n\\nacc {acc}")',
        'logger.info("\\nval_loss=%f\\n", loss)',
        'print(f"accuracy {acc:.1%}")',
        'print(f"val_loss: {ratio(loss, 2)}")',
        'print("val_loss", history[-1], max(history), sum(history) / len(history))',
        'print(f"val_loss={math.sqrt(history[0])}")',
        'print(f"{time.asctime()} val_loss {loss:.2f}", time.strftime("%d %B: %H"))',
    ]
)
AROUND = st.sampled_from(
    [
        "{print}",
        "{print}",
        "for name in ['val_loss', 'acc']:\n    {print}",
        "for name in ['val_loss', 'acc']:\n    if name == 'acc':\n        continue\n    {print}",
        "for step in range(3):\n    if step > loss:\n        break\n    {print}",
        "for step in range(20):\n    if step > loss:\n        continue\n{print}",
        "if loss < 0:\n    raise ValueError(loss)\n{print}",
        "if loss > 2:\n    return\n{print}",
        "try:\n    check(loss)\n    {print}\nexcept ValueError:\n    pass",
        "try:\n    {print}\nexcept ValueError:\n    print('failed')\n    raise",
        "try:\n    loss = ratio(loss, 1)\nfinally:\n    {print}",
        "try:\n    check(loss)\nexcept ValueError:\n    return\n{print}",
    ]
)
"""What may stand around a print, or before it."""

EXPRESSIONS = st.sampled_from(
    [
        r"val_loss=([0-9\.]+)",
        r"val_loss: ([0-9\.]+)",
        r"val_loss: ([0-9\.]+)]",
        r"val_loss[:=]\s?(\S+)",
        r"'val_loss': ([0-9.]+)",
        r"^loss (.*)$",
        r"loss: ([0-9\.]+)",
        r"score#011([0-9\.]+)",
        r"val_loss (\d)",
        r"accuracy ([0-9.]+)%",
        r"validation-loss: (.*?);",
    ]
)
FORMATS = (
    "%(message)s",
    "%(asctime)s %(levelname)-8s [%(name)s:%(lineno)d] %(message)s",
    "val_%(message)s",
    "[%(levelname)s] loss: %(lineno)d %(message)s;",
    "%(process)d%% %(module)s - %(funcName)s() %(message)s | 12",
)
HANDLED = """logger = logging.getLogger({})
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter({}))
logger.handlers[:] = [handler]
logger.setLevel("INFO")"""
LOGGERS = st.sampled_from(
    [
        "logging.basicConfig(stream=sys.stdout, level=logging.INFO)\nlogger = logging.getLogger('train')",
        *(
            f"logging.basicConfig(stream=sys.stdout, format={each!r}, level=logging.INFO)\nlogger = logging.getLogger()"
            for each in FORMATS
        ),
        HANDLED.format("'val_loss='", "'%(name)s %(relativeCreated)d %(message)s'"),
        "LINE = '%(asctime)s ' + '%(message)s'\n" + HANDLED.format("__name__", "LINE, datefmt='%d-%b-%y %H:%M:%S'"),
        HANDLED.format("__name__", "'{name} loss: {lineno} {message}', style='{'"),
    ]
)
"""How a script sets its logger up."""

HEAD = """import logging
import math
import sys
import time

{logger}
name = "score"


def message(value):
    return f"val_loss: {value:.3f}"


def ratio(value, count):
    if count == 0:
        return 0
    return value / count


def check(value):
    if value < 0.3:
        raise ValueError(value)


def train():
    name = "score"
    loss = 1.0
    acc = 0.0
"""


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A statement that prints, or some of which one does."""
    return draw(AROUND).replace("{print}", draw(PRINTS)) + "\n"


@st.composite
def trainings(draw: st.DrawFn) -> str:
    """A script that prints in its loop and after it."""
    inside = draw(st.lists(statements(), max_size=2))
    after = draw(st.lists(statements(), max_size=2))
    loop = "    history = []\n    for epoch in range(3):\n        loss = loss / 2\n        acc = 1 - loss\n"
    loop += "        history.append(loss)\n"
    loop += textwrap.indent("".join(inside), " " * 8)
    rest = textwrap.indent("".join(after), " " * 4)
    head = HEAD.replace("{logger}", draw(LOGGERS))
    return f"{head}{loop}{rest}\n\nif __name__ == '__main__':\n    train()\n"


def output(text: str) -> list[str]:
    """The lines that a script prints when it is run, as the log has them."""
    stream = io.StringIO()
    names: dict[str, Any] = {"__name__": "__main__"}
    import logging

    root = logging.getLogger()
    handlers = root.handlers[:]
    root.handlers[:] = []
    try:
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda *of: print(warnings.formatwarning(*of[:4]))  # noqa: T201 - pytest's is silent
            exec(compile(text, "train.py", "exec"), names)
    finally:
        root.handlers[:] = handlers
    return stream.getvalue().replace("\t", "#011").splitlines()


@settings(max_examples=scaled(1000))
@given(trainings(), EXPRESSIONS)
def test_the_verdict_is_that_of_the_scripts_output(text: str, expression: str) -> None:
    """Where it is called printed the output has it, where it is called not printed the output has it nowhere."""
    found = read(text).output
    assert found.others is None
    regex = Regex(expression)
    printed = any(re.search(expression, line) for line in output(text))
    possible = [each for each in found.prints if may_find(regex, found.lines(each))]
    if any(each.is_sure and finds(regex, found.lines(each)) for each in possible):
        assert printed
    if not possible:
        assert not printed


def test_a_call_without_a_name_is_described_in_words() -> None:
    """The reason describes a call of another expression's result."""
    doubt = read("models['a'](pretrained=True, progress=True)\n").output.others
    assert doubt is not None
    assert doubt.reason == "calls the result of an expression with `progress`"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('print(f"val_loss={loss:.4f}")', True),
        ('print("val_loss=%.4f" % loss)', True),
        ('print("val_loss={0:.4f}".format(loss))', True),
        ('print("val_loss=" + str(loss))', True),
        ('print("val_loss=", loss, sep="")', True),
        ('template = "val_loss={:.4f}"\n    print(template.format(loss))', True),
        ('print(f"val loss={loss:.4f}")', False),
        ('print("val_loss", loss)', False),
        ("print(metrics)", None),
        ('print(f"{metrics}={loss:.4f}")', None),
        ('import xgboost\n    print("done")', None),
        ('model.fit(x, verbose=1)\n    print("done")', None),
        ('import torchmetrics\n    print("done")', False),
        ('import keras_metrics\n    print("done")', False),
        ('import loguru\n    print("done")', None),
        ('print("loss", end="=")\n    print(loss)', None),
        ('subprocess.run(["python", "other.py"])', None),
        ('subprocess.call(["python", "other.py"])', None),
        (r'print(f"\nval_loss={loss:.4f}\n")', True),
        (r'logging.getLogger(__name__).info("\nval_loss=%f\n", loss)', True),
        ('import subprocess\n    subprocess.check_call([sys.executable, "-m", "pip", "install", "timm"])', False),
        ('import subprocess\n    subprocess.run("pip install -q timm==0.9".split())', None),
        ('os.system("pip install -r requirements.txt")', False),
        ('os.system("pip install timm && python other.py")', None),
        ('import subprocess as sp\n    sp.run(["pip", "install", "timm"])', False),
        ('import subprocess as sp\n    sp.call(["aws", "s3", "cp", path, "data"])', False),
        ('import subprocess as sp\n    sp.call("unzip data.zip")', False),
        ('import subprocess as sp\n    sp.call("unzip data.zip && cat log", shell=True)', None),
        ('import subprocess as sp\n    sp.call(["cat", "log"])', None),
        ("import subprocess as sp\n    helper.call(sp.run)", None),
        ("import subprocess as sp\n    helper.call(sp)", None),
        ("import subprocess\n    pipe = subprocess.PIPE", False),
        ('from subprocess import run\n    run(["pip", "install", "timm"])', None),
        ('logging.getLogger(__name__).info("loss %f", loss)', False),
        ('logger.log(20, "val_loss=%f" % loss)', None),
        ("helper.print_metrics(loss)", None),
        ("math.log(loss)", False),
        ("parser.print_help()", False),
        ("helper.log(loss)\n    helper.info(loss)", None),
    ],
)
def test_forms_of_printing(line: str, expected: bool | None) -> None:
    """Printed, not printed, or unknown: a library may print by itself."""
    loop = f"loss = 0.0\nfor epoch in range(3):\n    loss += 0.1\n    {line}\n"
    found = read(f"import logging\nfrom sklearn import helper, metrics, model\n{loop}").output
    regex = Regex(r"val_loss=([0-9\.]+)")
    possible = [each for each in found.prints if may_find(regex, found.lines(each))]
    seen = [each for each in possible if finds(regex, found.lines(each))]
    sure = any(each.is_sure for each in seen)
    verdict = True if seen else None if possible or found.others else False
    assert (sure or None if verdict is None else verdict) is expected


@pytest.mark.parametrize(
    ("decorator", "is_known"), [("tf.function", False), ("torch.no_grad()", True), ("torch.compile", False)]
)
def test_what_a_decorated_function_returns(decorator: str, is_known: bool) -> None:
    """Gradients that are off change no result; TensorFlow makes a tensor of it, and others may make anything."""
    text = f"import torch\nimport tensorflow as tf\n@{decorator}\ndef f():\n    return 'loss'\nx = f()\nprint(x)\n"
    (printed,) = read(text).output.prints
    assert (printed.line == ("loss",)) is is_known


@pytest.mark.parametrize(
    ("code", "is_sure"),
    [
        ("for phase in ['train', 'val']:\n    print(phase, 'loss')", True),
        ("for phase in phases:\n    print('val loss')", True),
        ("def show(phase):\n    print(phase, 'loss')\nshow('train')\nshow('val')", True),
        ("def show(phase):\n    print(phase, 'loss')\nshow('train')\nif x:\n    show('val')", False),
        ("if x:\n    raise ValueError\nprint('val loss')", True),
        ("def check(x):\n    if x:\n        raise ValueError\ncheck(x)\nprint('val loss')", True),
        ("try:\n    if x:\n        raise ValueError\n    print('val loss')\nexcept ValueError:\n    pass", False),
        ("try:\n    print('val loss')\nexcept Exception as e:\n    print(e)\n    raise", True),
        ("try:\n    print('val loss')\nexcept Exception as e:\n    print(e)\n    sys.exit(255)", True),
        ("try:\n    print('val loss')\nexcept Exception as e:\n    sys.exit(0)", False),
        ("def f():\n    try:\n        g()\n    except E:\n        return\n    print('val loss')\nf()", False),
        ("def f():\n    try:\n        return g()\n    except E:\n        pass\n    print('val loss')\nf()", False),
        ("try:\n    print('val loss')\nfinally:\n    done()", True),
        ("if x:\n    raise SystemExit\nprint('val loss')", False),
        ("def f():\n    if x:\n        return\n    print('val loss')\nf()", False),
        ("def f():\n    for y in x:\n        if y:\n            return\n    print('val loss')\nf()", False),
        ("def f():\n    for y in x:\n        return\n    print('val loss')\nf()", False),
        ("for y in x:\n    if y:\n        continue\nprint('val loss')", True),
        ("for y in x:\n    for z in y:\n        if z:\n            break\n    print('val loss')", True),
        ("for y in x:\n    if y:\n        continue\n    print('val loss')", False),
        ("for phase in ['train', 'val']:\n    if x:\n        break\n    print(phase, 'loss')", False),
        ("for phase in ['train', 'val']:\n    print(phase, 'loss')\n    if x:\n        break", False),
        ("for phase in ['train', 'val']:\n    print(phase, 'loss')\n    if x:\n        continue", True),
    ],
)
def test_a_line_is_certain_where_only_an_error_can_prevent_it(code: str, is_sure: bool) -> None:
    """A script that ends in an error has no result; a branch, an early return or a break may leave a line out."""
    prints = read(f"import sys\nfrom sklearn import x, phases, g, E, done\n{code}\n").output.prints
    assert [shown.is_sure for shown in prints if shown.line == ("val loss",)] == [is_sure]


@pytest.mark.parametrize(
    ("method", "fit", "is_sure"),
    [
        ("on_train_end", "model.fit(x, callbacks=[C()])", True),
        ("on_epoch_end", "c = C()\ncs = [other, c]\nmodel.fit(x, callbacks=cs)", True),
        ("on_epoch_end", "cs = []\ncs.append(C())\nmodel.fit(x, callbacks=cs)", True),
        ("on_train_end", "if x:\n    model.fit(x, callbacks=[C()])", False),
        ("on_train_end", "C()\nmodel.fit(x)", False),
        ("on_test_end", "model.fit(x, callbacks=[C()])", False),
    ],
)
def test_a_method_that_keras_calls_is_called(method: str, fit: str, is_sure: bool) -> None:
    """What a callback prints that is passed to a training is printed: in the loop if Keras calls it in each epoch."""
    head = "from keras.callbacks import Callback\nfrom keras import Sequential, x, other\nmodel = Sequential()\n"
    text = f"{head}class C(Callback):\n    def {method}(self, *of):\n        print('val loss')\n{fit}\n"
    (shown,) = read(text).output.prints
    assert (shown.is_sure, shown.in_loop) == (is_sure, is_sure and method == "on_epoch_end")


def test_a_training_of_many_epochs_is_no_reason_to_skip_what_follows() -> None:
    """A loop over a literal range takes a few steps, so that the calls after it are followed."""
    work = "\n".join(f"        x{number} = model(batch) + {number}" for number in range(40))
    train = f"def train():\n    for epoch in range(100):\n{work}\n"
    text = f"from sklearn import model, batch\n{train}def test():\n    print('val loss')\ntrain()\ntest()\n"
    (shown,) = read(text).output.prints
    assert shown.is_sure


def test_where_a_line_is_printed() -> None:
    """In a loop, also through a function that one calls, or after it."""
    text = "def tell(loss):\n    print(f'loss={loss:.3f}')\nfor epoch in range(9):\n    tell(epoch)\nprint('at last')\n"
    prints = read(text).output.prints
    assert {each.line: each.in_loop for each in prints if "at last" in each.line} == {("at last",): False}
    assert all(each.in_loop for each in prints if "at last" not in each.line)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("phase.capitalize()", ["Train Loss: ", "Valid Loss: "]),
        ("phase.upper()", ["TRAIN Loss: ", "VALID Loss: "]),
        ("phase.title().lower()", ["train Loss: ", "valid Loss: "]),
        ("(' ' + phase).strip()", ["train Loss: ", "valid Loss: "]),
        ("phase.strip('n')", [TEXT]),
        ("phase.center(9)", [TEXT]),
        ("unknown.upper()", [TEXT]),
    ],
)
def test_a_method_of_a_known_text_is_known(shown: str, expected: list[str | Wildcard]) -> None:
    """In each pass of a loop over literals; a method with arguments or of an unknown text may return any text."""
    text = f"for phase in ['train', 'valid']:\n    loss = train(phase)\n    print({shown} + ' Loss:', loss)\n"
    found = read(f"from torch import train, unknown\n{text}").output
    assert list(dict.fromkeys(printed.line[0] for printed in found.prints)) == expected


@pytest.mark.parametrize(
    ("expression", "is_found"), [("Valid Loss: ([0-9.]+)", True), ("valid loss: ([0-9.]+)", False)]
)
def test_a_phase_with_a_capital_letter_is_not_one_without(expression: str, is_found: bool) -> None:
    """A script that shows each phase by ``capitalize`` prints no line with the phase in small letters."""
    loop = "for phase in ['train', 'valid']:\n    print(phase.capitalize() + ' Loss: ' + str(0.5))\n"
    found = read(f"for epoch in range(9):\n    {loop.replace(chr(10), chr(10) + '    ')}\n").output
    assert found.others is None
    assert any(may_find(Regex(expression), found.lines(shown)) for shown in found.prints) is is_found


LOG = "def log(phase):\n    print(f'{phase} loss')\n"
OTHER_WAYS = [
    ("import logging as lg\nlg.basicConfig(level=20)\nlg.log(20, 'the loss: %.2f', lr)", r"loss: ([0-9.]+)"),
    ("import logging\nlogging.basicConfig(level=20)\nlogging.getLogger('t').fatal('loss: %s', lr)", r"loss: ([0-9.]+)"),
    ("import logging\nlogging.basicConfig(level=20)\nlogging.info(msg=f'loss: {lr}')", r"loss: ([0-9.]+)"),
    ("import logging\nlogging.basicConfig(level=20)\nlist(map(logging.info, [f'loss: {lr}']))", r"loss: ([0-9.]+)"),
    ("import logging\nlogging.basicConfig(level=20)\ngetattr(logging, 'info')(f'loss: {lr}')", r"loss: ([0-9.]+)"),
    (
        "import logging\nlogging.basicConfig(level=20)\nlogging.addLevelName(20, 'FOR YOU')\nlogging.info('a')",
        r"FOR YOU",
    ),
    ("import logging\nlogging.basicConfig(format='<< %(message)s >>', level=20)\nlogging.info('a')", r"<< a >>"),
    (
        "import logging\nfrom logging import basicConfig as to\nto(format='<<%(message)s', level=20)\nlogging.error(1)",
        r"<<1",
    ),
    ("import sys\nsys.stdout.write('the loss: ')\nsys.stdout.write('%.2f' % lr)", r"the loss: ([0-9.]+)"),
    ("import sys, json\njson.dump({'loss': lr}, sys.stdout)", r'"loss": ([0-9.]+)'),
    ("import sys\nout = sys.stdout\nout.write(f'loss: {lr}')", r"loss: ([0-9.]+)"),
    ("import json\nprint('metrics = ' + json.dumps({'loss': lr}, indent=2))", r'^  "loss": ([0-9.]+)'),
    ("best = False\nbest = True\nprint(f'best: {best}')", r"best: True"),
    ("import datetime\nprint(f'at: {datetime.datetime.now().time()}')", r"at: \d+:\d+"),
    ("import datetime\nprint(f'at: {datetime.datetime.now():%H:%M:%S.%f}')", r"at: \d+:\d+"),
    ("class T:\n    def time(self):\n        return '0m 12s'\nprint('took', T().time())", r"took 0m 12s"),
    ("def accuracy_score(a, b):\n    return f'{a}/{b}'\nprint('accuracy', accuracy_score(1, 2))", r"accuracy 1/2"),
    ("class M:\n    def __format__(self, spec):\n        return 'val of it'\nm = M()\nprint(f'{m:.3f}')", r"val of it"),
    ("width = max(map(len, ['loss']))\nname = input.__name__\nprint(f'{name:<{width}}: {lr}')", r"input: "),
    ("h = hash('a') & 0xffff | 0xa000\nprint(f'id {h:x}')", r"id [a-f]"),
    ("print(f'{lr:*>12.4f}')", r"\*\*\*0"),
    ("print('model ' + repr('big net'))", r"'big net'"),
    ("print('{:{}}|{}'.format('x', 4, 'train'))", r"x   \|train"),
    ("print('%s-%s loss=%s' % (*['a', 'b'], 3))", r"a-b loss=3"),
    ("import warnings\nwarnings.warn(f'val loss: {lr}')", r"UserWarning: val loss: ([0-9.]+)"),
    ("state = {'n': lr * 200}\nprint('epoch:', 3 + len(list(range(4))) * 1 + int(state['n']))", r"^epoch: 17$"),
    (
        "import sys\ntry:\n    sys.exit(f'final loss: {lr}')\nexcept SystemExit as e:\n    print(e)",
        r"final loss: ([0-9.]+)",
    ),
    ("print('a', 'b', sep=None)", r"^a b$"),
    ("said = f'final loss: {lr}'\ntry:\n    exit(said)\nexcept SystemExit as e:\n    print(e)", r"loss: ([0-9.]+)"),
    (f"{LOG}for _ in range(60):\n    for i in range(700):\n        i = i + 1\n    log('a')\nlog('test')", r"test loss"),
    ("def train(e):\n    print(f'epoch {e} loss')\n    if e < 9:\n        train(e + 1)\ntrain(0)", r"epoch 8 loss"),
]
"""Scripts that print what an expression finds, in ways that people have."""


@pytest.mark.parametrize(("text", "expression"), OTHER_WAYS)
def test_a_print_in_any_way_is_never_called_not_printed(text: str, expression: str) -> None:
    """The script's output contains the metric, so the verdict is that it is printed, or that it may be."""
    whole = f"lr = 0.05\n{text}\n"
    found, regex = read(whole).output, Regex(expression)
    assert any(re.search(expression, line) for line in output(whole)), output(whole)
    assert found.others is not None or any(may_find(regex, found.lines(each)) for each in found.prints)


@pytest.mark.parametrize(
    ("definition", "call", "is_known"),
    [
        ("def evaluate(x):\n    print(f'loss={x}')", "evaluate(0.5)", True),
        ("@torch.no_grad()\ndef evaluate(x):\n    print(f'loss={x}')", "evaluate(0.5)", True),
        ("@torch.inference_mode()\ndef print_metrics(x):\n    print(f'loss={x}')", "print_metrics(0.5)", True),
        ("@helper.wrap\ndef evaluate(x):\n    print(f'loss={x}')", "evaluate(0.5)", None),
        (
            "class T:\n    def run(self):\n        self.log(1)\n    def log(self, x):\n        print('l')",
            "T().run()",
            True,
        ),
        (
            "class T(Trainer):\n    def run(self):\n        self.log(1)\n    def log(self, x):\n        pass",
            "T().run()",
            True,
        ),
        ("class T(Trainer):\n    def log(self, x):\n        super().log(x)", "T().log(1)", None),
        ("class T(Trainer):\n    def run(self):\n        pass", "T().train()", None),
        ("class T:\n    def train(self, train):\n        pass", "T().train(1)", True),
        ("class T:\n    def fit(self):\n        pass", "t = T() if x else Trainer()\nt.fit()\nt.train()", None),
        ("def train(x):\n    pass\ndef load(train):\n    return train", "train(load(1))", True),
        ("from transformers import evaluate", "evaluate(0.5)", None),
        ("def evaluate(x):\n    pass\nfrom transformers import evaluate", "evaluate(0.5)", None),
        ("def evaluate(x):\n    pass\nevaluate = Trainer().evaluate", "evaluate(0.5)", None),
        ("def f(evaluate):\n    evaluate(1)\ndef evaluate(x):\n    pass", "f(Trainer().evaluate)", None),
        ("def print(x):\n    helper.show(x)", "print(0.5)", None),
    ],
)
def test_a_function_of_the_script_is_that_function(definition: str, call: str, is_known: bool | None) -> None:
    """Whatever a library calls its own; a decorator of torch passes its arguments on."""
    text = f"import torch\nfrom transformers import Trainer\nfrom sklearn import helper\n{definition}\n{call}\n"
    found = read(text).output
    is_silent = not any(may_find(Regex(r"val loss: (\d)"), found.lines(each)) for each in found.prints)
    assert (True if found.others is None and is_silent else None) is is_known


@pytest.mark.parametrize(
    ("loop", "in_loop"),
    [
        ("for value in history:\n    print(f'loss={value:.4f}')", False),
        ("for epoch, value in history.items():\n    print('loss={:.4f}'.format(float(value)))", False),
        ("for epoch in range(9):\n    train()\n    print('loss=0.5')", True),
        ("for epoch in range(9):\n    print(f'loss={train():.4f}')", True),
        ("for epoch in range(9):\n    loss = loss / 2\n    print(f'loss={loss:.4f}')", True),
        ("for epoch in range(9):\n    for value in history:\n        print(f'loss={value:.4f}')\n    train()", True),
    ],
)
def test_a_loop_that_only_prints_trains_nothing(loop: str, in_loop: bool) -> None:
    """A history that is printed after the training is no report of each epoch."""
    prints = read(f"history, loss = load(), 1.0\n{loop}\n").output.prints
    assert [shown.in_loop for shown in prints] == [in_loop]
