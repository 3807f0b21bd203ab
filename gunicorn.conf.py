"""How gunicorn serves Danflow: `gunicorn wsgi:app` reads this file and the same environment as the application."""
import contextlib
import logging
import socket
import time
from pathlib import Path

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

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


class CountedSocket(socket.socket):
    """A connection that knows how many bytes it has received."""

    received = 0

    def recv(self, *args):
        data = super().recv(*args)
        self.received += len(data)
        return data


class FairWorker(ThreadWorker):
    """Callers who send their request a byte at a time do not keep the threads from the others.

    A request gets REQUEST_SECONDS, and a second more for each KB that has come. After that nothing more is read from
    its connection: what is half there is refused; what is being answered is answered, and then the connection ends.
    """

    SLOWEST = 1024  # bytes a second

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.begun = {}

    def enqueue_req(self, conn):
        if type(conn.sock) is socket.socket:
            known = conn.sock
            conn.sock = CountedSocket(known.family, known.type, known.proto, known.detach())
        super().enqueue_req(conn)

    def handle(self, conn):
        conn.sock.received = 0
        self.begun[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self.begun[conn]

    def murder_pending(self):
        super().murder_pending()
        now = time.monotonic()
        for conn, begun in list(self.begun.items()):
            if now - begun > settings.request_seconds + conn.sock.received / self.SLOWEST:
                with contextlib.suppress(OSError):  # it ended by itself
                    conn.sock.shutdown(socket.SHUT_RD)


bind = f"{settings.host}:{settings.port}"
workers = settings.web_processes
threads = settings.web_threads
worker_class = FairWorker
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
