"""The work on a script grows linearly with its length, for values, names and prints."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.growth import assert_linear
from tests.script.test_arguments import read

HEAD = "import argparse, logging, torch\nparser = argparse.ArgumentParser()\nargs = parser.parse_args()\n"


def repeated(line: str) -> Callable[[int], str]:
    """Texts of so many lines, each with its number."""
    return lambda size: HEAD + "".join(line.replace("#", str(number)) for number in range(size))


@pytest.mark.parametrize(
    "line",
    [
        "x# = y.a.b.c().d.e().f(z.g#)\n",
        "print(unheard#, unheard)\n",
        "def f#(a, b=2):\n    print(f'{a} {b}')\nf#(len(y), b=z)\n",
        "logging.basicConfig(format='# %(message)s')\nlogging.info('the # of %d', #)\n",
        "args.x# = #\nprint(args.x#, vars(args))\n",
        "parser.add_argument('--x#', type=int, default=#)\nprint(args.x#)\n",
        "x# = torch.sum(y) / # + x\nprint(f'{x#}')\n",
        "parser.add_argument('--y#')\nopen(args.y#)\n",
        "path = 'a'\ntorch.save(model, path)\n",
        "x# = os.environ.get('x#')\n",
        "import keras\ns = m.evaluate(y)\nx# = s[0] + s[1]\nm.compile('a', metrics=['mae'])\nprint(f'{x#}')\n",
        "a = []\na.append(len(y))\nx# = a[0] + max(a)\nprint(f'{x#}')\n",
        "def f#():\n    return f##() + f##()\nprint(f'{f#()}')\n",
        "c = nn.MSELoss()\nx# = c(y, y) + torch.sum(y)\nprint(f'{x#}')\n",
        "def save#(path):\n    torch.save(model#, path)\nsave#('#.pt')\n",
        "torch.save(args.x, '#.pt')\ns3.upload_file('#.pt', 'b', '#')\n",
        "def up#(path):\n    s3.upload_file(path, 'b', '#')\ndump(vars(args), '#.pt')\nup#('#.pt')\n",
        "tar.add('x.tar')\ntar = open('x.tar', 'w')\ns3.upload_file('x.tar', 'b', '#')\n",
        "k = k# + '/'\nk# = k + k\ns3.upload_file(k, 'b', k)\n",
        "s3.put_object(Bucket='b', Key='k', Body=x#)\nx# = x## + args.y#\n",
    ],
)
def test_a_script_takes_work_as_it_is_long(line: str) -> None:
    """However many names, members, functions, formats, options or sums it has."""
    assert_linear(repeated(line), read, 200)


def test_a_chain_of_names_takes_work_as_it_is_long() -> None:
    """Each name is what the one before it is: that is looked through so often, and no more."""
    chain = repeated("x# = y# + 1\ny# = x#\nprint(f'{y#}')\n")
    assert_linear(chain, read, 200)


def test_the_printed_averages_of_a_function_take_work_as_it_is_long() -> None:
    """However many it divides and prints, and however often a function passes on the size of its batches."""

    def script(size: int) -> str:
        totals = "".join(
            f"    total{number} = 0\n    for batch in loader:\n"
            f"        total{number} += criterion(batch, batch).item()\n"
            f"    total{number} /= len(loader.dataset)\n    print(f'{{total{number}}} of {{size}}')\n"
            f"    train(DataLoader([], size), size)\n"
            for number in range(size)
        )
        return f"{HEAD}def train(loader, size):\n{totals}train(DataLoader([], args.batch_size), args.batch_size)\n"

    assert_linear(script, read, 40)
