"""Makes flax-mha.json: nnx.MultiHeadAttention of Flax.

    python make_flax.py

All numbers are float64; seeds are fixed, so that two runs write the same bytes. A gradient is named "d" and the name of what it
belongs to; it is the gradient of the sum of (output times dOutput). Parameters have Flax's own names, joined by "/".

The weights are sown on purpose: without `sow_weights` Flax takes a fused path whose softmax is float32 whatever the dtype
(off by 5e-8 when measured).
"""

import os

os.environ |= {"JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu"}

import jax.numpy as jnp  # noqa: E402
from flax import __version__ as flax_version  # noqa: E402
from flax import nnx  # noqa: E402

from golden import Random, case, differentiate_in_jax, write  # noqa: E402


def built(**sizes):
    """The layer in parts: graph, state of its parameters as {"query/kernel": value}, and the rest (its random stream)."""
    layer = nnx.MultiHeadAttention(dtype=jnp.float64, param_dtype=jnp.float64, use_bias=True, decode=False,
                                   rngs=nnx.Rngs(0), **sizes)
    graph, parameters, rest = nnx.split(layer, nnx.Param, ...)
    shapes = {"/".join(path): tuple(variable.shape) for path, variable in nnx.to_flat_state(parameters)}
    return graph, shapes, rest


def runner(graph, shapes, rest, names, causal):
    """A function of {name: array} that runs the layer with these parameters; it returns (output, attention weights)."""

    def run(given):
        flat = {tuple(name.split("/")): nnx.Param(given[name]) for name in shapes}
        layer = nnx.merge(graph, nnx.from_flat_state(flat), rest)
        output = layer(*(given[name] for name in names), is_causal=causal, deterministic=True, sow_weights=True)
        (weights,) = nnx.pop(layer, nnx.Intermediate)["attention_weights"].get_value()
        return output, weights

    return run


def camel(name):
    """num_heads to numHeads."""
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


def flax_case(name, seed, arrays_of, *, causal=False, **sizes):
    random = Random(seed)
    arrays = arrays_of(random)
    names = list(arrays)
    graph, shapes, rest = built(**sizes)
    arrays |= random.parameters(shapes)
    run = runner(graph, shapes, rest, names, causal)
    d_output, outputs = differentiate_in_jax(run, arrays, random)
    options = {"seed": seed, "causal": causal, "bias": True} | {camel(size): value for size, value in sizes.items()}
    return case(name, options, arrays | {"dOutput": d_output}, outputs)


def own_inputs(random):
    return {"X": random.normal(3, 5, 7, scale=1.3)}


def two_inputs(random):
    return {"inputs_q": random.normal(2, 3, 11, scale=1.3), "inputs_k": random.normal(2, 5, 7, scale=0.9)}


def make_flax():
    own = {"num_heads": 2, "in_features": 7, "qkv_features": 10, "out_features": 11}
    write("flax-mha.json", "flax " + flax_version, "python make_flax.py", [
        flax_case("self-attention, two heads", 901, own_inputs, **own),
        flax_case("self-attention, two heads, causal", 902, own_inputs, causal=True, **own),
        flax_case("cross-attention, six heads of queries and two of keys and values", 903, two_inputs, num_heads=6,
                  num_kv_heads=2, in_features=11, in_kv_features=7, qkv_features=18, out_features=5),
    ])


if __name__ == "__main__":
    make_flax()
