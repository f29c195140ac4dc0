"""The command: options in, exit status out. One module for each command."""

# Little is imported here, and nothing at the top: until `main` runs, an interrupt would end in a
# traceback.

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is not needed otherwise
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""The exit status of a run that the user stopped, as shells count it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; never raises.

    Args:
        arguments: None for those of the process, which an interrupt then ends at once.
    """
    try:
        if arguments is None:
            _end_on_interrupt()
        from alembic_lint.cli.application import run  # noqa: PLC0415  (see above)

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _end_on_interrupt() -> None:
    """Let an interrupt end the process without a word.

    A KeyboardInterrupt would not do: where it is raised in a destructor or in a callback of the
    import system, Python prints it and goes on.
    """
    import os  # noqa: PLC0415  (see above)
    import signal  # noqa: PLC0415

    def end(*_: object) -> None:
        if os.isatty(2):
            os.write(2, b"\r\x1b[K")  # a progress bar that may stand there
        os._exit(INTERRUPTED)

    # Who started the process may have asked that it ignores interrupts.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)
