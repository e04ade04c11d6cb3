"""what a manifest knows of a picture: its kind, and whether it is a hard negative."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sightings", sa.Column("kind", sa.String(length=100), nullable=True))
    op.add_column("sightings", sa.Column("hard_negative", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("sightings", "hard_negative")
    op.drop_column("sightings", "kind")
