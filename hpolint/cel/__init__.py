"""CEL, the language of the rules' conditions and messages. Only this package uses the CEL library.

``runtime`` compiles and evaluates expressions, ``syntax_tree`` reads the compiler's syntax tree, ``types`` declares the
types of names, ``type_checks`` refuses at load time expressions that could hide an unknown value or fail at run time,
and ``conjuncts`` decides simple conditions without CEL.
"""
