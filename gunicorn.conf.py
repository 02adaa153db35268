"""How the server runs, everywhere: gunicorn reads this file from the folder it starts in."""

import os
from pathlib import Path

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
# One photo is recognised at a time; the others wait in a thread of their own, where the wait is
# bounded, and not in a queue that nobody watches. Each thread may hold a database connection.
threads = int(os.environ.get("WEB_THREADS", "32"))
# The application is imported once and shared: workers start, and are replaced, in no time. Models
# open after the fork, on the first photo, because their threads would not survive it.
preload_app = True
# A worker is replaced now and then, not all at once: what leaks stays bounded.
max_requests = 2000
max_requests_jitter = 400
# Below the 30 s after which hosting routers give up.
timeout = 25
graceful_timeout = 20
keepalive = 5
# One server is managed by its supervisor alone; two on one machine would share this socket.
control_socket_disable = True
# The heartbeat file must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None


def on_starting(_server: object) -> None:
    """Import once what opens pipelines: seconds that nobody waits for, memory that is shared."""
    import skops.io  # noqa: F401
