"""An entry of the cache is whole, the user's own, and of its key, or there is none."""

from __future__ import annotations

import json
import os
import sys
import zlib
from pathlib import Path

import pytest

from hpolint.cache import entries
from tests.harness.entries import Entry

CONTENT, PIECES = b'{"a": 1}', [b"first", b"second"]


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of an entry of the key 1."""
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path / "cache"))
    entries.write("files", 1, CONTENT, PIECES)
    (path,) = (tmp_path / "cache").iterdir()
    return path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have other places")
def test_the_cache_lies_among_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ``HPOLINT_CACHE_DIR`` says, else in the user's folder for caches; without a home there is none."""
    monkeypatch.delenv("HPOLINT_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert entries.folder() == "/home/somebody/.cache/hpolint"
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert entries.folder() == "/caches/hpolint"
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert entries.folder() is None
    monkeypatch.setenv("HPOLINT_CACHE_DIR", "mine")
    assert entries.folder() == "mine"


def test_an_entry_is_read_as_it_was_written(stored: Path) -> None:
    """Its content, and any part of what stands behind it; a part beyond its end is empty."""
    entry = entries.read("files", 1)
    assert entry is not None
    stored.unlink()
    assert (entry.content, entry.size, entry.read(0, 11), entry.read(5, 3)) == (CONTENT, 11, b"firstsecond", b"sec")
    assert (entry.read(5, 100), entry.read(11, 1), entry.read(100, 1), entry.read(0, -1)) == (b"second", b"", b"", b"")
    assert entries.read("files", 1) is None


def test_what_a_killed_process_leaves_is_removed(stored: Path) -> None:
    """By ``hpolint clean`` at once; when another entry is written, as soon as nobody can still write it."""
    other = stored.with_name("own.kept.12.part")
    old, new = (stored.with_name(f"{stored.name}.{number}.part") for number in (12, 13))
    for path in (other, old, new):
        path.write_bytes(b"unfinished")
    os.utime(old, (0, 0))
    entries.write("check", 2, CONTENT)
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)
    assert entries.clean() == 3
    assert list(stored.parent.iterdir()) == [other]


def test_every_damage_is_noticed(stored: Path) -> None:
    """A byte that is another, a byte less, a byte more: wherever it stands, there is no entry."""
    whole = stored.read_bytes()
    for at in range(len(whole)):
        for damaged in (
            whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :],
            whole[:at],
            whole[:at] + whole[at + 1 :],
            whole[:at] + b"\0" + whole[at:],
        ):
            stored.write_bytes(damaged)
            assert entries.read("files", 1) is None
    stored.write_bytes(whole)
    assert entries.read("files", 1) is not None


def test_lengths_that_do_not_fit_are_none_of_an_entry(stored: Path) -> None:
    """Below a checksum that fits: nothing is read beyond the file, and no more than an entry may have."""
    entry = Entry.read(stored)
    for key, content in ((0, 2**63), (2**63, 0), (2, len(CONTENT)), (len(entry.key), 10**9), (len(entry.key), 200)):
        head = entries.HEAD.pack(0, key, content)[entries.CHECKSUM_BYTES :]
        rest = head + entry.key + entry.content + entry.data
        checksum = zlib.crc32(rest).to_bytes(entries.CHECKSUM_BYTES, "little")
        stored.write_bytes(entries.MAGIC + checksum + rest)
        assert entries.read("files", 1) is None


def test_another_key_in_the_same_file_is_another_entry(stored: Path) -> None:
    """Two keys may share a file's name, which has 32 bits of them."""
    Entry(json.dumps(2).encode(), CONTENT, b"").write(stored)
    assert entries.read("files", 1) is None
    Entry(json.dumps(1).encode(), CONTENT, b"").write(stored)
    assert entries.read("files", 1) is not None
    assert entries.read("check", 1) is None


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
def test_only_a_regular_file_of_this_user_is_an_entry(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a link, a pipe (whose writer is not awaited), or a file that other users may write or own."""
    whole = stored.read_bytes()
    for mode in (0o620, 0o602, 0o666):
        stored.chmod(mode)
        assert entries.read("files", 1) is None
    for make in (os.mkfifo, os.mkdir, lambda path: path.symlink_to(path.parent / "other"), lambda path: None):
        stored.unlink() if not stored.is_dir() else stored.rmdir()
        (stored.parent / "other").write_bytes(whole)
        make(stored)
        assert entries.read("files", 1) is None
    entries.write("files", 1, CONTENT)
    assert entries.read("files", 1) is not None
    assert stored.stat().st_mode & 0o777 == 0o600
    own = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: own + 1)
    assert entries.read("files", 1) is None


def test_nothing_above_the_limits_is_stored_or_read(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a content, of an entry, and of what somebody else has made large."""
    around = len(entries.MAGIC) + entries.HEAD.size + len(b"1")
    monkeypatch.setattr(entries, "MAX_CONTENT_BYTES", 100)
    monkeypatch.setattr(entries, "MAX_ENTRY_BYTES", 300)
    for content, pieces in ((b"x" * 101, []), (b"x", [b"x" * 300]), (b"x" * 90, [b"x" * 200])):
        stored.unlink(missing_ok=True)
        entries.write("files", 1, content, pieces)
        assert not stored.exists()
    for content, pieces in ((b"x" * 100, [b"x" * (200 - around)]), (b"x", [b"x" * (299 - around)])):
        stored.unlink(missing_ok=True)
        entries.write("files", 1, content, pieces)
        assert stored.stat().st_size == 300
        assert entries.read("files", 1) is not None
    entries.write("files", "x" * 98, b"")
    assert entries.read("files", "x" * 98) is not None
    entries.write("files", "x" * 99, b"")
    assert entries.read("files", "x" * 99) is None
    monkeypatch.setattr(entries, "MAX_ENTRY_BYTES", 299)
    assert entries.read("files", 1) is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the place of its folder, a folder in the place of its file: nothing is stored, nothing is left."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path / "file" / "within"))
    entries.write("files", 1, CONTENT)
    assert entries.read("files", 1) is None
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path / "cache"))
    entries.write("files", 1, CONTENT)
    (path,) = (tmp_path / "cache").iterdir()
    path.unlink()
    path.mkdir()
    entries.write("files", 1, CONTENT)
    assert list((tmp_path / "cache").iterdir()) == [path]


def test_the_least_used_entries_are_removed(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their number, their age and their bytes: of one kind, and never what is not hpolint's."""
    monkeypatch.setattr(entries, "MAX_ENTRIES", 3)
    folder = stored.parent
    (folder / "somebody's.kept").write_text("")
    entries.write("check", 9, CONTENT)
    for key in (2, 3, 4):
        os.utime(stored, (0, 0)) if key == 4 else None
        entries.write("files", key, CONTENT)
    assert entries.read("files", 1) is None
    assert all(entries.read("files", key) for key in (2, 3, 4))
    monkeypatch.setattr(entries, "MAX_KIND_BYTES", 100)
    entries.write("files", 5, CONTENT, [b"x" * 50])
    assert sum(path.name.startswith("files-") for path in folder.iterdir()) == 1
    assert entries.read("check", 9) is not None
    assert entries.clean() == 2
    assert [path.name for path in folder.iterdir()] == ["somebody's.kept"]
