"""What stands for the values of a script in a printed line: never less than the value may be shown as."""

from __future__ import annotations

import datetime
import re
from argparse import ArgumentParser

import pytest

from hpolint.facts.regex import Regex
from hpolint.model.training_script import FIGURES, GIVEN, NUMBER, TEXT, WHOLE, WORD, Wildcard
from tests.script.test_arguments import read

TORCH = "import torch\nimport numpy as np\n"
PARSER = "import argparse, os\nparser = argparse.ArgumentParser()\n"


def wildcard(text: str) -> Wildcard:
    """The wildcard between the brackets of the last print."""
    *_, shown = read(text).output.prints
    return next(each for each in shown.line if isinstance(each, Wildcard))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 0\nfor y in z():\n    x += y.item() * y.size(0)\nprint(f'[{x}]')", NUMBER),
        ("x = 0.5\nx = x + z()\nprint(f'[{x}]')", TEXT),
        ("a = 1\nb = a\nc = b\nprint(f'[{c / len(z)}]')", NUMBER),
        ("def f(x):\n    print(f'[{x}]')\nf(len(z))\nf(x=z.item())", NUMBER),
        ("def f(x):\n    print(f'[{x}]')\nf(len(z))\ncall(f)", TEXT),
        ("def f(x):\n    print(f'[{x}]')\nf(len(z))\nf(*z)", TEXT),
        ("def f(x):\n    print(f'[{x}]')\nf(len(z))\nf(z())", TEXT),
        ("@z\ndef f(x):\n    print(f'[{x}]')\nf(len(z))\nf(z())", TEXT),
        ("class C:\n    def f(self, x):\n        print(f'[{x}]')\nC().f(z())", TEXT),
        ("h, w = z.shape\nprint(f'[{h}]')", NUMBER),
        ("n = z.shape[1]\nprint(f'[{n}]')", NUMBER),
        ("h, w = z\nprint(f'[{h}]')", TEXT),
        ("with z() as x:\n    print(f'[{x}]')", TEXT),
        ("try:\n    z()\nexcept E as x:\n    print(f'[{x}]')", TEXT),
        ("match z():\n    case [x, *_]:\n        print(f'[{x}]')", TEXT),
        ("for phase in z():\n    for x in ['train', phase]:\n        print(f'[{x}]')", TEXT),
        ("def f(x):\n    print(f'[{x}]')\nf('a' if z() else 'b_2')", WORD),
        ("def f(x):\n    print(f'[{x}]')\nf('a b' if z() else 'b_2')", TEXT),
        ("x = z()\nprint(f'[{x / len(y)}]')", TEXT),
        ("import time\nstart = time.time()\nprint(f'[{time.time() - start}]')", NUMBER),
        ("print(f'[{z().time()}]')", TEXT),
        ("x = True\nprint(f'[{x if z() else False}]')", TEXT),
        ("print(f'[{not len(z)}]')", TEXT),
        ("print(f'[{(z == y).item()}, {z.all().item()}]')", TEXT),
        ("print(f'[{z.loss.item()}]')", NUMBER),
        ("print(f'[{z.shape[1:]}]')", TEXT),
        ("from sklearn.metrics import accuracy_score\nprint(f'[{accuracy_score(z, y)}]')", NUMBER),
        ("def accuracy_score(z, y):\n    return '1/2'\nprint(f'[{accuracy_score(z, y)}]')", TEXT),
        ("class M:\n    def item(self):\n        return 'a'\nprint(f'[{z.item()}]')", TEXT),
        ("class M:\n    def __format__(self, spec):\n        return 'a'\nprint(f'[{z:.3f}]')", TEXT),
        ("print(f'[{z:.3f}]')", NUMBER),
        ("print(f'[{z:.0f}]')", WHOLE),
        ("print('[{:5.0f}]'.format(z))", WHOLE),
        ("print('[%d]' % z)", WHOLE),
        ("print('[%.0f%%]' % z)", WHOLE),
        ("print('[{:.10f}]'.format(z))", NUMBER),
        ("print('[{:.0%}]'.format(z))", NUMBER),
        ("import torch\nprint(f'[{torch.cuda.device_count()}]')", NUMBER),
        ("def device_count():\n    return 'a b'\nprint(f'[{z.device_count()}]')", TEXT),
        ("print(f'[{z:>{y}.3f}]')", NUMBER),
        ("print(f'[{z:<{y}}]')", TEXT),
        ("print(f'[{z:*>12.3f}]')", TEXT),
        ("print(f'[{z:08x}]')", TEXT),
        ("print(f'[{z:%H:%M:%S.%f}]')", TEXT),
        ("print('[{:{}}]'.format(z, 4))", TEXT),
        ("print('[%x]' % z)", TEXT),
        ("print('[%s]' % (*z, 4))", TEXT),
    ],
)
def test_a_wildcard_is_a_number_or_word_only_where_every_value_is_one(text: str, expected: Wildcard) -> None:
    """Through sums, loops, tuples and functions whose calls are all known; otherwise it is any text."""
    assert wildcard(f"from sklearn import z, y, E, call\n{text}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 0\nx += torch.sum(z == y)\nprint('[', x, ']')", FIGURES),
        ("x = 0\nx += torch.sum(z == y)\nprint('[', 100 * x / len(z), ']')", FIGURES),
        ("x = z()\nprint(f'[{x / len(y)}]')", FIGURES),
        ("x = z()\nprint(f'[{x / y}]')", TEXT),
        ("x = z()\nprint(f'[{x * 3}]')", TEXT),
        ("x = z()\nprint(f'[{x * 0.5}]')", FIGURES),
        ("x = z()\nprint(f'[{x + 1}]')", TEXT),
        ("print(f'[{z().double() // len(y)}]')", FIGURES),
        ("print(f'[{z().detach().cpu()}]')", TEXT),
        ("print('[', z().mean().detach().cpu(), ']')", FIGURES),
        ("print(f'[{np.mean(z)}]')", FIGURES),
        ("print(f'[{np.load(z)}]')", TEXT),
        ("print(f'[{sum(z) / 2}]')", FIGURES),
        ("print('[', round(z.mean(), 2), ']')", FIGURES),
        ("device = torch.device('cuda' if z else 'cpu')\nprint(f'[{device}]')", FIGURES),
        ("x = {'train': 0.5}\nprint(f'[{x}]')", TEXT),
        ("print(f'[{torch.load(z)}]')", TEXT),
        ("print(f'[{not z}]')", TEXT),
    ],
)
def test_a_wildcard_is_a_number_where_a_text_is_impossible(text: str, expected: Wildcard) -> None:
    """For results of torch and numpy, and for sums in which a text would be an error."""
    assert wildcard(f"{TORCH}from sklearn import z, y\n{text}\n") == expected


