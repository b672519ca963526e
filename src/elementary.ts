/**
 * exp, log, tanh, erf, sin and cos from additions, multiplications and divisions alone.
 *
 * Engines may round Math.exp and the like differently; these give the same bits in all. Errors are
 * below 1.5 units in the last place over the whole range that each accepts, those of erf below 2.5
 * and of erfc below 5 (the tests measure them).
 */

// ln 2 in two pieces: the first has trailing zeros, so that k · LN2_HIGH is exact for |k| < 2^20
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
// π/2 in three pieces of 33 bits and a rest
const HALF_PI_1 = 1.5707963267341256
const HALF_PI_2 = 6.077100506303966e-11
const HALF_PI_3 = 2.0222662487111665e-21
const HALF_PI_REST = 8.4784276603689e-32

const SMALLEST_EXPONENT = -1074
const powersOfTwo = Float64Array.from({ length: 1024 - SMALLEST_EXPONENT }, () => 1)
for (let k = 1; k <= 1023; k++)
  powersOfTwo[k - SMALLEST_EXPONENT] = 2 * powersOfTwo[k - 1 - SMALLEST_EXPONENT]
for (let k = -1; k >= SMALLEST_EXPONENT; k--)
  powersOfTwo[k - SMALLEST_EXPONENT] = powersOfTwo[k + 1 - SMALLEST_EXPONENT] / 2
const powerOfTwo = (k: number): number => powersOfTwo[k - SMALLEST_EXPONENT]

const inverseFactorials = (from: number, to: number, step: number): number[] => {
  const terms: number[] = []
  let factorial = 1
  for (let n = 1; n <= to; n++) {
    factorial *= n
    if (n >= from && (n - from) % step === 0) terms.push(1 / factorial)
  }
  return terms
}

/** c₀ + c₁x + c₂x² + …, by Horner's rule. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let c = coefficients.length - 1; c >= 0; c--) sum = sum * x + coefficients[c]
  return sum
}

const [
  EXP_2,
  EXP_3,
  EXP_4,
  EXP_5,
  EXP_6,
  EXP_7,
  EXP_8,
  EXP_9,
  EXP_10,
  EXP_11,
  EXP_12,
  EXP_13,
  EXP_14,
] = inverseFactorials(2, 14, 1)
const SIN_TAIL = inverseFactorials(3, 19, 2).map((c, n) => (n % 2 === 0 ? -c : c))
const COS_TAIL = inverseFactorials(4, 18, 2).map((c, n) => (n % 2 === 0 ? c : -c))
const LOG_TAIL = Array.from({ length: 12 }, (_, n) => 2 / (2 * n + 3))

/**
 * eˣ − 1 for |x| ≤ ½ ln 2: x + x²(1/2! + x/3! + … + x¹²/14!), written out, for softmax spends its
 * time here.
 */
function expMinusOneNearZero(x: number): number {
  const high =
    EXP_8 + x * (EXP_9 + x * (EXP_10 + x * (EXP_11 + x * (EXP_12 + x * (EXP_13 + x * EXP_14)))))
  return (
    x +
    x * x * (EXP_2 + x * (EXP_3 + x * (EXP_4 + x * (EXP_5 + x * (EXP_6 + x * (EXP_7 + x * high))))))
  )
}

/**
 * eˣ, for every x: 0 below −745.2, ∞ above 709.79, NaN for NaN.
 *
 * x = k ln 2 + r with |r| ≤ ½ ln 2, then eˣ = 2ᵏ eʳ with eʳ by its series.
 */
export function exp(x: number): number {
  if (x !== x) return x
  if (x > 709.782712893384) return Infinity
  if (x < -745.1332191019412) return 0
  const k = Math.round(x * Math.LOG2E)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  const value = 1 + expMinusOneNearZero(r)
  // two factors, so that neither leaves the range where the product does not
  const half = k >> 1
  return value * powerOfTwo(half) * powerOfTwo(k - half)
}

const words = new Uint32Array(2)
const double = new Float64Array(words.buffer)

/**
 * Natural logarithm: −∞ at 0, NaN below 0.
 *
 * x = 2ᵏ(1 + f) with 1 + f in [√½, √2), s = f/(2 + f): ln(1 + f) = f − (f²/2 − s(f²/2 + R(s²))).
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  let k = 0
  let m = x
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984
    k = -54
  }
  double[0] = m
  k += (words[1] >>> 20) - 1023
  words[1] = (words[1] & 0xfffff) | 0x3ff00000
  m = double[0]
  if (m >= Math.SQRT2) {
    m /= 2
    k += 1
  }
  const f = m - 1
  const s = f / (2 + f)
  const z = s * s
  const halfSquare = 0.5 * f * f
  const tail = s * (halfSquare + z * polynomial(LOG_TAIL, z)) + k * LN2_LOW
  return k * LN2_HIGH - (halfSquare - tail - f)
}

// below it the fraction is short enough, above it 1 − 2/(e^{2x} + 1) loses nothing
const FRACTION_EDGE = 0.625
const ODD_NUMBERS = [17, 15, 13, 11, 9, 7, 5, 3]

/**
 * Hyperbolic tangent, for every x: near 0 by Lambert's fraction x/(1 + x²/(3 + x²/(5 + …))), 1 −
 * 2/(e^{2|x|} + 1) with the sign of x beyond.
 */
