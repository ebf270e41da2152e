"""The configuration: ``hpolint.toml`` or ``[tool.hpolint]`` in pyproject.toml, and the command line's settings.

``keys`` declares the settings, ``config_files`` reads files, ``layers`` merges them, ``lookup`` gives each checked file
its settings, ``naming`` validates the names of rules.
"""
