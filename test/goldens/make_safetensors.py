"""Makes tensors.safetensors by the format's own writer: python make_safetensors.py

Every type that the library writes, a tensor without numbers, one without axes, letters beyond ASCII in the metadata.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save

random = np.random.default_rng(7)
tensors = {
    "layers.0.W_Q": random.standard_normal((3, 5)).astype(np.float32),
    "words.E": random.standard_normal((7, 3)).astype(np.float32),
    "a": random.standard_normal((2,)).astype(np.float64),
    "places": np.arange(5, dtype=np.int32) - 2,
    "halves": np.array([1, -2, 1 / 3, 65504, 2.0**-24, -0.0], dtype=np.float16),
    "flags": np.array([0, 1, 1], dtype=np.uint8),
    "empty": np.zeros((0, 3), np.float32),
    "number": np.array(1.5, dtype=np.float32),
}
metadata = {"regard": json.dumps({"version": 1, "words": ["été", "l’"]}, ensure_ascii=False)}
Path(__file__).with_name("tensors.safetensors").write_bytes(save(tensors, metadata=metadata))
