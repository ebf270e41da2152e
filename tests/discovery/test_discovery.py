"""Which files are looked at, and which are opened to a parser."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import warnings
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from hpolint.config.ignore_patterns import POSIX_CLASSES, PatternError, Patterns
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.discovery import candidates as candidates_
from hpolint.discovery import walk
from hpolint.discovery.byte_patterns import COMMON_PATTERNS, has_definition_pattern
from hpolint.discovery.candidates import Candidate, read_candidate
from hpolint.discovery.walk import Search, find_files
from hpolint.io import disk, files
from hpolint.model.forms import BYTE_PATTERNS as ALL_NEEDLES
from hpolint.model.forms import Language
from hpolint.model.settings import ConfigError
from tests.harness.systems import linux, posix

BODY = '{"HyperParameterTuningJobConfig": 1}'


def tree(folder: Path, *names: str) -> None:
    """Files that name a definition."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BODY)


def found(*paths: str | Path, **settings: object) -> list[str]:
    """The names of the candidates below some paths."""
    options = CheckOptions({name.replace("_", "-"): value for name, value in settings.items()})
    return [candidate.name for candidate in candidates([str(path) for path in paths], options, Search())]


def candidates(paths: list[str], options: CheckOptions, search: Search) -> list[Candidate]:
    """The candidates below some paths, as a run takes them up."""
    found = find_files(paths, Configurations(options, search.notices), search)
    read = [read_candidate(file.name, search) for file in found]
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
    """A misspelt path is not an empty folder: it is reported, and the others are still read."""
    tree(tmp_path, "x.json")
    search = Search()
    assert [each.name for each in candidates(["nowhere.json", "x.json"], CheckOptions(), search)] == ["x.json"]
    assert search.unreadable == ["nowhere.json: No such file or directory"]


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
    """Who names a folder means it."""
    tree(tmp_path, "out/x.json", "out/deep/y.json", "x.json")
    (tmp_path / ".gitignore").write_text("out\n")
    subprocess.run(["git", "init", "-q", "."], check=True)
    search = Search()
    assert [each.name for each in candidates(["."], CheckOptions(), search)] == ["x.json"]
    assert search.skipped_folders == ["out: ignored by git"]
    assert found("out") == ["out/deep/y.json", "out/x.json"]


@pytest.mark.parametrize("ignored", [True, False])
def test_the_cdks_output_is_read_although_it_ignores_itself(tmp_path: Path, ignored: bool) -> None:
    """Its templates, the files that they name, and nested assemblies; no copy of a source, no bookkeeping."""
    asset = f"asset.{'1' * 64}.json"
    tree(
        tmp_path, f"app/cdk.out/{asset}", f"app/cdk.out/asset.{'2' * 64}.json", f"app/cdk.out/asset.{'3' * 64}/tune.py"
    )
    tree(tmp_path, "app/cdk.out/A.template.json", "app/cdk.out/tree.json", "app/cdk.out/manifest.json", "app/tune.py")
    tree(tmp_path, "app/cdk.out/assembly-Prod/B.nested.template.json", "app/cdk.out/.cache/C.template.json")
    manifest = {"files": {"1": {"source": {"path": asset, "packaging": "file"}}}}
    (tmp_path / "app/cdk.out/A.assets.json").write_text(json.dumps(manifest, indent=1))
    (tmp_path / ".gitignore").write_text("cdk.out\n" if ignored else "")
    subprocess.run(["git", "init", "-q", "."], check=True)
    output = ["app/cdk.out/A.template.json", "app/cdk.out/assembly-Prod/B.nested.template.json", f"app/cdk.out/{asset}"]
    assert found(".") == [*output, "app/tune.py"]
    assert found("app/cdk.out") == output
    assert found(".", exclude=("cdk.out",)) == ["app/tune.py"]


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
    """git skips it in .gitignore; on the command line it is an error."""
    tree(tmp_path, "x.json")
    with pytest.raises(ConfigError, match=r"not a \.gitignore pattern"):
        found(".", exclude=("!",))


