"""The corpora as raw text with spans, the training plan drawn from them, and batches of labelled pieces.

A corpus is read once (`load`): sentences held out for development are set apart, the rest is sampled into a plan of
sequences (`Plan`), and the plan is cut into groups of batches, each a pure function of the seed and the group's number,
so that a run resumes by skipping groups.
"""
import hashlib
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from text import detokenise, recase, requote, spaced, to_cyrillic

TYPES = ["PER", "ORG", "LOC"]
TAGS = ["O"] + [f"{b}-{t}" for t in TYPES for b in "BI"]
MAX_PIECES = 160
HELD_OUT = 10  # without a dev set, one sentence in ten is held out by its hash

# Language: share beside the square root of its size. The supported languages are 1 or more, the rest only help transfer.
LANGUAGES = {"fr": 1.6, "en": 1.5, "de": 1.6, "es": 1.4, "pt": 1.4, "ru": 1.5, "sv": 1.0, "da": 1.0, "nb": 0.9, "nn": 0.4,
             "fi": 0.9, "et": 1.0, "lv": 1.0, "hu": 0.6, "ro": 1.0, "hr": 1.2, "sr": 1.0, "sk": 1.2, "sl": 1.0, "tr": 0.9,
             "zh": 1.2, "zh-Hant": 1.0, "ja": 1.0, "ko": 1.3, "ca": 0.7, "id": 0.4, "th": 0.4, "hi": 0.3, "hy": 0.4,
             "kk": 0.3, "it": 0.4, "nl": 0.4, "pl": 0.4, "cs": 0.8, "el": 0.8, "uk": 0.8}
# Corpus: share beside its size. News and texts rich in organizations count more; tweets, reports full of code, old prose
# and fiction less.
WEIGHTS = {"wikigold": 2, "crossner-politics": 2, "crossner-politics-dev": 1.5, "crossner-politics-test": 1.5,
           "annoctr": 0.4, "mobie": 0.25, "germeval14": 2, "nerkor": 0.5, "nerkor-onpp": 1.5,
           "klintan": 1.5, "uner-talbanken": 0.4, "hiner": 0.5, "ancora": 2, "raw-wikipedia": 0.08}
MOST_PASSES = 5  # over one corpus in one run
# Consecutive sentences are one text only here; elsewhere they are shuffled samples.
DOCUMENTS = {"winer-fr", "annoctr", "uner-ewt", "smartdata", "ancora", "europarl-ner", "estner", "turku-one-clean", "uner-set",
             "nerkor", "nerkor-onpp", "armtdp", "lumii", "norne", "uner-bosque", "factrueval", "uner-ddt", "uner-snk",
             "ud-sl-ssj", "klintan", "uner-talbanken", "thainer", "wikigold"}
# Types that a corpus does not annotate: O may hide one of these (the table of the corpora's README).
UNANNOTATED = {"annoctr": {"PER"}, "mobie": {"PER"}}
# The first of two copies of a sentence wins: hand-made labels before converted ones.
FIRST = {"nerkor": 0, "ronec": 0}
MAX_RAW = 400  # characters; longer lines of raw text are dropped
UNKNOWN = "UNKNOWN"  # a span whose type is not known to be one of ours: any label goes


@dataclass
class Sentence:
    """Raw text and its (start, end, type) spans in code points; `words` is the same split by the corpus, when it is."""
    text: str
    spans: list
    source: str  # what decides whether it is held out: the raw text, else the corpus's tokens with a space between
    words: tuple | None = None  # (text with a space between all tokens, its spans)


@dataclass
class Corpus:
    """One annotated set: its sentences in order, and the types it annotates."""
    language: str
    name: str
    sentences: list = field(default_factory=list)

    @property
    def unannotated(self):
        return UNANNOTATED.get(self.name, set())

    @property
    def key(self):
        return f"{self.language}/{self.name}"


def load(root):
    """Reads the corpora below `root`: ([training corpora], [development corpora]), without a text in both."""
    dev = [read(p) for p in sorted(Path(root, "dev").glob("*/*.tsv"))]
    with_dev = {c.language for c in dev}
    seen = {(c.language, s.text) for c in dev for s in c.sentences}
    train = []
    paths = sorted(Path(root, "train").glob("*/*.tsv"), key=lambda p: (p.parent.name, FIRST.get(p.stem, 1), p.stem))
    for corpus in map(read, paths):
        held, kept = Corpus(corpus.language, corpus.name), []
        for s in corpus.sentences:
            if (corpus.language, s.text) in seen and len(s.text) > 20:
                continue
            seen.add((corpus.language, s.text))
            if corpus.language not in with_dev and digest(s.source) % HELD_OUT == 0:
                held.sentences.append(s)
            else:
                kept.append(s)
        train.append(Corpus(corpus.language, corpus.name, kept))
        if held.sentences:
            dev.append(held)
    countries_as_organizations(train)
    return train, dev


