"""Which files are looked at, and which are opened to a parser."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint import discovery
from hpolint.config import ConfigError, Settings
from hpolint.discovery import (
    DEFINITION_NEEDLES,
    Candidate,
    PathError,
    Search,
    _Patterns,
    find_files,
    holds_needle,
    read_candidate,
)

BODY = '{"HyperParameterTuningJobConfig": 1}'


def tree(folder: Path, *names: str) -> None:
    """Files that name a definition."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BODY)


def found(*paths: str | Path, **settings: object) -> list[str]:
    """The names of the candidates below some paths."""
    asked = Settings(**settings)  # type: ignore[arg-type]
    return [candidate.name for candidate in candidates([str(path) for path in paths], asked, Search())]


def candidates(paths: list[str], settings: Settings, search: Search) -> list[Candidate]:
    """The candidates below some paths, as a run takes them up."""
    read = [read_candidate(name, search) for name in find_files(paths, settings, search)]
    return [candidate for candidate in read if candidate is not None and search.is_new(candidate.name)]


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in its own empty folder."""
    monkeypatch.chdir(tmp_path)


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Whatever the capitals of the ending; other endings are not this linter's."""
    tree(tmp_path, "b.yml", "a/c.yaml", "a/A.JSON", "d.txt", "e.rst")
    assert found(".") == ["a/A.JSON", "a/c.yaml", "b.yml"]


def test_each_file_once(tmp_path: Path) -> None:
    """A file that is named and lies in a named folder is read once."""
    tree(tmp_path, "a/x.json")
    assert found("a/x.json", "a", "a/x.json") == ["a/x.json"]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    """A misspelt path is not an empty folder."""
    with pytest.raises(PathError, match=r"nowhere\.json"):
        found("nowhere.json")


GITIGNORE = [
    "*\n!*/\n!*.json\n",
    "*\n!*.json\n!*/\n",
    "!\nx.json\n\\\n",
    "..x.json\n",
    "*.yaml\n",
    "/build/\nkeep.json\n",
    "deep/**/x.json\n!deep/b/x.json\n",
    "x.json/\n",
    "a\\ b.json\n#c\n",
]
NAMES = [
    "x.json",
    "keep.json",
    "build/x.json",
    "sub/build/x.json",
    "deep/a/x.json",
    "deep/b/x.json",
    "a b.json",
    "y.yaml",
    "..x.json",
]


@pytest.mark.parametrize("top", GITIGNORE)
@pytest.mark.parametrize("below", ["", "!keep.json\n", "*\n"])
def test_gitignore_as_git_reads_it(tmp_path: Path, top: str, below: str) -> None:
    """The same files as ``git ls-files`` lists, with ignore files at several levels."""
    tree(tmp_path, *NAMES, *(f"sub/{name}" for name in NAMES))
    (tmp_path / ".gitignore").write_text(top)
    (tmp_path / "sub/.gitignore").write_text(below)
    subprocess.run(["git", "init", "-q", "."], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.json", "*.yaml"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert sorted(found(".")) == sorted(filter(None, listed.stdout.split("\0")))
    named = subprocess.run(["git", "check-ignore", "-q", "sub/deep/"], check=False).returncode == 0
    whole = [path.as_posix() for path in Path("sub/deep").rglob("*.json")]
    inside = whole if named else [name for name in listed.stdout.split("\0") if name.startswith("sub/deep/")]
    assert sorted(found("sub/deep")) == sorted(inside)


def test_a_named_folder_is_searched_although_it_is_ignored(tmp_path: Path) -> None:
    """Who names the CDK's output means it, although every project ignores it."""
    tree(tmp_path, "cdk.out/x.json", "cdk.out/assembly/y.json", "x.json")
    (tmp_path / ".gitignore").write_text("cdk.out\n")
    subprocess.run(["git", "init", "-q", "."], check=True)
    assert found(".") == ["x.json"]
    assert found("cdk.out") == ["cdk.out/assembly/y.json", "cdk.out/x.json"]
    assert found("cdk.out/assembly") == ["cdk.out/assembly/y.json"]


def test_a_named_file_is_read_although_it_is_ignored(tmp_path: Path) -> None:
    """Who names a file means it, unless --force-exclude says that exclusions come first."""
    tree(tmp_path, "a/x.json", "node_modules/y.json")
    (tmp_path / ".gitignore").write_text("a\n")
    assert found("a/x.json", "node_modules/y.json") == ["a/x.json", "node_modules/y.json"]
    assert found("a/x.json", "node_modules/y.json", exclude=("a/*",)) == ["a/x.json", "node_modules/y.json"]
    assert found("a/x.json", "node_modules/y.json", exclude=("a/*",), force_exclude=True) == []
    assert found(str(tmp_path / "a/x.json"), exclude=("a/*",), force_exclude=True) == []


def test_excluded_folders_are_not_entered(tmp_path: Path) -> None:
    """Patterns are those of .gitignore, relative to here."""
    tree(tmp_path, "a/x.json", "b/a/x.json", "b/y.json")
    assert found(".", exclude=("/a/",)) == ["b/a/x.json", "b/y.json"]
    assert found(".", exclude=("a",)) == ["b/y.json"]


def test_exclusions_hold_outside_of_here_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern without a folder means the same for a tree beside this one."""
    tree(tmp_path, "other/a/x.json", "other/y.json")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert found("../other", exclude=("a/",)) == ["../other/y.json"]
    assert found(tmp_path / "other", exclude=("*.json",)) == []


def test_a_pattern_that_is_none_is_an_error(tmp_path: Path) -> None:
    """In .gitignore git passes over it; on the command line it is a mistake."""
    with pytest.raises(ConfigError, match="no pattern"):
        found(".", exclude=("!",))


def test_one_file_under_several_names_is_read_once(tmp_path: Path) -> None:
    """Relative, absolute or through a link."""
    tree(tmp_path, "a/x.json")
    assert len(found("a", "./a", str(tmp_path / "a"))) == 1


def test_links_do_not_lead_in_circles(tmp_path: Path) -> None:
    """A link to a folder within a tree is not followed; one that is named is."""
    tree(tmp_path, "a/x.json")
    os.symlink(tmp_path, tmp_path / "a/loop")
    os.symlink(tmp_path / "a", tmp_path / "link")
    assert found(".") == ["a/x.json"]
    assert found("link") == ["link/x.json"]


def test_a_linked_file_is_read_once(tmp_path: Path) -> None:
    """It may lead out of the tree; if it does not, the file counts once."""
    tree(tmp_path, "tree/x.json", "elsewhere/y.json")
    os.symlink(tmp_path / "elsewhere/y.json", tmp_path / "tree/y.json")
    os.symlink(tmp_path / "tree/x.json", tmp_path / "tree/z.json")
    assert found("tree") == ["tree/x.json", "tree/y.json"]


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A pipe would wait for ever, a folder with a file's name is a folder."""
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / ".gitignore")
    tree(tmp_path, "folder.json/x.json")
    assert found(".") == ["folder.json/x.json"]
    with pytest.raises(PathError, match="neither"):
        found("pipe.json")


