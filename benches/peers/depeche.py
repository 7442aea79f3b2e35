"""The program at work."""

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple


class Seconds(NamedTuple):
    """What a reading took: of the clock, of the CPU, and the part of the latter that the encoder's threads had."""

    clock: float
    cpu: float
    encoder: float


class Depeche:
    """`depeche extract` on some cores, one document at once on each, reading and answering JSON Lines."""

    def __init__(self, program, cores, *options):
        self.process = subprocess.Popen(
            ["taskset", "--cpu-list", ",".join(map(str, cores)), program, "extract", "--threads", str(len(cores)),
             "--input", "jsonl", "--output", "jsonl", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def read(self, texts):
        """The answers, and the seconds that they took."""
        lines = [json.dumps({"content": text}) + "\n" for text in texts]
        # A thread of its own: both pipes are short.
        writer = threading.Thread(target=self.write, args=[lines])
        before = self.clocks()
        writer.start()
        answers = [self.process.stdout.readline() for _ in lines]
        seconds = Seconds(*(after - before for after, before in zip(self.clocks(), before)))
        writer.join()
        return [parse(answer) for answer in answers], seconds

    def write(self, lines):
        self.process.stdin.writelines(lines)
        self.process.stdin.flush()

    def clocks(self):
        # The CPU clock of a process and its threads is that of clock_getcpuclockid(3), which Python lacks.
        return time.perf_counter(), time.clock_gettime((~self.process.pid << 3) | 2), self.encoder_clock()

    def encoder_clock(self):
        threads = [thread for thread in self.files("task").iterdir()
                   if (thread / "comm").read_text().strip() == "depeche-encoder"]
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    def peak_megabytes(self):
        """The most memory that was resident so far. Not getrusage(2)'s, which counts the parent's before exec."""
        status = dict(line.split(":") for line in self.files("status").read_text().splitlines())
        return int(status["VmHWM"].removesuffix("kB")) * 1024 / 1e6

    def files(self, name):
        return Path("/proc", str(self.process.pid), name)


def parse(answer):
    extraction = json.loads(answer or '{"error": "no answer"}')
    if "error" in extraction:
        raise SystemExit(f"depeche: {extraction['error']}")
    return extraction
