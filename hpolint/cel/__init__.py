"""CEL, the language of the rules' conditions and messages: the only package that knows it.

``tree`` reads the compiler's syntax tree, ``types`` are what names stand for, ``checking`` refuses
at load what could guess or fail at run time, ``runtime`` compiles and evaluates.
"""
