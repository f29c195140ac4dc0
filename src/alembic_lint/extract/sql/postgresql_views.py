"""What a PostgreSQL statement does with views."""

from __future__ import annotations

from alembic_lint.extract.sql.marks import known
from alembic_lint.extract.sql.postgresql_queries import columns_of
from alembic_lint.extract.sql.tree import Node, qualified, table_of
from alembic_lint.model import ViewChange

_VIEWS = ("OBJECT_VIEW", "OBJECT_MATVIEW")


def view_changes(node: Node) -> tuple[ViewChange, ...]:
    """The views that a statement makes, drops or renames, in order."""
    match node.kind:
        case "ViewStmt":
            schema, name = table_of(node.node("view"))
            verb = "replace" if node.flag("replace") else "create"
            return (ViewChange(verb, name, schema, columns=columns_of(node.node("query"))),)
        case "CreateTableAsStmt" if node.text("objtype") == "OBJECT_MATVIEW":
            into = node.node("into")
            schema, name = table_of(None if into is None else into.node("rel"))
            asks, columns = node.flag("if_not_exists"), columns_of(node.node("query"))
            return (ViewChange("create", name, schema, asks=asks, columns=columns),)
        case "DropStmt" if node.text("removeType") in _VIEWS:
            cascade = node.text("behavior") == "DROP_CASCADE"
            named = (qualified(item.strings("items")) for item in node.nodes("objects"))
            asks = node.flag("missing_ok")
            return tuple(
                ViewChange("drop", name, schema, asks=asks, cascade=cascade)
                for schema, name in named
            )
        case "RenameStmt" if node.text("renameType") in _VIEWS:
            schema, name = table_of(node.node("relation"))
            asks, new = node.flag("missing_ok"), known(node.text("newname"))
            return (ViewChange("rename", name, schema, asks=asks, new_name=new),)
        case _:
            return ()
