"""Distils a student of fewer layers from the trained encoder: gold labels, and the teacher's on gold and on raw text."""
import torch
import torch.nn.functional as F

import data
from data import UNKNOWN, Corpus, Sentence
from model import Tagger, marginal_loss
from train import options, run

TEMPERATURE, SOFT, HIDDEN = 2.0, 1.0, 0.5
MAX_RAW = 400  # characters; longer lines of raw text are dropped


def main():
    args = options(__doc__, pieces=8e6, rate=2e-4)
    corpora, dev = data.load(args.corpora)
    teacher = Tagger.load(args.start)
    kept = [(i + 1) * teacher.layers // args.layers - 1 for i in range(args.layers)]
    run(args, corpora + raw(args.corpora), dev, student(args.start, kept), Distillation(teacher, kept))


def raw(root):
    """The unlabelled text as corpora whose every piece may have any tag: only the teacher speaks there."""
    corpora = {}
    for path in sorted((root / "raw").glob("*.txt")):
        language, source = path.stem.split("-", 1)
        lines = (line.strip() for line in open(path, encoding="utf-8"))
        sentences = [Sentence(l, [(0, len(l), UNKNOWN)], l) for l in lines if 0 < len(l) <= MAX_RAW]
        corpora[path] = Corpus(language, f"raw-{source}", sentences)
    return list(corpora.values())


def student(path, kept):
    """The encoder at `path` with only the layers `kept`, renumbered."""
    full, parameters = Tagger.load(path), {}
    for name, value in full.p.items():
        if not name.startswith("L/"):
            parameters[name] = value.detach().numpy()
            continue
        _, layer, rest = name.split("/")
        if int(layer) in kept:
            parameters[f"L/{kept.index(int(layer))}/{rest}"] = value.detach().numpy()
    return Tagger(parameters)


class Distillation:
    """Gold loss, the teacher's softened tags (Hinton et al. 2015) and the outputs of its layers (Jiao et al. 2020)."""

    def __init__(self, teacher, kept):
        self.teacher, self.kept = teacher, kept

    def __call__(self, student, embedded, mask, bits):
        with torch.no_grad():
            taught_hidden = []
            taught = self.teacher(embedded, mask, hidden=taught_hidden)
        hidden = []
        logits = student(embedded, mask, hidden=hidden)
        labelled = bits > 0
        soft = F.kl_div((logits[labelled] / TEMPERATURE).log_softmax(-1), (taught[labelled] / TEMPERATURE).log_softmax(-1),
                        reduction="batchmean", log_target=True) * TEMPERATURE ** 2
        near = sum(distance(h[labelled], taught_hidden[k][labelled]) for h, k in zip(hidden, self.kept)) / len(hidden)
        return marginal_loss(logits, bits) + SOFT * soft + HIDDEN * near


def distance(a, b):
    """The squared distance of two layer outputs, as a part of the second's variance."""
    return F.mse_loss(a.float(), b.float()) / b.float().var()


if __name__ == "__main__":
    main()
