"""What is measured on one server: latency one by one, memory, and answers per second."""

import http.client
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

BOUNDARY = "tamis-bench-boundary"


@dataclass(frozen=True)
class Figures:
    """One server's row of the table."""

    median_ms: float
    p95_ms: float
    answers_per_s: float
    worker_rss_mb: float


class Client:
    """One kept connection that posts the same prepared bytes: it costs next to nothing."""

    def __init__(self, port: int, path: str, photo: bytes) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._path = path
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        self._body = head.encode() + photo + f"\r\n--{BOUNDARY}--\r\n".encode()
        self._headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    def ask(self) -> float:
        """Post once and return the seconds it took; anything but 200 ends the run."""
        start = time.perf_counter()
        self._connection.request("POST", self._path, self._body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{self._path} answered {response.status}: {answer[:200]!r}")
        return time.perf_counter() - start


def sequential(client: Client, *, n: int) -> tuple[float, float]:
    """Median and 95th percentile in ms, one request after the other."""
    times = [client.ask() * 1000 for _ in range(n)]
    return median(times), quantiles(times, n=20)[18]


def throughput(clients: list[Client], *, seconds: float) -> float:
    """Answers per second with one request in flight per client."""
    counts = [0] * len(clients)
    end = time.perf_counter() + seconds

    def keep_asking(index: int) -> None:
        while time.perf_counter() < end:
            clients[index].ask()
            counts[index] += 1

    threads = [threading.Thread(target=keep_asking, args=(index,)) for index in range(len(clients))]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def rss_mb(pid: int) -> float:
    """Resident memory of one process, shared pages included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def largest_worker_mb(server: int) -> float:
    """Resident memory of the largest child of a server, or of the server when it has none."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return max(rss_mb(int(pid)) for pid in children or [server])


def spin_ms() -> float:
    """How long a fixed piece of work takes now: what it varies by is the machine's noise."""
    start = time.perf_counter()
    sum(number * number for number in range(400_000))
    return (time.perf_counter() - start) * 1000
