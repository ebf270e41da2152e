"""The commands about settings, the cache and editors: ``config``, ``init``, ``server``, ``clean``."""

import gc
import json
import sys
from typing import Annotated, Literal

import typer

from hpolint.cli.common import check_options, fail, folder_of, print_lines
from hpolint.cli.options import Config, Isolated, Policy, option
from hpolint.cli.write_reports import CLEAN, print_problems, syntax_of
from hpolint.io.streams import write

SERVER_REQUIREMENT = "pygls>=2.1,<3"
"""What the extra ``server`` adds. It can be installed also where hpolint itself comes from a checkout."""


def config(
    folder: Annotated[str, typer.Argument(metavar="[FOLDER]", help="Print the settings of this folder or file.")] = ".",
    output: Annotated[
        Literal["text", "json", "schema", "csv"],
        option(
            "Report",
            "Output format (schema: the JSON Schema of configuration files; csv: only with --waivers)",
            metavar="FORMAT",
        ),
    ] = "text",
    waivers: Annotated[bool, option("Report", "List the waivers that apply here instead.")] = False,
    config: Config = None,
    policy: Policy = "",
    isolated: Isolated = False,
) -> int:
    """Print the settings of a folder: each setting with its origin, each rule with the reason why it is on or off."""
    from hpolint.config.lookup import Configurations
    from hpolint.config.naming import check_configurations
    from hpolint.io.escaping import json_document

    if output == "schema":
        from hpolint.config.schema import config_schema

        write(json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n")
        return CLEAN
    if output == "csv" and not waivers:
        fail("--output csv needs --waivers")
    from hpolint.config.explanation import settings_record, settings_text

    target = folder_of(folder)
    notices: list[str] = []
    configurations = Configurations(check_options(config, policy, isolated=isolated), notices)
    configurations.add_root(target)
    resolved = configurations.of_folder(target)
    notices += check_configurations([resolved], configurations.policies)
    if waivers:
        from hpolint.cli.waiver_output import waivers_of, waivers_text

        write(waivers_text(waivers_of([*configurations.policies, resolved]), output), syntax_of(output))
        return CLEAN
    as_text = json_document(settings_record(target, resolved)) if output == "json" else settings_text(target, resolved)
    write(as_text, syntax_of(output))
    print_lines(notices)
    return CLEAN


def init() -> int:
    """Write a first hpolint.toml for the working folder. Existing files are not overwritten."""
    from hpolint.cli.init import write_first_config

    print_problems(write_first_config())
    return CLEAN


def server() -> int:
    """Serve an editor by the language server protocol, on standard input and output."""
    try:
        from hpolint.server.language_server import serve
    except ImportError as error:
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        command = f'{python} -m pip install "{SERVER_REQUIREMENT}"'
        fail(f"the language server needs {error.name}, which is not installed. Run: {command}")
    gc.enable()  # the process stays
    return serve()


def clean() -> int:
    """Remove all entries of the cache."""
    from hpolint.cache import entries
    from hpolint.model.message_text import counted

    try:
        count = entries.clean()
    except OSError as error:
        fail(f"{error.filename}: cannot be removed: {error.strerror}")
    write(f"{counted(count, 'file')} removed\n")
    return CLEAN
