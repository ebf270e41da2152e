"""Python followed without being run: what each name of a module or notebook stands for. It knows no library.

``evaluator`` goes through the statements; what the libraries make of a call or an object that a source imports it asks
its ``world``.
"""
