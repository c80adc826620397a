"""What the portal tells the package."""

from flask_logivet_rdv.host import FlaskLoginHost, Layout


class PortalHost(FlaskLoginHost):
    """The usual names of users and clinics suit us; only the layout is the portal's own."""

    def layout(self) -> Layout:
        """Return the portal's base template, whose blocks have the package's names."""
        names = ("title", "head", "content", "scripts")
        return Layout(base="portal/base.html", blocks={name: name for name in names})
