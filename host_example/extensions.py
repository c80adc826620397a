"""The portal's Flask extensions, one of each."""

from pathlib import Path

from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager
from flask_mail import Mail
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from flask_logivet_rdv import LogivetRdv

login = LoginManager()
login.login_view = "portal.log_in"
login.login_message = None
csrf = CSRFProtect()
mail = Mail()
babel = Babel()
bootstrap = Bootstrap5()
migrate = Migrate(directory=Path(__file__).parent / "migrations")
rdv = LogivetRdv()
