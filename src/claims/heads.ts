import { dot } from '../mechanism/alignments.ts'
import { Random } from '../random.ts'
import { shapeText, Tensor } from '../tensor.ts'
import {
  type Claim,
  type ClaimSetup,
  type Evidence,
  found,
  type OptionFinding,
  plainLayer,
} from './claim.ts'
import { contextOf, weightsOf } from './scores.ts'
import { both, largestDifference } from './words.ts'

/**
 * h heads have D·h·(d_q + d_k + d_v) parameters, so heads that share a width have those of one wide
 * head.
 */
export const headsCount: Claim = {
  name: 'heads-count',
  statement: {
    en: 'h heads have D·h·(d_q + d_k + d_v) parameters',
    fr: 'h têtes ont D·h·(d_q + d_k + d_v) paramètres',
  },
  async run(ground) {
    const counted = (dModel: number, heads: number, dQuery: number, dValue: number): number =>
      ground.layer({ dModel, heads, dQuery, dKey: dQuery, dValue }).parameterCount
    const random = new Random(ground.seed, 'sizes')
    const draw = (): [number, number, number, number] => [
      2 + random.integer(16),
      1 + random.integer(5),
      1 + random.integer(9),
      1 + random.integer(9),
    ]
    const draws = Array.from({ length: 30 }, draw)
    const wrong = draws.filter(([D, h, q, v]) => counted(D, h, q, v) !== D * h * (2 * q + v))
    const example = counted(12, 3, 4, 5)
    return {
      findings: [
        {
          holds: wrong.length === 0 && example === 468,
          text: {
            en: `D = 12, h = 3, d_q = d_k = 4, d_v = 5 has ${example}; of ${draws.length} other sizes ${draws.length - wrong.length} have what the formula says`,
            fr: `D = 12, h = 3, d_q = d_k = 4, d_v = 5 en a ${example} ; de ${draws.length} autres tailles, ${draws.length - wrong.length} en ont ce que dit la formule`,
          },
          numbers: { counted: example, draws: draws.length, exceptions: wrong.length },
        },
      ],
      options: splitOptions(counted(64, 1, 64, 64), counted(64, 8, 8, 8)),
    }
  },
}

/** What eight heads of an eighth of the width may be thought to have. */
function splitOptions(one: number, eight: number): OptionFinding[] {
  const option = (name: string, factor: number, en: string, fr: string): OptionFinding =>
    found(
      name,
      name === 'a',
      eight === factor * one,
      {
        en: `${en}: one head of width 64 has ${one}, eight of width 8 have ${eight}`,
        fr: `${fr} : une tête de largeur 64 en a ${one}, huit de largeur 8 en ont ${eight}`,
      },
      { one, eight },
    )
  return [
    option('a', 1, 'as many', 'autant'),
    option('b', 8, 'eight times as many', 'huit fois plus'),
    option('c', 1 / 8, 'an eighth', 'un huitième'),
  ]
}

