"""What the check of one file found, as bytes: for the result cache, and for another process.

``records`` declares the types that are stored, ``encoding`` and ``decoding`` translate between them and hpolint's own
objects, ``lazy`` loads the texts of sources when a report shows them.

The bytes are typed msgpack. A table of lengths comes first, then the record of the outcome, then one piece for each
source and each job, which are decoded when somebody reads them. Decoding makes values and runs nothing: rules, settings
and suppressions are referred to by their names and numbers, and come from the run that decodes.
"""
