"""Makes sklearn-groups.json: agreement of groupings with labels, and silhouettes by cosine, of scikit-learn.

    python make_sklearn.py

All numbers are float64; seeds are fixed, so that two runs write the same bytes.
"""

from importlib.metadata import version

import numpy as np
from sklearn import metrics

from golden import Random, case, write


def agreement_case(name, groups, labels):
    groups, labels = np.asarray(groups), np.asarray(labels)
    homogeneity, completeness, v_measure = metrics.homogeneity_completeness_v_measure(labels, groups)
    outputs = {"homogeneity": homogeneity, "completeness": completeness, "vMeasure": v_measure,
               "adjustedRand": metrics.adjusted_rand_score(labels, groups)}
    return case(name, {"kind": "agreement"}, {"groups": groups, "labels": labels},
                {key: np.array([float(value)]) for key, value in outputs.items()})


def silhouette_case(name, seed, count, width, groups):
    random = Random(seed)
    rows = random.normal(count, width)
    of = np.arange(count) % groups
    rows[:, 0] += 1.5 * of
    return case(name, {"kind": "silhouette", "seed": seed}, {"rows": rows, "of": of},
                {"silhouettes": metrics.silhouette_samples(rows, of, metric="cosine")})


def make_sklearn():
    random = Random(900)
    cases = [
        agreement_case("the same grouping under other names", [0, 0, 1, 1, 2], [5, 5, 3, 3, 4]),
        agreement_case("one group of two labels", [0, 0, 0, 0], [0, 1, 0, 1]),
        agreement_case("every member alone", [0, 1, 2, 3, 4], [0, 0, 1, 1, 1]),
        agreement_case("crossed", [0, 0, 1, 1], [0, 1, 0, 1]),
        agreement_case("one group, one label", [0, 0, 0], [1, 1, 1]),
    ]
    for count, groups, labels in [(7, 2, 3), (31, 3, 2), (101, 5, 7), (997, 11, 4)]:
        cases.append(agreement_case(f"{count} at random", random.integers(0, groups, count), random.integers(0, labels, count)))
    noisy = random.integers(0, 3, 211)
    cases.append(agreement_case("211, mostly right", np.where(random.booleans(211, chance=0.9), noisy, 0), noisy))
    for seed, count, width, groups in [(910, 13, 3, 2), (911, 41, 7, 3), (912, 97, 5, 5)]:
        cases.append(silhouette_case(f"silhouettes of {count} in {groups} groups", seed, count, width, groups))
    write("sklearn-groups.json", "scikit-learn " + version("scikit-learn"), "python make_sklearn.py", cases)


if __name__ == "__main__":
    make_sklearn()
