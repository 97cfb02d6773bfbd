"""Part LFW into people to train on and pairs of all others to test with: ``python split_lfw.py LFW PAIRS OUTPUT``.

``OUTPUT/people`` gets a link to the folder of each person with many photos; ``OUTPUT/pairs.txt`` the pairs of the official list
without these people. Its folds stay those of the list; each keeps as many pairs, of one person and of two, as the smallest has,
or ``--most``.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

Lines = list[list[str]]


def folds(pairs: Path) -> Iterator[tuple[Lines, Lines]]:
    """Of each fold of LFW's list the pairs of one person and those of two."""
    header, *lines = [line.split() for line in pairs.read_text(encoding="utf-8").splitlines()]
    count, size = map(int, header)
    for fold in range(count):
        own = lines[2 * size * fold : 2 * size * (fold + 1)]
        yield own[:size], own[size:]


def without(lines: Lines, people: set[str]) -> Lines:
    """The pairs in which nobody of these people is."""
    return [line for line in lines if people.isdisjoint(line[:1] + line[2:3])]


def main(arguments: list[str] | None = None) -> int:
    """Write both, and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lfw", type=Path, help="folder with a folder of photos for each person")
    parser.add_argument("pairs", type=Path, help="the official pairs.txt")
    parser.add_argument("output", type=Path)
    parser.add_argument("--least", type=int, default=10, help="photos that a person to train on has [default: 10]")
    parser.add_argument("--most", type=int, help="pairs of one person, and of two, that a fold keeps [default: all]")
    given = parser.parse_args(arguments)
    photos = {person.name: len(list(person.iterdir())) for person in sorted(given.lfw.iterdir()) if person.is_dir()}
    people = {name for name, count in photos.items() if count >= given.least}
    kept = [(without(same, people), without(different, people)) for same, different in folds(given.pairs)]
    size = min(len(lines) for fold in kept for lines in fold)
    size = size if given.most is None else min(size, given.most)
    if size < 1:
        parser.error("no pair is left in one of the folds: raise --least, or --most")
    (given.output / "people").mkdir(parents=True)
    for name in people:
        (given.output / "people" / name).symlink_to((given.lfw / name).resolve())
    rows = ["\t".join(line) for fold in kept for lines in fold for line in lines[:size]]
    (given.output / "pairs.txt").write_text("\n".join([f"{len(kept)}\t{size}", *rows, ""]), encoding="utf-8")
    print(f"{len(people)} people with {sum(photos[name] for name in people)} photos, {len(rows)} pairs of others")
    return 0


if __name__ == "__main__":
    sys.exit(main())
