"""Create scores, on a branch of its own."""

import sqlalchemy as sa
from alembic import op

revision = "c4_scores"
down_revision = "c3_halls"


def upgrade():
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("composer", sa.String(100), nullable=True),
        sa.Column("title", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scores"),
    )


def downgrade():
    op.drop_table("scores")
