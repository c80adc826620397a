"""Alembic's environment for the portal's own tables."""

from alembic import context
from flask import current_app

migrate = current_app.extensions["migrate"]

with migrate.db.engine.connect() as connection:
    # configure_args carries the package's shield: without it `flask db migrate` would propose
    # to drop the rdv_ tables.
    context.configure(
        connection=connection, target_metadata=migrate.db.metadata, **migrate.configure_args
    )
    with context.begin_transaction():
        context.run_migrations()
