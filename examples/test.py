"""Runs `compare`, the example that is the same in every language, and compares what each of them says.

`make test-examples` runs this with what it needs: the programs that cargo builds, an installed library (found by
PKG_CONFIG_PATH), Node.js's packages in bindings/node, and a Python with the wheel as its first argument. Languages whose tools or
pieces are not there are skipped; with FACENET_TEST_REQUIRE_ALL set, that is a failure.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

EXAMPLES = Path(__file__).parent
ROOT = EXAMPLES.parent
PHOTOS = EXAMPLES / "photos"
LINE = re.compile(r"(\d\.\d{6}): (same person|different people)\n")
TOLERANCE = 1e-4

Command = list[str]


def need(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            raise FileNotFoundError(f"there is no {tool}")


def build(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)


def rust(_folder: Path) -> Command:
    program = ROOT / "target" / "release" / "examples" / "compare"
    need(str(program))
    return [str(program)]


def compiled(compiler: str, standard: str, source: Path, folder: Path) -> Command:
    need(compiler, "pkg-config")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "facenet"], check=True, stdout=subprocess.PIPE, text=True
    )
    program = folder / source.parent.name
    build(compiler, standard, str(source), *flags.stdout.split(), "-o", str(program), folder=folder)
    return [str(program)]


def c(folder: Path) -> Command:
    return compiled("cc", "-std=c99", EXAMPLES / "c" / "compare.c", folder)


def cpp(folder: Path) -> Command:
    return compiled("c++", "-std=c++17", EXAMPLES / "cpp" / "compare.cpp", folder)


def python(_folder: Path) -> Command:
    interpreter = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    need(interpreter)
    if subprocess.run([interpreter, "-c", "import facenet_rs"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        raise FileNotFoundError(f"{interpreter} has no facenet_rs")
    return [interpreter, str(EXAMPLES / "python" / "compare.py")]


def go(folder: Path) -> Command:
    need("go")
    program = folder / "go-compare"
    build("go", "build", "-o", str(program), ".", folder=EXAMPLES / "go")
    return [str(program)]


def node(folder: Path) -> Command:
    need("node")
    package = ROOT / "bindings" / "node"
    if not (package / "node_modules").is_dir():
        raise FileNotFoundError(f"there is no {package / 'node_modules'}: run `npm ci` there")
    # As `npm install` lays it down.
    program = folder / "node" / "compare.js"
    shutil.copytree(EXAMPLES / "node", program.parent, ignore=shutil.ignore_patterns("node_modules"))
    (program.parent / "node_modules").mkdir()
    (program.parent / "node_modules" / "facenet").symlink_to(package)
    return ["node", str(program)]


def run(command: Command, *arguments: Path | str) -> tuple[int, str, str]:
    done = subprocess.run([*command, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def answers(name: str, command: Command) -> list[tuple[float, str]]:
    """What a program says of two pairs of photos; fails if it takes what is wrong."""
    found = []
    for other in ("obama2.jpg", "biden.jpg"):
        code, out, err = run(command, PHOTOS / "obama.jpg", PHOTOS / other)
        line = LINE.fullmatch(out)
        assert code == 0 and line and not err, (name, code, out, err)
        found.append((float(line[1]), line[2]))
    code, out, err = run(command)
    assert (code, out) == (2, "") and err.startswith("usage: "), (name, code, out, err)
    code, out, err = run(command, PHOTOS / "obama.jpg", PHOTOS / "nobody.jpg")
    assert (code, out) == (1, "") and "nobody.jpg" in err, (name, code, out, err)
    return found


def main() -> None:
    expected: list[tuple[float, str]] = []
    for language in (rust, c, cpp, python, go, node):
        name = language.__name__
        with TemporaryDirectory() as folder:
            try:
                command = language(Path(folder))
            except FileNotFoundError as why:
                if "FACENET_TEST_REQUIRE_ALL" in os.environ:
                    sys.exit(f"FACENET_TEST_REQUIRE_ALL is set, but {why}")
                print(f"skipped {name}: {why}", file=sys.stderr)
                continue
            found = answers(name, command)
        expected = expected or found
        for (distance, verdict), (other, its) in zip(expected, found, strict=True):
            assert abs(distance - other) <= TOLERANCE and verdict == its, (name, expected, found)
        print(f"{name}: {found}")
    assert [verdict for _, verdict in expected] == ["same person", "different people"], expected


if __name__ == "__main__":
    main()
