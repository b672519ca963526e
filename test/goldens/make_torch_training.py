"""Makes torch-optim.json and torch-layers.json: PyTorch's optimisers and the small layers around attention.

    python make_torch_training.py

All numbers are float64; seeds are fixed, so that two runs write the same bytes. A gradient is named "d" and the name of what it
belongs to.
"""

import torch
from torch.nn import functional

from golden import Random, case, write
from make_torch_attention import FRAMEWORK, gradients, leaves

MADE = "python make_torch_training.py"
STEPS = 5


# ---- optimisers ------------------------------------------------------------------------------------------------------------------


def steps_of(optimiser, parameter, step_gradients):
    """Takes one step per gradient; returns {"after0": parameter after the first step, …}."""
    after = {}
    for step, gradient in enumerate(step_gradients):
        parameter.grad = gradient
        optimiser.step()
        after[f"after{step}"] = parameter.detach().numpy().copy()
    return after


def dense_case(name, seed, make, shape, **options):
    random = Random(seed)
    start = random.normal(*shape)
    dense = {f"grad{step}": random.normal(*shape, scale=0.1 * 3**step) for step in range(STEPS)}
    parameter = torch.tensor(start, requires_grad=True)
    after = steps_of(make([parameter]), parameter, [torch.tensor(gradient) for gradient in dense.values()])
    return case(name, {"seed": seed, **options}, {"parameter": start} | dense, after)


def sparse_case(name, seed, rows_per_step, shape, **options):
    """SparseAdam: grad0 holds the gradients of rows0, in that order, and so on; a row that comes twice gets their sum."""
    random = Random(seed)
    start = random.normal(*shape)
    rows = {f"rows{step}": torch.tensor(touched, dtype=torch.int64) for step, touched in enumerate(rows_per_step)}
    values = {f"grad{step}": random.normal(len(touched), shape[1], scale=0.1 * 3**step)
              for step, touched in enumerate(rows_per_step)}
    sparse = [torch.sparse_coo_tensor(touched[None], torch.tensor(value), shape, check_invariants=True)
              for touched, value in zip(rows.values(), values.values())]
    parameter = torch.tensor(start, requires_grad=True)
    optimiser = torch.optim.SparseAdam([parameter], lr=0.01, betas=(0.9, 0.98), eps=1e-8)
    after = steps_of(optimiser, parameter, sparse)
    return case(name, {"seed": seed, **options}, {"parameter": start} | rows | values, after)


def clip_case(name, seed, max_norm):
    random = Random(seed)
    before = {"grad0": random.normal(3, 5, scale=2.0), "grad1": random.normal(7, scale=0.4)}
    parameters = [torch.zeros_like(torch.tensor(gradient), requires_grad=True) for gradient in before.values()]
    for parameter, gradient in zip(parameters, before.values()):
        parameter.grad = torch.tensor(gradient)
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    after = {f"clipped{place}": parameter.grad.numpy() for place, parameter in enumerate(parameters)}
    return case(name, {"seed": seed, "optimiser": "clip_grad_norm_", "maxNorm": max_norm}, before,
                {"norm": norm.numpy(), **after})


def adamw_case():
    def make(parameters):
        return torch.optim.AdamW(parameters, lr=0.01, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01)

    return dense_case("AdamW on a dense matrix", 401, make, (3, 5), optimiser="AdamW", lr=0.01, beta1=0.9, beta2=0.98,
                      eps=1e-8, weightDecay=0.01)


def sgd_case(name, seed, momentum):
    def make(parameters):
        return torch.optim.SGD(parameters, lr=0.01, momentum=momentum, weight_decay=0.05)

    return dense_case(name, seed, make, (3, 5), optimiser="SGD", lr=0.01, momentum=momentum, weightDecay=0.05)


def make_optim():
    adam = {"optimiser": "SparseAdam", "lr": 0.01, "beta1": 0.9, "beta2": 0.98, "eps": 1e-8}
    write("torch-optim.json", FRAMEWORK, MADE, [
        adamw_case(),
        sparse_case("SparseAdam, other rows at every step", 402, [[0, 2], [2, 5, 6], [1], [0, 1, 5], [2, 4]], (7, 3), **adam),
        sparse_case("SparseAdam, rows that repeat and a step without rows", 403, [[3, 1, 3], [0], [], [4, 4, 4, 0], [1, 3]],
                    (5, 2), **adam),
        sgd_case("SGD without momentum", 404, 0.0),
        sgd_case("SGD with momentum", 405, 0.9),
        clip_case("clip_grad_norm_ to a norm below the gradients'", 406, 1.5),
        clip_case("clip_grad_norm_ to a norm above the gradients'", 407, 100.0),
    ])


