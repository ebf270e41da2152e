"""The outcome of one file as bytes, for the result cache and for worker processes.

``records`` declares the stored types, ``encoding`` and ``decoding`` translate between them and hpolint's own objects,
``lazy_sources`` loads the texts of sources when a report shows them.

The bytes are typed msgpack: a table of lengths, the record of the outcome, and one piece for each source and job, which
are decoded on first use. Decoding creates values and runs no code: rules, settings and suppressions are referred to by
names and indices, and come from the run that decodes.
"""
