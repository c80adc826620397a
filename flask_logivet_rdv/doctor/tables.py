"""Our tables: at this version's revision, as the models have them, shielded from the host's."""

from collections.abc import Iterator

from flask import Flask

from flask_logivet_rdv.migrating import VERSION_TABLE, differences, revisions
from flask_logivet_rdv.models import Base

from .finding import Finding, Level, counted

NAME, SHIELD = "tables", "autogenerate"


def look(app: Flask) -> Iterator[Finding]:
    """Yield whether the tables are those of this version of the package."""
    current, head = revisions(app)
    if current is None:
        yield Finding(NAME, Level.ERROR, "There are none yet. Run « flask rdv upgrade ».")
    elif current != head:
        told = f"At {current}, this version needs {head}. Run « flask rdv upgrade »."
        yield Finding(NAME, Level.ERROR, told)
    elif differing := differences(app):
        told = (
            f"At {head}, with {counted(len(differing), 'difference')} from the models:"
            " somebody altered them. « flask rdv check » names each."
        )
        yield Finding(NAME, Level.ERROR, told)
    else:
        yield Finding(NAME, Level.OK, f"At {head}, as the models have them.")


def look_at_shield(app: Flask) -> Iterator[Finding]:
    """Yield whether the host's ``flask db migrate`` would leave our tables alone."""
    migrate = app.extensions.get("migrate")
    if migrate is None:
        told = "No Flask-Migrate here, or it came after LogivetRdv: see that nothing drops rdv_*."
        yield Finding(SHIELD, Level.OK, told)
        return
    filtered = migrate.configure_args.get("include_name")
    names = [*Base.metadata.tables, VERSION_TABLE]
    if filtered and not any(filtered(name, "table", {"schema_name": None}) for name in names):
        yield Finding(SHIELD, Level.OK, "« flask db migrate » leaves the rdv_* tables alone.")
    else:
        told = (
            "« flask db migrate » would propose to drop the rdv_* tables."
            " Call LogivetRdv.init_app after Migrate.init_app, and set include_name there."
        )
        yield Finding(SHIELD, Level.ERROR, told)
