"""Say hall instead of place, and let two concerts of one title be on one day."""

import sqlalchemy as sa
from alembic import op

revision = "c3_halls"
down_revision = "c2_sections"


def upgrade():
    with op.batch_alter_table("concerts") as batch_op:
        batch_op.drop_constraint("uq_concerts_title_day", type_="unique")
        batch_op.alter_column("place", existing_type=sa.String(80), new_column_name="hall")
        batch_op.alter_column("title", existing_type=sa.String(200), type_=sa.Text())
    with op.batch_alter_table("concerts") as batch_op:
        batch_op.create_index("ix_concerts_hall", ["hall"])


def downgrade():
    with op.batch_alter_table("concerts") as batch_op:
        batch_op.drop_index("ix_concerts_hall")
    with op.batch_alter_table("concerts") as batch_op:
        batch_op.alter_column("title", existing_type=sa.Text(), type_=sa.String(200))
        batch_op.alter_column("hall", existing_type=sa.String(80), new_column_name="place")
        batch_op.create_unique_constraint("uq_concerts_title_day", ["title", "day"])
