"""What every make_*.py shares: seeded float64 inputs, and the writer of golden files.

A golden file holds the inputs, options and outputs of a real framework, in float64, so that another implementation can be held
to its numbers. Inputs are rounded to five decimals, which keeps the files small; outputs are written in full (the shortest
digits that read back to the same float64).
"""

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent


class Random:
    """A seeded source of inputs: the same seed gives the same numbers on every run."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)

    def normal(self, *shape, scale=1.0, mean=0.0):
        return np.round(mean + scale * self.generator.normal(size=shape), 5)

    def integers(self, low, high, *shape):
        return self.generator.integers(low, high, size=shape)

    def booleans(self, *shape, chance=0.5):
        return self.generator.random(size=shape) < chance

    def parameters(self, shapes):
        """Values for a framework's parameters, {name: shape}, each with a scale and a mean of its own (no bias is zero)."""
        return {name: self.normal(*shape, scale=0.3 + 0.05 * place, mean=0.02 * place)
                for place, (name, shape) in enumerate(shapes.items())}


def entry(values):
    """One array as {"shape", "data"}: row-major, floats in float64, booleans as 0 and 1."""
    array = np.asarray(values)
    if array.dtype.kind == "f":
        assert array.dtype == np.float64, array.dtype
        assert np.isfinite(array).all()
    else:
        array = array.astype(np.int64)
    return {"shape": list(array.shape), "data": array.ravel().tolist()}


def case(name, options, inputs, outputs):
    return {
        "name": name,
        "options": options,
        "inputs": {key: entry(values) for key, values in inputs.items()},
        "outputs": {key: entry(values) for key, values in outputs.items()},
    }


def differentiate_in_jax(run, arrays, random):
    """Runs `run` ({name: array} to (output, weights)); returns (dOutput, outputs), these with "dName" for every array.

    The gradients are those of the sum of (output times the random dOutput).
    """
    import jax

    output, backward, weights = jax.vjp(run, arrays, has_aux=True)
    d_output = random.normal(*output.shape, scale=0.7)
    (found,) = backward(jax.numpy.asarray(d_output))
    return d_output, {"output": output, "weights": weights, **{"d" + name: found[name] for name in arrays}}


def write(file, framework, made, cases):
    """One case per line, so that a changed case is a changed line."""
    head = json.dumps({"framework": framework, "made": made})[:-1]
    lines = ",\n".join(json.dumps(one, separators=(",", ":"), allow_nan=False) for one in cases)
    text = f'{head}, "cases": [\n{lines}\n]}}\n'
    (FOLDER / file).write_text(text, encoding="utf-8")
    print(f"{file}: {len(cases)} cases, {len(text.encode())} bytes")
