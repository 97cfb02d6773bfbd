"""``python -m facenet_rs.train`` on one thread; in double precision if the environment says IN_DOUBLE_PRECISION."""

import os
import sys

import numpy as np
import torch
from facenet_rs import _native
from facenet_rs.train import model_file
from facenet_rs.train.__main__ import main


class DoubleFeed:
    """The images of the native module in double precision."""

    def __init__(self, settings):
        self._feed = _FEED(settings)
        self.size = self._feed.size

    def batches(self, index_lists, epoch, ahead):
        return (batch.astype(np.float64) for batch in self._feed.batches(index_lists, epoch, ahead))


_FEED = _native.Feed


def in_double_precision():
    """Compute so that what is left of a difference is no rounding, which batch normalisation of few values makes large."""
    torch.set_default_dtype(torch.float64)
    torch.Tensor.float = torch.Tensor.double
    _native.Feed = DoubleFeed
    # A model file has single precision.
    model_file.write_model = lambda network, folder, name, settings: (folder / "none", 0.0)


if __name__ == "__main__":
    torch.set_num_threads(1)
    if os.environ.get("IN_DOUBLE_PRECISION"):
        in_double_precision()
    sys.exit(main(sys.argv[1:]))
