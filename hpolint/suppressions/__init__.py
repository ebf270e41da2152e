"""Suppressions: comments, metadata, configuration entries and the baseline, which silence findings.

``ignore_comments`` finds the comments of a text, ``extents`` the lines that a comment covers, ``silencing`` separates
the suppressed findings and reports invalid, unused and expired suppressions, ``config_entries`` reports unused
``[[suppressions]]``, and ``baseline`` reads and writes the baseline.
"""
