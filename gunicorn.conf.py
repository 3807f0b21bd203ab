"""How gunicorn serves Danflow: `gunicorn wsgi:app` reads this file and the same environment as the application."""
import logging
from pathlib import Path

from gunicorn.glogging import Logger

from app import logs
from app.settings import SettingsError, load

try:
    settings = load()
except SettingsError as error:
    raise SystemExit(str(error)) from None
logs.configure(settings)


class PlainLogger(Logger):
    """gunicorn's own lines go through the application's log, in its format; requests are logged by the application."""

    def setup(self, cfg):
        self.error_log = logging.getLogger("gunicorn.error")
        self.access_log = logging.getLogger("gunicorn.access")
        self.error_log.setLevel(settings.log_level)


bind = f"{settings.host}:{settings.port}"
workers = settings.web_processes
threads = settings.web_threads
worker_class = "gthread"
timeout = 60
graceful_timeout = 15
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
logger_class = PlainLogger
proc_name = "danflow-web"
# A heartbeat file on a slow disk would let a healthy process look dead.
memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own unguessable file there
worker_tmp_dir = str(memory) if memory.is_dir() else None
