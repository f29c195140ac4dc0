"""Create sections, and put singers into them."""

import sqlalchemy as sa
from alembic import op

revision = "c2_sections"
down_revision = "c1_singers"


def upgrade():
    op.create_table(
        "sections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sections"),
        sa.UniqueConstraint("name", name="uq_sections_name"),
    )
    with op.batch_alter_table("singers") as batch_op:
        batch_op.add_column(sa.Column("mail", sa.String(200), nullable=True))
        batch_op.add_column(sa.Column("section_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_singers_mail", ["mail"], unique=True)
        batch_op.create_foreign_key("fk_singers_section", "sections", ["section_id"], ["id"])


def downgrade():
    with op.batch_alter_table("singers") as batch_op:
        batch_op.drop_constraint("fk_singers_section", type_="foreignkey")
        batch_op.drop_index("ix_singers_mail")
        batch_op.drop_column("section_id")
        batch_op.drop_column("mail")
    op.drop_table("sections")
