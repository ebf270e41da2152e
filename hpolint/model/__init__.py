"""The shared data model: sources and places, nodes, jobs, rules, findings, fixes, settings, messages."""
