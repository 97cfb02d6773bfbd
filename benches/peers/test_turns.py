"""A comparison goes on without those who fail."""

from __future__ import annotations

import contextlib
import io
import sys
import unittest
from pathlib import Path

from turns import Failure, Run, Worker, compare

#: A library that loads and detects once, and then dies.
DYING = """
import sys
for count, line in enumerate(sys.stdin):
    if count == 2:
        sys.exit(3)
    print(0.5, flush=True)
"""


def table(runs: dict[str, Run], rounds: int = 3) -> list[str]:
    """The lines that a comparison prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        compare("work", runs, rounds, 1, "")
    return out.getvalue().splitlines()


class Turns(unittest.TestCase):
    """What becomes of a peer that fails."""

    def test_a_peer_that_dies_is_reported_and_the_others_go_on(self) -> None:
        """Its process is gone before the rounds begin; a third one runs to the end."""
        dying = Worker(sys.executable, "-c", DYING)
        lines = table({"ours": lambda: 0.25, "dying": dying.detection([Path("a.jpg")]), "other": lambda: 0.5})
        self.assertIn("| ours | 250.00 ms", lines[0])
        self.assertIn("| dying | failed | Failure: its process ended with exit code 3", lines[1])
        self.assertIn("| other | 500.00 ms  | 500.00-500.00 | 2.00 |", lines[2])
        self.assertEqual(len(lines), 3)

    def test_without_ours_there_is_nothing_to_compare_with(self) -> None:
        """Whoever is first must not fail."""
        gone = Worker(sys.executable, "-c", "")
        with self.assertRaisesRegex(Failure, "exit code 0"):
            table({"ours": lambda: gone.run("detect"), "other": lambda: 0.5})


if __name__ == "__main__":
    unittest.main()
