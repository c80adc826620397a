"""Run our migrations on the host's engine."""

from alembic import context

from flask_logivet_rdv.migrating import run

app, state = context.config.attributes["app"], context.config.attributes["state"]

with app.app_context(), state.db.engine.connect() as connection:
    run(connection, context.configure)
    with context.begin_transaction():
        context.run_migrations()
