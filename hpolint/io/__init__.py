"""Access to the operating system: files, streams, signals, processes, and text that is safe to print."""
