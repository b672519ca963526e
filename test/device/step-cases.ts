import type { AdamW, Device, Handle, Sgd } from '../../src/device/device.ts'
import { drops } from '../../src/device/reference/dropout.ts'
import { Random } from '../../src/random.ts'
import { type Numbers, Tensor } from '../../src/tensor.ts'

/**
 * One call of an operation on a device, and the same by plain loops that round every number to
 * float32.
 */
export interface Case {
  readonly name: string
  readonly inputs: readonly Tensor[]
  /** Numbers in a row of each output. */
  readonly columns: readonly number[]
  /** Enqueues it. @returns its outputs */
  run(device: Device, inputs: readonly Handle[]): Handle[]
  loops(inputs: readonly Numbers[]): Float32Array[]
}

const f = Math.fround
export const floats = (length: number): Float32Array => new Float32Array(length)
export const places = (numbers: readonly number[]): Tensor =>
  new Tensor([numbers.length], Int32Array.from(numbers))
export const randomOf = (...sizes: readonly (number | string)[]): Random =>
  new Random(7919, sizes.join(' '))
export const copyOf = (X: Numbers): Float32Array => Float32Array.from(X)
const each = (length: number, number: (n: number) => number): Float32Array =>
  floats(length).map((_, n) => number(n))

/** Calls f with each row and column and its place. */
function grid(rows: number, columns: number, f: (r: number, c: number, n: number) => void): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) f(r, c, r * columns + c)
}

function sumsOfColumns(X: Numbers, rows: number, columns: number): Float32Array {
  const sums = floats(columns)
  grid(rows, columns, (_, c, n) => {
    sums[c] += X[n]
  })
  return sums
}

export function combineCase(rows: number, columns: number): Case {
  const random = randomOf('combine', rows, columns)
  const [a, b] = [0.3, -1.7]
  return {
    name: `combine ${rows} × ${columns}`,
    inputs: [random.normals([rows, columns]), random.normals([rows, columns])],
    columns: [columns],
    run: (device, [A, B]) => {
      const C = device.allocate([rows, columns])
      device.combine(a, A, b, B, C)
      return [C]
    },
    loops: ([A, B]) => [each(A.length, (n) => f(f(f(a) * A[n]) + f(f(b) * B[n])))],
  }
}

export function addBiasCase(rows: number, columns: number): Case {
  const random = randomOf('addBias', rows, columns)
  return {
    name: `addBias ${rows} × ${columns}`,
    inputs: [random.normals([rows, columns]), random.normals([columns])],
    columns: [columns],
    run: (device, [X, b]) => {
      const Y = device.allocate([rows, columns])
      device.addBias(X, b, Y)
      return [Y]
    },
    loops: ([X, b]) => [each(X.length, (n) => f(X[n] + b[n % columns]))],
  }
}

export function columnSumsCase(rows: number, columns: number): Case {
  return {
    name: `sums of columns ${rows} × ${columns}`,
    inputs: [randomOf('columnSums', rows, columns).normals([rows, columns])],
    columns: [columns],
    run: (device, [dY]) => {
      const db = device.allocate([columns])
      device.sum('rows', dY, db)
      return [db]
    },
    loops: ([dY]) => [sumsOfColumns(dY, rows, columns)],
  }
}

const EPSILON = 1e-5

/** Mean and 1/√(variance + ε) of one row. */
function moments(X: Numbers, r: number, columns: number): [number, number] {
  let sum = 0
  for (let c = 0; c < columns; c++) sum = f(sum + X[r * columns + c])
  const mean = f(sum / columns)
  let squares = 0
  for (let c = 0; c < columns; c++) squares = f(squares + f(f(X[r * columns + c] - mean) ** 2))
  return [mean, f(1 / f(Math.sqrt(f(f(squares / columns) + f(EPSILON)))))]
}

/** Rows around `mean`. */
const around = (X: Tensor, mean: number): Tensor =>
  new Tensor(
    X.shape,
    copyOf(X.data).map((x) => x + mean),
  )

export function normalizeCase(rows: number, columns: number, mean = 0): Case {
  const random = randomOf('normalize', rows, columns)
  return {
    name: `normalize ${rows} × ${columns} around ${mean}`,
    inputs: [
      around(random.normals([rows, columns]), mean),
      random.normals([columns]),
      random.normals([columns]),
    ],
    columns: [columns],
    run: (device, [X, gain, bias]) => {
      const Y = device.allocate([rows, columns])
      device.normalize(X, gain, bias, EPSILON, Y)
      return [Y]
    },
    loops: ([X, gain, bias]) => {
      const Y = floats(X.length)
      grid(rows, columns, (r, c, n) => {
        const [mean, scale] = moments(X, r, columns)
        Y[n] = f(f(gain[c] * f(X[n] - mean)) * scale) + bias[c]
      })
      return [Y]
    },
  }
}

