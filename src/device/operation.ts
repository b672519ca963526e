import { expectKnown, expectValue, type Kind, OBJECT } from '../kinds.ts'
import { type Operand, type Signature, signatureOf } from './signature.ts'

/** Properties of an operation beyond its shapes. */
export interface Rules<Operands, Settings> {
  /** Which of its shapes a call has; default: the first. */
  readonly signatureIndex?: (settings: Settings, operands: Operands) => number
  /** Of settings: ranges of numbers, or checks of other values. */
  readonly ranges?: { readonly [Name in keyof Settings]?: Kind }
  /** Checks of what a caller may leave out: settings have no other names than these. */
  readonly options?: { readonly [Name in keyof Settings]?: Kind }
  /** All else, before shapes are checked. @throws {RangeError} */
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
  signatureIndex(settings: Settings, operands: Operands): number
  check(where: string, settings: Settings, operands: Operands): void
  /** Its operands as text, see `Signature`: the default signature first. */
  readonly shapes: readonly string[]
  readonly signatures: readonly Signature[]
  /** Names of the settings that have ranges. */
  readonly settings: readonly string[]
  /** Names of all axes, in the order of its sizes. */
  readonly axes: readonly string[]
  /** The caller's arguments, as operands in the order of the shapes, and settings. */
  call(...given: Arguments): readonly [Operands, Settings]
}

/** A row of the table of operations. @param shapes its signatures as text, see `Signature`, the default first */
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
  const signatures = texts.map((text) => signatureOf(text, axes))
  const ranges = Object.entries(rules.ranges ?? {}) as [keyof Settings & string, Kind][]
  const { inPlace = false, backward = [], signatureIndex = () => 0 } = rules
  return {
    shapes: texts,
    signatures,
    settings: ranges.map(([name]) => name),
    axes,
    call,
    signatureIndex,
    check(where, settings, operands) {
      OBJECT(where, 'settings', settings)
      if (rules.options) expectOnly(where, settings, rules.options)
      for (const [name, range] of ranges) expectValue(where, name, settings[name], range)
      rules.check?.(where, settings, operands)
    },
    inPlace,
    backward,
  }
}

/** Cheaper than `checkOptions`, for what runs with every operation: most have no option. */
function expectOnly(
  where: string,
  settings: object,
  kinds: Readonly<Record<string, Kind | undefined>>,
): void {
  for (const name in settings) {
    const kind = kinds[name]
    if (!kind) expectKnown(where, settings, Object.keys(kinds))
    const value = (settings as Readonly<Record<string, unknown>>)[name]
    if (kind && value !== undefined) expectValue(where, name, value, kind)
  }
}
