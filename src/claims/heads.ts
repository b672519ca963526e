import { dot } from '../mechanism/alignments.ts'
import { Random } from '../random.ts'
import { shapeText, Tensor } from '../tensor.ts'
import { claim } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { largestDifference } from './numbers.ts'
import { contextOf, weightsOf } from './scores.ts'

/**
 * h heads have D·h·(d_q + d_k + d_v) parameters, so heads that share a width have those of one wide
 * head.
 */
export const headsCount = claim(
  'heads-count',
  'h heads have D·h·(d_q + d_k + d_v) parameters',
  'h têtes ont D·h·(d_q + d_k + d_v) paramètres',
  async (setup) => {
    const count = (dModel: number, heads: number, dQuery: number, dValue: number): number =>
      setup.layer({ dModel, heads, dQuery, dKey: dQuery, dValue }).parameterCount
    const random = new Random(setup.seed, 'sizes')
    const sizes = Array.from({ length: 30 }, () => [16, 5, 9, 9].map((n) => random.integer(n)))
    const wrong = sizes
      .map(([D, h, q, v]) => [2 + D, 1 + h, 1 + q, 1 + v] as const)
      .filter(([D, h, q, v]) => count(D, h, q, v) !== D * h * (2 * q + v))
    const [counted, one, eight] = [count(12, 3, 4, 5), count(64, 1, 64, 64), count(64, 8, 8, 8)]
    const option = (factor: number, en: string, fr: string) =>
      finding(
        eight === factor * one,
        `${en}: one head of width 64 has {one}, eight of width 8 have {eight}`,
        `${fr} : une tête de largeur 64 en a {one}, huit de largeur 8 en ont {eight}`,
        { one, eight },
      )
    return {
      findings: [
        finding(
          wrong.length === 0 && counted === 468,
          'D = 12, h = 3, d_q = d_k = 4, d_v = 5 has {counted}; of {draws} other sizes {right} have what the formula says',
          'D = 12, h = 3, d_q = d_k = 4, d_v = 5 en a {counted} ; de {draws} autres tailles, {right} en ont ce que dit la formule',
          { counted, draws: sizes.length, exceptions: wrong.length },
          { right: sizes.length - wrong.length },
        ),
      ],
      options: optionsOf('a', [
        option(1, 'as many', 'autant'),
        option(8, 'eight times as many', 'huit fois plus'),
        option(1 / 8, 'an eighth', 'un huitième'),
      ]),
    }
  },
)

/** The vectors of the heads stand one after the other. */
export const headsWidth = claim(
  'heads-width',
  'with h heads a contextual embedding has h·d_v numbers, head after head',
  'avec h têtes, un vecteur contextuel a h·d_v nombres, tête après tête',
  async (setup) => {
    const { dModel, dValue } = setup.sizes
    const heads = 3
    const X = setup.normals('X', [setup.sentence.length, dModel])
    const { shape } = (await setup.layer({ heads }).forward(X).read()).context
    const [, width] = shape
    const option = (symbols: string, expected: number) =>
      finding(
        width === expected,
        `${symbols} would be {expected}; the layer gives {width}`,
        `${symbols} donnerait {expected} ; la couche donne {width}`,
        { expected, width },
      )
    const options = [option('h·d_v', heads * dValue), option('d_v', dValue), option('D', dModel)]
    return {
      findings: [
        finding(
          options[0].holds,
          '{heads} heads with d_v = {dValue} and D = {dModel}: the contextual embeddings are {shape}',
          '{heads} têtes avec d_v = {dValue} et D = {dModel} : les vecteurs contextuels sont de dimensions {shape}',
          { width, heads, dValue },
          { dModel, shape: shapeText(shape) },
        ),
      ],
      options: optionsOf('a', options),
    }
  },
)

/** Columns of a matrix, those of one head. */
function columnsOf(W: Tensor, head: number, width: number): Tensor {
  const [rows, columns] = W.shape
  const part = Float64Array.from(
    { length: rows * width },
    (_, n) => W.data[Math.floor(n / width) * columns + head * width + (n % width)],
  )
  return new Tensor([rows, width], part)
}

/**
 * Heads score apart: two of them are two layers side by side, and not one wide layer with the same
 * matrices.
 */
export const headsApart = claim(
  'heads-apart',
  'each head has scores and weights of its own: two heads are not one of twice the width',
  'chaque tête a ses scores et ses poids : deux têtes ne sont pas une tête deux fois plus large',
  async (setup) => {
    const { device, tolerance } = setup
    const { dModel, dQuery, dValue } = setup.sizes
    const X = setup.normals('X', [setup.sentence.length, dModel])
    const alignment = dot
    const two = setup.layer({ alignment, heads: 2 })
    const twice = { dQuery: 2 * dQuery, dKey: 2 * dQuery, dValue: 2 * dValue }
    const wide = setup.layer({ alignment, ...twice })
    const singles = [setup.layer({ alignment }, '0 '), setup.layer({ alignment }, '1 ')]
    for (const [name, width] of Object.entries({ W_Q: dQuery, W_K: dQuery, W_V: dValue })) {
      const W = await device.read(two.parameters[name])
      device.write(wide.parameters[name], W)
      singles.forEach((single, head) => {
        device.write(single.parameters[name], columnsOf(W, head, width))
      })
    }
    const context = await contextOf({ layer: two, X })
    const left = await contextOf({ layer: singles[0], X })
    const right = await contextOf({ layer: singles[1], X })
    const oneWide = await contextOf({ layer: wide, X })
    const weights = await weightsOf({ layer: two, X })
    const furthest = (rows: readonly Float64Array[], other: (t: number) => ArrayLike<number>) =>
      Math.max(...rows.map((row, t) => largestDifference(row, other(t))))
    const bySingles = furthest(context, (t) => [...left[t], ...right[t]])
    const byWide = furthest(context, (t) => oneWide[t])
    const T = context.length
    // the weights of the first head, then those of the second
    const between = furthest(weights.slice(0, T), (t) => weights.slice(-T)[t])
    return {
      findings: [
        finding(
          bySingles < tolerance && byWide > 1e-3,
          'two heads lie {bySingles} from two layers of one head side by side, and {byWide} from one wide head',
          'deux têtes sont à {bySingles} de deux couches d’une tête côte à côte, et à {byWide} d’une seule tête large',
          { bySingles, byWide, between },
        ),
      ],
      options: optionsOf('b', [
        finding(
          byWide < tolerance,
          'one head of twice the width with the same matrices, unscaled: its vectors lie {byWide} from those of two heads',
          'une tête deux fois plus large avec les mêmes matrices, sans échelle : ses vecteurs sont à {byWide} de ceux des deux têtes',
          { byWide },
        ),
        finding(
          bySingles < tolerance && between > 1e-3,
          "each head is a layer by itself, to within {bySingles}, with weights of its own, up to {between} from the other's",
          'chaque tête est une couche à elle seule, à {bySingles} près, avec ses propres poids, jusqu’à {between} de ceux de l’autre',
          { bySingles, between },
        ),
        finding(
          between < tolerance,
          'the same weights for both: they differ by up to {between}',
          'les mêmes poids pour les deux : ils diffèrent jusqu’à {between}',
          { between },
        ),
      ]),
    }
  },
)
