"""Makes torch-mha.json, torch-sdpa.json and torch-alignments.json: attention, its parts and their gradients in PyTorch.

    python make_torch_attention.py

All numbers are float64; seeds are fixed, so that two runs write the same bytes. A gradient is named "d" and the name of what it
belongs to; it is the gradient of the sum of (output times its given random gradient).
"""

import math

import torch
from torch.nn.functional import scaled_dot_product_attention

from golden import Random, case, write

FRAMEWORK = "torch " + torch.__version__.split("+")[0]
MADE = "python make_torch_attention.py"


def leaves(arrays):
    """Arrays as tensors that gather gradients."""
    return {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}


def gradients(output, d_output, tensors):
    """{"dName": gradient of sum(output * d_output)} for every named tensor; zero where the output does not depend on it."""
    found = torch.autograd.grad((output * torch.tensor(d_output)).sum(), list(tensors.values()),
                                allow_unused=True, materialize_grads=True)
    return {"d" + name: gradient.numpy() for name, gradient in zip(tensors, found)}


# ---- nn.MultiheadAttention -------------------------------------------------------------------------------------------------------


CAMEL = {"key_padding_mask": "keyPaddingMask", "attn_mask": "attnMask"}


def filled(module, random):
    """Gives every parameter of the module random values, biases included; returns the parameters under torch's own names."""
    parameters = dict(module.named_parameters())
    values = random.parameters({name: tuple(parameter.shape) for name, parameter in parameters.items()})
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.tensor(values[name]))
    return parameters, values


def mha_case(title, seed, *, arrays, embed_dim, heads, bias, random, masks=None, **sizes):
    """One nn.MultiheadAttention: `arrays` is {"X"} for self-attention, {"X", "source"} or {"query", "key", "value"}; masks say
    true = ignore."""
    module = torch.nn.MultiheadAttention(embed_dim, heads, bias=bias, batch_first=True, dtype=torch.float64, **sizes)
    parameters, values = filled(module, random)
    masks = masks or {}
    inputs = leaves(arrays)
    source = inputs.get("source", inputs.get("X"))
    query, key, value = [inputs["X"], source, source] if "X" in inputs else inputs.values()
    output, weights = module(query, key, value, average_attn_weights=False,
                             **{name: torch.tensor(mask) for name, mask in masks.items()})
    d_output = random.normal(*output.shape, scale=0.7)
    written = {CAMEL[name]: mask for name, mask in masks.items()}
    options = {"seed": seed, "embedDim": embed_dim, "heads": heads, "bias": bias}
    options |= {mask: "true = ignore" for mask in written}
    return case(title, options, arrays | written | values | {"dOutput": d_output},
                {"output": output.detach().numpy(), "weights": weights.detach().numpy(),
                 **gradients(output, d_output, inputs | parameters)})


def self_attention(name, seed, n, t, heads, width, *, bias, masks=None):
    random = Random(seed)
    x = random.normal(n, t, heads * width, scale=1.3)
    return mha_case(name, seed, arrays={"X": x}, embed_dim=heads * width, heads=heads, bias=bias, random=random, masks=masks)


def cross_attention(name, seed, n, t, s, heads, width, kdim, vdim):
    random = Random(seed)
    arrays = {"query": random.normal(n, t, heads * width, scale=1.2), "key": random.normal(n, s, kdim, scale=0.8),
              "value": random.normal(n, s, vdim, scale=1.7, mean=0.2)}
    return mha_case(name, seed, arrays=arrays, embed_dim=heads * width, heads=heads, bias=True, random=random,
                    kdim=kdim, vdim=vdim)


def one_source(name, seed, n, t, s, heads, width, d_source, *, bias, masks=None):
    """Keys and values of one source, of another width than the queries' rows."""
    random = Random(seed)
    arrays = {"X": random.normal(n, t, heads * width, scale=1.2), "source": random.normal(n, s, d_source, scale=0.8, mean=0.1)}
    return mha_case(name, seed, arrays=arrays, embed_dim=heads * width, heads=heads, bias=bias, random=random, masks=masks,
                    kdim=d_source, vdim=d_source)


