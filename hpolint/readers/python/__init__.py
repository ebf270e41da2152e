"""Python source and notebooks: what is built and launched there, followed without running it."""
