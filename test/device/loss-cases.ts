import type { ActivationName } from '../../src/device/device.ts'
import { erfc, exp, log, sigmoid, tanh } from '../../src/elementary.ts'
import { type Numbers, Tensor } from '../../src/tensor.ts'
import { type Case, copyOf, floats, places, randomOf } from './step-cases.ts'

const f = Math.fround
const LEAST = 1e-30

/** gelu's tanh √(2/π)(x + 0.044715 x³). */
const geluTanh = (x: number): number =>
  f(tanh(f(f(Math.sqrt(2 / Math.PI)) * f(x + f(f(f(0.044715) * f(x * x)) * x)))))

/** Φ(x). */
const normalBelow = (x: number): number => f(0.5 * f(erfc(f(-x * f(Math.SQRT1_2)))))

/** Each activation and its slope with every step rounded to float32. */
const ROUNDED: Readonly<
  Record<ActivationName, readonly [(x: number) => number, (x: number) => number]>
> = {
  relu: [(x) => Math.max(x, 0), (x) => (x > 0 ? 1 : 0)],
  tanh: [(x) => f(tanh(x)), (x) => f(1 - f(f(tanh(x)) ** 2))],
  sigmoid: [(x) => f(sigmoid(x)), (x) => f(f(sigmoid(x)) * f(1 - f(sigmoid(x))))],
  silu: [(x) => f(x * f(sigmoid(x))), (x) => f(f(sigmoid(x)) * f(1 + f(x * f(1 - f(sigmoid(x))))))],
  gelu: [
    (x) => f(f(f(0.5) * x) * f(1 + geluTanh(x))),
    (x) => {
      const t = geluTanh(x)
      const inner = f(f(Math.sqrt(2 / Math.PI)) * f(1 + f(f(3 * 0.044715) * f(x * x))))
      return f(f(0.5 * f(1 + t)) + f(f(f(0.5 * x) * f(1 - f(t * t))) * inner))
    },
  ],
  geluErf: [
    (x) => f(x * normalBelow(x)),
    (x) => f(normalBelow(x) + f(x * f(f(1 / Math.sqrt(2 * Math.PI)) * f(exp(f(f(-0.5 * x) * x)))))),
  ],
  log: [(x) => f(log(f(Math.max(x, LEAST)))), (x) => f(1 / f(Math.max(x, LEAST)))],
}

/** Numbers from −5·10 to 5·10, denser near 0. */
const spread = (X: Tensor): Tensor =>
  new Tensor(
    X.shape,
    copyOf(X.data).map((x) => x * x * x),
  )

export function activateCase(name: ActivationName, rows: number, columns: number): Case {
  return {
    name: `activate ${name} ${rows} × ${columns}`,
    inputs: [spread(randomOf('activate', rows, columns).normals([rows, columns]))],
    columns: [columns],
    run: (device, [X]) => {
      const Y = device.allocate([rows, columns])
      device.activate(name, X, Y)
      return [Y]
    },
    loops: ([X]) => [copyOf(X).map(ROUNDED[name][0])],
  }
}

export function activateBackwardCase(name: ActivationName, rows: number, columns: number): Case {
  const random = randomOf('activateBackward', rows, columns)
  return {
    name: `activateBackward ${name} ${rows} × ${columns}`,
    inputs: [random.normals([rows, columns]), spread(random.normals([rows, columns]))],
    columns: [columns],
    run: (device, [dY, X]) => {
      const dX = device.allocate([rows, columns])
      device.activateBackward(name, dY, X, dX)
      return [dX]
    },
    loops: ([dY, X]) => [copyOf(dY).map((d, n) => f(d * ROUNDED[name][1](X[n])))],
  }
}

export interface LossSizes {
  readonly rows: number
  readonly classes: number
  readonly columns: number
}

function lossInputs({ rows, classes, columns }: LossSizes): Tensor[] {
  const random = randomOf('loss', rows, classes, columns)
  const targets = Array.from({ length: rows }, () => random.integer(classes))
  return [
    random.normals([rows, columns]),
    random.normals([classes, columns]),
    random.normals([classes]),
    places(targets),
  ]
}

/** Logits of row r, their largest and the sum of their powers. */
function rowOf([C, E, offsets]: readonly Numbers[], { classes, columns }: LossSizes, r: number) {
  const z = floats(classes)
  let most = -Infinity
  for (let e = 0; e < classes; e++) {
    z[e] = offsets[e]
    for (let c = 0; c < columns; c++) z[e] += f(C[r * columns + c] * E[e * columns + c])
    most = Math.max(most, z[e])
  }
  const powers = z.map((x) => exp(f(x - most)))
  return { z, most, powers, sum: powers.reduce((sum, power) => f(sum + power), 0) }
}

const lossName = ({ rows, classes, columns }: LossSizes): string =>
  `${rows} rows, ${classes} classes, ${columns} columns`

export function crossEntropyCase(sizes: LossSizes): Case {
  return {
    name: `crossEntropy ${lossName(sizes)}`,
    inputs: lossInputs(sizes),
    columns: [sizes.rows || 1],
    run: (device, [C, E, offsets, targets]) => {
      const losses = device.allocate([sizes.rows])
      device.crossEntropy(C, E, offsets, targets, losses)
      return [losses]
    },
    loops: (inputs) => [
      floats(sizes.rows).map((_, r) => {
        const { z, most, sum } = rowOf(inputs, sizes, r)
        return f(f(most + f(log(sum))) - z[inputs[3][r]])
      }),
    ],
  }
}

/** The losses that a backward writes beside the gradients of E. */
export function lossesOfBackwardCase(sizes: LossSizes): Case {
  const { rows, classes, columns } = sizes
  return {
    ...crossEntropyCase(sizes),
    name: `losses of crossEntropyBackward ${lossName(sizes)}`,
    run: (device, [C, E, offsets, targets]) => {
      const [dC, dE, losses] = [
        device.allocate([rows, columns]),
        device.allocate([classes, columns]),
        device.allocate([rows]),
      ]
      device.crossEntropyBackward(0.37, C, E, offsets, targets, { dC, dE, losses })
      return [losses]
    },
  }
}

export function crossEntropyBackwardCase(sizes: LossSizes): Case {
  const { rows, classes, columns } = sizes
  const factor = 0.37
  return {
    name: `crossEntropyBackward ${lossName(sizes)}`,
    inputs: lossInputs(sizes),
    // the error of one logit moves its whole row, so all rows count as one
    columns: [rows * columns || 1, classes * columns, classes],
    run: (device, [C, E, offsets, targets]) => {
      const gradients = [
        device.allocate([rows, columns]),
        device.allocate([classes, columns]),
        device.allocate([classes]),
      ]
      const [dC, dE, dOffsets] = gradients
      device.crossEntropyBackward(factor, C, E, offsets, targets, { dC, dE, dOffsets })
      return gradients
    },
    loops: (inputs) => {
      const [C, E, , targets] = inputs
      const [dC, dE, dOffsets] = [
        floats(rows * columns),
        floats(classes * columns),
        floats(classes),
      ]
      for (let r = 0; r < rows; r++) {
        const { powers, sum } = rowOf(inputs, sizes, r)
        for (let e = 0; e < classes; e++) {
          const dz = f(f(factor) * f(f(powers[e] / sum) - (e === targets[r] ? 1 : 0)))
          dOffsets[e] += dz
          for (let c = 0; c < columns; c++) {
            dC[r * columns + c] += f(dz * E[e * columns + c])
            dE[e * columns + c] += f(dz * C[r * columns + c])
          }
        }
      }
      return [dC, dE, dOffsets]
    },
  }
}