export function tanh(x: number): number {
  const y = Math.abs(x)
  if (!(y < FRACTION_EDGE)) return Math.sign(x) * (1 - 2 / (exp(2 * y) + 1))
  const z = y * y
  let fraction = ODD_NUMBERS[0]
  for (let n = 1; n < ODD_NUMBERS.length; n++) fraction = ODD_NUMBERS[n] + z / fraction
  // y/(1 + z/fraction), as y less a small number
  return Math.sign(x) * (y - (y * z) / (fraction + z))
}

/** Logistic function σ(x) = 1 / (1 + e^{−x}), without overflow on either side. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x))
  const e = exp(x)
  return e / (1 + e)
}

// below it the series is short enough, above it 1 − erfc loses nothing
const SERIES_EDGE = 0.5
const ERF_SERIES = inverseFactorials(1, 14, 1).map(
  (c, n) => ((n % 2 ? 1 : -1) * 1.1283791670955126 * c) / (2 * n + 3),
)
// what u = 0 stands for, and (x + 3.75) e^{x²} erfc(x) as a polynomial in u = (x − 3.75)/(x + 3.75):
// the best one for x ≥ ½, to 1.4e-18 (test/goldens/make_erf.py)
const ERFC_MIDDLE = 3.75
const ERFC = [
  1.0919229095627891, -0.9587415766529096, 0.7363189252217521, -0.49047029120767643,
  0.2790620490337519, -0.13195540117861215, 0.04911877861608577, -0.012535880039684212,
  0.0009863380693243956, 0.0007948230862715127, -0.0003486467805708781, 1.0594067767492666e-5,
  3.7471395992302765e-5, -8.904232418269426e-6, -3.2885984329602757e-6, 1.6567359835997818e-6,
  2.783717454160229e-7, -2.646983528868589e-7, -2.526282241261074e-8, 4.1013005191279994e-8,
  2.1543401849563705e-9, -5.5149564490700904e-9, -6.186988451060263e-12, 3.9157056373114527e-10,
]

/** Error function erf(x) = 2/√π ∫₀ˣ e^{−t²} dt: its series near 0, ±(1 − erfc |x|) beyond. */
export function erf(x: number): number {
  const y = Math.abs(x)
  if (!(y < SERIES_EDGE)) return Math.sign(x) * (1 - erfc(y))
  const z = x * x
  return x + x * (0.1283791670955126 + z * polynomial(ERF_SERIES, z))
}

/** Complementary error function 1 − erf(x), which keeps its digits where erf(x) is near 1. */
export function erfc(x: number): number {
  if (x < SERIES_EDGE) return x > -SERIES_EDGE ? 1 - erf(x) : 2 - erfc(-x)
  if (x > 28) return 0
  // z² is exact, so that a large square loses no digits of its power
  const z = Math.fround(x)
  const power = exp(-z * z) * exp((z - x) * (z + x))
  const u = (x - ERFC_MIDDLE) / (x + ERFC_MIDDLE)
  return (power * polynomial(ERFC, u)) / (x + ERFC_MIDDLE)
}

const LARGEST_ANGLE = 1e6

/** x = n π/2 + r with |r| ≤ π/4. Returns [n mod 4, r]. */
function quarterTurns(x: number): [number, number] {
  if (!(Math.abs(x) <= LARGEST_ANGLE))
    throw new RangeError(`sin, cos: the angle must lie within ±${LARGEST_ANGLE}, got ${x}`)
  const n = Math.round((x * 2) / Math.PI)
  const first = x - n * HALF_PI_1
  const second = n * HALF_PI_2
  const high = first - second
  const low = first - high - second - n * HALF_PI_3 - n * HALF_PI_REST
  return [((n % 4) + 4) % 4, high + low]
}

const sinNearZero = (r: number): number => r + r * r * r * polynomial(SIN_TAIL, r * r)

function cosNearZero(r: number): number {
  const z = r * r
  const half = 0.5 * z
  const w = 1 - half
  return w + (1 - w - half + z * z * polynomial(COS_TAIL, z))
}

/**
 * Sine of an angle in radians, |x| ≤ 10⁶; its absolute error is below 2⁻⁵².
 *
 * @throws {RangeError} beyond
 */
export function sin(x: number): number {
  const [n, r] = quarterTurns(x)
  const value = n % 2 === 0 ? sinNearZero(r) : cosNearZero(r)
  return n < 2 ? value : -value
}

/**
 * Cosine of an angle in radians, |x| ≤ 10⁶; its absolute error is below 2⁻⁵².
 *
 * @throws {RangeError} beyond
 */
export function cos(x: number): number {
  const [n, r] = quarterTurns(x)
  const value = n % 2 === 0 ? cosNearZero(r) : sinNearZero(r)
  return n === 0 || n === 3 ? value : -value
}
