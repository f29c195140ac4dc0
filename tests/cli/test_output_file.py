"""`--output-file`: whole or not there, and no surprise on the terminal."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from alembic_lint.cli import main
from alembic_lint.cli.formats import FORMATS, WITH_NUMBERS

REVISION = """\
from alembic import op

revision = "{id}"
down_revision = {parent!r}


def upgrade():
    op.create_table("t_{id}")


def downgrade():
    op.drop_table("t_{id}")
"""

needs_permissions = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind root"
)


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


Invoke = Callable[..., Run]


@pytest.fixture
def invoke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Invoke:
    """Run the command beside a history with two heads."""
    for name in ("NO_COLOR", "FORCE_COLOR", "ALEMBIC_LINT_OUTPUT_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "versions").mkdir()
    for name, parent in (("3ac5", None), ("7bd1", "3ac5"), ("9ef2", "3ac5")):
        text = REVISION.format(id=name, parent=parent)
        (tmp_path / "versions" / f"{name}.py").write_text(text, "utf-8")

    def run(*arguments: str) -> Run:
        status = main(["versions", "--select", "ALM101", *arguments])
        out, err = capsysbinary.readouterr()
        return Run(status, out.decode(), err.decode())

    return run


SUMMARY = "Found 1 error in 1 file (checked 3 revisions)\n"


@pytest.mark.parametrize("form", FORMATS)
def test_the_file_has_what_the_terminal_would_have_and_that_has_the_summary(
    invoke: Invoke, tmp_path: Path, form: str
) -> None:
    shown = invoke("--output-format", form)

    assert invoke("--output-format", form, "-o", "out.txt", "--color", "always") == Run(
        1, "Found \x1b[1;31m1 error\x1b[0m in 1 file (checked 3 revisions)\n", ""
    )
    assert shown.status == 1
    assert (tmp_path / "out.txt").read_text("utf-8") == shown.out
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "out.txt", "versions"]


def test_quiet_leaves_the_terminal_alone(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("-q", "--output-file", "out.txt") == Run(1, "", "")
    assert "ALM101" in (tmp_path / "out.txt").read_text("utf-8")


def test_a_dash_is_the_terminal(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("-o", "-") == invoke()
    assert not (tmp_path / "-").exists()


def test_numbers_go_into_the_file_too(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("--statistics", "-o", "out.txt").out == SUMMARY
    assert (tmp_path / "out.txt").read_text("utf-8").startswith("1  ALM101 [error]")


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("gone/out.txt", "gone/out.txt cannot be written: there is no directory gone"),
        ("versions/3ac5.py/x", "cannot be written: there is no directory versions/3ac5.py"),
        ("versions", "versions is a directory; name a file in it"),
        ("", "the name of the file is empty"),
    ],
)
def test_where_no_file_can_be_is_2_at_once(invoke: Invoke, file: str, why: str) -> None:
    run = invoke("-o", file)

    assert (run.status, run.out) == (2, "")
    assert run.err.startswith("error: --output-file: ")
    assert why in run.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_device_is_2(invoke: Invoke) -> None:
    assert invoke("-o", "/dev/full") == Run(
        2, "", "error: --output-file: /dev/full cannot be written: no space left on device\n"
    )


@needs_permissions
def test_a_directory_that_may_not_be_written_is_2(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)

    assert invoke("-o", "closed/out.txt") == Run(
        2, "", "error: --output-file: closed/out.txt cannot be written: permission denied\n"
    )


def test_a_failure_leaves_the_old_file(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out.txt").write_text("old", "utf-8")

    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", failing)

    run = invoke("-o", "out.txt")

    assert (run.status, run.out) == (2, "")
    assert (tmp_path / "out.txt").read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "out.txt", "versions"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_links_permissions_and_pipes_are_kept(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old", "utf-8")
    (tmp_path / "real.txt").chmod(0o640)
    (tmp_path / "link.txt").symlink_to("real.txt")

    invoke("-o", "link.txt")

    assert (tmp_path / "link.txt").is_symlink()
    assert "ALM101" in (tmp_path / "real.txt").read_text("utf-8")
    assert stat.S_IMODE((tmp_path / "real.txt").stat().st_mode) == 0o640
    assert invoke("-o", "/dev/null").status == 1
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs paths of open files")
class TestOpenFiles:
    """The paths by which a shell hands a command what is open already."""

    @pytest.fixture
    def shell(self, invoke: Invoke, tmp_path: Path) -> Callable[[str], tuple[str, str]]:
        """Run a line of bash in which $lint lints; its output and errors."""
        whole = invoke("--output-format", "concise")
        assert whole.status == 1

        def run(line: str) -> tuple[str, str]:
            command = f"{sys.executable} -m alembic_lint --select ALM101 --output-format concise"
            done = subprocess.run(
                ["bash", "-c", line],
                cwd=tmp_path,
                env={**os.environ, "lint": f"{command} versions"},
                capture_output=True,
                encoding="utf-8",
                check=False,
                timeout=60,
            )
            return tuple(
                text.replace(whole.out, "<findings>") for text in (done.stdout, done.stderr)
            )  # type: ignore[return-value]  # two texts

        return run

    @pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
    def test_standard_output_is_that_and_nothing_besides(
        self, shell: Callable[[str], tuple[str, str]], path: str
    ) -> None:
        line = f"ln -sf /dev/stdout link; $lint -o {path}"

        assert shell(line) == ("<findings>", "")
        assert shell(f"{line} --color always | cat")[0] != "<findings>"

    def test_standard_error_gets_the_findings_only(
        self, shell: Callable[[str], tuple[str, str]]
    ) -> None:
        assert shell("$lint -o /dev/stderr") == (SUMMARY, "<findings>")

    def test_another_command_gets_the_findings_only(
        self, shell: Callable[[str], tuple[str, str]]
    ) -> None:
        line = "$lint -o >(cat >got); until [ -s got ]; do sleep 0.1; done; cat got"

        assert shell(line) == (f"{SUMMARY}<findings>", "")

    def test_a_file_that_is_open_is_written_on(
        self, shell: Callable[[str], tuple[str, str]]
    ) -> None:
        line = "exec 3>got; echo before >&3; $lint -o /dev/fd/3; echo after >&3; cat got"

        assert shell(line) == (f"{SUMMARY}before\n<findings>after\n", "")

    def test_one_that_is_not_open_is_told(self, shell: Callable[[str], tuple[str, str]]) -> None:
        why = "error: --output-file: /dev/fd/99 cannot be written: bad file descriptor\n"

        assert shell("$lint -o /dev/fd/99") == ("", why)


class TestInputs:
    """A report never takes the place of what it is made from."""

    @pytest.fixture
    def history(self, invoke: Invoke, tmp_path: Path) -> Invoke:
        """The command beside a history with all the files that are read."""
        del invoke
        (tmp_path / "versions").rename(tmp_path / "m")
        (tmp_path / "migrations").mkdir()
        (tmp_path / "m").rename(tmp_path / "migrations" / "versions")
        for name, text in {
            "alembic.ini": "[alembic]\nscript_location = migrations\n",
            "migrations/env.py": "",
            "migrations/versions/old.py.bak": "",
            "pyproject.toml": "[tool.alembic-lint]\nextend = 'shared.toml'\n",
            "shared.toml": "",
        }.items():
            (tmp_path / name).write_text(text, "utf-8")
        (tmp_path / "link.txt").symlink_to("pyproject.toml")

        def run(*arguments: str) -> Run:
            status = main(arguments)
            return Run(status, "", "")

        return run

    @pytest.mark.parametrize(
        ("file", "what"),
        [
            ("migrations/versions/3ac5.py", "a revision file"),
            ("migrations/versions/old.py.bak", "a revision file"),
            ("migrations/env.py", "the env.py of a history"),
            ("alembic.ini", "Alembic's configuration"),
            ("pyproject.toml", "Alembic's configuration"),
            ("shared.toml", "the configuration"),
            ("link.txt", "Alembic's configuration"),
            ("alembic-lint-baseline.toml", "the baseline"),
        ],
    )
    def test_check_refuses_each(
        self,
        history: Invoke,
        tmp_path: Path,
        capsysbinary: pytest.CaptureFixture[bytes],
        file: str,
        what: str,
    ) -> None:
        assert history("baseline").status == 0
        capsysbinary.readouterr()
        before = (tmp_path / file).read_text("utf-8")

        run = history("check", "migrations/versions/7bd1.py", "-o", file)

        assert run.status == 2
        assert capsysbinary.readouterr().err.decode() == (
            f"error: --output-file: {file} is {what}, which the report would replace; name another "
            "file\n"
        )
        assert (tmp_path / file).read_text("utf-8") == before

    def test_a_baseline_that_is_not_gone_by_may_be_replaced(
        self, history: Invoke, tmp_path: Path
    ) -> None:
        assert history("baseline").status == 0

        assert history("--no-baseline", "-o", "alembic-lint-baseline.toml").status == 1
        assert "ALM101" in (tmp_path / "alembic-lint-baseline.toml").read_text("utf-8")

    @pytest.mark.parametrize("file", ["migrations/versions/3ac5.py", "shared.toml", "alembic.ini"])
    def test_so_does_baseline(self, history: Invoke, tmp_path: Path, file: str) -> None:
        before = (tmp_path / file).read_text("utf-8")

        assert history("baseline", "-o", file).status == 2
        assert (tmp_path / file).read_text("utf-8") == before


@pytest.mark.parametrize("form", FORMATS)
def test_the_status_is_that_of_the_findings_in_every_format(invoke: Invoke, form: str) -> None:
    assert invoke("--output-format", form).status == 1
    assert invoke("--output-format", form, "--exit-zero").status == 0
    assert invoke("--output-format", form, "--ignore", "ALM101").status == 0
    assert invoke("--output-format", form, "-o", "out").status == 1


@pytest.mark.parametrize("form", FORMATS)
def test_notices_go_to_standard_error_in_every_format(
    invoke: Invoke, tmp_path: Path, form: str
) -> None:
    (tmp_path / "versions" / "x.py").mkdir()

    run = invoke("--output-format", form)

    assert run.err == (
        "note: versions/x.py is a directory; Alembic does not read it as a revision\n"
    )
    assert "note: versions/x.py" not in run.out


@pytest.mark.parametrize("form", FORMATS)
def test_numbers_have_their_place_or_are_refused(invoke: Invoke, form: str) -> None:
    run = invoke("--output-format", form, "--statistics")

    if form not in WITH_NUMBERS:
        assert run == Run(
            2,
            "",
            f"error: --statistics has no place in the format {form!r}; use it with full, concise "
            "or json\n",
        )
    elif form == "json":
        document = json.loads(run.out)
        assert [item["code"] for item in document["diagnostics"]] == ["ALM101"]
        assert document["statistics"]["rules"][0]["code"] == "ALM101"
    else:
        assert run.out.startswith("1  ALM101 [error] multiple-heads\n")