def raw(root):
    """The unlabelled text as corpora whose every piece may have any tag."""
    corpora = []
    for path in sorted(Path(root, "raw").glob("*.txt")):
        language, source = path.stem.split("-", 1)
        lines = (line.strip() for line in open(path, encoding="utf-8"))
        sentences = [Sentence(l, [(0, len(l), UNKNOWN)], l) for l in lines if 0 < len(l) <= MAX_RAW]
        corpora.append(Corpus(language, f"raw-{source}", sentences))
    return corpora


def digest(text):
    """A hash of the text that no run and no machine changes."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def read(path):
    """One corpus from its TSV file, with the raw text of the `.jsonl` beside it where there is one."""
    corpus = Corpus(path.parent.name, path.stem)
    raw = path.with_suffix(".jsonl")
    raw = [json.loads(l) for l in open(raw, encoding="utf-8")] if raw.exists() else None
    tokenised = list(tsv(path))
    if raw and len(raw) != len(tokenised):
        tokenised = [None] * len(raw)
    for i, token in enumerate(tokenised):
        if raw:
            text, spans = raw[i]["text"], [tuple(s) for s in raw[i]["spans"]]
        else:
            text, spans = detokenise(*token, corpus.language)
        words = token and spaced(*token, corpus.language)
        source = text if raw else " ".join(token[0])
        s = Sentence(text, targets(corpus, text, spans), source, words and (words[0], targets(corpus, *words)))
        if text.strip():
            corpus.sentences.append(s)
    return corpus


def tsv(path):
    """The sentences of a TOKEN<TAB>TAG file as (tokens, tags)."""
    tokens, tags = [], []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line:
            token, tag = line.split("\t")[:2]
            tokens.append(token)
            tags.append(tag)
        elif tokens:
            yield tokens, tags
            tokens, tags = [], []
    if tokens:
        yield tokens, tags


def targets(corpus, text, spans):
    """The spans of our three types; those a corpus labels otherwise than we do become UNKNOWN."""
    out = []
    for start, end, kind in spans:
        if end - start > 2 and text[end - 1:end] in ("-", "–"):  # GermEval's FDP-Fraktion
            end -= 1
        if kind == "ACTOR":
            kind = UNKNOWN
        if corpus.name.startswith("ronec") and kind == "PER":
            kind = person_or_noun(text[start:end])
        if kind in TYPES or kind == UNKNOWN:
            out.append((start, end, kind))
    return out


def person_or_noun(text):
    """RONEC labels common nouns as persons too: two capitalised words are a name, none is a noun, else who knows."""
    words = text.split()
    capitals = sum(w[:1].isupper() for w in words)
    if capitals == 0:
        return None
    return "PER" if capitals == len(words) >= 2 else UNKNOWN


def countries_as_organizations(train):
    """AnCora calls acting countries organizations. Those that the other corpora call locations become UNKNOWN there."""
    count = {}
    for c in train:
        if c.name != "ancora" and c.language in ("es", "pt", "fr", "en", "ca"):
            for s in c.sentences:
                for start, end, kind in s.spans:
                    votes = count.setdefault(s.text[start:end].lower(), {})
                    votes[kind] = votes.get(kind, 0) + 1
    located = {t for t, v in count.items() if v.get("LOC", 0) > 2 * v.get("ORG", 0)}
    relabel = lambda text, spans: [(a, b, UNKNOWN if k == "ORG" and text[a:b].lower() in located else k) for a, b, k in spans]
    for c in train:
        if c.name == "ancora":
            for s in c.sentences:
                s.spans = relabel(s.text, s.spans)
                s.words = s.words and (s.words[0], relabel(*s.words))


class Pieces:
    """The tokenizer: text and spans to piece ids and, for each piece, the set of tags it may have (one bit each)."""

    def __init__(self, path):
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def encode(self, texts):
        return self.tokenizer.encode_batch(texts)

    def count(self, texts):
        return [len(e.ids) - 2 for e in self.tokenizer.encode_batch_fast(texts)]


def visible(text, offsets):
    """The range of a piece without its spaces, or None: `▁` alone and the marks of start and end carry no label."""
    start, end = offsets
    while start < end and text[start].isspace():
        start += 1
    return (start, end) if start < end else None


def labels(text, spans, offsets, unannotated=frozenset()):
    """For each piece the bits of its allowed tags: one bit where the gold is sure, 0 for a piece without a label."""
    spans = sorted(spans)
    outside = 1 | sum(3 << (1 + 2 * TYPES.index(t)) for t in unannotated)
    out, at, begun = [], 0, False
    for o in offsets:
        r = visible(text, o)
        if r is None:
            out.append(0)
            continue
        while at < len(spans) and spans[at][1] <= r[0]:
            at, begun = at + 1, False
        if at == len(spans) or spans[at][0] >= r[1]:
            out.append(outside)
        elif spans[at][2] == UNKNOWN:
            out.append((1 << len(TAGS)) - 1)
        else:
            out.append(1 << (1 + 2 * TYPES.index(spans[at][2]) + begun))
            begun = True
    return out


class Plan:
    """The whole run drawn in advance: which sentences make which sequence, in which group of batches."""

    def __init__(self, corpora, pieces, total, seed, batch=2048, group=64):
        """`total`: pieces to see, `batch`: pieces of a step (padding included), `group`: steps sorted by length together."""
        self.corpora, self.pieces, self.batch, self.seed = corpora, pieces, batch, seed
        self.lengths = [np.array(pieces.count([s.text for s in c.sentences])) for c in corpora]
        self.shares = shares(corpora, [int(n.sum()) for n in self.lengths], total)
        sequences = []
        for i, share in enumerate(self.shares):
            sequences += self._sequences(i, share * total)
        random.Random(seed).shuffle(sequences)
        self.groups, size = [[]], 0
        for s in sequences:
            self.groups[-1].append(s[:3])
            size += s[3]
            if size > batch * group:
                self.groups.append([])
                size = 0
        self.total = sum(s[3] for s in sequences)

    def _sequences(self, corpus, wanted):
        """Windows of consecutive sentences, pass after pass, until `wanted` pieces: (corpus, first, count, pieces)."""
        lengths, out, size, turn = self.lengths[corpus], [], 0, 0
        together = 0.5 if self.corpora[corpus].name in DOCUMENTS else 0.15
        while size < wanted:
            rng = random.Random(f"{self.seed} {self.corpora[corpus].key} {turn}")
            at, one_pass = 0, []
            while at < len(lengths):
                limit = rng.randint(48, MAX_PIECES) if rng.random() < together else 0
                n, count = int(lengths[at]), 1
                while at + count < len(lengths) and n + lengths[at + count] <= limit:
                    n, count = n + int(lengths[at + count]), count + 1
                one_pass.append((corpus, at, count, min(n, MAX_PIECES)))
                at += count
            rng.shuffle(one_pass)
            for s in one_pass:
                if size < wanted:
                    out.append(s)
                    size += s[3] + 2
            turn += 1
        return out

    def batches(self, group):
        """The batches of a group: (ids, allowed bits), arrays [sequences, pieces] padded with `<pad>` and 0."""
        rng = random.Random(f"{self.seed} {group}")
        texts = [self._text(*s, rng) for s in self.groups[group]]
        encoded = self.pieces.encode([t for t, _, _ in texts])
        rows = []
        for (text, spans, unannotated), e in zip(texts, encoded):
            bits = labels(text, spans, e.offsets, unannotated)
            if len(e.ids) > MAX_PIECES + 32:
                cut = MAX_PIECES + 32
                rows.append((e.ids[:cut], bits[:cut]))
            elif len(e.ids) > 2:
                rows.append((e.ids, bits))
        out = list(pack(rows, self.batch))
        rng.shuffle(out)
        return out

    def _text(self, corpus, first, count, rng):
        """One sequence as text and spans, some of its sentences re-cased, re-quoted or with spaced tokens."""
        c = self.corpora[corpus]
        glue = "" if c.language in ("zh", "zh-Hant", "ja", "th") else " "
        text, spans = "", []
        for s in c.sentences[first:first + count]:
            t, p = s.words if s.words and rng.random() < 0.12 else (s.text, s.spans)
            if c.language == "sr" and rng.random() < 0.4:
                t, p = to_cyrillic(t, p)
            if rng.random() < 0.3:
                t = requote(t)
            if rng.random() < 0.13:
                t = recase(t, rng.choice(["title", "title", "upper", "upper", "lower"]), c.language)
            text += glue if text else ""
            spans += [(a + len(text), b + len(text), k) for a, b, k in p]
            text += t
        return text, spans, c.unannotated


def shares(corpora, sizes, total):
    """The part of each corpus in the run: languages by the square root of their size, then by our weights, capped."""
    weight = [n ** 0.75 * WEIGHTS.get(c.name, 1) for c, n in zip(corpora, sizes)]
    language = {}
    for c, n in zip(corpora, sizes):
        language[c.language] = language.get(c.language, 0) + n
    inside = {l: sum(w for c, w in zip(corpora, weight) if c.language == l) for l in language}
    share = [LANGUAGES[c.language] * language[c.language] ** 0.5 * w / inside[c.language] for c, w in zip(corpora, weight)]
    free = set(range(len(corpora)))
    rest = 1.0
    while True:  # what a capped corpus leaves goes to the others
        scale = rest / sum(share[i] for i in free)
        over = [i for i in free if share[i] * scale * total > MOST_PASSES * sizes[i]]
        if not over:
            break
        for i in over:
            share[i] = MOST_PASSES * sizes[i] / total
            rest -= share[i]
            free.remove(i)
    for i in free:
        share[i] *= scale
    return share


def pack(rows, batch):
    """Rows of (ids, bits) sorted by length and cut into padded batches of at most `batch` pieces."""
    rows = sorted(rows, key=lambda r: len(r[0]))
    while rows:
        width = len(rows[-1][0])
        n = max(1, batch // width)
        part, rows = rows[-n:], rows[:-n]
        ids, bits = np.full((len(part), width), 1, np.int64), np.zeros((len(part), width), np.uint8)
        for i, (a, b) in enumerate(part):
            ids[i, :len(a)], bits[i, :len(b)] = a, b
        yield ids, bits
