"""Development figures: exact spans with type on raw text, per set and type."""
import argparse

import numpy as np
import torch

import data
from data import TAGS, TYPES, UNKNOWN, Pieces, visible
from model import Tagger, word_embeddings


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("model")
    args.add_argument("--embeddings", required=True)
    args.add_argument("--tokenizer", required=True)
    args.add_argument("--corpora", default="../../shared/corpora")
    args.add_argument("--limit", type=int, help="sentences of each set")
    args.add_argument("--quantized", action="store_true", help="multiply matrices as the service does, in 7 and 8 bits")
    args = args.parse_args()
    torch.set_num_threads(2)
    _, dev = data.load(args.corpora)
    tagger = Tagger.load(args.model)
    tagger.quantized = args.quantized
    *exits, end = evaluate(tagger, word_embeddings(args.embeddings), Pieces(args.tokenizer), dev, args.limit)
    for layer, scores in zip(tagger.exits, exits):
        print(f"exit {layer}\n{table(scores)}\n")
    print(f"end\n{table(end)}")


def evaluate(tagger, words, pieces, dev, limit=None):
    """For each exit and the end {set: {type: [correct, predicted, gold]}} over at most `limit` sentences of each set."""
    all_scores = [{} for _ in range(len(tagger.exits) + 1)]
    for corpus in dev:
        sentences = some(corpus, limit)
        found_at, _ = predict(tagger, words, pieces, [s.text for s in sentences])
        for scores, found in zip(all_scores, found_at):
            scores[corpus.key] = compare(sentences, found, annotated(corpus))
    return all_scores


def some(corpus, limit):
    """At most `limit` sentences of a corpus, chosen by hash."""
    return sorted(corpus.sentences, key=lambda s: data.digest(s.text))[:limit]


def annotated(corpus):
    return [t for t in TYPES if t not in corpus.unannotated]


def compare(sentences, predicted, types):
    """{type: [correct, predicted, gold]} of the spans of each sentence."""
    score = {t: [0, 0, 0] for t in types}
    for s, found in zip(sentences, predicted):
        gold = {span for span in s.spans if span[2] in score}
        open_ = [span for span in s.spans if span[2] == UNKNOWN]
        found = {f for f in found if f[2] in score and not any(a < f[1] and f[0] < b for a, b, _ in open_)}
        for index, spans in enumerate((gold & found, found, gold)):
            for span in spans:
                score[span[2]][index] += 1
    return score


def predict(tagger, words, pieces, texts, calibration=None, batch=4096):
    """Of each text the (start, end, type) spans, a list for each exit and the end, as if each read all; or one list, of what
    they find together where (sure, temperatures) are given, a number for each exit, and so many layers each piece of each
    text is open, and in an open sentence."""
    encoded = pieces.encode(texts)
    order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
    out = [[None] * len(texts) for _ in range(1 if calibration else len(tagger.exits) + 1)]
    depths = np.zeros((len(texts), 2))
    while order:
        width = min(len(encoded[order[-1]].ids), 512)
        n = max(1, batch // width)
        part, order = order[-n:], order[:-n]
        ids = np.full((len(part), width), 1, np.int64)
        for row, i in enumerate(part):
            ids[row, :len(encoded[i].ids)] = encoded[i].ids[:width]
        seen = [[(k, r) for k, o in enumerate(encoded[i].offsets[:width]) if (r := visible(texts[i], o))] for i in part]
        tagged = np.zeros(ids.shape, bool)
        for row, s in enumerate(seen):
            tagged[row, [k for k, _ in s]] = True
        all_scores, depths[part] = log_probabilities(tagger, words, ids, tagged, calibration)
        for found, scores in zip(out, all_scores):
            scores = [scores[row, [k for k, _ in s]] for row, s in enumerate(seen)]
            for i, s, path in zip(part, seen, viterbi(scores)):
                found[i] = spans_of(path, [r for _, r in s])
    return out, depths


def log_probabilities(tagger, words, ids, tagged, calibration=None):
    """For each exit and the end, or where each piece halts, an array [texts, pieces, tags]; and for each text the layers
    that its pieces are open, summed up, and the layers that they are in an open sentence."""
    mask, tagged = torch.from_numpy(ids != 1), torch.from_numpy(tagged)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=not tagger.quantized):
        embedded = torch.from_numpy(words[ids].astype(np.float32))
        logits, reaching = tagger(embedded, mask, tagged, *(calibration or ()))
    depths = np.zeros((len(ids), 2))
    for reached, layers in zip(reaching, np.diff([0, *tagger.exits, tagger.layers])):
        in_open = mask & reached.any(1, keepdim=True)
        depths += layers * torch.stack([reached.sum(1), in_open.sum(1)], 1).numpy()
    if not calibration:
        return [l.log_softmax(-1).numpy() for l in logits], depths
    halted = logits[0]
    for scores, reached, temperature in zip(logits, reaching, calibration[1]):
        halted = torch.where(reached[..., None], scores / temperature, halted)
    return [halted.log_softmax(-1).numpy()], depths


def viterbi(scores):
    """The best tag path of each [pieces, tags] array in which I- follows only B- or I- of its type."""
    width = max(map(len, scores), default=0)
    padded = np.zeros((len(scores), width, len(TAGS)), np.float32)
    for i, s in enumerate(scores):
        padded[i, :len(s)] = s
    step = np.zeros((len(TAGS), len(TAGS)), np.float32)
    first = np.zeros(len(TAGS), np.float32)
    for j, tag in enumerate(TAGS):
        if tag[0] == "I":
            first[j] = -np.inf
            step[[i for i in range(len(TAGS)) if i not in (j, j - 1)], j] = -np.inf
    best, back = None, []
    for k in range(width):
        if k == 0:
            best = padded[:, 0] + first
            continue
        ways = best[:, :, None] + step
        back.append(ways.argmax(1))
        best = ways.max(1) + padded[:, k]
    # A shorter row's padding is all zeros: any continuation of its best prefix keeps that prefix's score.
    out, last = [], best.argmax(1) if width else []
    for i, s in enumerate(scores):
        path = [int(last[i])]
        for b in reversed(back):
            path.append(int(b[i, path[-1]]))
        out.append(path[::-1][:len(s)])
    return out


def spans_of(path, ranges):
    """Spans of a tag path over visible piece ranges."""
    spans = []
    for tag, (start, end) in zip((TAGS[t] for t in path), ranges):
        if tag[0] == "B":
            spans.append((start, end, tag[2:]))
        elif tag[0] == "I":
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]), tag[2:])
    return spans


def f1(correct, predicted, gold):
    return 2 * correct / (predicted + gold) if predicted + gold else float("nan")


def micro(score):
    return f1(*map(sum, zip(*score.values())))


def mean(scores):
    """The mean micro F1 over the sets."""
    return float(np.mean([micro(s) for s in scores.values()]))


def table(scores):
    rows = [f"{'set':28} {'micro':>6} " + " ".join(f"{t:>6}" for t in TYPES) + "   gold"]
    for key, score in scores.items():
        cells = [f"{f1(*score[t]):6.3f}" if t in score else "     –" for t in TYPES]
        rows.append(f"{key:28} {micro(score):6.3f} {' '.join(cells)} {sum(s[2] for s in score.values()):6}")
    total = {t: [sum(x) for x in zip(*(s[t] for s in scores.values() if t in s))] for t in TYPES}
    cells = " ".join(f"{f1(*total[t]):6.3f}" for t in TYPES)
    rows.append(f"{'mean of sets':28} {mean(scores):6.3f} {cells}  (types: all sets together)")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
