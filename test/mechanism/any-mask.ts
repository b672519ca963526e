import fc from 'fast-check'
import {
  and,
  causal,
  cells,
  documents,
  everything,
  fromTorchAttentionMask,
  fromTorchKeyPadding,
  lengths,
  type Mask,
  type MaskSizes,
  not,
  or,
  window,
} from '../../src/mechanism/mask.ts'
import { sizeOf, Tensor } from '../../src/tensor.ts'

export const at = (nQuery: number, nKey: number, text = 0, head = 0): MaskSizes => ({
  text,
  head,
  nQuery,
  nKey,
})

const bits = (...shape: number[]): fc.Arbitrary<Tensor> =>
  fc
    .uint8Array({ min: 0, max: 1, minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    .map((data) => new Tensor(shape, data))

const integers = (most: number, length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(most), { minLength: length, maxLength: length })

const reach = fc.oneof(fc.nat(7), fc.constant(Infinity))
const align = fc.constantFrom('start' as const, 'end' as const)

/** A user's own rule, of text and head too; its span is as narrow as it may be. */
export const own = (rule: (i: number, j: number, sizes: MaskSizes) => boolean): Mask => ({
  name: 'own',
  allows: rule,
  span(first, last, sizes) {
    const seen = Array.from({ length: sizes.nKey }, (_, j) => j).filter((j) => {
      for (let i = first; i <= last; i++) if (rule(i, j, sizes)) return true
      return false
    })
    return seen.length ? [seen[0], (seen.at(-1) as number) + 1] : [0, 0]
  },
})

/** Every built-in mask and a user's own, for as many texts and heads as the place needs. */
export function simpleMasks({
  text,
  head,
  nQuery,
  nKey,
}: MaskSizes): Readonly<Record<string, fc.Arbitrary<Mask>>> {
  const [texts, heads] = [text + 1, head + 1]
  const one = fc.constantFrom(...new Set([1, texts]))
  const served = fc.constantFrom(...new Set([1, heads]))
  return {
    everything: fc.constant(everything),
    lengths: integers(nKey, texts).map(lengths),
    window: fc
      .tuple(reach, reach, align)
      .map(([left, right, end]) => window(left, right, { align: end })),
    causal: fc.tuple(align, reach).map(([end, back]) => causal({ align: end, window: back })),
    documents: fc
      .tuple(integers(2, nQuery), integers(2, nKey))
      .map(([queries, keys]) => documents(queries, keys)),
    'cells of two axes': bits(nQuery, nKey).map(cells),
    'cells of three axes': one.chain((n) => bits(n, nQuery, nKey)).map(cells),
    'cells of four axes': fc
      .tuple(one, served)
      .chain(([n, h]) => bits(n, h, nQuery, nKey).map(cells)),
    "PyTorch's key padding": bits(texts, nKey).map(fromTorchKeyPadding),
    "PyTorch's attention mask of two axes": bits(nQuery, nKey).map((ignored) =>
      fromTorchAttentionMask(ignored),
    ),
    "PyTorch's attention mask of three axes": bits(texts * heads, nQuery, nKey).map((ignored) =>
      fromTorchAttentionMask(ignored, heads),
    ),
    "a user's own": fc
      .integer({ min: 2, max: 5 })
      .map((modulus) =>
        own((i, j, sizes) => (i * j + j + sizes.text + 2 * sizes.head) % modulus < modulus / 2),
      ),
  }
}

/** A random mask of any kind, possibly of masks three levels deep, that fits its place. */
export const anyMask = (sizes: MaskSizes): fc.Arbitrary<Mask> =>
  fc.letrec<{ mask: Mask }>((tie) => ({
    mask: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(...Object.values(simpleMasks(sizes))),
      tie('mask').map(not),
      fc.array(tie('mask'), { maxLength: 3 }).map((parts) => and(...parts)),
      fc.array(tie('mask'), { maxLength: 3 }).map((parts) => or(...parts)),
    ),
  })).mask
