"""Create mechanics and jobs, and write the first rows."""

import sqlalchemy as sa
from alembic import op

revision = "b2_jobs"
down_revision = "b1_customers"


def upgrade():
    op.create_table(
        "mechanics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("wage", sa.Integer(), nullable=False, server_default="15"),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_mechanics"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bicycle_id", sa.Integer(), nullable=False),
        sa.Column("mechanic_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("begun", sa.DateTime(), nullable=False, server_default=sa.func.now()),
        sa.Column("cost", sa.Numeric(10, 2), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(
            ["bicycle_id"], ["bicycles.id"], name="fk_jobs_bicycle", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["mechanic_id"], ["mechanics.id"], name="fk_jobs_mechanic"),
    )
    op.create_index("ix_jobs_bicycle_id", "jobs", ["bicycle_id"])
    op.create_index("ix_jobs_mechanic_id", "jobs", ["mechanic_id"])
    op.create_index("ix_jobs_begun", "jobs", ["begun"])
    op.execute("INSERT INTO mechanics (id, name) VALUES (1, 'Ada'), (2, 'Ben')")
    op.execute("INSERT INTO customers (id, name, mail) VALUES (1, 'Cleo', 'cleo@example.org')")
    op.execute("INSERT INTO bicycles (id, customer_id, frame) VALUES (1, 1, 'steel')")
    op.execute("INSERT INTO jobs (id, bicycle_id, what, cost) VALUES (1, 1, 'brakes', 30)")


def downgrade():
    op.drop_index("ix_jobs_begun", table_name="jobs")
    op.drop_index("ix_jobs_mechanic_id", table_name="jobs")
    op.drop_index("ix_jobs_bicycle_id", table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("mechanics")
    op.execute("DELETE FROM bicycles")
    op.execute("DELETE FROM customers")
