"""The operating system: files, streams, signals, other processes, and text that is safe to print."""
