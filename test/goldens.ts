import { readFileSync } from 'node:fs'
import { afterAll } from 'vitest'
import { Tensor } from '../src/tensor.ts'

/** One case of another framework: its inputs, options and outputs, in float64. */
export interface Golden {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly outputs: Readonly<Record<string, Tensor>>
}

/** Tensors by name. */
export type Named = Readonly<Record<string, Tensor>>

type Entries = Record<string, { readonly shape: number[]; readonly data: number[] }>

const tensors = (entries: Entries): Named =>
  Object.fromEntries(
    Object.entries(entries).map(([name, { shape, data }]) => [
      name,
      new Tensor(shape, Float64Array.from(data)),
    ]),
  )

/** The cases of test/goldens/NAME.json. */
export function goldens(name: string): Golden[] {
  const { cases } = JSON.parse(
    readFileSync(new URL(`./goldens/${name}.json`, import.meta.url), 'utf8'),
  )
  return cases.map((one: Golden & { inputs: Entries; outputs: Entries }) => ({
    ...one,
    inputs: tensors(one.inputs),
    outputs: tensors(one.outputs),
  }))
}

/**
 * Largest |a − b| over largest |b|; the largest |a − b| itself where b is (all but) zero. Infinity
 * where sizes differ.
 */
export function relativeError(a: Tensor, b: Tensor): number {
  const scale = Array.from(b.data).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const error = Array.from(b.data).reduce((worst, value, n) => {
    const difference = Math.abs(a.data[n] - value)
    return Math.max(worst, Number.isNaN(difference) ? Infinity : difference)
  }, 0)
  if (a.size !== b.size) return Infinity
  return scale > 1e-12 ? error / scale : error
}

/** Tolerances relative to an array's largest number. */
export const FLOAT64 = 1e-12
export const FLOAT32 = 2e-6

/**
 * Compares arrays by name, and prints the worst error of each kind when the file's tests are done.
 */
export function ledger(file: string) {
  const worst: Record<string, { error: number; where: string }> = {}
  afterAll(() => {
    for (const [kind, { error, where }] of Object.entries(worst)) {
      console.log(
        `golden ${file.padEnd(18)} ${kind.padEnd(8)} worst ${error.toExponential(1)}  ${where}`,
      )
    }
  })
  /** The errors that are beyond the tolerance, by name: {} when all is well. */
  return (
    kind: 'float64' | 'float32',
    name: string,
    found: Named,
    expected: Named,
  ): Record<string, number> => {
    const errors = Object.keys(expected).map((key): [string, number] => [
      key,
      found[key] ? relativeError(found[key], expected[key]) : Infinity,
    ])
    for (const [key, error] of errors) {
      if (error >= (worst[kind]?.error ?? 0)) worst[kind] = { error, where: `${name}: ${key}` }
    }
    return Object.fromEntries(
      errors.filter(([, error]) => !(error <= (kind === 'float64' ? FLOAT64 : FLOAT32))),
    )
  }
}

/** Tensors under other names; what the list does not name is left out. */
export const renamed = (found: Named, names: Readonly<Record<string, string>>): Named =>
  Object.fromEntries(
    Object.entries(names)
      .filter(([from]) => found[from])
      .map(([from, to]) => [to, found[from]]),
  )

/** (N, h, T, d) as packed rows (N·T, h·d). */
export function packed(X: Tensor): Tensor {
  const [N, h, T, d] = X.shape
  const Y = Tensor.zeros([N * T, h * d], 'float64')
  X.data.forEach((value, n) => {
    const [c, t, head, text] = [
      n % d,
      Math.floor(n / d) % T,
      Math.floor(n / (d * T)) % h,
      Math.floor(n / (d * T * h)),
    ]
    Y.data[((text * T + t) * h + head) * d + c] = value
  })
  return Y
}

/** The rows and columns of a matrix changed for one another. */
export function transposed(X: Tensor): Tensor {
  const [rows, columns] = X.shape
  return new Tensor(
    [columns, rows],
    Float64Array.from(
      { length: X.size },
      (_, n) => X.data[(n % rows) * columns + Math.floor(n / rows)],
    ),
  )
}
