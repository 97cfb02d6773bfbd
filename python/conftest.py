"""The doctests of the training need its extra."""

from importlib.util import find_spec

NEEDED = ("torch", "h5py", "safetensors", "tensorboard")
collect_ignore_glob = [] if all(map(find_spec, NEEDED)) else ["facenet_rs/train/*"]
