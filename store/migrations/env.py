"""How alembic reaches the database: over the connection that ``store.database.migrate`` hands in."""

from alembic import context

from store.tables import Table

connection = context.config.attributes["connection"]
# SQLite cannot alter a column in place: batch mode copies the table.
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
