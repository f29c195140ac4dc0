from __future__ import annotations

import os
from pathlib import Path

import pytest

from alembic_lint.config import Config, ConfigError, for_paths, load, nearest, shown


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def refused(file: Path) -> ConfigError:
    with pytest.raises(ConfigError) as raised:
        load(file)
    return raised.value


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_key_is_read(tmp_path: Path) -> None:
    file = write(
        tmp_path / "alembic-lint.toml",
        """
        select = ["ALM1", "missing-downgrade"]
        extend-select = ["ALM405"]
        ignore = ["ALM102"]
        severity = {"ALM206" = "info"}
        dialects = ["sqlite", "postgresql"]
        guards = "require"
        downgrade = "optional"
        external-revisions = ["abc"]
        exclude = ["legacy", "versions/old_*.py"]
        fail-on = "warning"
        [per-file-ignores]
        "versions/a.py" = ["ALM301"]
        """,
    )

    config = load(file)

    assert config.file == "alembic-lint.toml"
    assert config.select == ("ALM1", "missing-downgrade")
    assert config.extend_select == ("ALM405",)
    assert config.ignore == ("ALM102",)
    assert config.severity == (("ALM206", "info"),)
    assert config.settings.dialects == ("postgresql", "sqlite")
    assert config.settings.guards == "require"
    assert config.settings.downgrade == "optional"
    assert config.settings.external_revisions == ("abc",)
    assert config.fail_on == "warning"
    assert config.ignored_in("versions/a.py") == ("ALM301",)
    assert config.ignored_in("other/versions/a.py") == ()


