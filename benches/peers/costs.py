"""What depeche costs by itself, of all types and with the language to detect."""

import statistics
import time
from pathlib import Path

from depeche import Depeche

ARTICLE = Path("tests/golden/fr/breach.txt")
STARTS = 5
WITHOUT_NAMES = "--types=date,data_size,threat_actor"


def measure(program, articles, cores, rounds):
    """A table of the time to the first answer, and of reading a batch of articles on the last core and on two."""
    if len(cores) < 2:
        raise SystemExit("SKIPPED: what depeche costs by itself, for want of a second core")
    one, two = cores[-1:], cores[-2:]
    print("| depeche extract | |")
    print("| :-- | --: |")
    for profile in "fast", "accurate":
        starts = [first_answer(program, one, profile) for _ in range(STARTS)]
        seconds, megabytes = zip(*starts)
        note = f"{profile}, one core"
        row(f"first answer after process start, {note}, median of {STARTS}", f"{statistics.median(seconds):.2f} s")
        row(f"peak memory, one article, {note}", f"{max(megabytes):.0f} MB")

    batch = f"{len(articles)} articles"
    accurate, fast = ["--profile=accurate"], ["--profile=fast"]
    runs = {
        "fast": (one, fast),
        "alone": (one, accurate),
        "together": (two, accurate),
        "without names": (one, [*accurate, WITHOUT_NAMES]),
    }
    readings = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (some, options) in runs.items():
            readings[name].append(read(program, some, options, articles))
    alone, together = (min(seconds for seconds, _ in readings[name]) for name in ["alone", "together"])
    # A CPU time far below the clock's, times the cores, tells that something else was running.
    row(f"{batch}, `--threads 1` on one core", f"{alone.clock:.2f} s ({alone.cpu:.2f} s of CPU)")
    row(f"{batch}, `--threads 2` on two cores", f"{together.clock:.2f} s ({together.cpu:.2f} s of CPU)")
    row("two cores to one", f"× {alone.clock / together.clock:.2f}")
    size = sum(len(article.encode()) for article in articles) / 1e6
    least = min(seconds.cpu for seconds, _ in readings["fast"])
    row(f"{batch}, fast, one core", f"{least:.2f} s of CPU, {size / least:.1f} MB/s")
    row(f"peak memory, {batch}, fast, one core", f"{peak(readings['fast']):.0f} MB")
    row(f"peak memory, {batch}, one core", f"{peak(readings['alone']):.0f} MB")
    row(f"peak memory, {batch}, two cores", f"{peak(readings['together']):.0f} MB")

    # The CPU's time: one core's, whatever else the machine does.
    whole, encoder = min((seconds.cpu, seconds.encoder) for seconds, _ in readings["alone"])
    rest = min(seconds.cpu for seconds, _ in readings["without names"])
    row("CPU time of all but names: of a reading that does not ask for them", f"{100 * rest / whole:.1f} %")
    row("CPU time of all but the encoder: outside its threads", f"{100 * (1 - encoder / whole):.1f} %")


def row(name, figure):
    print(f"| {name} | {figure} |", flush=True)


def first_answer(program, cores, profile):
    """Seconds from process start to the answer, and peak memory then."""
    text = ARTICLE.read_text(encoding="utf-8")
    start = time.perf_counter()
    with Depeche(program, cores, f"--profile={profile}") as depeche:
        depeche.read([text])
        return time.perf_counter() - start, depeche.peak_megabytes()


def read(program, cores, options, articles):
    """The seconds of a program that has answered before, and its peak memory."""
    with Depeche(program, cores, *options) as depeche:
        depeche.read(articles[:1])
        _, seconds = depeche.read(articles)
        return seconds, depeche.peak_megabytes()


def peak(readings):
    return max(megabytes for _, megabytes in readings)
