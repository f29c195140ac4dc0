from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

from alembic_lint.config import Config, defaults, shown
from alembic_lint.project import Binding, Project, ProjectError, ProjectModules, discover

Write = Callable[[str, str], Path]

REVISION = 'revision = "{id}"\ndown_revision = {parent}\n\ndef upgrade():\n    pass\n'


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()  # the search upwards ends here

    def writes(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return writes


def revision(write: Write, name: str, parent: str | None = None) -> Path:
    identifier = Path(name).stem
    return write(name, REVISION.format(id=identifier, parent=repr(parent)))


def find(*paths: str, config: Config | None = None) -> Project:
    return discover([Path(path) for path in paths], config or defaults())


def files(project: Project) -> list[list[str]]:
    return [[shown(file) for file in item.files] for item in project.environments]


@pytest.fixture
def standard(write: Write) -> None:
    """An ordinary environment: alembic.ini, migrations/env.py, two revisions."""
    write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    write("migrations/env.py", "")
    revision(write, "migrations/versions/b.py", "a")
    revision(write, "migrations/versions/a.py")


@pytest.mark.usefixtures("standard")
class TestArguments:
    @pytest.mark.parametrize(
        "path",
        ["alembic.ini", ".", "migrations", "migrations/versions", "migrations/versions/a.py"],
    )
    def test_each_kind_of_path_leads_to_the_whole_history(self, path: str) -> None:
        project = find(path)

        assert files(project) == [["migrations/versions/a.py", "migrations/versions/b.py"]]
        assert project.environments[0].ini == Path.cwd() / "alembic.ini"

    def test_a_file_limits_what_is_reported(self) -> None:
        assert find("migrations/versions/a.py").reported == {"migrations/versions/a.py"}

    def test_a_history_named_twice_is_loaded_once_and_reported_as_far_as_named(self) -> None:
        project = find("migrations/versions/a.py", "migrations/versions/b.py")

        assert len(project.environments) == 1
        assert project.reported == {"migrations/versions/a.py", "migrations/versions/b.py"}

    def test_without_a_path_the_search_goes_upwards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        (Path.cwd() / "src" / "app").mkdir(parents=True)
        monkeypatch.chdir(Path.cwd() / "src" / "app")

        assert len(find().environments[0].files) == 2

    def test_without_a_path_the_search_then_goes_below(
        self, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        del write
        outer = tmp_path / "outer"
        outer.mkdir()
        (outer / ".git").mkdir()
        (tmp_path / "migrations").rename(outer / "migrations")
        monkeypatch.chdir(outer)

        assert files(find()) == [["migrations/versions/a.py", "migrations/versions/b.py"]]

    def test_a_missing_path_is_an_error_that_names_it(self) -> None:
        with pytest.raises(ProjectError, match="nowhere: no such file"):
            find("nowhere")

    def test_a_file_of_no_history_is_left_out_with_a_notice(self, write: Write) -> None:
        write("setup.py", "")

        project = find("setup.py")

        assert project.environments == ()
        assert project.left_out == ("setup.py belongs to no Alembic history",)

    def test_a_buffer_need_not_be_saved(self) -> None:
        new = Path("migrations/versions/c.py")
        project = discover([new], defaults(), unsaved=new)

        assert project.reported == {"migrations/versions/c.py"}
        assert len(project.environments[0].files) == 2


class TestBareDirectories:
    def test_a_version_directory_needs_nothing_else(self, write: Write) -> None:
        revision(write, "versions/a.py")

        assert files(find("versions")) == [["versions/a.py"]]

    def test_a_version_directory_of_broken_files_is_still_one(self, write: Write) -> None:
        write("versions/a.py", "<<<<<<< HEAD\n")

        assert files(find("versions")) == [["versions/a.py"]]

    def test_several_directories_are_kept_apart_until_their_ids_are_known(
        self, write: Write
    ) -> None:
        revision(write, "core/alembic/a.py")
        revision(write, "users/alembic/b.py", "a")

        project = find(".")

        assert files(project) == [["core/alembic/a.py"], ["users/alembic/b.py"]]
        assert {item.binding for item in project.environments} == {Binding.LOOSE}

    def test_a_directory_without_any_history_has_none(self, write: Write) -> None:
        write("app/models.py", "x = 1\n")

        assert find("app").environments == ()

    def test_a_directory_without_one_beside_others_is_noted(self, write: Write) -> None:
        revision(write, "db/versions/a.py")
        write("app/models.py", "x = 1\n")

        project = find("db", "app")

        assert files(project) == [["db/versions/a.py"]]
        assert project.notices == ()
        (notice,) = project.notices_of_left_out
        assert re.fullmatch(r"app holds no Alembic history \(no .*\); it is left out", notice)

    def test_a_home_directory_is_not_looked_through(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        revision(write, "db/versions/a.py")
        monkeypatch.setenv("HOME", str(Path.cwd()))

        assert find().environments == ()
        assert files(find(".")) == [["db/versions/a.py"]]

    def test_a_buffer_may_be_the_first_file_of_its_directory(self, write: Write) -> None:
        del write
        new = Path("versions/a.py")

        assert discover([new], defaults(), unsaved=new).environments == ()

    def test_environments_that_were_installed_are_not_looked_into(self, write: Write) -> None:
        revision(write, "venv/lib/thing/migrations/versions/a.py")
        revision(write, ".tox/thing/versions/a.py")
        write("env/pyvenv.cfg", "")
        revision(write, "env/lib/versions/a.py")

        assert find(".").environments == ()

    def test_excluded_directories_are_not_looked_into(self, write: Write) -> None:
        revision(write, "app/versions/a.py")
        revision(write, "vendor/versions/b.py")
        write("alembic-lint.toml", "")

        project = find(".", config=Config(exclude=("vendor",), directory=Path.cwd().as_posix()))

        assert files(project) == [["app/versions/a.py"]]


class TestAlembicsConfiguration:
    """Each case is also given to Alembic itself, which must list the same files."""

    def agrees(self, ini: Path, section: str = "alembic") -> None:
        alembic = ScriptDirectory.from_config(AlembicConfig(ini, ini_section=section))
        theirs = sorted(script.path for script in alembic.walk_revisions())
        ours = [
            sorted(str(file) for file in item.files)
            for item in discover([ini], defaults()).environments
        ]
        assert theirs in ours

    @pytest.mark.parametrize(
        "location", ["migrations", "%(here)s/migrations", "./migrations", "app:migrations"]
    )
    def test_script_location(
        self, write: Write, location: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = "app/migrations" if ":" in location else "migrations"
        if ":" in location:
            write("app/__init__.py", "")
            monkeypatch.syspath_prepend(Path.cwd())
            monkeypatch.delitem(sys.modules, "app", raising=False)
        ini = write("alembic.ini", f"[alembic]\nscript_location = {location}\n")
        write(f"{root}/env.py", "")
        revision(write, f"{root}/versions/a.py")

        self.agrees(ini)

    @pytest.mark.parametrize(
        ("separator", "joined"),
        [
            ("space", "one two"),
            ("newline", "\n  one\n  two"),
            ("os", f"one{os.pathsep}two"),
            (":", "one:two"),
            (";", "one;two"),
        ],
    )
    def test_path_separator(self, write: Write, separator: str, joined: str) -> None:
        ini = write(
            "alembic.ini",
            "[alembic]\nscript_location = m\n"
            f"path_separator = {separator}\nversion_locations = {joined}\n",
        )
        write("m/env.py", "")
        revision(write, "one/a.py")
        revision(write, "two/b.py", "a")

        self.agrees(ini)

    @pytest.mark.filterwarnings("ignore:.*path_separator:DeprecationWarning")
    @pytest.mark.parametrize("joined", ["one two", "one,two", "one, two"])
    def test_locations_without_a_separator(self, write: Write, joined: str) -> None:
        ini = write(
            "alembic.ini", f"[alembic]\nscript_location = m\nversion_locations = {joined}\n"
        )
        write("m/env.py", "")
        revision(write, "one/a.py")
        revision(write, "two/b.py", "a")

        self.agrees(ini)

    @pytest.mark.parametrize(("flag", "count"), [("true", 2), ("True", 1), ("yes", 1)])
    def test_recursive_is_true_and_nothing_else(self, write: Write, flag: str, count: int) -> None:
        ini = write(
            "alembic.ini",
            f"[alembic]\nscript_location = m\nrecursive_version_locations = {flag}\n",
        )
        write("m/env.py", "")
        revision(write, "m/versions/a.py")
        revision(write, "m/versions/2024/b.py", "a")

        project = find("alembic.ini")

        self.agrees(ini)
        assert len(project.environments[0].files) == count
        if count == 1:
            assert (
                "m/versions/2024 holds revisions that Alembic does not load" in (project.notices[0])
            )

    def test_names_that_are_not_loaded(self, write: Write) -> None:
        ini = write("alembic.ini", "[alembic]\nscript_location = m\n")
        write("m/env.py", "")
        revision(write, "m/versions/a.py")
        for name in ("__init__.py", "__init__x.py", ".#a.py", "a.py.old", "b.pyc", "notes.txt"):
            write(f"m/versions/{name}", "")
        revision(write, "m/versions/.hidden.py", "a")
        revision(write, "m/versions/b~.py", ".hidden")

        project = find("alembic.ini")

        self.agrees(ini)
        assert files(project) == [["m/versions/.hidden.py", "m/versions/a.py", "m/versions/b~.py"]]
        assert [path.name for path in project.environments[0].retired] == ["a.py.old"]

    def test_sections_are_histories(self, write: Write) -> None:
        ini = write(
            "alembic.ini",
            "[DEFAULT]\nsqlalchemy.url = sqlite://\n"
            "[alembic]\nscript_location = one\n"
            "[logs]\nscript_location = two\nsqlalchemy.url = postgresql+psycopg://localhost/l\n"
            "[loggers]\nkeys = root\n",
        )
        for name in ("one", "two"):
            write(f"{name}/env.py", "")
            revision(write, f"{name}/versions/{name}.py")

        environments = find("alembic.ini").environments

        self.agrees(ini)
        self.agrees(ini, "logs")
        assert [(item.name, item.dialects) for item in environments] == [
            ("alembic", ("sqlite",)),
            ("logs", ("postgresql",)),
        ]

    def test_the_ini_wins_over_pyproject_key_by_key(self, write: Write) -> None:
        write("alembic.ini", "[alembic]\nscript_location = %(here)s/m\n")
        write(
            "pyproject.toml",
            '[tool.alembic]\nscript_location = "wrong"\n'
            'version_locations = ["%(here)s/one", "%(here)s/two"]\n',
        )
        write("m/env.py", "")
        revision(write, "one/a.py")
        revision(write, "two/b.py", "a")
        alembic = ScriptDirectory.from_config(AlembicConfig("alembic.ini", "pyproject.toml"))

        environments = find(".").environments

        theirs = sorted(script.path for script in alembic.walk_revisions())
        assert sorted(str(file) for file in environments[0].files) == theirs

    def test_pyproject_alone(self, write: Write) -> None:
        write("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/m"\n')
        write("m/env.py", "")
        revision(write, "m/versions/a.py")

        assert files(find("pyproject.toml")) == files(find("m/versions")) == [["m/versions/a.py"]]

    def test_flask_migrate_writes_an_ini_without_a_script_location(self, write: Write) -> None:
        write("migrations/alembic.ini", "[alembic]\nfile_template = %%(rev)s\n")
        write("migrations/env.py", "")
        revision(write, "migrations/versions/a.py")

        assert files(find("migrations")) == files(find(".")) == [["migrations/versions/a.py"]]

    def test_an_inline_comment_after_the_separator_does_no_harm(self, write: Write) -> None:
        write(
            "alembic.ini",
            "[alembic]\nscript_location = m\nversion_locations = one:two\n"
            "version_path_separator = :  # Use os.pathsep.\n",
        )
        write("m/env.py", "")
        revision(write, "one/a.py")
        revision(write, "two/b.py", "a")

        assert files(find("alembic.ini")) == [["one/a.py", "two/b.py"]]

    def test_an_environment_that_sets_its_locations_itself(self, write: Write) -> None:
        write("alembic.ini", "[alembic]\nscript_location = m\n")
        write("m/env.py", 'config.set_main_option("version_locations", places)\n')
        revision(write, "m/versions/a.py")
        revision(write, "m/versions/expand/b.py", "a")

        project = find("alembic.ini")

        assert files(project) == [["m/versions/a.py"], ["m/versions/expand/b.py"]]
        assert {item.binding for item in project.environments} == {Binding.LOOSE}

    @pytest.mark.parametrize(
        ("ini", "words"),
        [
            ("[alembic]\nscript_location = gone\n", r"\[alembic\] script_location 'gone' is not"),
            ("script_location = m\n", "is not an ini file"),
            ("[alembic]\nscript_location = %(nothing)s\n", "cannot be expanded"),
            (
                "[alembic]\nscript_location = m\npath_separator = comma\nversion_locations = a\n",
                "path_separator 'comma' is none of",
            ),
            ("[other]\nkey = value\n", r"has no \[alembic\] section"),
        ],
    )
    def test_a_configuration_alembic_refuses_is_named(
        self, write: Write, ini: str, words: str
    ) -> None:
        write("alembic.ini", ini)
        (Path.cwd() / "m").mkdir()

        with pytest.raises(ProjectError, match=words) as raised:
            find("alembic.ini")

        assert str(raised.value).startswith("alembic.ini")

    def test_a_broken_ini_above_does_not_hide_a_version_directory(self, write: Write) -> None:
        write("alembic.ini", "no section\n")
        revision(write, "m/versions/a.py")

        project = find("m/versions")

        assert files(project) == [["m/versions/a.py"]]
        assert "alembic.ini is not an ini file" in project.notices[0]


class TestDialects:
    @pytest.mark.parametrize(
        ("url", "dialects"),
        [
            ("postgresql+asyncpg://u@h/d", ("postgresql",)),
            ("postgres://h/d", ("postgresql",)),
            ("sqlite:///x.db", ("sqlite",)),
            ("mysql+pymysql://h/d", ("mysql",)),
            ("driver://user:pass@localhost/dbname", None),
            ("scheme://localhost/airflow", None),
            ("%(DATABASE_URL)s", None),
            ("{db_url}", None),
            ("", None),
        ],
    )
    def test_the_database_url_tells_them(
        self, write: Write, url: str, dialects: tuple[str, ...] | None
    ) -> None:
        write("alembic.ini", f"[alembic]\nscript_location = m\nsqlalchemy.url = {url}\n")
        write("m/env.py", "")
        revision(write, "m/versions/a.py")

        assert find("alembic.ini").environments[0].dialects == dialects

    def test_several_databases_of_one_history(self, write: Write) -> None:
        write(
            "alembic.ini",
            "[alembic]\nscript_location = m\ndatabases = one, two\n"
            "[one]\nsqlalchemy.url = sqlite://\n[two]\nsqlalchemy.url = mysql://h/d\n",
        )
        write("m/env.py", "")
        revision(write, "m/versions/a.py")

        assert find("alembic.ini").environments[0].dialects == ("mysql", "sqlite")


class TestVersionWidth:
    @pytest.mark.parametrize(
        ("env", "width"),
        [
            ("", 32),
            ('Table(name, MetaData(), Column("version_num", String(128), nullable=False))', 128),
            ('sa.Column("version_num", sa.Text())', 2**31 - 1),
            ('Column("version_num", String(length=64))', 64),
            ('Column("version_num", String(WIDTH))', 32),
            (
                'execute("ALTER TABLE alembic_version ALTER COLUMN version_num TYPE VARCHAR(255)")',
                255,
            ),
            ('# Column("version_num", String(128))', 32),
            ("def broken(:  # version_num", 32),
        ],
    )
    def test_env_py_may_configure_it(self, write: Write, env: str, width: int) -> None:
        write("m/env.py", env)
        revision(write, "m/versions/a.py")

        assert find("m/versions").environments[0].version_width == width


class TestOddFiles:
    def test_a_directory_named_like_a_revision_is_noted(self, write: Write) -> None:
        revision(write, "versions/a.py")
        (Path.cwd() / "versions" / "x.py").mkdir()

        project = find("versions")

        assert files(project) == [["versions/a.py"]]
        assert project.notices == (
            "versions/x.py is a directory; Alembic does not read it as a revision",
        )

    def test_a_file_reached_twice_is_loaded_once(self, write: Write) -> None:
        first = revision(write, "versions/a.py")
        (first.parent / "b.py").symlink_to(first)

        project = find("versions")

        assert files(project) == [["versions/a.py"]]
        assert "versions/b.py is versions/a.py once more" in project.notices[0]

    def test_a_circle_of_links_is_kept_to_be_reported(self, write: Write) -> None:
        revision(write, "versions/a.py")
        (Path.cwd() / "versions" / "x.py").symlink_to("y.py")
        (Path.cwd() / "versions" / "y.py").symlink_to("x.py")

        assert files(find("versions")) == [["versions/a.py", "versions/x.py", "versions/y.py"]]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads every directory")
    def test_a_directory_that_cannot_be_listed_is_noted(self, write: Write) -> None:
        write("alembic.ini", "[alembic]\nscript_location = m\nrecursive_version_locations = true\n")
        write("m/env.py", "")
        revision(write, "m/versions/a.py")
        hidden = revision(write, "m/versions/2024/b.py", "a").parent
        hidden.chmod(0)

        project = find("alembic.ini")

        hidden.chmod(0o700)
        assert files(project) == [["m/versions/a.py"]]
        assert project.notices == ("m/versions/2024 cannot be read: Permission denied",)

    def test_a_directory_that_links_to_its_parent_is_not_followed(self, write: Write) -> None:
        write("alembic.ini", "[alembic]\nscript_location = m\nrecursive_version_locations = true\n")
        write("m/env.py", "")
        revision(write, "m/versions/a.py")
        (Path.cwd() / "m" / "versions" / "again").symlink_to("..")

        assert files(find("alembic.ini")) == [["m/versions/a.py"]]


class TestImportRoots:
    @pytest.mark.parametrize(
        ("ini", "module"),
        [
            (ini, module)
            for ini in ("alembic.ini", "migrations/alembic.ini", None)
            for module in ("app/tables.py", "src/app/tables.py", "migrations/app/tables.py")
        ]
        + [("alembic.ini", "lib/app/tables.py"), ("migrations/alembic.ini", "lib/app/tables.py")],
    )
    def test_the_project_s_own_modules_are_found(
        self, write: Write, ini: str | None, module: str
    ) -> None:
        if ini is not None:
            write(ini, "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = lib\n")
        write("migrations/env.py", "")
        write("migrations/versions/__init__.py", "")
        revision(write, "migrations/versions/a.py")
        write(module, "TABLE = 'accounts'\n")

        modules = ProjectModules(find("migrations/versions").environments[0].roots)

        found = modules.load("app.tables")
        assert found is not None
        assert found.path == module

    def test_a_version_directory_that_is_no_package_may_lie_in_one(self, write: Write) -> None:
        write("pkg/__init__.py", "")
        write("pkg/tables.py", "TABLE = 'accounts'\n")
        revision(write, "pkg/alembic/a.py")

        modules = ProjectModules(find("pkg/alembic").environments[0].roots)

        assert modules.load("pkg.tables") is not None