def test_one_file_under_several_names_is_read_once(tmp_path: Path) -> None:
    """Relative, absolute or through a link."""
    tree(tmp_path, "a/x.json")
    assert len(found("a", "./a", str(tmp_path / "a"))) == 1


@posix
def test_links_do_not_lead_in_circles(tmp_path: Path) -> None:
    """A link to a folder within a tree is not followed; one that is named is."""
    tree(tmp_path, "a/x.json")
    os.symlink(tmp_path, tmp_path / "a/loop")
    os.symlink(tmp_path / "a", tmp_path / "link")
    assert found(".") == ["a/x.json"]
    assert found("link") == ["link/x.json"]


@posix
def test_a_linked_file_is_read_once(tmp_path: Path) -> None:
    """The file counts once, under the name that comes first."""
    tree(tmp_path, "tree/x.json", "tree/sub/y.json")
    os.symlink(tmp_path / "tree/sub/y.json", tmp_path / "tree/a.json")
    os.symlink(tmp_path / "tree/x.json", tmp_path / "tree/z.json")
    assert found("tree") == ["tree/a.json", "tree/x.json"]


@posix
def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A pipe would wait for ever, a folder with a file's name is a folder."""
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / ".gitignore")
    tree(tmp_path, "folder.json/x.json")
    assert found(".") == ["folder.json/x.json"]
    search = Search()
    assert candidates(["pipe.json"], CheckOptions(), search) == []
    assert search.unreadable == ["pipe.json: neither a file nor a folder"]


def test_unreadable_files_are_reported_and_the_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each; a file that vanishes during the walk is only counted."""
    tree(tmp_path, "a.json", "b.json", "c.json")

    opened = files.open_path

    def refuse(name: str, flags: int) -> int:
        if name == "a.json":
            raise PermissionError(13, "Permission denied")
        if name == "b.json":
            raise FileNotFoundError(2, "No such file or directory")
        return opened(name, flags)

    monkeypatch.setattr(files, "open_path", refuse)
    search = Search()
    assert [c.name for c in candidates(["."], CheckOptions(), search)] == ["c.json"]
    assert search.unreadable == ["a.json: cannot be read: Permission denied"]
    assert len(search.vanished) == 1


def test_a_huge_file_is_searched_but_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its needle is found wherever it is, even across the pieces that it is read in."""
    small = Language("JSON", (".json",), "documents:read_documents", lambda _: True, max_bytes=1000)
    monkeypatch.setattr(candidates_, "language_of", lambda _: small)
    monkeypatch.setattr(candidates_, "CHUNK_BYTES", 500)
    for at in (0, 990, 1495, 5000):
        (tmp_path / "big.json").write_text(" " * at + BODY + " " * 2000)
        ((candidate),) = candidates(["."], CheckOptions(), Search())
        assert candidate.data is None
    (tmp_path / "big.json").write_text(" " * 9000)
    assert found(".") == []


NEEDLES = [needle.decode() for needle in ALL_NEEDLES]


def first_searches(needle: str) -> list[str]:
    """The parts of a needle that a file is searched for before it is searched for the needle."""
    return [
        part.decode()
        for part, patterns in COMMON_PATTERNS.items()
        if part.decode() in needle and any(pattern.decode() in needle for pattern in patterns)
    ]


def test_every_needle_passes_the_first_searches() -> None:
    """They settle most files, and must not pass over one of the patterns."""
    assert all(first_searches(needle) for needle in NEEDLES)


