"""Create stock, suppliers and a view, in SQL where that is shorter."""

import sqlalchemy as sa
from alembic import op

revision = "b5_stock"
down_revision = "b4_bills"


def upgrade():
    op.execute(
        "CREATE TABLE stock (id SERIAL PRIMARY KEY, item VARCHAR(80) NOT NULL,"
        " amount INTEGER NOT NULL DEFAULT 0)"
    )
    op.execute("CREATE INDEX ix_stock_item ON stock (item)")
    op.execute("ALTER TABLE repairs ADD COLUMN stock_id INTEGER REFERENCES stock (id)")
    if not sa.inspect(op.get_bind()).has_table("suppliers"):
        op.create_table(
            "suppliers",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("name", sa.String(80), nullable=False),
            sa.PrimaryKeyConstraint("id", name="pk_suppliers"),
        )
    op.execute("CREATE VIEW open_repairs AS SELECT id, task FROM repairs WHERE bill_id IS NULL")


def downgrade():
    op.execute("DROP VIEW open_repairs")
    op.drop_table("suppliers")
    op.execute("ALTER TABLE repairs DROP COLUMN stock_id")
    op.execute("DROP TABLE stock")