CALLBACK = "class C:\n    def s(self):\n        self.best = []\n"
CALLBACK += "    def e(self, logs):\n        self.best.append(logs.get('loss'))\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z.compile('sgd', 'mse')\ns = z.evaluate(y)\nprint('[', s[0], ']')", NUMBER),
        ("loss, acc = z.evaluate(y)\nprint(f'[{acc}]')", TEXT),
        ("z.compile('sgd', 'mse', metrics=['accuracy'])\nloss, acc = z.evaluate(y)\nprint(f'[{acc}]')", NUMBER),
        ("z.compile('sgd', 'mse', metrics=['f1_score'])\nloss, f1 = z.evaluate(y)\nprint(f'[{f1}]')", TEXT),
        ("z.compile('sgd', 'mse', metrics=[F1Score()])\nloss, f1 = z.evaluate(y)\nprint(f'[{loss}{y}{f1}]')", NUMBER),
        ("z.compile('sgd', 'mse', metrics=[F1Score()])\nprint(f'[{z.evaluate(y)[1]}]')", TEXT),
        ("print(f'[{z.evaluate(y)}]')", TEXT),
        ("print('[', h.history['val_loss'][-1], ']')", NUMBER),
        ("print('[', max(h.history['val_accuracy']), ']')", NUMBER),
        ("print('[', np.mean(h.history['val_auc_1']), ']')", NUMBER),
        ("print('[', h.history['val_f1'][-1], ']')", TEXT),
        ("print('[', h.history['val_loss'], ']')", TEXT),
        ("m = tf.keras.metrics.Mean()\nprint('[', m.result().numpy(), ']')", NUMBER),
        ("m = tf.keras.metrics.Mean()\nprint(f'[{m.result()}]')", NUMBER),
        ("m = tf.keras.metrics.Mean()\nprint('[', m.result(), ']')", TEXT),
        ("m = tf.keras.metrics.F1Score()\nprint(f'[{m.result()}]')", TEXT),
        ("m = z\nprint(f'[{m.result()}]')", TEXT),
        ("def on_epoch_end(epoch, logs):\n    print('[', logs['val_loss'], ']')", NUMBER),
        ("logs = {'loss': []}\nprint('[', logs['loss'], ']')", TEXT),
        ("def on_epoch_end(epoch, logs):\n    print('[', logs.get('val_loss'), ']')", TEXT),
        (f"{CALLBACK}    def f(self):\n        print('[', max(self.best), ']')", NUMBER),
        (f"{CALLBACK}    def f(self):\n        print('[', self.best[-1], ']')", TEXT),
        (f"{CALLBACK}    def f(self):\n        self.best.append(z())\n        print('[', max(self.best), ']')", TEXT),
        ("m = tf.keras.metrics.Mean()\n@tf.function\ndef f():\n    print(f'[{m.result()}]')\nf()", TEXT),
    ],
)
def test_what_keras_measures_is_a_number(text: str, expected: Wildcard) -> None:
    """The loss, a metric that has one value, and the values of an epoch; a list or a tensor is not one."""
    assert (
        wildcard(f"import tensorflow as tf\nimport numpy as np\nfrom sklearn import z, y, h, F1Score\n{text}\n")
        == expected
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("print('[', np.sqrt(mean_squared_error(z, y)), ']')", NUMBER),
        ("print('[', np.sqrt(z), ']')", TEXT),
        ("print('[', math.sqrt(z), ']')", NUMBER),
        ("print('[', np.percentile(z, 50), ']')", NUMBER),
        ("for q in [10, 50]:\n    print('[', np.percentile(a=z, q=q), ']')", NUMBER),
        ("print('[', np.percentile(z, [10, 50]), ']')", TEXT),
        ("print('[', np.percentile(z, 50, axis=0), ']')", TEXT),
        ("s = cross_val_score(z, y)\nprint('[', s.mean(), s, ']')", NUMBER),
        ("print('[', cross_val_score(z, y).std(), ']')", NUMBER),
        ("print('[', cross_val_score(z, y), ']')", TEXT),
        ("losses = np.zeros(9)\nprint('[', losses.mean(), ']')", NUMBER),
        ("losses = np.zeros(9)\nprint('[', losses.mean(axis=0), ']')", TEXT),
        ("x = []\nx.append(z.item())\nprint('[', x[-1], sum(x) / len(x), np.mean(x), ']')", NUMBER),
        ("x = []\nx.append(z)\nprint('[', np.mean(x), ']')", TEXT),
        ("x = []\nx.append(z.item())\nx.extend(y)\nprint('[', x[-1], ']')", TEXT),
        ("x = []\nx.append(z.item())\nx[0] = y\nprint('[', x[-1], ']')", TEXT),
        ("x = []\nx.append(z.item())\nprint('[', x, ']')", TEXT),
        ("print('[', z.score(y, y), ']')", TEXT),
        ("from sklearn.svm import SVC\nm = SVC()\nm.fit(y, y)\nprint('[', m.score(y, y), ']')", NUMBER),
        ("from sklearn.svm import SVC\nm = SVC().fit(y, y)\nprint('[', m.score(y, y), ']')", NUMBER),
        ("from rouge import Scorer\nm = Scorer()\nprint('[', m.score(y, y), ']')", TEXT),
        ("x = np.zeros((2, 2))\nprint('[', max(x), ']')", TEXT),
        ("print('[', z.best_score_, ']')", NUMBER),
        ("print('[', f1_score(z, y, average='macro'), ']')", NUMBER),
        ("print('[', f1_score(z, y, average=None), ']')", TEXT),
        ("def f(x):\n    if x:\n        return 0\n    return len(x) / 2\nprint('[', f(z), ']')", NUMBER),
        ("def f(x):\n    if x:\n        return x\n    return 1\nprint('[', f(z), ']')", TEXT),
        ("def f(x):\n    if x:\n        return 1\nprint('[', f(z), ']')", TEXT),
        ("def f(x):\n    yield 1\n    return 1\nprint('[', f(z), ']')", TEXT),
        ("@z\ndef f(x):\n    return 1\nprint('[', f(z), ']')", TEXT),
        ("def f(x):\n    if x:\n        return 0\n    return f(x) + 1\nprint('[', f(z), ']')", NUMBER),
        ("r = t.test(z)\nprint('[', r[0]['iou'], ']')", TEXT),
        ("import pytorch_lightning\nr = t.test(z)\nprint('[', r[0]['iou'], ']')", NUMBER),
        ("import pytorch_lightning\nr = t.predict(z)\nprint('[', r[0]['iou'], ']')", TEXT),
    ],
)
def test_what_a_library_computes_is_a_number_where_it_has_no_other_form(text: str, expected: Wildcard) -> None:
    """Scores, means of arrays, roots of numbers, and what the script's own functions return."""
    imports = "import math\nimport numpy as np\nfrom sklearn import z, y, t\nfrom sklearn.metrics import *\n"
    imports += "from sklearn.model_selection import cross_val_score\n"
    imports = imports.replace("import *", "import f1_score, mean_squared_error")
    assert wildcard(f"{imports}{text}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 0\nx += torch.sum(z == y)\nprint(f'[{x.double() / len(z)}]')", NUMBER),
        ("x = 0\nx += torch.sum(z == y)\nprint('[{}]'.format(x.double() / len(z)))", NUMBER),
        ("x = 0\nx += torch.sum(z == y)\nprint('[%s]' % x)", FIGURES),
        ("x = 0\nx += torch.sum(z == y)\nprint(f'[{x!s}]')", FIGURES),
        ("x = torch.sum(z, dim=1)\nprint(f'[{x}]')", TEXT),
        ("x = torch.sum(z, 1)\nprint(f'[{x}]')", FIGURES),
        ("x = torch.max(z, y)\nprint(f'[{x}]')", TEXT),
        ("c = nn.CrossEntropyLoss()\nloss = c(z, y)\nprint(f'[{loss}]')", NUMBER),
        ("c = nn.CrossEntropyLoss(reduction='none')\nloss = c(z, y)\nprint(f'[{loss}]')", TEXT),
        ("def f(c):\n    print(f'[{c(z, y)}]')\nf(nn.MSELoss())", NUMBER),
        ("def f(c):\n    print(f'[{c(z, y)}]')\nf(nn.MSELoss())\nf(z)", TEXT),
        ("class MSELoss:\n    pass\nc = MSELoss()\nprint(f'[{c(z, y)}]')", TEXT),
        ("print(f'[{F.nll_loss(z, y)}]')", NUMBER),
        ("print(f'[{F.nll_loss(z, y, reduction=z)}]')", TEXT),
        ("print(f'[{torch.sum(z) / y}]')", FIGURES),
    ],
)
def test_format_shows_a_tensor_without_dimensions_as_a_number(text: str, expected: Wildcard) -> None:
    """``format()`` and f-strings do; ``print`` and ``str`` show ``tensor(0.5)``, as they do for any tensor."""
    assert (
        wildcard(f"{TORCH}from torch import nn\nimport torch.nn.functional as F\nfrom torch import z, y\n{text}\n")
        == expected
    )


