"""Silencing findings: what a source's comments, its metadata and the configuration ask not to be told.

``comments`` finds the comments of a text, ``extents`` the lines that one is about, ``silencing`` holds findings against
them, and tells of those that are wrong, unused or over.
"""
