"""The user's result cache: whole outputs and outcomes of files, each with the reads of the disk it depends on."""
