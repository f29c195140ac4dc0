"""Call concerts performances, and forget how old singers are."""

import sqlalchemy as sa
from alembic import op

revision = "c6_performances"
down_revision = "c5_join"


def upgrade():
    op.rename_table("concerts", "performances")
    op.add_column("performances", sa.Column("score_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("singers") as batch_op:
        batch_op.drop_constraint("ck_singers_age", type_="check")
        batch_op.drop_column("age")


def downgrade():
    with op.batch_alter_table("singers") as batch_op:
        batch_op.add_column(sa.Column("age", sa.Integer(), nullable=True))
        batch_op.create_check_constraint("ck_singers_age", "age > 5")
    op.drop_column("performances", "score_id")
    op.rename_table("performances", "concerts")
