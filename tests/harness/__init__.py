"""What tests run the command with, and how they measure it."""
