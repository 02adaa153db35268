"""`answers.py URL --while-alive PID`: wait for a 200; fail as soon as the process ends."""

import os
import ssl
import sys
import time
import urllib.request

PATIENCE_S = 60


def answers(url: str) -> bool:
    """Ask once. The certificate is not checked: only our own server is asked, on this machine."""
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=5, context=trusting) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def alive(pid: int) -> bool:
    """Say whether the process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main(url: str, pid: int) -> int:
    """0 once it answers, 1 when the process ended or the patience did."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and alive(pid):
        if answers(url):
            return 0
        time.sleep(0.1)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[3])))