@pytest.mark.parametrize(
    "more",
    [
        "import pandas",
        "import torchmetrics",
        "from datasets import load_dataset",
        "class C:\n    def __truediv__(self, o): return 1",
    ],
)
def test_a_value_that_may_be_printed_with_labels_is_not_a_number(more: str) -> None:
    """A table computes sums as a tensor does, but prints its column names; so may a class's own value."""
    assert wildcard(f"{TORCH}{more}\nfrom sklearn import z\nprint(f'[{{z.mean() / 2}}]')\n") == TEXT


@pytest.mark.parametrize(
    "shown",
    [
        *("tensor(0.5)", "tensor(5, device='cuda:0')", "tensor([1., 2.], dtype=torch.float64)", "tensor(True)"),
        *("tensor(0.4321, grad_fn=<NllLossBackward0>)", "tensor(1., requires_grad=True)", "[0.1 0.2 -3.e-05]"),
        *("array([1, 2], dtype=int32)", "np.float64(0.5)", "cuda:0", "cpu", "mps", "nan", "inf", "-0.0", "(1+2j)"),
        *map(str, (datetime.timedelta(3, 4.5), datetime.datetime(2026, 1, 2, 3, 4, 5, 678), datetime.date(2026, 1, 2))),
    ],
)
def test_figures_have_what_values_are_shown_with(shown: str) -> None:
    """Each form of a tensor, an array, a device, a time: nothing of it is taken for impossible."""
    assert Regex(rf"\A{re.escape(shown)}\Z").may_match((FIGURES,))
    assert Regex(rf"loss={re.escape(shown)}!").may_match(("loss=", FIGURES, "!"))
    assert not Regex(r"Average loss").may_match((FIGURES,))


