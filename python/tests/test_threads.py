"""Many threads, progress, and stopping."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import facenet_rs
import numpy as np
import numpy.typing as npt
import pytest
from facenet_rs import Facenet

ROOT = Path(__file__).parents[2]
People = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


def test_threads_that_share_one_give_the_same_bits(facenet: Facenet, photos: Path) -> None:
    pictures = sorted(photos.glob("*.[jp][pn]g"))
    work = [pictures[index % len(pictures)] for index in range(24)]
    expected = {picture: facenet.process(picture) for picture in pictures}
    begin = threading.Barrier(8)

    def one(index: int) -> list[bool]:
        begin.wait()
        same = []
        for picture in work[index::8]:
            for found, face in zip(facenet.process(picture), expected[picture], strict=True):
                same += [
                    np.array_equal(found.box, face.box),
                    np.array_equal(found.crop, face.crop),
                    found.embedding.tobytes() == face.embedding.tobytes(),
                ]
        return same

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(one, range(8)))
    assert all(results) and all(all(same) for same in results)


def test_one_is_shared_however_many_ask_first(script: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = script(
        "import facenet_rs; from concurrent.futures import ThreadPoolExecutor as Threads\n"
        "with Threads(8) as threads: made = list(threads.map(lambda _: facenet_rs.shared(), range(8)))\n"
        "assert len(set(map(id, made))) == 1"
    )
    assert done.returncode == 0, done.stderr


def test_others_run_while_networks_do(facenet: Facenet) -> None:
    counted, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)

    crops = np.zeros((64, 160, 160, 3), np.uint8)
    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counted[0]
        facenet.embedder.embed(crops)
        during = counted[0] - before
    finally:
        stop.set()
        thread.join()
    # A thread that waits for the interpreter would have counted to a few at most.
    assert during > 100


def test_progress_grows_to_all(people: People) -> None:
    told: list[tuple[int, int]] = []
    facenet_rs.blufr(
        *people,
        trials=5,
        training_people=4,
        gallery_people=4,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == sorted(told) and told[-1] == (5, 5)
    assert len({total for _, total in told}) == 1


def test_progress_is_told_in_the_thread_that_calls(photos: Path, facenet: Facenet) -> None:
    threads = set()
    facenet_rs.embed_folder(
        photos, embedder=facenet, progress=lambda done, total: threads.add(threading.current_thread())
    )
    assert threads == {threading.current_thread()}


class Refusal(Exception):
    pass


def refuse(done: int, total: int) -> None:
    raise Refusal(f"{done} of {total}")


def test_an_exception_of_progress_stops_and_is_raised(photos: Path, facenet: Facenet, people: People) -> None:
    with pytest.raises(Refusal, match="of 5"):
        facenet_rs.embed_folder(photos, embedder=facenet, progress=refuse)
    with pytest.raises(Refusal):
        facenet_rs.cluster(people[0], threshold=1, progress=refuse)
    # All goes on as before.
    assert len(facenet_rs.cluster(people[0], threshold=1)) == 12


def test_a_bar(photos: Path, facenet: Facenet, capsys: pytest.CaptureFixture[str]) -> None:
    facenet_rs.embed_folder(photos, embedder=facenet, progress=True)
    assert "5/5" in capsys.readouterr().err


INTERRUPTED = """
import signal, sys
import numpy as np
import facenet_rs
signal.signal(signal.SIGINT, signal.default_int_handler)
def tell(done, total):
    print(done, flush=True)
{call}
print("ended by itself")
"""


def interrupted(call: str, after: int = 1) -> int:
    """The exit status of a process that is interrupted once its progress is `after`."""
    command = [sys.executable, "-c", INTERRUPTED.format(call=call)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= after:
                break
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
    assert "ended by itself" not in said, errors
    assert "KeyboardInterrupt" in errors.splitlines()[-1], errors
    return process.returncode


PEOPLE = [f"Person_{number:03}" for number in range(100)]


@pytest.fixture
def album(tmp_path: Path, small: npt.NDArray[np.uint8]) -> Path:
    """A folder with a small photo of each of many people."""
    image = pytest.importorskip("PIL.Image")
    image.fromarray(small).save(tmp_path / "photo.png")
    for name in PEOPLE:
        folder = tmp_path / "album" / name
        folder.mkdir(parents=True)
        (folder / f"{name}_0001.png").symlink_to(tmp_path / "photo.png")
    return tmp_path / "album"


def test_ctrl_c_in_align_folder_keeps_what_is_done(album: Path, tmp_path: Path) -> None:
    # Large photos, of which few are in memory at a time.
    image = pytest.importorskip("PIL.Image")
    image.open(tmp_path / "photo.png").resize((1600, 2000)).save(tmp_path / "photo.png")
    output = tmp_path / "aligned"
    status = interrupted(f"facenet_rs.align_folder({str(album)!r}, {str(output)!r}, min_face_size=200, progress=tell)")
    # As Python ends: by the signal.
    assert status == -signal.SIGINT
    done = len(list(output.glob("*/*.png")))
    assert 0 < done < len(PEOPLE)
    counts = facenet_rs.align_folder(album, output, min_face_size=200)
    assert counts["done_before"] == done and counts["aligned"] == len(PEOPLE) - done
    assert len(list(output.glob("*/*.png"))) == len(PEOPLE)


def test_ctrl_c_in_export_keeps_what_is_done(album: Path, tmp_path: Path, facenet: Facenet) -> None:
    output = tmp_path / "exported"
    status = interrupted(
        f"facenet_rs.export_embeddings({str(album)!r}, {str(output)!r},"
        " embedder=facenet_rs.shared(), part_size=4, progress=tell)"
    )
    assert status == -signal.SIGINT
    counts = facenet_rs.export_embeddings(album, output, embedder=facenet, part_size=4)
    assert counts["complete"] and 0 < counts["processed"] < len(PEOPLE)
    assert np.load(output / "embeddings.npy").shape == (len(PEOPLE), 512)


def test_ctrl_c_in_validate(album: Path, tmp_path: Path) -> None:
    same = [f"{name}\t1\t1" for name in PEOPLE]
    different = [f"{name}\t1\t{PEOPLE[index - 1]}\t1" for index, name in enumerate(PEOPLE)]
    pairs = tmp_path / "pairs.txt"
    both = [line for pair in zip(same, different, strict=True) for line in pair]
    pairs.write_text("\n".join([str(len(PEOPLE)), *both]) + "\n")
    status = interrupted(
        f"facenet_rs.validate_lfw({str(album)!r}, {str(pairs)!r}, embedder=facenet_rs.shared(), progress=tell)"
    )
    assert status == -signal.SIGINT


def test_ctrl_c_in_the_program(album: Path, tmp_path: Path) -> None:
    output = tmp_path / "aligned"
    command = [sys.executable, "-m", "facenet_rs", "align", str(album), str(output)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not any(output.glob("*/*.png")):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_ctrl_c_in_cluster() -> None:
    status = interrupted(
        "facenet_rs.cluster(np.random.default_rng(1).normal(size=(60000, 512)), algorithm='knn-graph',"
        " threshold=0.5, progress=tell)",
        after=0,
    )
    assert status == -signal.SIGINT
