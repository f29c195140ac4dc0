"""`alembic-lint rule`: what a rule flags, and why."""

from __future__ import annotations

import click

from alembic_lint.cli.streams import write


@click.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Every rule.")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def rule(name: str | None, *, everything: bool, output_format: str) -> None:
    """Explain a rule, by name or code; without one, list the rules.

    The beginning of codes, such as ALM1, lists the rules of that family.
    """
    from alembic_lint import cards  # noqa: PLC0415  (rules import the parsers)
    from alembic_lint.report import explanation  # noqa: PLC0415
    from alembic_lint.rules import RULES  # noqa: PLC0415
    from alembic_lint.selection import matches, unknown  # noqa: PLC0415

    if name is None:
        chosen = list(RULES)
    elif everything:
        raise click.ClickException(f"--all explains every rule, so the name {name!r} has no place")
    else:
        word = name.upper() if name[:3].casefold() == "alm" else name.casefold()
        chosen = [item for item in RULES if matches(word, item)]
        if not chosen:
            raise click.ClickException(unknown(name, RULES))
    if output_format == "json":
        write(explanation.render_json(chosen, cards.load()))
    elif everything or len(chosen) == 1:
        write(explanation.render(chosen, cards.load()))
    else:
        write(explanation.render_index(chosen))