def test_a_device_is_a_word_and_a_number() -> None:
    """No other word is one of figures."""
    for expression, expected in (
        (r"cuda:\d", True),
        (r"grad_fn=<(\w+)>", True),
        (r"val_loss: (\d)", False),
        (r"Test set", False),
    ):
        assert Regex(expression).may_match((FIGURES,)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("args = parser.parse_args()\nprint(f'[{args}]')", GIVEN),
        ("args, _ = parser.parse_known_args()\nprint(f'[{args}]')", GIVEN),
        ("args = parser.parse_known_args()[0]\nprint(f'[{vars(args)}]')", GIVEN),
        ("args, rest = parser.parse_known_args()\nprint(f'[{rest}]')", TEXT),
        ("def parse():\n    args = parser.parse_args()\n    return args\nargs = parse()\nprint(f'[{args}]')", GIVEN),
        ("def main(args):\n    print(f'[{args.data}]')\nmain(parser.parse_args())", GIVEN),
        ("def main(args):\n    print(f'[{args.lr}]')\nmain(parser.parse_args())", NUMBER),
        ("def main(args):\n    print(f'[{args}]')\nmain(open('x').read())", TEXT),
        ("def main(*args):\n    print(f'[{args}]')\nargs = parser.parse_args()\nmain(open('x').read())", TEXT),
        ("args = parser.parse_args()\nargs = open('x').read()\nprint(f'[{args}]')", TEXT),
        ("parser.add_argument('--note', default='the loss: 0.5')\nprint(f'[{parser.parse_args()}]')", TEXT),
        ("parser.add_argument('--note', default=open('x').read())\nprint(f'[{parser.parse_args()}]')", TEXT),
        ("parser.set_defaults(note='the loss: 0.5')\nargs = parser.parse_args()\nprint(f'[{args}]')", TEXT),
        ("parser.set_defaults(**open('x').read())\nargs = parser.parse_args()\nprint(f'[{args}]')", TEXT),
        ("parser.add_argument('--n', default=os.environ['SM_NUM_GPUS'])\nprint(f'[{parser.parse_args()}]')", GIVEN),
        ("parser.add_argument('--n', default=os.environ['NOTE'])\nprint(f'[{parser.parse_args()}]')", TEXT),
        ("parser.add_argument('--n', type=float)\nprint(f'[{parser.parse_args().n}]')", GIVEN),
        ("parser.add_argument('--n', type=float, default=False)\nprint(f'[{parser.parse_args().n}]')", GIVEN),
        ("parser.add_argument('--n', type=lambda x: 'a b')\nprint(f'[{parser.parse_args().n}]')", TEXT),
        ("parser.add_argument('--n', action=Own)\nprint(f'[{parser.parse_args().n}]')", TEXT),
        ("parser.add_argument('--n', default=os.getenv('SM_N', 'a b'))\nprint(f'[{parser.parse_args()}]')", TEXT),
        ("print('[', os.path.join(parser.parse_args().data, 'model.pth'))", GIVEN),
        ("args = parser.parse_args()\npath = os.path.join(args.data, 'a', 'b.pth')\nprint(f'[{path}]')", GIVEN),
        ("def save(path):\n    print(f'[{path}]')\nsave(os.path.join(parser.parse_args().data, 'a'))", GIVEN),
        ("args = parser.parse_args()\nprint('[', os.path.join(args.data, 'my model'))", TEXT),
        ("args = parser.parse_args()\nprint(f'[{os.path.join(args.data, other)}]')", TEXT),
        ("args = parser.parse_args()\npath = os.path.join(args.data, 'a')\npath += ' b'\nprint(f'[{path}]')", TEXT),
        ("args = parser.parse_args()\nprint('[', os.path.join(folder, 'a'))", TEXT),
        ("parser.set_defaults(lr='auto')\nargs = parser.parse_args()\nprint(f'[{args.lr}]')", GIVEN),
        ("args = parser.parse_args()\nargs.lr = 'a b'\nprint(f'[{args.lr}]')", TEXT),
        ("args = parser.parse_args()\nargs.note = 'a b'\nprint(f'[{args}]')", TEXT),
        ("args = parser.parse_args()\nvars(args)['note'] = 'a b'\nprint(f'[{args}]')", TEXT),
        ("args = parser.parse_args()\nown = vars(args)\nprint(f'[{args}]')", TEXT),
        ("args = parser.parse_args()\nsetattr(args, 'note', 'a b')\nprint(f'[{args}]')", TEXT),
        ("parser.add_argument('--n', default=[-1, 'a'])\nprint(f'[{parser.parse_args()}]')", GIVEN),
    ],
)
def test_the_command_line_is_distinguished_from_any_other_text(text: str, expected: Wildcard) -> None:
    """A parser's result, or a member of it, contains no text of the script's; its numbers are numbers."""
    options = "parser.add_argument('--lr', type=float, default=-0.1)\nparser.add_argument('--data')\n"
    assert wildcard(f"{PARSER}{options}{text}\n") == expected


def test_what_a_parser_gives_may_be_shown_in_each_of_its_ways() -> None:
    """As argparse and a dict show it, with values that have no space."""
    parser = ArgumentParser()
    parser.add_argument("--val_loss", type=float)
    parser.add_argument("--data", nargs="*")
    given = parser.parse_args(["--val_loss", "0.5", "--data", "s3://bucket/a", "it's\""])
    for shown in (given, vars(given), given.data):
        assert Regex(rf"\A{re.escape(str(shown))}\Z").may_match((GIVEN,))
    assert Regex(r"val_loss=([0-9.]+)").may_match((GIVEN,))
    assert Regex(r"'val_loss': ([0-9.]+)").may_match((GIVEN,))
    assert not Regex(r"Test set: Average loss: ([0-9.]+)").may_match((GIVEN,))
    assert not Regex(r"loss: ([0-9.]+)").may_match((GIVEN,))