def test_what_cannot_be_read_is_told_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each; a file that vanishes while the tree is walked is only mentioned."""
    tree(tmp_path, "a.json", "b.json", "c.json")

    def refuse(name: str, *rest: object, **more: object) -> object:
        if name == "a.json":
            raise PermissionError(13, "Permission denied")
        if name == "b.json":
            raise FileNotFoundError(2, "No such file or directory")
        return open(name, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(discovery, "open", refuse, raising=False)
    search = Search()
    assert [c.name for c in candidates(["."], Settings(), search)] == ["c.json"]
    assert search.unreadable == ["a.json: cannot be read: Permission denied"]
    assert len(search.vanished) == 1


def test_a_huge_file_is_searched_but_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its needle is found wherever it is, even across the pieces that it is read in."""
    monkeypatch.setattr(discovery, "MAX_BYTES", 1000)
    monkeypatch.setattr(discovery, "CHUNK", 500)
    for at in (0, 990, 1495, 5000):
        (tmp_path / "big.json").write_text(" " * at + BODY + " " * 2000)
        ((candidate),) = candidates(["."], Settings(), Search())
        assert candidate.data is None
    (tmp_path / "big.json").write_text(" " * 9000)
    assert found(".") == []


NEEDLES = [needle.decode() for needle in DEFINITION_NEEDLES]


@given(st.sampled_from(NEEDLES), st.data(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_a_needle_is_found_in_any_spelling(needle: str, data: st.DataObject, encoding: str) -> None:
    """Capitals and underscores do not hide a definition, nor does the encoding."""
    upper = data.draw(st.lists(st.booleans(), min_size=len(needle), max_size=len(needle)))
    text = "".join(c.upper() if up else c for c, up in zip(needle, upper, strict=True))
    for at in sorted(data.draw(st.sets(st.integers(0, len(needle)), max_size=4)), reverse=True):
        text = f"{text[:at]}_{text[at:]}"
    assert holds_needle(f"é before {text} after".encode(encoding))


def test_most_files_hold_none() -> None:
    """The API's action in a policy is no definition."""
    assert not holds_needle(b'{"Action": "sagemaker:CreateHyperParameterTuningJob"}')
    assert not holds_needle(b"")


@given(
    st.lists(st.sampled_from([".", "..", "a", "b", ".c", "a..", "", "d e"]), min_size=1, max_size=5),
    st.sampled_from([".", "a", "a/b", "..", "../x", ".c"]),
    st.booleans(),
)
def test_a_path_is_seen_from_a_patterns_folder_however_it_is_written(
    steps: list[str], folder: str, slash: bool
) -> None:
    """What is quick to tell is what the whole way would tell."""
    path = ("/".join(steps) or ".") + ("/" if slash else "")
    slow = os.path.relpath(path, folder)
    while slow.startswith("../"):
        slow = slow[3:]
    assert _Patterns([], folder)._relative(path) == slow
