"""Makes torch-encoder.json: an encoder whose positions are added to the embeddings before its layer, in PyTorch.

    python make_torch_encoder.py

x = E[words] + P, then nn.TransformerEncoderLayer. Parameters have the names and the shapes of this project: (in, out), where
PyTorch has (out, in). All numbers are float64; seeds are fixed. A gradient is named "d" and the name of what it belongs to; it is
the gradient of the sum of (output times its given random gradient).
"""

import torch

from golden import Random, case, write

FRAMEWORK = "torch " + torch.__version__.split("+")[0]
MADE = "python make_torch_encoder.py"
D, HEADS, WIDTH, VOCABULARY, LONGEST = 6, 2, 7, 11, 8
WORDS = [3, 1, 4, 1, 5]
NORMS = {"layers.0.normalization": "norm1", "layers.0.feedForward.normalization": "norm2"}


def shapes(learned):
    layer = {"layers.0." + name: shape for name, shape in {
        "W_Q": (D, D), "W_K": (D, D), "W_V": (D, D), "W_O": (D, D), "b_Q": (D,), "b_K": (D,), "b_V": (D,), "b_O": (D,),
        "feedForward.W_1": (D, WIDTH), "feedForward.b_1": (WIDTH,), "feedForward.W_2": (WIDTH, D), "feedForward.b_2": (D,),
    }.items()}
    norms = {f"{norm}.{part}": (D,) for norm in NORMS for part in ("gain", "bias")}
    return {"words.E": (VOCABULARY, D), **({"layers.0.position.P": (LONGEST, D)} if learned else {}), **layer, **norms}


def in_torch(p):
    """The parameters of nn.TransformerEncoderLayer by its own names, as functions of ours."""
    of = lambda name: p["layers.0." + name]
    return {
        "self_attn.in_proj_weight": torch.cat([of("W_Q").T, of("W_K").T, of("W_V").T]),
        "self_attn.in_proj_bias": torch.cat([of("b_Q"), of("b_K"), of("b_V")]),
        "self_attn.out_proj.weight": of("W_O").T, "self_attn.out_proj.bias": of("b_O"),
        "linear1.weight": of("feedForward.W_1").T, "linear1.bias": of("feedForward.b_1"),
        "linear2.weight": of("feedForward.W_2").T, "linear2.bias": of("feedForward.b_2"),
        **{f"{theirs}.{name}": p[f"{ours}.{part}"] for ours, theirs in NORMS.items()
           for name, part in (("weight", "gain"), ("bias", "bias"))},
    }


def sinusoids(length):
    t = torch.arange(length, dtype=torch.float64)[:, None]
    angle = t / 10000 ** (torch.arange(0, D, 2, dtype=torch.float64) / D)
    return torch.stack([angle.sin(), angle.cos()], dim=2).reshape(length, D)


def encoder(seed, position, normalization):
    random = Random(seed)
    values = random.parameters(shapes(position == "learned"))
    p = {name: torch.tensor(value, requires_grad=True) for name, value in values.items()}
    layer = torch.nn.TransformerEncoderLayer(D, HEADS, WIDTH, dropout=0.0, activation="relu", batch_first=True,
                                             norm_first=normalization == "before", dtype=torch.float64)
    table = p["layers.0.position.P"] if position == "learned" else sinusoids(len(WORDS))
    x = p["words.E"][WORDS] + table[:len(WORDS)]
    output = torch.func.functional_call(layer, in_torch(p), (x[None],))[0]
    d_output = random.normal(*output.shape, scale=0.7)
    found = torch.autograd.grad((output * torch.tensor(d_output)).sum(), list(p.values()))
    options = {"seed": seed, "position": position, "normalization": normalization, "words": WORDS, "heads": HEADS}
    return case(f"{position} positions, normalization {normalization}", options, values | {"dOutput": d_output},
                {"output": output.detach().numpy(), **{"d" + name: g.numpy() for name, g in zip(p, found)}})


if __name__ == "__main__":
    write("torch-encoder.json", FRAMEWORK, MADE, [
        encoder(seed, position, normalization)
        for seed, (position, normalization) in enumerate(
            [(position, where) for position in ("learned", "sinusoidal") for where in ("before", "after")], start=71)
    ])
