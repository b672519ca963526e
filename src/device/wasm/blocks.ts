import type { Numbers } from '../../tensor.ts'
import { type OperationName, operations } from '../operations.ts'
import type { Engine } from './engine.ts'
import { kernels } from './jobs.generated.ts'
import type { Kernel } from './pool.ts'
import { BLOCK_NUMBERS, FEW_HEAVY, FEW_LIGHT, rowsInBlock } from './work.ts'

/** The arguments of an operation. */
interface Given {
  readonly operands: readonly (Numbers | undefined)[]
  readonly settings: Readonly<Record<string, number | boolean | undefined>>
  readonly sizes: readonly number[]
  /** Rows, or numbers, of a block. */
  readonly perBlock: number
}

/** Operations that take tens of instructions per element. */
const HEAVY: ReadonlySet<string> = new Set<OperationName>(['normalize'])

/**
 * An operation that is one kernel over blocks of its rows, or of its numbers.
 *
 * The kernel has the operation's name, and its fields are found by their names: operands, axes,
 * settings, and `perBlock`.
 *
 * @throws {Error} for a field of another name
 */
export function inBlocks(engine: Engine, name: OperationName) {
  const known = kernels as Readonly<Record<string, Kernel<never>>>
  if (!known[name]) throw new Error(`openDevice: no kernel computes ${name}`)
  const { number, fields } = known[name]
  const { signatures, axes, settings: ranged } = operations[name]
  const others = ['perBlock', 'accumulate', ...ranged]
  const [rows, columns, count] = ['rows', 'columns', 'count'].map((axis) => axes.indexOf(axis))
  const sources = fields.split(' ').map((field) => {
    const [own, type] = field.split(':')
    const operand = signatures[0].operands.findIndex((one) => one.name === own)
    const axis = axes.indexOf(own)
    if (operand < 0 && axis < 0 && !others.includes(own))
      throw new Error(
        `openDevice: the kernel ${name} has a field ${own}; expected an operand, an axis or a setting of ${name}, or perBlock`,
      )
    return { name: own, operand, axis, float: type === 'f32' }
  })
  const kernel: Kernel<Given> = {
    number,
    fields,
    write(words, floats, at, given) {
      for (let n = 0; n < sources.length; n++) {
        const value = fieldOf(sources[n], given)
        if (sources[n].float) floats[at + n] = value
        else words[at + n] = value
      }
    },
  }
  return (
    operands: Given['operands'],
    settings: Given['settings'],
    sizes: readonly number[],
  ): void => {
    const perBlock = rows < 0 ? BLOCK_NUMBERS : rowsInBlock(sizes[columns])
    const length = sizes[rows < 0 ? count : rows]
    const numbers = rows < 0 ? length : length * sizes[columns]
    const alone = numbers < (HEAVY.has(name) ? FEW_HEAVY : FEW_LIGHT)
    engine.run(kernel, { operands, settings, sizes, perBlock }, Math.ceil(length / perBlock), alone)
  }
}

/**
 * Where the value of a field is found: an operand, an axis, or, where both are below 0, a setting
 * of its name.
 */
interface Source {
  readonly name: string
  readonly operand: number
  readonly axis: number
}

function fieldOf(
  { name, operand, axis }: Source,
  { operands, sizes, settings, perBlock }: Given,
): number {
  if (operand >= 0) return operands[operand]?.byteOffset ?? 0
  if (axis >= 0) return sizes[axis]
  return name === 'perBlock' ? perBlock : Number(settings[name] ?? 0)
}
