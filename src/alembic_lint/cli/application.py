"""The command with its commands, and what becomes of errors."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from alembic_lint.cli import streams
from alembic_lint.cli.baseline_command import baseline
from alembic_lint.cli.check import check
from alembic_lint.cli.config_command import config
from alembic_lint.cli.graph import graph
from alembic_lint.cli.rule import rule
from alembic_lint.cli.schema_command import schema
from alembic_lint.cli.status import BUG, CLEAN, USAGE, EndedError
from alembic_lint.cli.verify import verify
from alembic_lint.config import ConfigError
from alembic_lint.git import GitError
from alembic_lint.project import ProjectError
from alembic_lint.wording import lower_first

COMMANDS: tuple[click.Command, ...] = (baseline, check, config, graph, rule, schema, verify)


class _CheckByDefault(click.Group):
    """A group whose command `check` need not be named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, "-h", "--help", "--version"}
        if not args or args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    del param
    if not wanted or ctx.resilient_parsing:
        return
    from importlib import metadata  # noqa: PLC0415  (takes as long as all else that is needed)

    streams.write(f"alembic-lint {metadata.version('alembic-lint')}\n")
    ctx.exit()


@click.group(
    cls=_CheckByDefault,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def command() -> None:
    """Lint Alembic migrations: the files, the graph, and the schema they lead to.

    Nothing of a revision is imported or run. Without a command, `check` is meant.
    """


def run(arguments: Sequence[str] | None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: None for those of the process.

    Raises:
        KeyboardInterrupt: the user stopped it.
    """
    try:
        return _run(arguments)
    finally:
        streams.settle()


def _run(arguments: Sequence[str] | None) -> int:
    try:
        command.main(
            None if arguments is None else list(arguments),
            prog_name="alembic-lint",
            standalone_mode=False,
        )
    except EndedError as ended:
        return ended.status
    except (streams.UnreadError, SystemExit):  # click exits where nobody reads its help
        return CLEAN
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        streams.complain(f"error: {_sentence(error)}")
        return USAGE
    except (ConfigError, GitError, ProjectError, streams.StreamError) as error:
        streams.complain(f"error: {error}")
        return USAGE
    except OSError as error:
        streams.complain(f"error: {_failure(error)}")
        return USAGE
    except Exception as error:  # noqa: BLE001  (a user is never shown a traceback)
        *_, last = traceback.extract_tb(error.__traceback__)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        where = f"{Path(last.filename).name}:{last.lineno}"
        streams.complain(f"internal error: {what} ({where}); please report it")
        return BUG
    return CLEAN


def _failure(error: OSError) -> str:
    """What the system refused."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the working directory is not there any more"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{streams.reason(error)}"


def _sentence(error: click.ClickException) -> str:
    """What is wrong with a call, and where to read how it is called."""
    message = lower_first(error.format_message().removesuffix("."))
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message += f"; see {error.ctx.command_path} --help"
    return message
