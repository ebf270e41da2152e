"""The user's own cache: whole outputs and the outcomes of files, each with the reads that it depends on."""
