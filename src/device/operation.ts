import { expectValue, type Kind } from '../kinds.ts'
import { type Operand, type Signature, signatureOf } from './signature.ts'

/** Properties of an operation beyond its shapes. */
export interface Rules<Operands, Settings> {
  /** Which of its shapes a call has; default: the first. */
  readonly form?: (settings: Settings, operands: Operands) => number
  /** Of settings: ranges of numbers, or checks of other values. */
  readonly ranges?: { readonly [Name in keyof Settings]?: Kind }
  /** All other checks, before those of shapes. @throws {RangeError} */
  readonly check?: (where: string, settings: Settings, operands: Operands) => void
  /** Whether an output may be an input: each number follows from those at its own index. */
  readonly inPlace?: boolean
  /** Its gradients: which operations write them, and what these read. */
  readonly backward?: readonly string[]
}

/** An operation of the contract. */
export interface Operation<
  Arguments extends readonly unknown[],
  Operands extends readonly Operand[],
  Settings,
> extends Pick<Rules<Operands, Settings>, 'inPlace' | 'backward'> {
  form(settings: Settings, operands: Operands): number
  check(where: string, settings: Settings, operands: Operands): void
  /** Its operands as text, see `Signature`: the default form first. */
  readonly shapes: readonly string[]
  readonly forms: readonly Signature[]
  /** Names of all axes, in the order of its sizes. */
  readonly axes: readonly string[]
  /** The caller's arguments, as operands in the order of the shapes, and settings. */
  call(...given: Arguments): readonly [Operands, Settings]
}

/** A row of the table of operations. @param shapes its forms, see `Signature`, the default first */
export function operation<
  Arguments extends readonly unknown[],
  Operands extends readonly Operand[] | [],
  Settings extends object,
>(
  shapes: string | readonly string[],
  call: (...given: Arguments) => readonly [Operands, Settings],
  rules: Rules<NoInfer<Operands>, NoInfer<Settings>> = {},
): Operation<Arguments, Operands, Settings> {
  const texts = typeof shapes === 'string' ? [shapes] : shapes
  const axes: string[] = []
  const forms = texts.map((text) => signatureOf(text, axes))
  const ranges = Object.entries(rules.ranges ?? {}) as [keyof Settings & string, Kind][]
  const { inPlace = false, backward = [], form = () => 0 } = rules
  return {
    shapes: texts,
    forms,
    axes,
    call,
    form,
    check(where, settings, operands) {
      for (const [name, range] of ranges) expectValue(where, name, settings[name], range)
      rules.check?.(where, settings, operands)
    },
    inPlace,
    backward,
  }
}
