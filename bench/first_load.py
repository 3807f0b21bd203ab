"""A customer's first visit to a form of twenty fields with rules: bytes over gunicorn, processor time in process."""
from __future__ import annotations

import http.client
import time
from pathlib import Path

from bench import company, over_http
from tests.entries.first_load import door, transferred

GOAL_BYTES, GOAL_MS = 30 * 1024, 8.0
TIMES = 60
GZIP = {"Accept-Encoding": "gzip"}


def measure(folder: Path, database_url: str) -> tuple[dict[str, int], float]:
    """({file: bytes of its body as transferred}, CPU ms of the page's request: the middle of many).

    `folder`: the application's.
    """
    with company.company(folder, database_url) as app:
        path = door(app)
        client, spent = app.test_client(), []
        for _ in range(TIMES):
            began = time.process_time()
            answer = client.get(path, headers=GZIP)
            spent.append((time.process_time() - began) * 1000)
            assert answer.status_code == 200 and answer.headers["Content-Encoding"] == "gzip"
    with over_http.serving(folder, database_url) as (host, port):
        def fetch(path: str) -> tuple[str | None, bytes]:
            line = http.client.HTTPConnection(host, port, timeout=10)
            line.request("GET", path, headers=GZIP)
            answer = line.getresponse()
            body = answer.read()
            line.close()
            assert answer.status == 200, path
            return answer.headers["Content-Encoding"], body

        return transferred(fetch, path), sorted(spent)[TIMES // 2]
