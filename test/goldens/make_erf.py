"""Makes erf.json: erf, erfc, the exact GELU x Φ(x) and its slope Φ(x) + x φ(x), in 60 digits, rounded to float64.

    python make_erf.py
    python make_erf.py coefficients     # those of erfc in src/elementary.ts

The points lie near 0, around 1/2, where src/elementary.ts goes from a series to a polynomial, and far out.
"""

import sys
from importlib.metadata import version

import numpy as np
from mpmath import chebyfit, erf, erfc, exp, mp, mpf, pi, sqrt

from golden import case, write

mp.dps = 60


def scaled(u, middle=mpf("3.75")):
    """(x + 3.75) e^{x²} erfc(x) at u = (x − 3.75)/(x + 3.75)."""
    if u >= 1:
        return 1 / sqrt(pi)
    x = middle * (1 + u) / (1 - u)
    return (x + middle) * exp(x * x) * erfc(x) if x < 1e5 else (1 + middle / x) / sqrt(pi) * (1 - 1 / (2 * x * x))


def coefficients():
    found, error = chebyfit(scaled, [(mpf("0.5") - mpf("3.75")) / mpf("4.25"), 1], 24, error=True)
    print(f"worst error {mp.nstr(error, 2)}")
    for value in reversed(found):
        print(repr(float(value)))


def points():
    generator = np.random.default_rng(601)
    spread = np.concatenate([
        10.0 ** generator.uniform(-12, 0, 60), generator.uniform(0, 1, 80), generator.uniform(1, 6, 120),
        generator.uniform(6, 26, 60), 0.5 + np.array([-(2.0 ** -50), 0.0, 2.0 ** -50]), [0.0, 27.0],
    ])
    return np.concatenate([spread, -spread[spread != 0]])


def rounded(function, xs):
    return np.array([float(function(mpf(float(x)))) for x in xs])


def cumulative(x):
    return erfc(-x / sqrt(2)) / 2


def density(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


if __name__ == "__main__":
    if sys.argv[1:] == ["coefficients"]:
        coefficients()
    else:
        xs = points()
        write("erf.json", f"mpmath {version('mpmath')}", "python make_erf.py", [case("points", {"seed": 601}, {"X": xs}, {
            "erf": rounded(erf, xs),
            "erfc": rounded(erfc, xs),
            "gelu": rounded(lambda x: x * cumulative(x), xs),
            "slope": rounded(lambda x: cumulative(x) + x * density(x), xs),
        })])