def make_mha():
    padding = torch.arange(7)[None, :] >= torch.tensor([7, 4])[:, None]
    causal = torch.ones(5, 5).triu(1).bool()
    write("torch-mha.json", FRAMEWORK, MADE, [
        self_attention("self-attention, one head, no bias", 101, 2, 3, 1, 5, bias=False),
        self_attention("self-attention, two heads, biases", 102, 3, 7, 2, 5, bias=True),
        self_attention("self-attention, three heads, texts of 7 and 4 words", 103, 2, 7, 3, 2, bias=True,
                       masks={"key_padding_mask": padding.numpy()}),
        self_attention("self-attention, two heads, causal", 104, 3, 5, 2, 7, bias=False, masks={"attn_mask": causal.numpy()}),
        cross_attention("cross-attention, two heads, other widths of keys and values", 105, 3, 5, 7, 2, 3, 11, 13),
        one_source("cross-attention, two heads, a source of another width", 106, 3, 5, 7, 2, 3, 11, bias=True),
        one_source("cross-attention, three heads, a narrow source of 7 and 4 words", 107, 2, 5, 7, 3, 5, 2, bias=False,
                   masks={"key_padding_mask": padding.numpy()}),
    ])


# ---- scaled_dot_product_attention ------------------------------------------------------------------------------------------------


def queries_keys_values(random, n, h, t, s, d, d_v, shared=None):
    """`shared` is the number of heads of keys and values, where queries have more."""
    return {"Q": random.normal(n, h, t, d, scale=1.5), "K": random.normal(n, shared or h, s, d, scale=1.1),
            "V": random.normal(n, shared or h, s, d_v, scale=0.9, mean=0.1)}


def sdpa_case(name, seed, sizes, *, mask=None, causal=False, scale=None, shared=None):
    random = Random(seed)
    arrays = queries_keys_values(random, *sizes, shared)
    tensors = leaves(arrays)
    options = {"seed": seed, "isCausal": causal} | ({} if scale is None else {"scale": scale})
    masks = {}
    if mask is not None:
        masks = {"mask": mask(random)}
        options["mask"] = "true = attend"
    attn_mask = torch.tensor(masks["mask"]) if masks else None
    context = scaled_dot_product_attention(*tensors.values(), attn_mask=attn_mask, is_causal=causal, scale=scale,
                                           enable_gqa=shared is not None)
    d_context = random.normal(*context.shape, scale=0.6)
    return case(name, options, arrays | masks | {"dContext": d_context},
                {"context": context.detach().numpy(), **gradients(context, d_context, tensors)})


def relative_case(name, seed, sizes, clip, aligned):
    """A learned bias b per head and clipped offset j - i, added to the scores: a float attn_mask."""
    random = Random(seed)
    arrays = queries_keys_values(random, *sizes) | {"b": random.normal(sizes[1], 2 * clip + 1, scale=0.8)}
    tensors = leaves(arrays)
    t, s = sizes[2:4]
    shift = s - t if aligned == "end" else 0
    offsets = torch.arange(s)[None, :] - (torch.arange(t)[:, None] + shift)
    bias = tensors["b"][:, offsets.clamp(-clip, clip) + clip]
    context = scaled_dot_product_attention(tensors["Q"], tensors["K"], tensors["V"], attn_mask=bias[None])
    d_context = random.normal(*context.shape, scale=0.6)
    return case(name, {"seed": seed, "L": clip, "aligned": aligned}, arrays | {"dContext": d_context},
                {"context": context.detach().numpy(), **gradients(context, d_context, tensors)})


def mask_with_an_empty_row(random):
    """(2, 1, 5, 7), true = attend: query 2 of text 1 may look nowhere, every other query somewhere."""
    mask = random.booleans(2, 1, 5, 7)
    mask[..., 0] |= ~mask.any(-1)
    mask[1, 0, 2] = False
    return mask


def make_sdpa():
    cases = [
        sdpa_case("plain, fewer queries than keys, wider values", 201, (3, 2, 5, 7, 11, 13)),
        sdpa_case("plain, a scale of one's own", 202, (1, 2, 5, 7, 5, 3), scale=0.25),
        sdpa_case("causal, as many queries as keys", 203, (1, 2, 7, 7, 5, 3), causal=True),
        sdpa_case("causal, fewer queries than keys: aligned to the start", 204, (2, 1, 5, 7, 3, 5), causal=True),
        sdpa_case("causal, more queries than keys: aligned to the start", 205, (2, 1, 7, 5, 3, 5), causal=True),
        sdpa_case("a boolean mask that leaves one query nothing", 206, (2, 3, 5, 7, 3, 2), mask=mask_with_an_empty_row),
        sdpa_case("a random boolean mask, one per head", 207, (2, 3, 7, 5, 3, 2),
                  mask=lambda random: random.booleans(2, 3, 7, 5, chance=0.8)),
        relative_case("relative bias, as many queries as keys", 208, (3, 2, 7, 7, 5, 3), 2, "start"),
        relative_case("relative bias, offsets aligned to the start", 209, (1, 2, 5, 11, 7, 3), 3, "start"),
        relative_case("relative bias, offsets aligned to the end", 210, (1, 2, 5, 11, 7, 3), 3, "end"),
        sdpa_case("six heads of queries, two of keys and values", 211, (2, 6, 5, 7, 3, 5), shared=2),
        sdpa_case("five heads of queries, one of keys and values, causal", 212, (3, 5, 7, 7, 2, 3), shared=1, causal=True),
    ]
    write("torch-sdpa.json", FRAMEWORK, MADE, cases)


