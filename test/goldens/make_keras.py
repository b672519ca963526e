"""Makes keras-attention.json: AdditiveAttention and MultiHeadAttention of Keras 3, on its JAX backend.

    python make_keras.py

All numbers are float64; seeds are fixed, so that two runs write the same bytes. A gradient is named "d" and the name of what it
belongs to; it is the gradient of the sum of (output times dOutput). Parameters have Keras's own names (query/kernel, …).

Keras is changed in one place: outside TensorFlow its table of result types sends float64 to float32, so that keras.ops.tanh (and
with it AdditiveAttention) would be off by 3e-7. `keep_float64` mends that entry; MultiHeadAttention is the same to the byte.
"""

import os

os.environ |= {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu"}

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

from golden import Random, case, differentiate_in_jax, write  # noqa: E402


def keep_float64():
    """Float64 for weights and activations, and for the results of operations, which Keras would make float32."""
    keras.config.set_floatx("float64")
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    assert keras.ops.tanh(np.ones(1)).dtype == np.float64


def additive_case(name, seed, masked):
    """Two Dense layers without bias before AdditiveAttention: the score is scale · tanh(W_1ᵀ q + W_2ᵀ k)."""
    random = Random(seed)
    arrays = {"query": random.normal(2, 3, 5, scale=1.2), "value": random.normal(2, 7, 3, scale=1.5),
              "key": random.normal(2, 7, 13, scale=0.8)}
    arrays |= random.parameters({"query/kernel": (5, 11), "key/kernel": (13, 11), "attention/scale": (11,)})
    mask = np.arange(7)[None, :] < np.array([[7], [4]]) if masked else None
    dense = {part: keras.layers.Dense(11, use_bias=False, name=part) for part in ("query", "key")}
    attention = keras.layers.AdditiveAttention(use_scale=True, name="attention")
    for part, layer in dense.items():
        layer.build(arrays[part].shape)
    attention.build([(2, 3, 11), (2, 7, 3), (2, 7, 11)])

    def run(given):
        query, key = (layer.stateless_call([given[part + "/kernel"]], [], given[part])[0] for part, layer in dense.items())
        outputs, _ = attention.stateless_call([given["attention/scale"]], [], [query, given["value"], key],
                                              mask=[None, mask] if masked else None, return_attention_scores=True)
        return outputs

    d_output, outputs = differentiate_in_jax(run, arrays, random)
    options = {"seed": seed, "layer": "AdditiveAttention", "useScale": True, "hidden": 11,
               "changed": "result types keep float64"}
    options |= {"valueMask": "true = attend"} if masked else {}
    inputs = arrays | ({"valueMask": mask} if masked else {}) | {"dOutput": d_output}
    return case(name, options, inputs, outputs)


def attention_mask(random, n, t, s):
    """Random, true = attend, with at least one key for every query."""
    mask = random.booleans(n, t, s, chance=0.6)
    mask[..., 0] |= ~mask.any(-1)
    return mask


def query_value_key(given):
    """In Keras's order; X stands for all three in self-attention."""
    return [given["X"] if "X" in given else given[part] for part in ("query", "value", "key")]


def multi_head(heads, key_dim, value_dim, output_shape, arrays):
    """The layer, built for these inputs, and its weights' shapes under Keras's names."""
    layer = keras.layers.MultiHeadAttention(num_heads=heads, key_dim=key_dim, value_dim=value_dim, use_bias=True,
                                            output_shape=output_shape, name="layer")
    layer.build(*(part.shape for part in query_value_key(arrays)))
    return layer, {weight.path.removeprefix("layer/"): tuple(weight.shape) for weight in layer.trainable_variables}


def multi_head_case(name, seed, arrays_of, *, heads, key_dim, value_dim, output_shape=None, masked=False):
    random = Random(seed)
    arrays = arrays_of(random)
    layer, shapes = multi_head(heads, key_dim, value_dim, output_shape, arrays)
    arrays |= random.parameters(shapes)
    mask = attention_mask(random, 2, 5, 7) if masked else None

    def run(given):
        outputs, _ = layer.stateless_call([given[weight] for weight in shapes], [], *query_value_key(given),
                                          attention_mask=mask, return_attention_scores=True)
        return outputs

    d_output, outputs = differentiate_in_jax(run, arrays, random)
    options = {"seed": seed, "layer": "MultiHeadAttention", "numHeads": heads, "keyDim": key_dim, "valueDim": value_dim,
               "bias": True}
    options |= {"attentionMask": "true = attend"} if masked else {}
    inputs = arrays | ({"attentionMask": mask} if masked else {}) | {"dOutput": d_output}
    return case(name, options, inputs, outputs)


def own_inputs(random):
    return {"X": random.normal(2, 5, 7, scale=1.3)}


def three_inputs(random):
    return {"query": random.normal(2, 5, 11, scale=1.3), "value": random.normal(2, 7, 13, scale=0.9, mean=0.2),
            "key": random.normal(2, 7, 17, scale=1.1)}


def make_keras():
    write("keras-attention.json", "keras " + keras.__version__, "python make_keras.py", [
        additive_case("additive attention", 801, masked=False),
        additive_case("additive attention, texts of 7 and 4 values", 802, masked=True),
        multi_head_case("self-attention, three heads, values wider than keys", 803, own_inputs,
                        heads=3, key_dim=2, value_dim=5),
        multi_head_case("cross-attention, three heads, a mask, another output width", 804, three_inputs,
                        heads=3, key_dim=2, value_dim=5, output_shape=7, masked=True),
    ])


if __name__ == "__main__":
    keep_float64()
    make_keras()
