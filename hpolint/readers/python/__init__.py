"""Python source and notebooks, interpreted statically to find the tuning jobs that they launch."""
