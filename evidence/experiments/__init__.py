"""One module for each question; a module's ``EXPERIMENTS`` are found by ``evidence.running``."""
