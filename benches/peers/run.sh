#!/usr/bin/env bash
# Times facenet and other libraries on the same images, in turns. The peers get an environment of their own.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The loop over a bare ONNX Runtime is to send nothing either.
export ORT_DISABLE_TELEMETRY=1

environment=.ort/peers
if [ ! -x "$environment/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/pip" install --quiet --requirement benches/peers/requirements.txt
    "$environment/bin/pip" install --quiet --no-deps facenet-pytorch==2.6.0
fi
cargo build --release --features cli --bins
cargo bench --no-run --bench worker
exec "$environment/bin/python" benches/peers/run.py "$@"