# ---- layers ----------------------------------------------------------------------------------------------------------------------


def norm_case():
    random = Random(501)
    arrays = {"X": random.normal(2, 5, 7, scale=1.5, mean=0.4), "gain": random.normal(7, scale=0.3, mean=1.0),
              "bias": random.normal(7, scale=0.5)}
    tensors = leaves(arrays)
    output = functional.layer_norm(tensors["X"], (7,), tensors["gain"], tensors["bias"], eps=1e-5)
    d_output = random.normal(2, 5, 7, scale=0.7)
    return case("layer norm", {"seed": 501, "layer": "LayerNorm", "eps": 1e-5}, arrays | {"dOutput": d_output},
                {"output": output.detach().numpy(), **gradients(output, d_output, tensors)})


def activation_case(name, seed, activation, layer):
    """Values near zero, of size one and far out (±37), and zero itself, so that the flat ends are seen."""
    random = Random(seed)
    x = (random.normal(5, 7) * [[0.01], [0.5], [1.0], [3.0], [12.0]]).round(5)
    x[4, :3] = 37.0, -37.0, 0.0
    tensors = leaves({"X": x})
    output = activation(tensors["X"])
    d_output = random.normal(5, 7, scale=0.7)
    return case(name, {"seed": seed, "layer": layer}, {"X": x, "dOutput": d_output},
                {"output": output.detach().numpy(), **gradients(output, d_output, tensors)})


def gelu_tanh(x):
    return functional.gelu(x, approximate="tanh")


def loss_case(name, seed, reduction, bias):
    """Cross-entropy of 5 rows over 7 classes from the logits C Eᵀ (+ b)."""
    random = Random(seed)
    arrays = {"C": random.normal(5, 3, scale=1.4), "E": random.normal(7, 3, scale=0.9)}
    if bias:
        arrays["b"] = random.normal(7, scale=0.5)
    targets = random.integers(0, 7, 5)
    tensors = leaves(arrays)
    logits = tensors["C"] @ tensors["E"].T
    if bias:
        logits = logits + tensors["b"]
    loss = functional.cross_entropy(logits, torch.tensor(targets), reduction=reduction)
    return case(name, {"seed": seed, "layer": "cross_entropy", "reduction": reduction, "bias": bias},
                arrays | {"targets": targets}, {"loss": loss.detach().numpy(), **gradients(loss, 1.0, tensors)})


def embedding_case():
    random = Random(511)
    table = {"E": random.normal(7, 3)}
    ids = torch.tensor([[4, 1, 4, 0, 6], [4, 6, 2, 2, 0]])
    tensors = leaves(table)
    output = functional.embedding(ids, tensors["E"])
    d_output = random.normal(2, 5, 3, scale=0.7)
    return case("embedding, words that repeat and words that do not occur", {"seed": 511, "layer": "embedding"},
                table | {"ids": ids, "dOutput": d_output},
                {"output": output.detach().numpy(), **gradients(output, d_output, tensors)})


def make_layers():
    write("torch-layers.json", FRAMEWORK, MADE, [
        norm_case(),
        activation_case("GELU, tanh form", 502, gelu_tanh, "gelu tanh"),
        activation_case("ReLU", 503, functional.relu, "relu"),
        activation_case("tanh", 504, torch.tanh, "tanh"),
        activation_case("sigmoid", 505, torch.sigmoid, "sigmoid"),
        activation_case("SiLU", 506, functional.silu, "silu"),
        loss_case("cross-entropy, summed", 507, "sum", False),
        loss_case("cross-entropy, summed, with a bias per class", 508, "sum", True),
        loss_case("cross-entropy, mean", 509, "mean", False),
        loss_case("cross-entropy, mean, with a bias per class", 510, "mean", True),
        embedding_case(),
    ])


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_optim()
    make_layers()
