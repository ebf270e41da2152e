"""Two states of a repository held against each other: jobs that came, went and changed, and what that costs."""
