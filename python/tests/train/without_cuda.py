#!/usr/bin/env python3
"""Makes a torch wheel of PyPI load without the CUDA libraries, for tests on the CPU: `without_cuda.py [FOLDER]`.

The wheels for Linux are linked with 2 GB of `nvidia-*` packages, and do not load without. This puts libraries of the same
names into torch/lib (FOLDER, by default that of the torch that this Python has), whose functions all answer that there is
no device. Install with `pip install --no-deps torch` and torch's other requirements before. Needs gcc and binutils.
"""

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

#: What the CUDA runtime calls "no device is there".
NO_DEVICE = 100
OF_CUDA = r"lib(?:cu|nccl|nv)[^\]]*"
FUNCTIONS = re.compile(r"_{0,2}(cu|nccl|nvrtc|nvtx|nvshmem|nvml)")


def said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def versions(library: str) -> dict[str, str]:
    """Which library each version of a symbol belongs to that `library` needs."""
    found: dict[str, str] = {}
    needed = ""
    for line in said("readelf", "-V", "-W", library).splitlines():
        if file := re.search(r"File: (\S+)", line):
            needed = file[1]
        elif needed and (name := re.search(r"Name: (\S+)", line)):
            found[name[1]] = needed
    return found


def write(path: Path, functions: dict[str, set[str]]) -> None:
    """Write a library with functions, which are given by the version of their symbols."""
    names = sorted(name for group in functions.values() for name in group)
    named = {version: sorted(group) for version, group in functions.items() if version}
    with tempfile.TemporaryDirectory() as folder:
        source, script = Path(folder, "functions.c"), Path(folder, "versions")
        source.write_text(
            "".join(f"int {name}(void) {{ return {NO_DEVICE}; }}\n" for name in names) or "extern int no;\n"
        )
        groups = [
            f"{version} {{ global: {' '.join(f'{name};' for name in group)} }};" for version, group in named.items()
        ]
        script.write_text("\n".join(groups) or "unversioned { global: *; };")
        linker = f"-Wl,-soname,{path.name},--version-script={script}"
        said("gcc", "-w", "-shared", "-fPIC", "-fno-builtin", linker, "-o", str(path), str(source))


def main(folder: Path) -> None:
    libraries = [str(path) for path in folder.glob("*.so*")]
    dynamic = "".join(said("readelf", "-d", library) for library in libraries)
    missing = {name for name in re.findall(rf"NEEDED.*\[({OF_CUDA})\]", dynamic) if not (folder / name).exists()}
    if not missing:
        return
    # Functions by library and version; those without a version may lie in any library, and get into the runtime.
    functions: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    [runtime] = (name for name in missing if name.startswith("libcudart."))
    for library in libraries:
        owner = versions(library)
        undefined = said("nm", "-D", "--undefined-only", "--with-symbol-versions", library)
        for name, version in re.findall(r"^\s+[Uw] (\w+)(?:@+(\S+))?$", undefined, re.MULTILINE):
            if owner.get(version) in missing:
                functions[owner[version]][version].add(name)
            elif not version and FUNCTIONS.match(name):
                functions[runtime][""].add(name)
    for name in missing:
        write(folder / name, functions[name])
    print(f"{folder}: {len(missing)} libraries without a device")


if __name__ == "__main__":
    spec = find_spec("torch") if len(sys.argv) < 2 else None
    if spec is not None and spec.origin is not None:
        main(Path(spec.origin).parent / "lib")
    elif len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        sys.exit(__doc__)
