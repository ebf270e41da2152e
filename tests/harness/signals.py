"""Signals as a person at a terminal has them."""

from __future__ import annotations

import signal


def usual_signals() -> None:
    """Let signals end what is started here, although a shell ignores some for what runs in its background."""
    for name in ("SIGINT", "SIGHUP", "SIGQUIT"):
        number = getattr(signal, name, None)  # not everywhere
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