def test_a_pyproject_has_its_own_table(tmp_path: Path) -> None:
    file = write(tmp_path / "pyproject.toml", '[tool.alembic-lint]\nfail-on = "info"\n')

    assert load(file).fail_on == "info"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ('selekt = ["ALM1"]', "selekt", ["unknown key", "did you mean 'select'", "fail-on"]),
        ('cache-dir = "abc"', "cache-dir", ["unknown key", "valid are: base"]),
        ("lint-after = 3", "lint-after", ["3 is not a list of strings"]),
        ("baseline = []", "baseline", ["[] is not a string"]),
        ('select = "ALM1"', "select", ["'ALM1'", "a list of strings"]),
        ("ignore = [1]", "ignore", ["1 is not a string"]),
        ('guards = "always"', "guards", ["'always'", "auto, require, forbid, off"]),
        ("fail-on = 3", "fail-on", ["3 is not one of error, warning, info"]),
        ('dialects = ["postgres"]', "dialects", ["did you mean 'postgresql'"]),
        ('severity = ["error"]', "severity", ["a table"]),
        ('severity = {"ALM101" = "fatal"}', "severity.ALM101", ["'fatal'"]),
        ('[per-file-ignores]\n"a.py" = "ALM1"', "per-file-ignores.a.py", ["a list of strings"]),
        ("extend = 1", "extend", ["1 is not a path"]),
    ],
)
def test_a_wrong_entry_is_named_with_its_file_and_value(
    tmp_path: Path, text: str, key: str, words: list[str]
) -> None:
    error = refused(write(tmp_path / "alembic-lint.toml", text))

    assert error.file == "alembic-lint.toml"
    assert error.key == key
    assert all(word in error.message for word in words)
    assert str(error).startswith(f"alembic-lint.toml: {key}: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"select = [", "is not TOML"),
        (b'ignore = ["\xe9"]', "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "alembic-lint.toml"
    file.write_bytes(content)

    error = refused(file)

    assert error.file == "alembic-lint.toml"
    assert words in error.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path / "gone.toml")

    assert str(error) == "gone.toml: cannot be read: no such file or directory"


def test_the_table_itself_must_be_a_table(tmp_path: Path) -> None:
    error = refused(write(tmp_path / "pyproject.toml", '[tool]\nalembic-lint = "yes"\n'))

    assert error.key == "tool.alembic-lint"


@pytest.mark.parametrize("header", ["tool.alembic-lint", "tool.alembic_lint", "alembic-lint"])
def test_a_header_that_is_too_much_is_told(tmp_path: Path, header: str) -> None:
    file = write(tmp_path / "alembic-lint.toml", f'[{header}]\nfail-on = "info"\n')

    assert str(refused(file)) == (
        f"alembic-lint.toml: the entries stand without a header here, as [{header}] is for "
        "pyproject.toml; delete that line"
    )


@pytest.mark.parametrize(
    "header", ["tool.alembic_lint", "tool.alembiclint", "tool.Alembic-Lint", "alembic-lint"]
)
def test_a_table_that_is_nearly_ours_is_not_passed_over(tmp_path: Path, header: str) -> None:
    write(tmp_path / "pyproject.toml", f'[{header}]\nfail-on = "info"\n')

    with pytest.raises(ConfigError) as raised:
        nearest(tmp_path)

    assert str(raised.value) == (
        f"pyproject.toml: [{header}] is not read; the table is called [tool.alembic-lint]"
    )


@pytest.mark.parametrize("header", ["tool.alembic", "tool.alembic-linter", "tool.lint"])
def test_tables_of_others_are_none_of_ours(tmp_path: Path, header: str) -> None:
    write(tmp_path / "pyproject.toml", f"[{header}]\nx = 1\n")

    assert nearest(tmp_path) is None


class TestNearest:
    def test_the_first_file_upwards_wins_and_is_not_merged(self, tmp_path: Path) -> None:
        write(tmp_path / "alembic-lint.toml", 'ignore = ["ALM101"]\nfail-on = "info"\n')
        inner = write(tmp_path / "a" / "pyproject.toml", '[tool.alembic-lint]\nguards = "off"\n')

        config = for_paths([tmp_path / "a" / "versions" / "x.py"])

        assert nearest(tmp_path / "a" / "versions") == inner
        assert config.settings.guards == "off"
        assert config.ignore == ()
        assert config.fail_on == "error"

    def test_a_pyproject_without_the_table_does_not_count(self, tmp_path: Path) -> None:
        outer = write(tmp_path / "alembic-lint.toml", "")
        write(tmp_path / "a" / "pyproject.toml", "[tool.other]\n")

        assert nearest(tmp_path / "a") == outer

    def test_alembic_lint_toml_comes_before_pyproject(self, tmp_path: Path) -> None:
        own = write(tmp_path / "alembic-lint.toml", "")
        write(tmp_path / "pyproject.toml", "[tool.alembic-lint]\n")

        assert nearest(tmp_path) == own

    def test_several_paths_share_the_file_above_all_of_them(self, tmp_path: Path) -> None:
        write(tmp_path / "alembic-lint.toml", 'fail-on = "info"\n')
        write(tmp_path / "a" / "alembic-lint.toml", 'fail-on = "warning"\n')

        assert for_paths([Path("a/versions"), Path("b/versions")]).fail_on == "info"

    def test_without_any_file_the_defaults_count(self, tmp_path: Path) -> None:
        config = for_paths([tmp_path])

        assert config == Config(directory=tmp_path.as_posix())


class TestExtend:
    def test_entries_replace_tables_merge_and_extend_select_adds_up(self, tmp_path: Path) -> None:
        write(
            tmp_path / "shared" / "strict.toml",
            'ignore = ["ALM1"]\nextend-select = ["ALM3"]\nfail-on = "info"\n'
            '[severity]\nALM206 = "error"\nALM301 = "error"\n',
        )
        file = write(
            tmp_path / "alembic-lint.toml",
            'extend = "shared/strict.toml"\nignore = ["ALM2"]\nextend-select = ["ALM4"]\n'
            '[severity]\nALM301 = "info"\n',
        )

        config = load(file)

        assert config.file == "alembic-lint.toml"
        assert config.ignore == ("ALM2",)
        assert config.extend_select == ("ALM3", "ALM4")
        assert config.fail_on == "info"
        assert dict(config.severity) == {"ALM206": "error", "ALM301": "info"}

    def test_patterns_belong_to_the_directory_of_their_file(self, tmp_path: Path) -> None:
        write(tmp_path / "shared" / "base.toml", 'exclude = ["versions/old_*.py"]\n')
        file = write(tmp_path / "alembic-lint.toml", 'extend = "shared/base.toml"\n')

        config = load(file)

        assert config.excludes("shared/versions/old_1.py")
        assert not config.excludes("versions/old_1.py")

    def test_a_circle_is_an_error(self, tmp_path: Path) -> None:
        write(tmp_path / "b.toml", 'extend = "alembic-lint.toml"\n')
        error = refused(write(tmp_path / "alembic-lint.toml", 'extend = "b.toml"\n'))

        assert error.key == "extend"
        assert "extends itself" in error.message

    def test_an_error_in_the_extended_file_names_that_file(self, tmp_path: Path) -> None:
        write(tmp_path / "b.toml", "guards = 1\n")
        error = refused(write(tmp_path / "alembic-lint.toml", 'extend = "b.toml"\n'))

        assert error.file == "b.toml"


class TestPatterns:
    def test_a_name_without_a_slash_matches_at_any_depth(self, tmp_path: Path) -> None:
        config = load(write(tmp_path / "alembic-lint.toml", 'exclude = ["legacy", "*_seed.py"]\n'))

        assert config.excludes("db/legacy/a.py")
        assert config.excludes("versions/0001_seed.py")
        assert not config.excludes("versions/legacy.py")

    def test_a_path_is_relative_to_the_configuration_not_to_the_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = write(tmp_path / "alembic-lint.toml", 'exclude = ["db/versions/old"]\n')
        (tmp_path / "db").mkdir()
        monkeypatch.chdir(tmp_path / "db")

        config = load(file)

        assert config.excludes("versions/old/a.py")
        assert not config.excludes("versions/a.py")


def test_paths_below_the_working_directory_are_shown_relative(tmp_path: Path) -> None:
    inside = tmp_path / "versions" / "a.py"

    assert shown(inside) == "versions/a.py"
    assert shown(Path("x") / os.pardir / "versions" / "a.py") == "versions/a.py"
    assert shown(tmp_path.parent / "a.py") == (tmp_path.parent / "a.py").as_posix()
