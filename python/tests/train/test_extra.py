"""The extra that the training needs."""

import subprocess
import sys

import pytest
from conftest import MISSING


def test_the_extra_is_installed():
    if MISSING:
        pytest.skip(f"no test of the training runs: `pip install facenet-rs[train]` ({', '.join(MISSING)} missing)")


def test_the_package_does_not_import_torch():
    program = "import facenet_rs, sys; facenet_rs.Embedder; assert not {'torch', 'h5py'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_is_missing_is_named():
    program = "import sys; sys.modules['torch'] = None; import facenet_rs.train"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install facenet-rs[train]" in found.stderr
