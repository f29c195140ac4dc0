"""Join the two branches."""

revision = "c5_join"
down_revision = ("c4_fees", "c4_scores")


def upgrade():
    pass


def downgrade():
    pass
