"""Taking turns: libraries that do the same work are run one after the other, round after round, and their medians compared."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[[], float]


class Failure(Exception):
    """What a library failed at."""


class Worker:
    """A process that does tasks, one a line, and answers with the seconds."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, *words: str) -> float:
        """Seconds that a task took, as measured by the process."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write("\t".join(words) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            raise Failure(f"its process ended with exit code {self.process.wait()}")
        return float(answer)

    def detection(self, paths: list[Path]) -> Run:
        """Detection on the images at `paths`, which are loaded before it runs for the first time."""
        loaded = False

        def run() -> float:
            nonlocal loaded
            if not loaded:
                self.run("load", *map(str, paths))
                loaded = True
            return self.run("detect")

        return run


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(title: str, runs: dict[str, Run], rounds: int, per: int, unit: str) -> None:
    """Run each of `runs` in turns and print the medians, divided by `per`, and the ratio to the first: the median of those of
    each round, for a busy moment lasts longer than one. One that fails takes no more turns, and is reported as failed; not
    so the first, without which there is nothing to compare with."""
    ours = next(iter(runs))
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    failed: dict[str, str] = {}
    # The first round warms up.
    for turn in range(rounds + 1):
        for name, run in runs.items():
            if name in failed:
                continue
            if turn > 0:
                # The threads of the one before may still spin for a while and would disturb this one.
                time.sleep(0.1)
            try:
                taken = run()
            except Exception as error:
                if name == ours:
                    raise
                failed[name] = " ".join(f"{type(error).__name__}: {error}".split())
                continue
            if turn > 0:
                seconds[name].append(taken)
    for name, values in seconds.items():
        if name in failed:
            print(f"| {title} | {name} | failed | {failed[name].replace('|', '/')} | |", flush=True)
            continue
        milliseconds = statistics.median(values) / per * 1000
        ratio = statistics.median(value / own for value, own in zip(values, seconds[ours], strict=True))
        spread = f"{min(values) / per * 1000:.2f}-{max(values) / per * 1000:.2f}"
        print(f"| {title} | {name} | {milliseconds:.2f} ms {unit} | {spread} | {ratio:.2f} |", flush=True)
