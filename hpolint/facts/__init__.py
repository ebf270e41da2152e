"""Facts: values that are computed from a request, such as counts, decades, roles and worst cases.

A fact is a value, None if there is none, or the Unknown that it depends on. A rule that needs an unknown fact is
undecided, for that Unknown's reason. Rules see each class of facts under its name; the fields' annotations are the
types that conditions are checked against.
"""