# ---- alignment functions, from their formulas ------------------------------------------------------------------------------------


def dot(q, k):
    return q @ k.T


def scaled_dot(q, k):
    return q @ k.T / math.sqrt(k.shape[-1])


def cosine(q, k, s):
    """s q.k / (|q| |k|); a zero vector scores 0 and has no gradient: its norm is never looked at."""
    squares = [(rows * rows).sum(-1) for rows in (q, k)]
    norms = [torch.where(square > 0, square, 1.0).sqrt() for square in squares]
    scores = s * (q @ k.T) / (norms[0][:, None] * norms[1])
    return torch.where((squares[0] > 0)[:, None] & (squares[1] > 0), scores, 0.0)


def negative_distance(q, k, sigma):
    return -((q[:, None] - k[None]) ** 2).sum(-1) / (2 * sigma**2)


def general(q, k, W):
    return q @ W @ k.T


def general_biased(q, k, W, b):
    return q @ W @ k.T + k @ b


def general_activated(q, k, W, b):
    return torch.tanh(q @ W @ k.T + b)


def additive(q, k, W_1, W_2, b, w):
    return torch.tanh((q @ W_1)[:, None] + (k @ W_2)[None] + b) @ w


def additive_unbiased(q, k, W_1, W_2, w):
    return torch.tanh((q @ W_1)[:, None] + (k @ W_2)[None]) @ w


def alignment_case(name, seed, align, d_q, d_k, *, shapes=(), positive=(), zeros=False, **options):
    """Scores S of 3 queries and 5 keys, and all gradients; `shapes` are those of the alignment's own parameters."""
    random = Random(seed)
    arrays = {"Q": random.normal(3, d_q, scale=1.2), "K": random.normal(5, d_k, scale=0.8, mean=0.3)}
    if zeros:
        arrays["Q"][1], arrays["K"][3] = 0.0, 0.0
    arrays |= random.parameters(dict(shapes))
    for parameter in positive:
        arrays[parameter] = abs(arrays[parameter]) + 0.5
    tensors = leaves(arrays)
    scores = align(*tensors.values())
    d_scores = random.normal(3, 5, scale=0.7)
    return case(name, {"seed": seed, **options}, arrays | {"dS": d_scores},
                {"S": scores.detach().numpy(), **gradients(scores, d_scores, tensors)})


def make_alignments():
    matrix = {"W": (7, 2)}
    pair = {"W_1": (7, 11), "W_2": (2, 11)}
    write("torch-alignments.json", FRAMEWORK, MADE, [
        alignment_case("dot", 301, dot, 7, 7, alignment="dot"),
        alignment_case("scaled dot", 302, scaled_dot, 7, 7, alignment="scaledDot"),
        alignment_case("cosine", 303, cosine, 7, 7, shapes={"s": ()}, positive=["s"], alignment="cosine"),
        alignment_case("cosine, with a zero query and a zero key", 304, cosine, 7, 7, shapes={"s": ()}, positive=["s"],
                       zeros=True, alignment="cosine"),
        alignment_case("negative distance", 305, negative_distance, 7, 7, shapes={"sigma": ()}, positive=["sigma"],
                       alignment="negativeDistance"),
        alignment_case("general", 306, general, 7, 2, shapes=matrix, alignment="general"),
        alignment_case("general with a key bias", 307, general_biased, 7, 2, shapes=matrix | {"b": (2,)},
                       alignment="general", bias="key"),
        alignment_case("general, activated, with a scalar bias", 308, general_activated, 7, 2, shapes=matrix | {"b": ()},
                       alignment="general", bias="scalar", activation="tanh"),
        alignment_case("additive", 309, additive, 7, 2, shapes=pair | {"b": (11,), "w": (11,)},
                       alignment="additive", hidden=11, bias=True),
        alignment_case("additive without bias", 310, additive_unbiased, 7, 2, shapes=pair | {"w": (11,)},
                       alignment="additive", hidden=11, bias=False),
    ])


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_mha()
    make_sdpa()
    make_alignments()
