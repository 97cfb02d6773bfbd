#!/usr/bin/env bash
# Times facenet and other libraries on the same images, in turns. The peers get an environment of their own. `run.sh python.py`
# times the Python package, whose native module must be there.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The loop over a bare ONNX Runtime is to send nothing either.
export ORT_DISABLE_TELEMETRY=1

environment=.ort/peers
if [ ! -x "$environment/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/pip" install --quiet --requirement benches/peers/requirements.txt
    "$environment/bin/pip" install --quiet --no-deps \
        facenet-pytorch==2.6.0 face_recognition==1.3.0 face_recognition_models==0.3.0
fi
script=run.py
case "${1:-}" in *.py) script=$1 && shift ;; esac
# Only what is timed, in one selection, so that nothing is compiled twice.
features=()
if [ "$script" = classify.py ]; then features=(--features facenet-peers/classify); fi
cargo build --release -p facenet-cli -p facenet-peers --no-default-features "${features[@]}"
exec "$environment/bin/python" "benches/peers/$script" "$@"
