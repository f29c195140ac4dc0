"""Create bills, and say which one a repair is on."""

import sqlalchemy as sa
from alembic import op

revision = "b4_bills"
down_revision = "b3_names"


def upgrade():
    op.create_table(
        "bills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("total", sa.Numeric(10, 2), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bills"),
    )
    op.create_unique_constraint("uq_bills_number", "bills", ["number"])
    op.create_check_constraint("ck_bills_total", "bills", "total >= 0")
    op.add_column("repairs", sa.Column("bill_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        "fk_repairs_bill", "repairs", "bills", ["bill_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_repairs_bill_id", "repairs", ["bill_id"])


def downgrade():
    op.drop_index("ix_repairs_bill_id", table_name="repairs")
    op.drop_constraint("fk_repairs_bill", "repairs", type_="foreignkey")
    op.drop_column("repairs", "bill_id")
    op.drop_table("bills")
