"""``python -m hpolint``."""

from hpolint.cli import main

main()