/** The vectors of the heads stand one after the other. */
export const headsWidth: Claim = {
  name: 'heads-width',
  statement: {
    en: 'with h heads a contextual embedding has h·d_v numbers, head after head',
    fr: 'avec h têtes, un vecteur contextuel a h·d_v nombres, tête après tête',
  },
  async run(ground) {
    const { sizes, sentence, device, seed } = ground
    const heads = 3
    const layer = ground.layer({ ...plainLayer(ground), heads })
    const X = new Random(seed, 'X').normals([sentence.length, sizes.dModel], device.dtype)
    const { context } = await layer.forward(X).read()
    const [, width] = context.shape
    const option = (name: string, expected: number, symbols: string): OptionFinding =>
      found(
        name,
        name === 'a',
        width === expected,
        {
          en: `${symbols} would be ${expected}; the layer gives ${width}`,
          fr: `${symbols} donnerait ${expected} ; la couche donne ${width}`,
        },
        { expected, width },
      )
    return {
      findings: [
        {
          holds: width === heads * sizes.dValue,
          text: {
            en: `${heads} heads with d_v = ${sizes.dValue} and D = ${sizes.dModel}: the contextual embeddings are ${shapeText(context.shape)}`,
            fr: `${heads} têtes avec d_v = ${sizes.dValue} et D = ${sizes.dModel} : les vecteurs contextuels sont de dimensions ${shapeText(context.shape)}`,
          },
          numbers: { width, heads, dValue: sizes.dValue },
        },
      ],
      options: [
        option('a', heads * sizes.dValue, 'h·d_v'),
        option('b', sizes.dValue, 'd_v'),
        option('c', sizes.dModel, 'D'),
      ],
    }
  },
}

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
export const headsApart: Claim = {
  name: 'heads-apart',
  statement: {
    en: 'each head has scores and weights of its own: two heads are not one of twice the width',
    fr: 'chaque tête a ses scores et ses poids : deux têtes ne sont pas une tête deux fois plus large',
  },
  async run(ground) {
    const { device, seed, sentence, sizes } = ground
    const { dModel, dQuery, dValue } = sizes
    const X = new Random(seed, 'X').normals([sentence.length, dModel], device.dtype)
    const form = { dModel, dQuery, dKey: dQuery, dValue, alignment: dot }
    const two = ground.layer({ ...form, heads: 2 })
    const wide = ground.layer({ ...form, dQuery: 2 * dQuery, dKey: 2 * dQuery, dValue: 2 * dValue })
    const singles = [ground.layer(form, '0 '), ground.layer(form, '1 ')]
    for (const [name, width] of Object.entries({ W_Q: dQuery, W_K: dQuery, W_V: dValue })) {
      const W = await device.read(two.parameters[name])
      device.write(wide.parameters[name], W)
      singles.forEach((single, head) => {
        device.write(single.parameters[name], columnsOf(W, head, width))
      })
    }
    const context = await contextOf({ layer: two, X })
    const [left, right] = [
      await contextOf({ layer: singles[0], X }),
      await contextOf({ layer: singles[1], X }),
    ]
    const bySingles = Math.max(
      ...context.map((row, t) => largestDifference(row, [...left[t], ...right[t]])),
    )
    const oneWide = await contextOf({ layer: wide, X })
    const weights = await weightsOf({ layer: two, X })
    const T = sentence.length
    return apartEvidence(ground, {
      bySingles,
      byWide: Math.max(...context.map((row, t) => largestDifference(row, oneWide[t]))),
      between: Math.max(
        ...weights.slice(0, T).map((row, t) => largestDifference(row, weights.slice(-T)[t])),
      ),
    })
  },
}

interface ApartNumbers {
  /** How far two heads lie from two layers of one head, and from one wide head. */
  readonly bySingles: number
  readonly byWide: number
  /** How far the weights of the two heads lie from each other. */
  readonly between: number
}

function apartEvidence(setup: ClaimSetup, { bySingles, byWide, between }: ApartNumbers): Evidence {
  const same = bySingles < setup.tolerance
  return {
    findings: [
      {
        holds: same && byWide > 1e-3,
        text: both(
          (n) =>
            `two heads lie ${n(bySingles)} from two layers of one head side by side, and ${n(byWide)} from one wide head`,
          (n) =>
            `deux têtes sont à ${n(bySingles)} de deux couches d’une tête côte à côte, et à ${n(byWide)} d’une seule tête large`,
        ),
        numbers: { bySingles, byWide, between },
      },
    ],
    options: apartOptions(setup, { bySingles, byWide, between }),
  }
}

/**
 * What two heads may be thought to be: one wide head, two layers, or two that share their weights.
 */
function apartOptions(
  { tolerance }: ClaimSetup,
  { bySingles, byWide, between }: ApartNumbers,
): OptionFinding[] {
  const wide = both(
    (n) =>
      `one head of twice the width with the same matrices, unscaled: its vectors lie ${n(byWide)} from those of two heads`,
    (n) =>
      `une tête deux fois plus large avec les mêmes matrices, sans échelle : ses vecteurs sont à ${n(byWide)} de ceux des deux têtes`,
  )
  const two = both(
    (n) =>
      `each head is a layer by itself, to within ${n(bySingles)}, with weights of its own, up to ${n(between)} from the other's`,
    (n) =>
      `chaque tête est une couche à elle seule, à ${n(bySingles)} près, avec ses propres poids, jusqu’à ${n(between)} de ceux de l’autre`,
  )
  const shared = both(
    (n) => `the same weights for both: they differ by up to ${n(between)}`,
    (n) => `les mêmes poids pour les deux : ils diffèrent jusqu’à ${n(between)}`,
  )
  return [
    found('a', false, byWide < tolerance, wide, { byWide }),
    found('b', true, bySingles < tolerance && between > 1e-3, two, { bySingles, between }),
    found('c', false, between < tolerance, shared, { between }),
  ]
}
