"""Call jobs repairs, and change some columns."""

import sqlalchemy as sa
from alembic import op

revision = "b3_names"
down_revision = "b2_jobs"


def upgrade():
    op.rename_table("jobs", "repairs")
    op.alter_column("repairs", "what", new_column_name="task")
    op.execute("ALTER INDEX ix_jobs_begun RENAME TO ix_repairs_begun")
    op.alter_column("customers", "phone", existing_type=sa.String(40), type_=sa.String(60))
    op.alter_column("mechanics", "wage", existing_type=sa.Integer(), server_default=None)
    op.alter_column("repairs", "cost", existing_type=sa.Numeric(10, 2), nullable=False)


def downgrade():
    op.alter_column("repairs", "cost", existing_type=sa.Numeric(10, 2), nullable=True)
    op.alter_column("mechanics", "wage", existing_type=sa.Integer(), server_default="15")
    op.alter_column("customers", "phone", existing_type=sa.String(60), type_=sa.String(40))
    op.execute("ALTER INDEX ix_repairs_begun RENAME TO ix_jobs_begun")
    op.alter_column("repairs", "task", new_column_name="what")
    op.rename_table("repairs", "jobs")
