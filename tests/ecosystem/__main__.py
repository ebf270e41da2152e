"""What a change does to real files: python -m tests.ecosystem DIR… [--base COMMIT] [--head COMMIT].

Each commit's own hpolint is run on the folders, checkouts of notebooks say; printed is what it says otherwise.
Exit codes: 0 whatever differs, 2 where a commit is none or its hpolint breaks.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.ecosystem.differences import report
from tests.ecosystem.runs import CommitError, said, worktree


def main(arguments: list[str], repository: Path = ROOT) -> int:
    """Compare two commits of a repository and print what differs."""
    parser = argparse.ArgumentParser("python -m tests.ecosystem")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="checkouts to look at")
    parser.add_argument("--base", default="HEAD^", metavar="COMMIT", help="before the change; HEAD^ by default")
    parser.add_argument("--head", default="HEAD", metavar="COMMIT", help="after it; HEAD by default")
    given = parser.parse_args(arguments)
    try:
        with worktree(repository, given.base) as base, worktree(repository, given.head) as head:
            lines = report(said(base, given.folders), said(head, given.folders))
    except CommitError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
