"""Text made from corpus tokens, and its variants: what a newspaper's text looks like, not what a treebank's does."""
import re

NO_SPACES = ("zh", "zh-Hant", "ja", "th")
CLOSING = set(",.;:!?)]}»”’›…%°、。，；：！？）」』】·।։'")
CLOSING |= set("... 's ’s 'S n't n’t 're 've 'll 'd 'm ’re ’ve ’ll".split())
OPENING = set("([{«„‚‹“‘¿¡（「『【$£€#@")


def detokenise(tokens, tags, language):
    """Joins tokens as they are printed, and moves the BIO tags to code-point spans."""
    text, ranges, quotes, glue = "", [], 0, True
    for i, token in enumerate(tokens):
        left, right = token in CLOSING, token in OPENING
        if token == '"':  # straight quotes open and close in turn
            left, right, quotes = quotes % 2 == 1, quotes % 2 == 0, quotes + 1
        elif token in ("“", "”") and "„" in text[text.rfind("“") + 1:]:  # „…“ and „…”
            left, right = True, False
        elif token in ("'", "’") and i and tokens[i - 1][-1:] not in "sSxzXZ":
            left, right = False, True
        elif token == "/":
            left = right = True
        elif language == "ro" and len(token) > 1:  # clitics: s- a, -o
            left, right = token[0] == "-" and token[1].isalpha(), token[-1] == "-" and token[-2].isalpha()
        if language in NO_SPACES:
            space = bool(text) and latin(text[-1]) and latin(token[0])
        else:
            space = not (glue or left)
        text += " " * space
        ranges.append((len(text), len(text) + len(token)))
        text += token
        glue = right
    return text, bio_spans(ranges, tags)


def latin(char):
    return char.isascii() and char.isalnum()


def spaced(tokens, tags, language):
    """All tokens with a space between, or None for a script that writes none."""
    if language in NO_SPACES or language == "ko":
        return None
    ranges, at = [], 0
    for token in tokens:
        ranges.append((at, at + len(token)))
        at += len(token) + 1
    return " ".join(tokens), bio_spans(ranges, tags)


def bio_spans(ranges, tags):
    """(start, end, type) of each B- with its I-; an I- of another type begins a span as well."""
    spans, kind = [], None
    for (start, end), tag in zip(ranges, tags):
        if tag == "O":
            kind = None
        elif tag[0] == "I" and tag[2:] == kind:
            spans[-1] = (spans[-1][0], end, kind)
        else:
            kind = tag[2:]
            spans.append((start, end, kind))
    return spans


def requote(text):
    """Typographic quotes and apostrophes, one code point for one."""
    out, opened = [], False
    for c in text:
        if c == '"':
            opened = not opened
            c = "“" if opened else "”"
        elif c == "'":
            c = "’"
        out.append(c)
    return "".join(out)


def recase(text, style, language):
    """The text in `title`, `upper` or `lower` case, code point for code point so that spans stay."""
    upper, lower = (TURKISH_UPPER, TURKISH_LOWER) if language == "tr" else ({}, {})
    one = lambda c, changed: changed if len(changed) == 1 else c
    up = lambda c: upper.get(c) or one(c, c.upper())
    if style == "upper":
        return "".join(map(up, text))
    if style == "lower":
        return "".join(lower.get(c) or one(c, c.lower()) for c in text)
    return "".join(up(c) if i == 0 or not (text[i - 1].isalnum() or text[i - 1] in "'’") else c for i, c in enumerate(text))


TURKISH_UPPER = {"i": "İ", "ı": "I"}
TURKISH_LOWER = {"I": "ı", "İ": "i"}

CYRILLIC = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш"))
CYRILLIC |= {latin.upper(): cyrillic.upper() for latin, cyrillic in CYRILLIC.items()}
DIGRAPHS = {"lj": "љ", "nj": "њ", "dž": "џ", "Lj": "Љ", "Nj": "Њ", "Dž": "Џ", "LJ": "Љ", "NJ": "Њ", "DŽ": "Џ"}


def to_cyrillic(text, spans):
    """Serbian in its other alphabet; words with foreign letters stay as they are. Spans follow the text."""
    out, where = [], []
    for word in re.findall(r"\w+|\W+", text):
        serbian = all(c in CYRILLIC or not c.isalpha() for c in word)
        i = 0
        while i < len(word):
            pair = serbian and DIGRAPHS.get(word[i:i + 2])
            where += [len(out)] * (2 if pair else 1)
            out.append(pair or (CYRILLIC.get(word[i], word[i]) if serbian else word[i]))
            i += 2 if pair else 1
    where.append(len(out))
    return "".join(out), [(where[a], where[b], k) for a, b, k in spans]
