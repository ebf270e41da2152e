"""What a checked repository can do to the user who checks it."""
