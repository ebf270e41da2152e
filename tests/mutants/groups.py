"""Which modules are mutated, and which tests concern them: each group is held to its own share of mutants caught."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

LAUNCHES = "tests/launches/test_launches.py"


class Group(NamedTuple):
    """Modules and folders of the package, and the tests that a mutant of them meets, those that catch most first.

    ``seconds`` of the processor's time are several times what the tests take: a mutant that takes more is caught.
    """

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    seconds: int = 120

    def paths(self, package: Path, only: str = "*") -> list[Path]:
        """The modules' files whose names within the package fit a pattern; all of them for the group's own name."""
        paths: list[Path] = []
        for name in self.modules:
            module = package / name
            paths += [module] if module.is_file() else module.rglob("*.py")
        if only != self.name:
            paths = [path for path in paths if fnmatchcase(path.relative_to(package).as_posix(), only)]
        return sorted(paths)


GROUPS = (
    Group(  # where the verdicts are made, and the words about them
        "verdicts",
        (
            *(
                "engine/engine.py",
                "engine/judgement.py",
                "engine/launch_groups.py",
                "engine/judge.py",
                "engine/grouping.py",
                "engine/evaluation_context.py",
                "engine/undecided.py",
                "engine/cel_values.py",
                "model/fix.py",
                "model/spelling.py",
            ),
            *("model/message_text.py", "registry/lets.py", "registry/message_templates.py", "facts", "schema"),
        ),
        (
            *("tests/engine", "tests/schema", "tests/facts"),
            *("tests/model/test_fix.py", "tests/model/test_spelling.py", "tests/model/test_message_text.py"),
            "tests/reporters/test_reports.py::test_snapshot",
            "tests/reporters/test_reports.py::test_undecided_snapshot",
            *("tests/registry", "tests/oracles/test_botocore.py"),
            *("tests/script/test_arguments.py", "tests/script/test_prints.py", "tests/restated"),
            *("tests/cost/test_estimate.py", "tests/cost/test_worst.py", "tests/cost/test_likely.py"),
        ),
        400,
    ),
    Group(
        "fixes",
        ("fixes/proof.py",),
        (
            *("tests/fixes/test_proof.py", "tests/fixes/test_faults.py", "tests/fixes/test_beside.py"),
            *("tests/fixes/test_refusals.py", "tests/fixes/test_oracles.py"),
        ),
    ),
    Group(
        "suppressions",
        (
            *("suppressions/ignore_comments.py", "suppressions/extents.py", "suppressions/silencing.py"),
            *("suppressions/config_entries.py", "model/ignore_comment.py"),
            *("suppressions/waivers.py", "cli/waiver_output.py"),
        ),
        (
            *("tests/suppressions/test_waivers.py", "tests/suppressions/test_comments.py"),
            *("tests/guard/test_written_exemptions.py", f"{LAUNCHES}::test_a_digest_is_of_all_distinct_launches"),
            f"{LAUNCHES}::test_a_digest_is_of_what_an_option_of_one_launch_may_be",
            f"{LAUNCHES}::test_a_comment_at_one_of_two_calls_silences_that_launch",
            f"{LAUNCHES}::test_a_waiver_from_before_launches_were_told_apart_says_what_to_do",
        ),
    ),
    Group(
        "configuration",
        ("config/lookup.py",),
        (
            *("tests/config/test_lookup.py", "tests/config/test_policy_option.py"),
            "tests/config/test_locks.py::test_the_outermost_lock_says_what_the_sdk_s_file_contains",
            *("tests/config/test_extending.py", "tests/config/test_files.py", "tests/hostile/test_links.py"),
            "tests/hostile/test_errors.py::test_a_working_folder_that_is_gone_is_named",
            "tests/discovery/test_other_texts.py::test_the_message_has_the_line_that_excludes_the_file",
            "tests/discovery/test_other_texts.py::test_a_folder_below_a_lock_cannot_exclude_it",
            "tests/suppressions/test_comments.py::test_the_configuration_says_it_for_json",
        ),
    ),
    Group(
        "cache",
        ("cache/entries.py", "cache/program_key.py", "cache/whole_output.py"),
        (
            *("tests/cache/test_program_key.py", "tests/cache/test_entries.py", "tests/cache/test_file_results.py"),
            "tests/cache/test_whole_output.py",
        ),
    ),
    Group(
        "records",
        ("cache/file_results.py", "report/records.py", "run/recording.py", "run/shown_fixes.py"),
        (
            *("tests/cache/test_store.py", "tests/cache/test_records.py", "tests/cache/test_file_results.py"),
            *("tests/cache/test_whole_output.py", "tests/reporters/test_reports.py", "tests/run/test_worker_pool.py"),
        ),
    ),
    Group(  # without search.py: much that its mutants look at in addition holds no definition in any valid file
        "terraform",
        ("readers/terraform/merging.py", "readers/terraform/held_definitions.py"),
        ("tests/readers/test_terraform_definitions.py", "tests/readers/test_terraform.py"),
    ),
)
