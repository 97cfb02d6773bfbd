"""Are the faces of two pictures those of the same person?

pip install facenet-rs && python compare.py a.jpg b.jpg
"""

import sys

import facenet_rs


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: compare.py A B", file=sys.stderr)
        return 2
    try:
        result = facenet_rs.compare(sys.argv[1], sys.argv[2])
    except facenet_rs.FacenetError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{result.distance:.6f}: {'same person' if result.same else 'different people'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
