"""Remove what nobody used."""

import sqlalchemy as sa
from alembic import op

revision = "b6_less"
down_revision = "b5_stock"


def upgrade():
    op.drop_column("mechanics", "note")
    op.drop_constraint("uq_customers_mail", "customers", type_="unique")
    op.drop_index("ix_stock_item", table_name="stock")
    op.drop_table("suppliers")


def downgrade():
    op.create_table(
        "suppliers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suppliers"),
    )
    op.create_index("ix_stock_item", "stock", ["item"])
    op.create_unique_constraint("uq_customers_mail", "customers", ["mail"])
    op.add_column("mechanics", sa.Column("note", sa.Text(), nullable=False, server_default=""))
