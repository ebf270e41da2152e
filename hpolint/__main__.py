"""The console command, and ``python -m hpolint``."""

from __future__ import annotations

import sys


def main() -> None:
    """Print the version without importing anything for it, else run the command line."""
    if sys.argv[1:] == ["--version"]:
        from hpolint import __version__

        sys.stdout.write(f"hpolint {__version__}\n")
        return
    from hpolint.cli import main as run

    run()


if __name__ == "__main__":
    main()
