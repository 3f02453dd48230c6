"""What the maker is asked for each line, which for goodwill is its share; and a line it returned is allowed nothing."""

import sqlalchemy as sa
from alembic import op

from claimbot.store import tables

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lines", sa.Column("maker_asked", tables.Amount(), nullable=True))
    op.execute(
        "UPDATE lines SET maker_approved = 0 WHERE maker_approved IS NULL AND EXISTS ("
        "SELECT 1 FROM maker_lines JOIN maker_answers ON maker_answers.id = maker_lines.answer_id"
        " WHERE maker_answers.claim_id = lines.claim_id AND maker_lines.line_no = lines.line_no"
        " AND maker_lines.answer = 'returned'"
        " AND maker_answers.id = (SELECT MAX(last.id) FROM maker_answers AS last WHERE last.claim_id = lines.claim_id)"
        " AND maker_answers.submission = (SELECT COUNT(*) FROM moves WHERE moves.claim_id = lines.claim_id"
        " AND moves.move = 'file' AND moves.origin <> moves.target)"
        " AND NOT EXISTS (SELECT 1 FROM moves WHERE moves.claim_id = lines.claim_id AND moves.move = 'mend'"
        " AND moves.at >= maker_answers.noted_at))"
    )


def downgrade() -> None:
    op.drop_column("lines", "maker_asked")
