"""Create customers and bicycles, with an enum type of either kind."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b1_customers"
down_revision = None


def upgrade():
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("mail", sa.String(200), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("joined", sa.Date(), nullable=False, server_default=sa.text("CURRENT_DATE")),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("mail", name="uq_customers_mail"),
    )
    op.execute("CREATE TYPE frame_size AS ENUM ('small', 'medium', 'large')")
    size = postgresql.ENUM("small", "medium", "large", name="frame_size", create_type=False)
    op.create_table(
        "bicycles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("frame", sa.String(60), nullable=False),
        sa.Column("size", size, nullable=True),
        sa.Column(
            "state",
            sa.Enum("new", "used", "worn", name="bicycle_state"),
            nullable=False,
            server_default="used",
        ),
        sa.Column("price", sa.Numeric(10, 2), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bicycles"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_bicycles_customer"),
        sa.CheckConstraint("price >= 0", name="ck_bicycles_price"),
    )
    op.create_index("ix_bicycles_customer_id", "bicycles", ["customer_id"])


def downgrade():
    op.drop_index("ix_bicycles_customer_id", table_name="bicycles")
    op.drop_table("bicycles")
    sa.Enum(name="bicycle_state").drop(op.get_bind())
    op.execute("DROP TYPE frame_size")
    op.drop_table("customers")
