"""What gunicorn and the `flask` command load."""
from app import create_app
from app.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(str(error)) from None
