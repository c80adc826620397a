"""« Rendez-vous en ligne »: online booking that mounts into a veterinary portal."""

__version__ = "0.1.0"

from .extension import LogivetRdv
from .host import Actor, ClinicFacts, FlaskLoginHost, Host, Layout, MailText

__all__ = ["Actor", "ClinicFacts", "FlaskLoginHost", "Host", "Layout", "LogivetRdv", "MailText"]
