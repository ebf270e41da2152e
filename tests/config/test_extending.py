"""What configuration files extend is read and merged once, however often it is named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hpolint.config import extending, layers
from hpolint.config.config_files import ConfigFile, read_config
from hpolint.config.extending import MAX_EXTENDED_FILES
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.model.settings import ConfigError


def _ladder(folder: Path, levels: int) -> None:
    """Two files a level, which both extend both of the next."""
    for level in range(levels):
        for side in "ab":
            name = "hpolint.toml" if not level and side == "a" else f"{side}{level}.toml"
            named = f'extend = ["a{level + 1}.toml", "b{level + 1}.toml"]\n' if level < levels - 1 else ""
            (folder / name).write_text(f'{named}[levels]\n"compute/missing-spot" = "note"\n')


@pytest.mark.parametrize("levels", [8, 16])
def test_each_file_is_read_and_merged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, levels: int) -> None:
    """Twice as many files take twice the work, not its square or a power of 2."""
    _ladder(tmp_path, levels)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "hpolint.toml").write_text('extend = "../a1.toml"\n')
    reads: Counter[str] = Counter()
    merges: Counter[str] = Counter()

    def counted_read(path: str, *, is_quoted: bool) -> ConfigFile | None:
        reads[path] += 1
        return read_config(path, is_quoted=is_quoted)

    def counted_merge(file: ConfigFile) -> layers.Layer:
        merges[file.path] += 1
        return layers.layer_of(file)

    monkeypatch.setattr(extending, "read_config", counted_read)
    monkeypatch.setattr(extending, "layer_of", counted_merge)
    configurations = Configurations(CheckOptions())
    configurations.add_root(".")
    found = configurations.of_folder(".")
    configurations.of_folder("below")
    named = [file.path for file in found.files]
    expected = [f"{side}{level}.toml" for level in range(levels - 1, 0, -1) for side in "ab"]
    assert named == [*expected, "hpolint.toml"]
    assert set(reads.values()) == set(merges.values()) == {1}
    assert len(reads) == len(merges) == 2 * levels  # no file names b0.toml, and the folder below has one more


def test_what_is_extended_first_is_outweighed_by_what_is_extended_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is named twice stands where it is named first."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "hpolint.toml": 'extend = ["left.toml", "right.toml"]\n',
        "left.toml": 'extend = "base.toml"\nfail-on = "note"\n',
        "right.toml": 'extend = "base.toml"\nrequire-reasons = true\n',
        "base.toml": 'fail-on = "error"\nrequire-reasons = false\n',
    }.items():
        (tmp_path / name).write_text(text)
    found = Configurations(CheckOptions()).here
    assert [file.path for file in found.files] == ["base.toml", "left.toml", "right.toml", "hpolint.toml"]
    assert (found.settings.rules.fail_on, found.settings.silencing.require_reasons) == ("note", True)


def test_a_chain_of_too_many_files_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the longest that is allowed it is followed; a longer one is named with its place."""
    monkeypatch.chdir(tmp_path)

    def chain(length: int) -> None:
        for number in range(length):
            name = "hpolint.toml" if not number else f"{number}.toml"
            named = f'extend = "{number + 1}.toml"\n' if number < length - 1 else "\n"
            (tmp_path / name).write_text(named)

    chain(MAX_EXTENDED_FILES)
    assert len(Configurations(CheckOptions()).here.files) == MAX_EXTENDED_FILES
    chain(MAX_EXTENDED_FILES + 1)
    with pytest.raises(
        ConfigError, match=rf"^{MAX_EXTENDED_FILES - 1}\.toml:1: extend: more than {MAX_EXTENDED_FILES} files"
    ):
        _ = Configurations(CheckOptions()).here


def test_names_with_and_without_their_category_are_one_setting_at_any_number() -> None:
    """The later one holds, and each takes the place of the other without a look at all that are there."""

    def named(*names: str) -> layers.Layer:
        said = layers.SetValue("note", layers.Origin())
        return {("levels", name): said for name in names}

    def left(*some: layers.Layer) -> list[str]:
        return [path[1] for path in layers.combined(some)]

    assert left(named("compute/missing-spot"), named("missing-spot")) == ["missing-spot"]
    assert left(named("missing-spot"), named("compute/missing-spot")) == ["compute/missing-spot"]
    assert left(named("a/x", "b/x", "y"), named("x")) == ["y", "x"]
    assert left(named("a/x"), named("b/x")) == ["a/x", "b/x"]
    assert left({("rules", "a/x", "one"): layers.SetValue(1, layers.Origin())}, named("x")) == ["a/x", "x"]
