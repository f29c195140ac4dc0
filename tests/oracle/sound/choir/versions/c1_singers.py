"""Create singers and concerts, for any database."""

import sqlalchemy as sa
from alembic import op

revision = "c1_singers"
down_revision = None


def upgrade():
    op.create_table(
        "singers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("voice", sa.String(10), nullable=False, server_default="alto"),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.CheckConstraint("age > 5", name="ck_singers_age"),
        sa.PrimaryKeyConstraint("id", name="pk_singers"),
    )
    op.create_table(
        "concerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_concerts"),
        sa.UniqueConstraint("title", "day", name="uq_concerts_title_day"),
    )
    op.create_index("ix_concerts_day", "concerts", ["day"])
    op.bulk_insert(
        sa.table("singers", sa.column("id", sa.Integer), sa.column("name", sa.String)),
        [{"id": 1, "name": "Dora"}, {"id": 2, "name": "Emil"}],
    )


def downgrade():
    op.drop_index("ix_concerts_day", table_name="concerts")
    op.drop_table("concerts")
    op.drop_table("singers")
