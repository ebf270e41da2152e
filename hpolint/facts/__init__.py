"""What can be computed from a request: counts, decades, roles, worst cases.

A fact is a value, None where there is none, or the Unknown that keeps it from being told: a
rule that needs such a fact is undecided, for that Unknown's reason. Each module's dataclass is
what rules see under its name; the annotations are the types that conditions are checked against.
"""