@given(st.sampled_from(NEEDLES), st.data(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_a_needle_is_found_in_any_spelling(needle: str, data: st.DataObject, encoding: str) -> None:
    """Capitals and underscores do not hide a definition, nor does the encoding."""
    upper = data.draw(st.lists(st.booleans(), min_size=len(needle), max_size=len(needle)))
    text = "".join(c.upper() if up else c for c, up in zip(needle, upper, strict=True))
    for at in sorted(data.draw(st.sets(st.integers(0, len(needle)), max_size=4)), reverse=True):
        text = f"{text[:at]}_{text[at:]}"
    assume(any(part in text.lower() for part in first_searches(needle)))  # `_` stands between words
    assert has_definition_pattern(f"é before {text} after".encode(encoding))


def test_most_files_hold_none() -> None:
    """The API's action in a policy is no definition; a name with every letter escaped is one."""
    escaped = "".join(f"\\u{ord(letter):04X}" for letter in "HyperParameterTuningJobConfig")
    assert has_definition_pattern(f'{{"{escaped}": {{}}}}'.encode())
    assert not has_definition_pattern(b'{"Action": "sagemaker:CreateHyperParameterTuningJob"}')
    assert not has_definition_pattern(b"")


@given(
    st.lists(st.sampled_from([".", "..", "a", "b", ".c", "a..", "", "d e"]), min_size=1, max_size=5),
    st.sampled_from([".", "a", "a/b", "..", "../x", ".c"]),
    st.booleans(),
)
def test_a_path_is_seen_from_a_patterns_folder_however_it_is_written(
    steps: list[str], folder: str, slash: bool
) -> None:
    """The fast path gives the same result as the general one."""
    path = ("/".join(steps) or ".") + ("/" if slash else "")
    slow = os.path.relpath(path, folder)
    while slow.startswith("../"):
        slow = slow[3:]
    assert Patterns([], folder)._relative(path) == slow


def test_of_most_folders_only_the_listing_is_asked(tmp_path: Path) -> None:
    """What a listing does not name is not there: no folder is asked for a configuration or a repository of its own."""
    tree(tmp_path, *(f"some/sub{number}/tune.json" for number in range(30)))
    with disk.recorded_reads() as watch:
        assert len(find_files(["some"], Configurations(CheckOptions()), Search())) == 30
    within = {asked for asked in watch.stamps if "/sub" in asked[0]}
    assert within == {(f"some/sub{number}", True) for number in range(30)}


PARTS = st.text("abc*?[]!-\\. /,$_", min_size=1, max_size=12)
PATHS = st.lists(st.text("abc.-", min_size=1, max_size=5).filter(lambda name: name not in (".", "..")), min_size=1)


@given(st.one_of(PARTS, st.builds("**/{}/**/{}".format, PARTS, PARTS)), PATHS, st.booleans())
def test_a_pattern_says_what_pathspec_makes_of_it(line: str, path: list[str], folder: bool) -> None:
    """Only the time that it may take is another."""
    name = "/".join(path) + ("/" if folder else "")
    try:
        with warnings.catch_warnings(action="ignore"):
            wanted = GitIgnoreSpec.from_lines([line], backend="simple").check_file(name).include
    except (ValueError, re.error):
        with pytest.raises(PatternError):
            Patterns([line], ".")
        return
    if "[!" not in line and "[^" not in line:  # which pathspec lets stand for a slash, and git does not
        assert Patterns([line], ".")._files.check_file(name).include == wanted


@given(st.lists(st.builds("{}{}".format, st.sampled_from(["", "!"]), PARTS), max_size=5), PATHS, st.booleans())
def test_all_patterns_at_once_say_what_each_of_them_does(lines: list[str], path: list[str], folder: bool) -> None:
    """One combined match gives the same answer as matching each pattern in turn."""
    try:
        patterns = Patterns(lines, ".")
    except PatternError:
        return
    asked = patterns._folders if folder else patterns._files
    name = "/".join(path) + ("/" if folder else "")
    assert patterns.match(name) == asked.check_file(name).include


def test_a_bracket_stands_for_no_slash(tmp_path: Path) -> None:
    """As git has it."""
    tree(tmp_path, "data/job.json", "datax.json")
    (tmp_path / ".gitignore").write_text("data[!0-9]*\n")
    subprocess.run(["git", "init", "-q", "."], check=True)
    assert found(".") == ["data/job.json"]


@pytest.mark.parametrize("line", ["*a" * 14 + "*b", "**/a/" * 14 + "b", "*a*/**/" * 5 + "*b"])
@pytest.mark.parametrize("name", ["a" * 200 + "c.json", "a/" * 200 + "c.json", ("a" * 20 + "/") * 20 + "c.json"])
def test_no_pattern_is_tried_without_end(line: str, name: str) -> None:
    """However many stars it has, and however often its letters come: this ends while the test is waited for."""
    assert Patterns([line], ".").match(name) is None


def test_an_invalid_pattern_is_reported_and_the_others_apply(tmp_path: Path) -> None:
    """git skips it without a message; hpolint reports it and ignores the line."""
    tree(tmp_path, "a.json", "b.json", "sub/c.json")
    (tmp_path / "sub/.gitignore").write_text("*.[a-Z]\n!\nc.json\n")
    subprocess.run(["git", "init", "-q", "."], check=True)
    search = Search()
    assert [each.name for each in candidates(["."], CheckOptions(), search)] == ["a.json", "b.json"]
    assert search.notices == [
        "sub/.gitignore:1: skipped: `*.[a-Z]` is not a pattern",
        "sub/.gitignore:2: skipped: `!` is not a pattern",
    ]
    assert search.unreadable == []


def test_an_ignore_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    """Its patterns are unknown, so all files are read."""
    tree(tmp_path, "a.json")
    (tmp_path / ".gitignore").write_bytes(b"#" * (2 * 1024 * 1024))
    search = Search()
    assert [each.name for each in candidates(["."], CheckOptions(), search)] == ["a.json"]
    assert search.unreadable == [".gitignore: larger than 1 MB, so it was not read"]


@posix
def test_dangling_links_are_a_notice(tmp_path: Path) -> None:
    """The other files are read, and the links do not count as unreadable files."""
    tree(tmp_path, "a.json")
    os.symlink("loop.json", tmp_path / "loop.json")
    os.symlink("gone", tmp_path / "nowhere.json")
    search = Search()
    assert [each.name for each in candidates(["."], CheckOptions(), search)] == ["a.json"]
    assert search.notices == [
        "loop.json: skipped: a circular link",
        "nowhere.json: skipped: a broken link",
    ]
    assert search.unreadable == []


@linux
@pytest.mark.parametrize("depth", [1100, 2500])
def test_folders_are_walked_however_deep_they_are(tmp_path: Path, depth: int) -> None:
    """Deeper than Python's recursion, and than a path that the system takes."""
    held = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("dd", dir_fd=held)
        held, above = os.open("dd", os.O_RDONLY, dir_fd=held), held
        os.close(above)
    file = os.open("x.json", os.O_WRONLY | os.O_CREAT, dir_fd=held)
    os.write(file, BODY.encode())
    os.close(file)
    os.close(held)
    tree(tmp_path, "z.json")
    assert found(".") == ["dd/" * depth + "x.json", "z.json"]
    subprocess.run(["rm", "-rf", "dd"], check=True)


def test_an_internal_error_in_a_folder_loses_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An internal error in one folder is reported with its name; the other folders are searched."""
    tree(tmp_path, "a/x.json", "b/y.json", "b/c/z.json", "d/w.json")
    listed = walk._listed

    def tripped(folder: str) -> list[walk._Entry]:
        if folder == "b":
            raise RuntimeError("tripped")
        return listed(folder)

    monkeypatch.setattr(walk, "_listed", tripped)
    search = Search()
    assert [each.name for each in candidates(["."], CheckOptions(), search)] == ["a/x.json", "d/w.json"]
    (message,) = search.unreadable
    assert message.startswith("b: internal error in the search: RuntimeError: tripped; please report it")


@posix
def test_a_pipe_that_takes_a_files_place_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where it does so after the file was looked at: it is opened without waiting, and left."""
    os.mkfifo(tmp_path / "x.json")
    monkeypatch.setattr(files, "_mode", lambda _: stat.S_IFREG)
    assert read_candidate("x.json", Search()) is None


@posix
def test_a_file_beside_a_template_is_read_only_within_the_repository(tmp_path: Path) -> None:
    """Or within the checked folder, where there is no repository; a link out of it leads nowhere."""
    tree(tmp_path, "out.json", "checked/machines/in.json")
    names = ("../out.json", "link.json", "machines/in.json", "/etc/hostname")
    (tmp_path / "checked/t.yaml").write_text("".join(f"- DefinitionUri: {name}\n" for name in names))
    os.symlink("../out.json", tmp_path / "checked/link.json")
    (template,) = [each for each in candidates(["checked"], CheckOptions(), Search()) if each.name.endswith("t.yaml")]
    assert set(template.beside) == {"machines/in.json"}
    subprocess.run(["git", "init", "-q", "."], check=True)
    (template,) = [each for each in candidates(["checked"], CheckOptions(), Search()) if each.name.endswith("t.yaml")]
    assert set(template.beside) == set(names[:3])


CLASSES = sorted(POSIX_CLASSES)


def test_a_class_of_characters_means_what_it_means_to_git(tmp_path: Path) -> None:
    """Each of them, alone, with others and negated, for each character of ASCII that a name may have."""
    subprocess.run(["git", "init", "-q", "."], check=True)
    names = [f"n{chr(code)}" for code in range(1, 128) if chr(code) not in "/\n"]
    written = (f"[[:{name}:]]" for name in CLASSES)
    lines = [*written, *(f"[![:{name}:]]" for name in CLASSES), "[[:digit:][:upper:]x]", "[]_[:digit:]]", "[[:digit:]"]
    for line in [f"n{each}" for each in lines]:
        (tmp_path / ".gitignore").write_text(f"{line}\n")
        asked = "".join(f"{name}\0" for name in names).encode()
        command = ["git", "check-ignore", "--no-index", "--stdin", "-z"]
        ignored = subprocess.run(command, input=asked, capture_output=True, check=False).stdout
        try:
            patterns = Patterns([line], ".")
        except PatternError:
            assert ignored == b"", line
            continue
        assert [name for name in names if patterns.match(name)] == ignored.decode().split("\0")[:-1], line


@pytest.mark.parametrize("line", ["[[:alpha:]]x", "[[]", "[a&&b]", "[a||b]", "[a~~b]", "[a-b--c]", "[[:alpha:]x"])
def test_no_pattern_makes_python_warn(tmp_path: Path, line: str) -> None:
    """Wherever it is written: a user does not see warnings about Python's regular expressions."""
    with warnings.catch_warnings(action="error"):
        try:
            assert Patterns([line, "x"], ".").match("x") is True
        except PatternError:
            return


def test_a_class_that_git_lacks_is_no_pattern(tmp_path: Path) -> None:
    """A configuration that has one is wrong; in an ignore file it is named."""
    with pytest.raises(ConfigError, match=r"\[\[:letter:\]\]: not a \.gitignore pattern"):
        _ = Configurations(CheckOptions({"exclude": ["[[:letter:]]"]})).here


def test_setuptoolss_copy_of_a_package_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A definition in it would be reported twice; other folders named build or lib are read."""
    monkeypatch.chdir(tmp_path)
    tree(tmp_path, "jobs/a.json", "build/lib/jobs/a.json", "x/build/lib/b.json", "build/c.json", "lib/d.json")
    assert found(".") == ["build/c.json", "jobs/a.json", "lib/d.json"]
