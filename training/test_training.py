"""Tests of the data path: `python -m unittest` in this folder."""
import unittest

import numpy as np
import torch

from data import TAGS, UNKNOWN, labels
from evaluate import spans_of, viterbi
from model import LARGEST, halting, loss, matrix_in_bytes, rows_in_bytes
from text import detokenise, recase, requote, to_cyrillic


class Text(unittest.TestCase):
    def test_tokens_become_printed_text(self):
        cases = [
            ("en", ["Ana", "'s", "bus", ",", "he", "did", "n't", "say", "."], "Ana's bus, he didn't say."),
            ("en", ["The", '"', "Blue", "Line", '"', "(", "north", ")"], 'The "Blue Line" (north)'),
            ("de", ["Die", "„", "Linie", "“", "fährt"], "Die „Linie“ fährt"),
            ("ro", ["i", "s-", "a", "dus", "-o"], "i s-a dus-o"),
            ("lv", ["rīts", "-", "vakars"], "rīts - vakars"),
            ("ja", ["東京", "に", "ABC", "DEF", "が"], "東京にABC DEFが"),
        ]
        for language, tokens, text in cases:
            self.assertEqual(detokenise(tokens, ["O"] * len(tokens), language)[0], text)

    def test_tags_become_spans_of_the_text(self):
        tokens, tags = ["(", "Ana", "Lima", ",", "Porto", ")"], ["O", "B-PER", "I-PER", "O", "I-LOC", "O"]
        text, spans = detokenise(tokens, tags, "pt")
        self.assertEqual([(text[a:b], k) for a, b, k in spans], [("Ana Lima", "PER"), ("Porto", "LOC")])

    def test_casing_keeps_every_position(self):
        cases = [
            ("title", "en", "the bus to o'neill's", "The Bus To O'neill's"),
            ("upper", "de", "Straße", "STRAßE"),
            ("upper", "tr", "izmir ışık", "İZMİR IŞIK"),
            ("lower", "tr", "Iğdır", "ığdır"),
            ("lower", "en", "ANA", "ana"),
        ]
        for style, language, text, expected in cases:
            self.assertEqual(recase(text, style, language), expected)

    def test_quotes_keep_every_position(self):
        self.assertEqual(requote("""L'"Est" d'"Ain\""""), "L’“Est” d’“Ain”")

    def test_serbian_changes_its_alphabet_with_its_spans(self):
        text, spans = to_cyrillic("Ljubica Njegić, NYT", [(0, 14, "PER"), (16, 19, "ORG")])
        self.assertEqual(text, "Љубица Његић, NYT")
        self.assertEqual([text[a:b] for a, b, _ in spans], ["Љубица Његић", "NYT"])


class Labels(unittest.TestCase):
    TEXT = "In Porto Alegre"
    OFFSETS = [(0, 0), (0, 2), (2, 8), (8, 11), (11, 15), (15, 15)]

    def bits(self, spans, unannotated=frozenset()):
        return labels(self.TEXT, spans, self.OFFSETS, unannotated)

    def test_the_first_piece_of_a_span_begins_it(self):
        b, i = 1 << TAGS.index("B-LOC"), 1 << TAGS.index("I-LOC")
        self.assertEqual(self.bits([(3, 15, "LOC")]), [0, 1, b, i, i, 0])
        self.assertEqual(self.bits([(3, 8, "LOC"), (9, 15, "LOC")]), [0, 1, b, b, i, 0])

    def test_what_a_corpus_does_not_annotate_stays_open(self):
        person = 1 << TAGS.index("B-PER") | 1 << TAGS.index("I-PER")
        self.assertEqual(self.bits([], {"PER"})[1], 1 | person)
        self.assertEqual(self.bits([(0, 2, UNKNOWN)])[1:3], [127, 1])


class Bytes(unittest.TestCase):
    def test_rounding_moves_a_number_by_half_a_step(self):
        torch.manual_seed(1)
        x, w = torch.randn(5, 64), torch.randn(64, 7)
        x[0] = 0
        steps = (x.amax(-1) - x.amin(-1)) / 255
        self.assertTrue(((rows_in_bytes(x) - x).abs() <= steps[:, None] * 0.51 + 1e-6).all())
        rounded, integers, scales = matrix_in_bytes(w)
        self.assertTrue(((rounded - w).abs() <= scales * 0.51).all())
        self.assertEqual(integers.abs().max(), LARGEST)


class Exits(unittest.TestCase):
    BITS = torch.tensor([[127, 0, 127], [127, 127, 127]], dtype=torch.uint8)

    def learnt(self, reaching, teacher=None):
        """Of each exit and the end, which pieces their loss moves."""
        torch.manual_seed(1)
        logits = [torch.randn(2, 3, len(TAGS), requires_grad=True) for _ in range(3)]
        loss(logits, reaching, self.BITS, teacher).backward()
        return [(l.grad != 0).any(-1).tolist() for l in logits]

    def test_only_the_end_teaches_where_every_tag_is_allowed(self):
        all_ = [torch.ones(2, 3, dtype=torch.bool)] * 3
        labelled, nothing = [[True, False, True], [True] * 3], [[False] * 3] * 2
        self.assertEqual(self.learnt(all_), [labelled, labelled, nothing])
        self.assertEqual(self.learnt(all_, torch.randn(2, 3, len(TAGS))), [labelled] * 3)

    def test_a_halted_piece_teaches_no_later_exit(self):
        reaching = [torch.ones(2, 3, dtype=torch.bool), torch.tensor([[True] * 3, [False] * 3]), torch.zeros(2, 3, dtype=torch.bool)]
        found = self.learnt(reaching, torch.randn(2, 3, len(TAGS)))
        self.assertEqual(found, [[[True, False, True], [True] * 3], [[True, False, True], [False] * 3], [[False] * 3] * 2])

    def test_pieces_halt_where_they_and_their_neighbours_are_sure(self):
        logits = torch.zeros(1, 6, len(TAGS))
        logits[0, [0, 1, 2, 5], 0] = 9.0
        logits[0, 3, 0] = 1.0
        asked = torch.tensor([[True, True, True, True, False, True]])
        self.assertEqual(halting(logits, asked, 0.9).tolist(), [[True, True, False, False, False, True]])
        self.assertEqual(halting(logits, asked, 0.0).tolist(), [[True] * 6])


class Decoding(unittest.TestCase):
    def test_no_inside_without_its_beginning(self):
        def path(*tags):
            scores = np.full((len(tags), len(TAGS)), -5.0, np.float32)
            for row, weighted in enumerate(tags):
                for tag, score in weighted.items():
                    scores[row, TAGS.index(tag)] = score
            return scores

        paths = viterbi([path({"I-ORG": 0, "O": -1}, {"I-ORG": 0, "O": -9}),
                         path({"B-PER": 0}, {"I-LOC": 0, "I-PER": -1}, {"O": 0})])
        self.assertEqual([[TAGS[t] for t in p] for p in paths], [["B-ORG", "I-ORG"], ["B-PER", "I-PER", "O"]])

    def test_spans_reach_from_the_first_to_the_last_piece(self):
        tags = [TAGS.index(t) for t in ("O", "B-PER", "I-PER", "B-PER", "O")]
        self.assertEqual(spans_of(tags, [(0, 2), (3, 6), (6, 8), (9, 12), (12, 13)]), [(3, 8, "PER"), (9, 12, "PER")])


if __name__ == "__main__":
    unittest.main()
