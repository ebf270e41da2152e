"""An abstract interpreter of Python: the value that each name of a module or notebook is bound to.

Nothing is run. ``interpreter`` executes the statements; a ``LibraryModel`` gives the results of imported calls and
objects, since this package knows no library.
"""
