"""Create fees, on a branch of its own."""

import sqlalchemy as sa
from alembic import op

revision = "c4_fees"
down_revision = "c3_halls"


def upgrade():
    op.create_table(
        "fees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("singer_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(8, 2), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_fees"),
        sa.ForeignKeyConstraint(["singer_id"], ["singers.id"], name="fk_fees_singer"),
    )
    op.create_index("ix_fees_singer_id", "fees", ["singer_id"])


def downgrade():
    op.drop_index("ix_fees_singer_id", table_name="fees")
    op.drop_table("fees")
