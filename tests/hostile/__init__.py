"""What a checked repository can do to whoever checks it."""
