"""Functions get no harder to read: the lists beside this file hold today's hard ones, and may only get shorter."""

from __future__ import annotations

import ast

import pytest

from scripts.count_forms import LISTS, ROOT, complexity, forms, listed

RULES = {
    "complex": "has a cyclomatic complexity above 10 by radon, which counts conditional expressions and comprehensions",
    "nested": "has a conditional expression within another one",
}


@pytest.fixture(scope="module")
def functions() -> dict[str, set[str]]:
    """What the package has for each list."""
    return listed()


@pytest.mark.parametrize("name", RULES)
def test_no_function_becomes_hard_to_read(name: str, functions: dict[str, set[str]]) -> None:
    """A function that is not on the list stays below its limit: divide it, or write its thoughts one after another."""
    known = LISTS[name].read_text("utf-8").splitlines()
    added = sorted(functions[name].difference(known))
    assert added == [], f"each of these {RULES[name]}"


@pytest.mark.parametrize("name", RULES)
def test_a_list_holds_only_what_is_still_hard_to_read(name: str, functions: dict[str, set[str]]) -> None:
    """A function that has become plain cannot become dense again."""
    stale = [line for line in LISTS[name].read_text("utf-8").splitlines() if line not in functions[name]]
    place = LISTS[name].relative_to(ROOT).as_posix()
    assert stale == [], f"remove these lines from {place}: `python -m scripts.count_forms --shorten` does it"


SOURCE = """
class Class:
    def method(self, a, b):
        def closure(a):
            if a == 1:
                return [x for x in a if x if x]
            return 1 if a else 2 if a or b else 3
        assert a and b
        return closure(a)
"""


def test_conditional_expressions_and_comprehensions_count_as_if_and_for_do() -> None:
    """And a function within another one counts for itself."""
    tree = ast.parse(SOURCE)
    found = forms(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert {function.name: complexity(function) for function in functions} == {"method": 2, "closure": 8}
    assert found.listed == {"complex": [], "nested": ["Class.method.closure"]}
    assert found.counts == {"conditional": 2, "nested": 1, "functions": 2, "one-statement": 0}
