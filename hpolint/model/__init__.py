"""What every other part speaks of: sources and places, nodes, jobs, rules, findings, fixes, settings, messages."""
