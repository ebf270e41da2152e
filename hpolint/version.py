"""The version, in a module of its own: importing the package loads the whole pipeline."""

__version__ = "0.1.0"
