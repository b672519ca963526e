"""Makes the .safetensors files by the format's own writer: python make_safetensors.py

tensors.safetensors: every type that memory holds as the file does, and float16; a tensor without numbers, one without axes, letters
beyond ASCII in the metadata. types.safetensors: every type that becomes another in memory, each beside a tensor of that other type with
the numbers as NumPy converts them. unread.safetensors: types that are not read, beside one that is.
"""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors import TensorSpec, serialize
from safetensors.numpy import save

FOLDER = Path(__file__).parent
random = np.random.default_rng(7)


def write(name, arrays):
    """Writes arrays, also of types that NumPy itself does not have."""
    kept = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
    specs = {key: TensorSpec(dtype=str(array.dtype), shape=list(array.shape), data_ptr=array.ctypes.data, data_len=array.nbytes)
             for key, array in kept.items()}
    (FOLDER / name).write_bytes(bytes(serialize(specs)))


def tensors_file():
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
    (FOLDER / "tensors.safetensors").write_bytes(save(tensors, metadata=metadata))


def types_file():
    # the ends of bfloat16, its least subnormal number, numbers that it rounds, and what is no number
    wide = np.array([[1, -2, 1 / 3, -0.0], [3.3895314e38, 2.0**-133, np.pi, 1e-30], [np.inf, -np.inf, np.nan, 257]])
    edges = {name: np.array([np.iinfo(name).min, -1 if np.iinfo(name).min else 1, 0, 7, np.iinfo(name).max], name)
             for name in ("int8", "int16", "uint16")}
    stored = {
        "BF16": wide.astype(ml_dtypes.bfloat16),
        "F16": np.array([[1, -2, 1 / 3], [65504, 2.0**-24, np.inf]], np.float16),
        "I8": edges["int8"],
        "I16": edges["int16"],
        "U16": edges["uint16"],
        "I64": np.array([[-(2**31), 2**31 - 1, 0], [-1, 1, 123456789]], np.int64),
        "BOOL": np.array([[True, False, True]]),
    }
    read = {"BF16": np.float32, "F16": np.float32, "BOOL": np.uint8}
    as_read = {f"{name} as read": array.astype(read.get(name, np.int32)) for name, array in stored.items()}
    write("types.safetensors", stored | as_read)


def unread_file():
    write("unread.safetensors", {
        "U32": np.array([1, 2**32 - 1], np.uint32),
        "U64": np.array([1, 2**64 - 1], np.uint64),
        "F8_E4M3": np.array([1, -2.5], ml_dtypes.float8_e4m3fn),
        "F8_E5M2": np.array([1, -2.5], ml_dtypes.float8_e5m2),
        "C64": np.array([1 + 2j], np.complex64),
        "F32": np.array([[1, -2.5]], np.float32),
    })


tensors_file()
types_file()
unread_file()
