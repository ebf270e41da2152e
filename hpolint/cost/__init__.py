"""The cost of tuning jobs: worst case, likely, and after fixes, in instance-hours and money."""
