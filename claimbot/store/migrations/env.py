"""Runs migrations on the connection that `claimbot.store.database.migrate` hands over."""

from alembic import context

from claimbot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    user_module_prefix="tables.",
)
with context.begin_transaction():
    context.run_migrations()
