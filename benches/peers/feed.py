"""Time how fast images for training are read, cropped and standardised, beside torchvision and WebDataset, in turns.

    python benches/peers/feed.py FACES [FACES ...]

Each FACES is a folder of people with faces of 182 pixels, as `facenet align --image-size 182 --margin 44` makes it. All do the same to
each image: a random crop of 160 pixels, a mirror image or not, (x - 127.5) / 128, batches of 90. A run is one time through all images, in
a process that runs already; every round runs each feed once. Processor time is that of the process and of its workers.

Needs the native module in python/facenet_rs, torch, torchvision and pillow; without webdataset its row is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
from facenet_rs import _native, pack_folder

SIZE, BATCH = 160, 90

#: One time through all images: how many they were.
Run = Callable[[], int]


def ours(folder: Path, threads: int) -> Run:
    """The feed of a training, from a folder of people or of shards."""
    paths, *_ = _native.people_of(folder)
    settings = {
        "paths": paths,
        "labels": [0] * len(paths),
        "image_size": SIZE,
        "random_crop": True,
        "random_flip": True,
    }
    settings |= {"random_rotate": False, "standardization": "fixed", "seed": 666, "threads": threads}
    feed = _native.Feed(settings)
    epoch = 0

    def run() -> int:
        nonlocal epoch
        epoch += 1
        order = _native.sample_softmax(len(paths), epoch, len(paths), 666)
        lists = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        return sum(len(torch.from_numpy(batch)) for batch in feed.batches(lists, epoch, 4))

    return run


def look() -> Any:
    """The same with torchvision."""
    steps = [
        transforms.RandomCrop(SIZE),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize([127.5 / 255] * 3, [128 / 255] * 3),
    ]
    return transforms.Compose(steps)


def counted(loader: Iterable[Any]) -> Run:
    """A run of a loader that gives pairs of images and labels."""
    return lambda: sum(len(images) for images, _ in loader)


def of_torchvision(folder: Path, workers: int) -> Run:
    """A folder of people, as torchvision reads it."""
    images = ImageFolder(str(folder), look())
    return counted(DataLoader(images, BATCH, shuffle=True, num_workers=workers, persistent_workers=True))


def of_webdataset(shards: Path, ending: str, workers: int) -> Run:
    """Shards, as WebDataset reads them: one after the other, mixed in a buffer of 1000."""
    import webdataset

    files = sorted(map(str, shards.glob("*.tar")))
    samples = webdataset.WebDataset(files, shardshuffle=100).shuffle(1000).decode("pil").to_tuple(ending, "cls")
    return counted(
        webdataset.WebLoader(
            samples.map_tuple(look(), int).batched(BATCH), batch_size=None, num_workers=workers, persistent_workers=True
        )
    )


def processor_seconds() -> float:
    """What this process and its present children have used so far."""
    parent, ticks = os.getpid(), os.sysconf("SC_CLK_TCK")
    seconds = sum(os.times()[:2])
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            seconds += (int(fields[11]) + int(fields[12])) / ticks
    return seconds


def compare(title: str, runs: dict[str, Run], rounds: int) -> None:
    """Run each in turns and print medians, and the median of each round's ratio to the first."""
    for run in runs.values():
        run()
    rates: dict[str, list[float]] = {name: [] for name in runs}
    costs: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start, used = time.perf_counter(), processor_seconds()
            count = run()
            rates[name].append(count / (time.perf_counter() - start))
            costs[name].append((processor_seconds() - used) / count * 1000)
    rate, cost = next(iter(rates.values())), next(iter(costs.values()))
    for name in runs:
        spread = f"{min(rates[name]):.0f}-{max(rates[name]):.0f}"
        slower = statistics.median(own / other for own, other in zip(rate, rates[name], strict=True))
        dearer = statistics.median(other / own for own, other in zip(cost, costs[name], strict=True))
        print(
            f"| {title} | {name} | {statistics.median(rates[name]):.0f} | {spread} | {slower:.2f} "
            f"| {statistics.median(costs[name]):.3f} | {dearer:.2f} |",
            flush=True,
        )


def main() -> None:
    """Compare the feeds on each folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of facenet's feed")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="processes of the others' loaders")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{os.cpu_count()} cores, torch {torch.__version__}, torchvision {torchvision.__version__}\n")
    print("| faces | feed | images/s | range | times slower | processor seconds for 1000 | ratio |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        for number, faces in enumerate(arguments.faces):
            shards = Path(temporary) / str(number)
            counts = pack_folder(faces, shards, shard_size=500)
            ending = next(path.suffix for path in faces.glob("*/*.*"))
            runs = {
                "facenet, shards": ours(shards, arguments.threads),
                "facenet, folder": ours(faces, arguments.threads),
            }
            for workers in arguments.workers:
                runs[f"torchvision, {workers} workers"] = of_torchvision(faces, workers)
            if importlib.util.find_spec("webdataset"):
                for workers in arguments.workers:
                    if workers <= counts["shards"]:
                        runs[f"webdataset, {workers} workers"] = of_webdataset(shards, ending[1:], workers)
            compare(f"{counts['packed']} {ending[1:].upper()}", runs, arguments.rounds)


if __name__ == "__main__":
    main()
