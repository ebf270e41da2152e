"""The version, for whoever names it: the package itself imports the whole road."""

__version__ = "0.1.0"