export function normalizeBackwardCase(rows: number, columns: number, mean = 0): Case {
  const random = randomOf('normalizeBackward', rows, columns)
  return {
    name: `normalizeBackward ${rows} × ${columns} around ${mean}`,
    inputs: [
      random.normals([rows, columns]),
      around(random.normals([rows, columns]), mean),
      random.normals([columns]),
    ],
    columns: [columns, columns, columns],
    run: (device, [dY, X, gain]) => {
      const [dX, dGain, dBias] = [
        device.allocate([rows, columns]),
        device.allocate([columns]),
        device.allocate([columns]),
      ]
      device.normalizeBackward(dY, X, gain, EPSILON, { dX, dGain, dBias })
      return [dX, dGain, dBias]
    },
    loops: ([dY, X, gain]) => {
      const [dX, dGain] = [floats(X.length), floats(columns)]
      for (let r = 0; r < rows; r++) {
        const [mean, scale] = moments(X, r, columns)
        const from = r * columns
        const x = each(columns, (c) => f(f(X[from + c] - mean) * scale))
        const g = each(columns, (c) => f(gain[c] * dY[from + c]))
        const gMean = f(g.reduce((sum, y) => f(sum + y), 0) / columns)
        const gxMean = f(g.reduce((sum, y, c) => f(sum + f(y * x[c])), 0) / columns)
        for (let c = 0; c < columns; c++) {
          dX[from + c] = f(f(f(g[c] - gMean) - f(x[c] * gxMean)) * scale)
          dGain[c] += f(dY[from + c] * x[c])
        }
      }
      return [dX, dGain, sumsOfColumns(dY, rows, columns)]
    },
  }
}

export function dropoutCase(rows: number, columns: number): Case {
  const settings = { rate: 0.3, seed: 2 ** 40 + 11, stream: 0x9e3779b9, step: 17 }
  const dropped = drops(settings)
  return {
    name: `dropout ${rows} × ${columns}`,
    inputs: [randomOf('dropout', rows, columns).normals([rows, columns])],
    columns: [columns],
    run: (device, [X]) => {
      const Y = device.allocate([rows, columns])
      device.dropout(X, settings, Y)
      return [Y]
    },
    loops: ([X]) => [each(X.length, (n) => (dropped(n) ? 0 : f(X[n] / f(1 - settings.rate))))],
  }
}

/** Places in a table of so many rows, −1 among them. */
const somePlaces = (random: Random, count: number, rows: number): number[] =>
  Array.from({ length: count }, () => random.integer(rows + 1) - 1)

export function gatherCase(
  rows: number,
  columns: number,
  accumulate: boolean,
  tableRows = 7,
): Case {
  const random = randomOf('gather', rows, columns)
  return {
    name: `gather ${rows} × ${columns}${accumulate ? ', accumulating' : ''}`,
    inputs: [
      random.normals([tableRows, columns]),
      places(somePlaces(random, rows, tableRows)),
      random.normals([rows, columns]),
    ],
    columns: [columns],
    run: (device, [table, at, Y]) => {
      device.gather(table, at, Y, { accumulate })
      return [Y]
    },
    loops: ([table, at, Y]) => {
      const row = (r: number, c: number) => (at[r] < 0 ? 0 : table[at[r] * columns + c])
      return [
        each(Y.length, (n) =>
          f((accumulate ? Y[n] : 0) + row(Math.floor(n / columns), n % columns)),
        ),
      ]
    },
  }
}

export interface SumRowsKind {
  readonly factors: boolean
  readonly accumulate: boolean
}

export function sumRowsCase(
  rows: number,
  columns: number,
  occurrences: number,
  { factors, accumulate }: SumRowsKind,
): Case {
  const random = randomOf('sumRows', rows, columns, occurrences)
  const from = 11
  const cuts = Array.from({ length: rows }, () => random.integer(occurrences + 1)).sort(
    (a, b) => a - b,
  )
  const starts = rows ? [0, ...cuts.slice(0, -1), occurrences] : [0]
  const named = Array.from({ length: occurrences }, () => random.integer(from))
  return {
    name: `sumRows ${rows} × ${columns} of ${occurrences}${factors ? ', factors' : ''}${accumulate ? ', accumulating' : ''}`,
    inputs: [
      random.normals([from, columns]),
      places(starts),
      places(named),
      random.normals([rows, columns]),
      ...(factors ? [random.normals([occurrences])] : []),
    ],
    columns: [columns],
    run: (device, [X, starts, occurrences, Y, factors]) => {
      device.sumRows(X, { starts, occurrences, ...(factors && { factors }) }, Y, { accumulate })
      return [Y]
    },
    loops: ([X, starts, occurrences, given, by]) => {
      const Y = accumulate ? copyOf(given) : floats(given.length)
      grid(rows, columns, (r, c, n) => {
        for (let o = starts[r]; o < starts[r + 1]; o++)
          Y[n] += f((by ? by[o] : 1) * X[occurrences[o] * columns + c])
      })
      return [Y]
    },
  }
}

