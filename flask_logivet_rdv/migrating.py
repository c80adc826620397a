"""Our tables on the host's engine: Alembic with a version table of our own."""

import logging
from collections.abc import Callable, MutableMapping
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from flask_logivet_rdv.models import Base
from flask_logivet_rdv.state import EXTENSION, State

VERSION_TABLE = "alembic_version_logivet_rdv"
log = logging.getLogger(__name__)

Names = MutableMapping[str, str | None]
IncludeName = Callable[[str | None, str, Names], bool]


def upgrade(app: Flask, revision: str = "head") -> None:
    """Bring our tables to a revision; the host's own tables must be there already."""
    command.upgrade(_config(app), revision)


def downgrade(app: Flask, revision: str = "base") -> None:
    """Take our tables back to a revision; ``base`` removes them."""
    command.downgrade(_config(app), revision)


def revisions(app: Flask) -> tuple[str | None, str | None]:
    """Return the revision our tables are at, None before the first upgrade, and the newest one."""
    state: State = app.extensions[EXTENSION]
    with app.app_context(), state.db.engine.connect() as connection:
        current = MigrationContext.configure(connection, opts=_options()).get_current_revision()
    return current, ScriptDirectory.from_config(_config(app)).get_current_head()


def differences(app: Flask) -> list[Any]:
    """Return how the database's tables differ from the models: nothing, after an upgrade."""
    state: State = app.extensions[EXTENSION]
    with app.app_context(), state.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=_options())
        return list(compare_metadata(context, Base.metadata))


def ours(name: str | None, type_: str, parents: Names | None = None) -> bool:
    """Tell whether a name of the database is one of our tables."""
    return type_ == "table" and (name == VERSION_TABLE or name in Base.metadata.tables)


def shield_host_autogenerate(app: Flask) -> None:
    """Keep the host's ``flask db migrate`` from proposing to drop our tables.

    Its own ``include_name``, if any, still has its say about its own tables.
    """
    migrate = app.extensions.get("migrate")
    if migrate is None:
        log.warning(
            "Flask-Migrate was not initialised before LogivetRdv: the host's autogenerate"
            " is not shielded from the rdv_* tables."
        )
        return
    theirs: IncludeName | None = migrate.configure_args.get("include_name")

    def include_name(name: str | None, type_: str, parents: Names) -> bool:
        return not ours(name, type_) and (theirs is None or theirs(name, type_, parents))

    migrate.configure_args["include_name"] = include_name


def run(connection: sa.Connection, configure: Callable[..., None]) -> None:
    """Give Alembic's environment what our migrations need."""
    configure(connection=connection, target_metadata=Base.metadata, **_options())


def _options() -> dict[str, Any]:
    def only_ours(name: str | None, type_: str, parents: Names) -> bool:
        return type_ != "table" or (ours(name, type_) and name != VERSION_TABLE)

    return {
        "version_table": VERSION_TABLE,
        "include_name": only_ours,
        "render_as_batch": True,
        "compare_type": True,
    }


def _config(app: Flask) -> Config:
    config = Config()
    config.set_main_option("script_location", "flask_logivet_rdv:migrations")
    config.attributes["state"] = app.extensions[EXTENSION]
    config.attributes["app"] = app
    return config
