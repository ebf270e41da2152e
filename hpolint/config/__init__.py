"""The configuration: ``hpolint.toml``, or ``[tool.hpolint]`` in pyproject.toml, and what the command line says.

``keys`` declares what can be said, ``files`` reads and finds files, ``layers`` puts them on each other, ``lookup``
gives each checked file its settings, ``naming`` holds names against the rules.
"""