export function squaredNormCase(sizes: readonly number[]): Case {
  const random = randomOf('squaredNorm', ...sizes)
  return {
    name: `squaredNorm ${sizes}`,
    inputs: sizes.map((size) => random.normals([size])),
    columns: [1],
    run: (device, arrays) => {
      const out = device.allocate([1])
      device.squaredNorm(arrays, out)
      return [out]
    },
    loops: (arrays) => {
      let sum = 0
      for (const X of arrays) for (const x of X) sum = f(sum + f(x * x))
      return [Float32Array.of(sum)]
    },
  }
}

export function clipCase(sizes: readonly number[], largest: number): Case {
  const random = randomOf('clip', ...sizes)
  return {
    name: `clip ${sizes} to ${largest}`,
    inputs: [new Tensor([1], Float32Array.of(17)), ...sizes.map((size) => random.normals([size]))],
    columns: sizes.map((size) => size || 1),
    run: (device, [squares, ...arrays]) => {
      device.clip(arrays, squares, largest)
      return arrays
    },
    loops: ([squares, ...arrays]) => {
      const factor = f(Math.min(1, largest / (Math.sqrt(squares[0]) + 1e-6)))
      return arrays.map((X) => copyOf(X).map((x) => f(factor * x)))
    },
  }
}

/**
 * Parameter, gradient and two more like the parameter; the gradient has a row for each of the rows
 * named.
 */
function stepInputs(
  random: Random,
  rows: number,
  columns: number,
  named: readonly number[] | undefined,
): Tensor[] {
  const squares = random.normals([rows, columns])
  return [
    random.normals([rows, columns]),
    random.normals([named?.length ?? rows, columns]),
    random.normals([rows, columns]),
    new Tensor(
      squares.shape,
      copyOf(squares.data).map((x) => x * x),
    ),
    ...(named ? [places(named)] : []),
  ]
}

/** Every second row, from the last to the first. */
const someRows = (rows: number): number[] =>
  Array.from({ length: Math.ceil(rows / 2) }, (_, n) => rows - 1 - 2 * n)

/** Each number that a step changes: its place in the parameter and in the gradient. */
function eachTouched(
  rows: number,
  columns: number,
  named: Numbers | undefined,
  change: (n: number, g: number) => void,
): void {
  grid(named?.length ?? rows, columns, (r, c, g) => change((named ? named[r] : r) * columns + c, g))
}

export const ADAM: AdamW = {
  rate: 0.003,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  decay: 0.01,
  step: 3,
}

export function adamWCase(rows: number, columns: number, touched: boolean): Case {
  const named = touched ? someRows(rows) : undefined
  return {
    name: `adamW ${rows} × ${columns}${touched ? ', of some rows' : ''}`,
    inputs: stepInputs(randomOf('adamW', rows, columns), rows, columns, named),
    columns: [columns, columns, columns],
    run: (device, [parameter, gradient, first, second, at]) => {
      device.adamW(parameter, gradient, [first, second], ADAM, at)
      return [parameter, first, second]
    },
    loops: ([parameter, gradient, first, second, at]) => {
      const [p, m, v] = [copyOf(parameter), copyOf(first), copyOf(second)]
      const { rate, beta1, beta2, epsilon, decay, step } = ADAM
      const correction1 = f(1 - beta1 ** step)
      const correction2 = f(Math.sqrt(1 - beta2 ** step))
      eachTouched(rows, columns, at, (n, k) => {
        const g = gradient[k]
        m[n] = f(f(beta1) * m[n]) + f(f(1 - beta1) * g)
        v[n] = f(f(beta2) * v[n]) + f(f(f(1 - beta2) * g) * g)
        const root = f(f(Math.sqrt(v[n])) / correction2)
        const direction = f(
          f(m[n] / correction1) / f(root + f(touched ? epsilon / correction2 : epsilon)),
        )
        p[n] = f(p[n] - f(f(rate) * f(direction + f(f(decay) * p[n]))))
      })
      return [p, m, v]
    },
  }
}

export const SGD: Sgd = { rate: 0.03, momentum: 0.9, decay: 0.01 }

export function sgdCase(
  rows: number,
  columns: number,
  touched: boolean,
  withVelocity: boolean,
): Case {
  const named = touched ? someRows(rows) : undefined
  const settings = withVelocity ? SGD : { ...SGD, momentum: 0 }
  return {
    name: `sgd ${rows} × ${columns}${touched ? ', of some rows' : ''}${withVelocity ? ', momentum' : ''}`,
    inputs: stepInputs(randomOf('sgd', rows, columns), rows, columns, named),
    columns: [columns, columns],
    run: (device, [parameter, gradient, velocity, , at]) => {
      device.sgd(parameter, gradient, withVelocity ? velocity : undefined, settings, at)
      return [parameter, velocity]
    },
    loops: ([parameter, gradient, velocity, , at]) => {
      const [p, v] = [copyOf(parameter), copyOf(velocity)]
      eachTouched(rows, columns, at, (n, k) => {
        const g = f(gradient[k] + f(f(settings.decay) * p[n]))
        const direction = withVelocity ? f(f(f(settings.momentum) * v[n]) + g) : g
        if (withVelocity) v[n] = direction
        p[n] -= f(f(settings.rate) * direction)
      })
      return [p, v]
    },
  }
}
