import { Random } from '../random.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import {
  type AnyLayer,
  type Claim,
  type ClaimSetup,
  found,
  type OptionFinding,
  plainLayer,
} from './claim.ts'
import { weightsOf } from './scores.ts'
import { both, largestDifference } from './words.ts'

/** Twice the words take twice the memory, though there are four times as many scores. */
export const memoryGrowth: Claim = {
  name: 'memory-growth',
  statement: {
    en: 'by blocks of query rows, memory is linear in T, forward and backward',
    fr: 'par blocs de lignes de requêtes, la mémoire est linéaire en T, à l’aller comme au retour',
  },
  async run(ground) {
    const layer = ground.layer(plainLayer(ground))
    const T = 4096
    const [once, twice] = [T, 2 * T].map(
      (words) => layer.estimate({ N: 1, T: words }).forwardAndBackward,
    )
    const growth = twice / once
    const weights = (ground.device.dtype === 'float64' ? 8 : 4) * T * T
    const option = (name: string, holds: boolean, en: string, fr: string): OptionFinding =>
      found(
        name,
        name === 'a',
        holds,
        both(
          (n) => `${en}: from ${T} to ${2 * T} words it grows ${n(growth)} times`,
          (n) => `${fr} : de ${T} à ${2 * T} mots, elle est multipliée par ${n(growth)}`,
        ),
        { growth },
      )
    return {
      findings: [
        {
          holds: Math.abs(growth - 2) < 0.1,
          text: both(
            (n) =>
              `a forward and its backward take ${n(once / 1e6)} MB for ${T} words and ${n(twice / 1e6)} MB for ${2 * T}; all weights at once would take ${n(weights / 1e6)} MB and ${n((4 * weights) / 1e6)} MB`,
            (n) =>
              `un aller et retour prend ${n(once / 1e6)} Mo pour ${T} mots et ${n(twice / 1e6)} Mo pour ${2 * T} ; tous les poids à la fois prendraient ${n(weights / 1e6)} Mo et ${n((4 * weights) / 1e6)} Mo`,
          ),
          numbers: { words: T, bytes: once, bytesTwice: twice, growth },
        },
      ],
      options: [
        option('a', Math.abs(growth - 2) < 0.1, 'twice', 'double'),
        option('b', Math.abs(growth - 4) < 0.4, 'four times, as T²', 'quadruple, comme T²'),
        option(
          'c',
          Math.abs(growth - 1) < 0.05,
          'not at all, as the parameters',
          'constante, comme les paramètres',
        ),
      ],
    }
  },
}

/** There are N·h·T² attention weights: one for each head and each pair of words of a text. */
export const weightsCount: Claim = {
  name: 'weights-count',
  statement: {
    en: 'a batch has N·h·T² attention weights, and they depend on no width',
    fr: 'un lot a N·h·T² poids d’attention, quelles que soient les largeurs',
  },
  async run(ground) {
    const [N, heads, T] = [2, 3, ground.sentence.length]
    const layer = ground.layer({ ...plainLayer(ground), heads })
    const X = new Random(ground.seed, 'X').normals([N, T, ground.sizes.dModel], ground.device.dtype)
    const { weights } = await layer.forward(X, { want: { weights: true } }).read()
    const counted = sizeOf(weights?.shape ?? [0])
    return {
      findings: [
        {
          holds: counted === N * heads * T * T,
          text: {
            en: `N = ${N} texts of T = ${T} words and h = ${heads} heads: the weights are (${weights?.shape.join(', ')}), ${counted} numbers; averaged over the heads ${N * T * T} would be left`,
            fr: `N = ${N} textes de T = ${T} mots et h = ${heads} têtes : les poids sont de dimensions (${weights?.shape.join(', ')}), soit ${counted} nombres ; moyennés sur les têtes, il en resterait ${N * T * T}`,
          },
          numbers: { counted, texts: N, heads, words: T },
        },
      ],
    }
  },
}

/** Words of a text that is longer than a block of rows, and rows at the edges of its blocks. */
const [LONG, ROWS] = [70, [0, 31, 32, 69]]

/**
 * How far rows of weights that are asked for by themselves lie from those of a forward that gives
 * them all.
 */
async function weightsAgain(layer: AnyLayer, X: Tensor): Promise<number> {
  const all = await weightsOf({ layer, X })
  let apart = 0
  for (const row of ROWS) {
    const { weights } = await layer.forward(X, { want: { weights: { rows: [row] } } }).read()
    apart = Math.max(apart, largestDifference(weights?.data ?? [], all[row]))
  }
  return apart
}

/**
 * How far the gradients of one pass lie from themselves when they are computed again, after another
 * pass.
 */
async function gradientsAgain(setup: ClaimSetup, layer: AnyLayer, X: Tensor): Promise<number> {
  const pass = layer.forward(X)
  const dC = new Random(setup.seed, 'dC').normals(pass.context.shape, setup.device.dtype)
  const gradients = async (): Promise<number[]> => {
    const { dX, dParameters } = await pass.backward(dC).read()
    return [dX, ...Object.values(dParameters)].flatMap(({ data }) => [...data])
  }
  const first = await gradients()
  await layer.forward(new Random(setup.seed, 'other').normals(X.shape, setup.device.dtype)).read()
  return largestDifference(first, await gradients())
}

/**
 * What is computed again is the same to the last bit: weights row by row, and the gradients that
 * need them.
 */
export const recomputed: Claim = {
  name: 'recomputed',
  statement: {
    en: 'weights that are computed again are the same to the last bit, and so are the gradients',
    fr: 'les poids recalculés sont les mêmes au bit près, et donc les gradients aussi',
  },
  async run(ground) {
    const { device, seed, sizes } = ground
    const layer = ground.layer(plainLayer(ground))
    const X = new Random(seed, 'X').normals([LONG, sizes.dModel], device.dtype)
    const [weights, gradients] = [
      await weightsAgain(layer, X),
      await gradientsAgain(ground, layer, X),
    ]
    const apart = Math.max(weights, gradients)
    const option = (name: string, holds: boolean, en: string, fr: string): OptionFinding =>
      found(
        name,
        name === 'a',
        holds,
        both(
          (n) => `${en}: weights and gradients that are computed again differ by ${n(apart)}`,
          (n) => `${fr} : les poids et les gradients recalculés diffèrent de ${n(apart)}`,
        ),
        { weights, gradients },
      )
    return {
      findings: [
        {
          holds: apart === 0,
          text: both(
            (n) =>
              `${LONG} words: the weights of words ${ROWS.map((row) => row + 1).join(', ')}, computed again each by itself, differ by ${n(weights)}; the gradients of one pass, computed again after another, by ${n(gradients)}`,
            (n) =>
              `${LONG} mots : les poids des mots ${ROWS.map((row) => row + 1).join(', ')}, recalculés un à un, diffèrent de ${n(weights)} ; les gradients d’une passe, recalculés après une autre, de ${n(gradients)}`,
          ),
          numbers: { weights, gradients },
        },
      ],
      options: [
        option('a', apart === 0, 'not at all', 'pas du tout'),
        option('b', apart > 0 && apart < 1e-3, 'by rounding', 'des arrondis'),
        option('c', apart >= 1e-3, 'clearly', 'nettement'),
      ],
    }
  },
}
