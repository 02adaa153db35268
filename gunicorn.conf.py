"""How the server runs, everywhere: gunicorn reads this file from the folder it starts in."""

import os
from pathlib import Path

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
# A photo costs processor time under one lock per model; the other threads carry small answers.
threads = 4
# A worker is replaced now and then, not all at once: what leaks stays bounded.
max_requests = 2000
max_requests_jitter = 400
# Below the 30 s after which hosting routers give up.
timeout = 25
graceful_timeout = 20
keepalive = 5
# The heartbeat file must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
