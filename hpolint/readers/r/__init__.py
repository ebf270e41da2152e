"""R: scripts, notebooks and documents, read by the interpreter of Python (`docs/decisions`)."""
