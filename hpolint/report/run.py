"""What every run over files has, whatever it makes of them: its settings, and lines about what it did not read."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.settings import Settings

if TYPE_CHECKING:
    from hpolint.model.rule import Rule


class Run(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """The common part of the results of a run.

    ``files`` counts those that were searched. ``other_settings`` are the settings of other folders. ``vanished`` and
    ``unreadable`` are lines about files that could not be read, ``notices`` about other things that were not checked,
    ``skipped_folders`` about skipped folders that may contain definitions.
    """

    settings: Settings
    other_settings: list[Settings] = msgspec.field(default_factory=list)
    files: int = 0
    notices: list[str] = msgspec.field(default_factory=list)
    skipped_folders: list[str] = msgspec.field(default_factory=list)
    vanished: list[str] = msgspec.field(default_factory=list)
    unreadable: list[str] = msgspec.field(default_factory=list)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are on in any folder of the run. Raises ConfigError."""
        from hpolint.registry.choosing import chosen_rules

        rules: dict[str, Rule] = {}
        for settings in (self.settings, *self.other_settings):
            rules |= {rule.id: rule for rule in chosen_rules(settings)}
        return tuple(rules.values())
