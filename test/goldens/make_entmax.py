"""Makes entmax.json: sparsemax, entmax15 and entmax(α) of the entmax package, and the same in many digits.

    python make_entmax.py

All numbers are float64; seeds are fixed, so that two runs write the same bytes. The package bisects in float64, so its weights
and gradients are not the nearest float64 values: "exactTo" is the largest difference from the same quantities computed here in
60 digits by mpmath, and "exactWeights", "exactDS", "exactDAlpha" are those, rounded to float64.
"""

from importlib.metadata import version

import entmax
import numpy as np
import torch
from mpmath import mp, mpf

from golden import Random, case, write

LENGTHS = [1, 2, 3, 7, 13]
ALPHAS = [1.05, 1.33, 1.5, 1.9, 2.0, 3.0]
ITERATIONS = 100
mp.dps = 60


# ---- in many digits --------------------------------------------------------------------------------------------------------------


def exact_weights(scores, alpha):
    """[(α−1)s − τ]₊^{1/(α−1)} with τ by bisection, well past 60 digits."""
    power = 1 / (alpha - 1)
    scaled = [(alpha - 1) * score for score in scores]
    low, high = max(scaled) - 1, max(scaled)

    def weights(tau):
        return [(score - tau) ** power if score > tau else mpf(0) for score in scaled]

    for _ in range(210):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(weights(middle)) >= 1 else (low, middle)
    return weights(low)


def exact_backward(weights, alpha, d_weights):
    """(dS, dα): the published gradients on the support, where Ã = A^{2−α} / Σ and H = −A ln A."""
    roots = [weight ** (2 - alpha) if weight > 0 else mpf(0) for weight in weights]
    skewed = [root / sum(roots) for root in roots]
    mean = sum(part * gradient for part, gradient in zip(skewed, d_weights))
    d_scores = [root * (gradient - mean) for root, gradient in zip(roots, d_weights)]
    entropies = [-weight * mp.log(weight) if weight > 0 else mpf(0) for weight in weights]
    slopes = [(weight - part) / (alpha - 1) ** 2 + (entropy - part * sum(entropies)) / (alpha - 1)
              for weight, part, entropy in zip(weights, skewed, entropies)]
    return d_scores, sum(slope * gradient for slope, gradient in zip(slopes, d_weights))


def exact(scores, alphas, d_weights):
    """Row by row, rounded to float64 at the very end."""
    found = {"exactWeights": [], "exactDS": [], "exactDAlpha": []}
    for row, alpha, gradient in zip(scores, alphas, d_weights):
        alpha = mpf(float(alpha))
        weights = exact_weights([mpf(float(score)) for score in row], alpha)
        d_scores, d_alpha = exact_backward(weights, alpha, [mpf(float(part)) for part in gradient])
        for name, value in zip(found, (weights, d_scores, [d_alpha])):
            found[name].append([float(part) for part in value])
    return {name: np.array(rows) for name, rows in found.items()}


# ---- the package -----------------------------------------------------------------------------------------------------------------


def rows_of(length, random):
    """Rows of scores: narrow, wide, all equal, spread over ±50, tied at the top, tied below the top."""
    narrow = random.normal(length, scale=0.3)
    if length == 1:
        return np.array([narrow])
    rows = [narrow, random.normal(length, scale=1.5), np.full(length, 0.7), random.normal(length, scale=20.0)]
    rows[3][[0, -1]] = 50.0, -50.0
    if length > 2:
        tied = random.normal(2, length, scale=0.6)
        tied[0, 1] = tied[0, 2] = tied[0].max()
        tied[1, 0] = tied[1, 1] = tied[1, 2] - 0.2
        rows += list(tied)
    return np.array(rows)


def packaged(function, scores, alphas, d_weights):
    """The package's weights and gradients; dAlpha (one per row) only where the function takes α."""
    tensors = {"dS": torch.tensor(scores, requires_grad=True)}
    if alphas is not None:
        tensors["dAlpha"] = torch.tensor(alphas, requires_grad=True)
    weights = function(*tensors.values())
    found = torch.autograd.grad((weights * torch.tensor(d_weights)).sum(), list(tensors.values()))
    return {"weights": weights.detach().numpy(),
            **{name: gradient.numpy() for name, gradient in zip(tensors, found)}}


def sorted_case(name, function, seed, length, alpha):
    """sparsemax or entmax15: found by sorting, no α to learn."""
    random = Random(seed)
    scores = rows_of(length, random)
    d_weights = random.normal(*scores.shape, scale=0.8)
    outputs = packaged(lambda rows: function(rows, dim=-1), scores, None, d_weights)
    truth = exact(scores, [alpha] * len(scores), d_weights)
    difference = max(abs(outputs["weights"] - truth["exactWeights"]).max(), abs(outputs["dS"] - truth["exactDS"]).max())
    options = {"seed": seed, "distribution": name, "exactTo": float(difference)}
    return case(f"{name} of {length} scores", options, {"S": scores, "dA": d_weights}, outputs)


def bisected_case(title, seed, length, alpha_of):
    """entmax_bisect with one α per row, so that each row has its own dAlpha."""
    random = Random(seed)
    scores = rows_of(length, random)
    d_weights = random.normal(*scores.shape, scale=0.8)
    alphas = alpha_of(random, len(scores)).reshape(-1, 1)
    outputs = packaged(lambda rows, alpha: entmax.entmax_bisect(rows, alpha, n_iter=ITERATIONS), scores, alphas, d_weights)
    truth = exact(scores, alphas.ravel(), d_weights)
    pairs = zip(outputs.values(), truth.values())
    difference = max(abs(package - digits).max() for package, digits in pairs)
    options = {"seed": seed, "distribution": "entmax", "iterations": ITERATIONS, "exactTo": float(difference)}
    return case(f"{title} of {length} scores", options, {"S": scores, "alpha": alphas, "dA": d_weights}, outputs | truth)


def constant(alpha):
    return lambda random, count: np.full(count, alpha)


def mixed(random, count):
    return np.round(1.1 + 1.6 * random.generator.random(count), 5)


def make_entmax():
    cases = []
    for length in LENGTHS:
        cases.append(sorted_case("sparsemax", entmax.sparsemax, 600 + length, length, 2.0))
        cases.append(sorted_case("entmax15", entmax.entmax15, 620 + length, length, 1.5))
    for place, alpha in enumerate(ALPHAS):
        for length in LENGTHS:
            cases.append(bisected_case(f"entmax({alpha})", 640 + 20 * place + length, length, constant(alpha)))
    cases.append(bisected_case("entmax, another α per row,", 790, 7, mixed))
    write("entmax.json", "entmax " + version("entmax"), "python make_entmax.py", cases)


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_entmax()
