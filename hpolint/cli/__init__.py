"""The commands: options in, output and exit code out."""
