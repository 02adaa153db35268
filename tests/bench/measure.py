"""What is measured on one server: latency one by one, memory, and answers per second."""

import http.client
import os
import time
from concurrent.futures import ThreadPoolExecutor
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
    refused: int
    cpu_ms: float
    worker_rss_mb: float


class Client:
    """One phone: posts the same prepared bytes, which costs the machine next to nothing."""

    def __init__(self, port: int, path: str, file: bytes, **fields: str) -> None:
        self.file = file
        self._port = port
        self._path = path
        part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
        head = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        head += f'{part}"file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\n'
        self._body = head.encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()
        self._headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    def ask(self) -> tuple[float, bool]:
        """Post once on a connection of its own: the seconds it took, and whether it was answered.

        A server that says 503 is busy, which counts as no answer; anything else ends the run.
        """
        start = time.perf_counter()
        status, answer = self.send()
        if status not in (200, 503):
            raise RuntimeError(f"{self._path} answered {status}: {answer[:200]!r}")
        return time.perf_counter() - start, status == 200

    def send(self) -> tuple[int, bytes]:
        """Post once: the status and the body of what comes back."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("POST", self._path, self._body, self._headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def sequential(client: Client, *, n: int) -> tuple[float, float]:
    """Median and 95th percentile in ms, one request after the other."""
    times = [client.ask()[0] * 1000 for _ in range(n)]
    return median(times), quantiles(times, n=20)[18]


def throughput(client: Client, *, phones: int, seconds: float) -> tuple[float, int]:
    """Answers per second with one request in flight per phone, and how often it was too busy."""
    start = time.perf_counter()

    def keep_asking(_phone: int) -> list[bool]:
        answered = []
        while time.perf_counter() < start + seconds:
            answered.append(client.ask()[1])
        return answered

    with ThreadPoolExecutor(phones) as pool:
        outcomes = [outcome for phone in pool.map(keep_asking, range(phones)) for outcome in phone]
    return sum(outcomes) / (time.perf_counter() - start), outcomes.count(False)


def children(server: int) -> list[int]:
    """The workers of a server, or the server itself when it has none."""
    pids = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [int(pid) for pid in pids] or [server]


def cpu_s(pids: list[int]) -> float:
    """Processor time the processes have used: other work on the machine hardly moves it."""
    ticks = 0
    for pid in pids:
        # Fields 14 and 15, counted after the name, which may hold spaces.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int, *, peak: bool = False) -> float:
    """Resident memory of one process, shared pages included; or its peak since `forget_peak`."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:" if peak else "VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(pid: int) -> None:
    """Let the most memory that a process held begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def spin_ms() -> float:
    """How long a fixed piece of work takes now: what it varies by is the machine's noise."""
    start = time.perf_counter()
    sum(number * number for number in range(400_000))
    return (time.perf_counter() - start) * 1000
