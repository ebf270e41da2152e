"""The values that the stages share."""
