import { causal, cells } from '../mechanism/mask.ts'
import { inner } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import {
  type AnyLayer,
  type Claim,
  type ClaimSetup,
  found,
  type OptionFinding,
  plainLayer,
} from './claim.ts'
import { both, largestDifference, projected } from './words.ts'

/** A query that may look at nothing gets the zero vector, zero weights and zero gradients. */
export const emptyRow: Claim = {
  name: 'empty-row',
  statement: {
    en: 'a query that may attend to nothing gets zeros, in value and in gradient',
    fr: 'une requête qui ne peut rien regarder reçoit des zéros, en valeur comme en gradient',
  },
  async run(ground) {
    const { device, sizes, sentence, seed } = ground
    const T = sentence.length
    const layer = ground.layer(plainLayer(ground))
    const X = new Random(seed, 'X').normals([T, sizes.dModel], device.dtype)
    const blind = 1
    const mask = cells(
      new Tensor(
        [T, T],
        Uint8Array.from({ length: T * T }, (_, n) => (Math.floor(n / T) === blind ? 0 : 1)),
      ),
    )
    const run = async (dC: Tensor) => {
      const pass = layer.forward(X, { mask, want: { weights: true } })
      const { context, weights } = await pass.read()
      return { context, weights: weights?.slice(0).slice(0), ...(await pass.backward(dC).read()) }
    }
    // a gradient at the blind row alone reaches nothing
    const onBlind = Tensor.zeros([T, sizes.dValue], device.dtype)
    onBlind.slice(blind).data.fill(1)
    const { context, weights, dX, dParameters } = await run(onBlind)
    const most = (values: ArrayLike<number> = [Infinity]): number =>
      largestDifference(values, new Float64Array(values.length))
    const gradients = [dX, ...Object.values(dParameters)].map(({ data }) => most(data))
    const zeros = [
      most(weights?.slice(blind).data),
      most(context.slice(blind).data),
      Math.max(...gradients),
    ]
    const others = [most(weights?.slice(0).data), most(context.slice(0).data)]
    return {
      findings: [
        {
          holds:
            zeros.every((value) => value === 0) &&
            others.every((value) => value > 0 && Number.isFinite(value)),
          text: both(
            (n) =>
              `word ${blind + 1} may look at nothing: its largest weight is ${n(zeros[0])}, its context ${n(zeros[1])}, the gradients of X and of every parameter from it ${n(zeros[2])}; word 1 beside it sees: ${others.map(n).join(', ')}`,
            (n) =>
              `le mot ${blind + 1} ne peut rien regarder : son plus grand poids est ${n(zeros[0])}, son contexte ${n(zeros[1])}, les gradients de X et de chaque paramètre qui en viennent ${n(zeros[2])} ; le mot 1, à côté, voit : ${others.map(n).join(', ')}`,
          ),
          numbers: { weights: zeros[0], context: zeros[1], gradients: zeros[2], others },
        },
      ],
      options: emptyOptions(
        ground,
        context.slice(blind).data,
        projected(X, await device.read(layer.parameters.W_V)),
        zeros.every((value) => value === 0),
      ),
    }
  },
}

/** What may be thought of a vector that saw nothing: zeros, the mean of all values, or 0/0. */
function emptyOptions(
  setup: ClaimSetup,
  vector: ArrayLike<number>,
  values: readonly Float64Array[],
  zero: boolean,
): OptionFinding[] {
  const mean = Float64Array.from(
    values[0],
    (_, c) => values.reduce((sum, value) => sum + value[c], 0) / values.length,
  )
  const apart = largestDifference(vector, mean)
  const notNumbers = Array.from(vector).filter(Number.isNaN).length
  return [
    found(
      'a',
      true,
      zero,
      { en: 'zeros, in value and in gradient', fr: 'des zéros, en valeur comme en gradient' },
      {},
    ),
    found(
      'b',
      false,
      apart < setup.tolerance,
      both(
        (n) => `the mean of all values: the layer's vector lies ${n(apart)} from it`,
        (n) => `la moyenne de toutes les valeurs : le vecteur de la couche en est à ${n(apart)}`,
      ),
      { apart },
    ),
    found(
      'c',
      false,
      notNumbers > 0,
      {
        en: `NaN: ${notNumbers} of ${vector.length} numbers are, for nothing is divided by the sum of no weights`,
        fr: `NaN : ${notNumbers} nombres sur ${vector.length} le sont, car rien n’est divisé par la somme d’aucun poids`,
      },
      { notNumbers },
    ),
  ]
}

/**
 * Under a causal mask nothing that comes later changes what came before, not even numbers that are
 * not finite.
 */
export const causalPast: Claim = {
  name: 'causal-past',
  statement: {
    en: 'under a causal mask the future never changes the past',
    fr: 'sous un masque causal, le futur ne change jamais le passé',
  },
  async run(ground) {
    const { device, sizes, seed } = ground
    const T = Math.max(2, ground.sentence.length)
    const layer = ground.layer(plainLayer(ground))
    const X = new Random(seed, 'X').normals([T, sizes.dModel], device.dtype)
    const before = (await layer.forward(X, { mask: causal() }).read()).context
    let past = 0
    let present = Infinity
    for (let t = 1; t < T; t++) {
      for (const intruder of [
        new Random(seed, `${t}`).normal(0, 10),
        Number.NaN,
        Number.POSITIVE_INFINITY,
      ]) {
        const changed = X.as(X.dtype)
        changed.slice(t).data.fill(intruder)
        const after = (await layer.forward(changed, { mask: causal() }).read()).context
        for (let i = 0; i < t; i++)
          past = Math.max(past, largestDifference(after.slice(i).data, before.slice(i).data))
        present = Math.min(present, largestDifference(after.slice(t).data, before.slice(t).data))
      }
    }
    return {
      findings: [
        {
          holds: past === 0 && present > 0,
          text: both(
            (n) =>
              `each word replaced by another, by NaN and by ∞: the words before it change by ${n(past)}, the word itself by at least ${n(present)}`,
            (n) =>
              `chaque mot remplacé par un autre, par NaN et par ∞ : les mots d’avant changent de ${n(past)}, le mot lui-même d’au moins ${n(present)}`,
          ),
          numbers: { past, present },
        },
      ],
    }
  },
}

/** ⟨dY, U⟩ and (L(Y + hU) − L(Y − hU))/2h along a random direction U, for X and every parameter. */
async function directions(
  setup: ClaimSetup,
  layer: AnyLayer,
  X: Tensor,
  dC: Tensor,
): Promise<{ name: string; gradient: number; difference: number }[]> {
  const { device, seed } = setup
  const step = device.dtype === 'float64' ? 1e-5 : 1e-2
  const pass = layer.forward(X)
  const { dX, dParameters } = await pass.backward(dC).read()
  const loss = async (): Promise<number> => {
    const { context } = await layer.forward(X).read()
    return inner(context.data, dC.data)
  }
  const along = async (name: string, Y: Tensor, gradient: Tensor, put: () => void) => {
    const start = Y.data.slice()
    const random = new Random(seed, `direction ${name}`)
    const U = Float64Array.from(start, () => random.normal())
    const at = async (t: number): Promise<number> => {
      Y.data.forEach((_, n) => {
        Y.data[n] = start[n] + t * U[n]
      })
      put()
      return loss()
    }
    const difference = ((await at(step)) - (await at(-step))) / (2 * step)
    Y.data.set(start)
    put()
    return { name, gradient: inner(U, gradient.data), difference }
  }
  const slopes = [await along('X', X, dX, () => {})]
  for (const [name, handle] of Object.entries(layer.parameters)) {
    const Y = await device.read(handle)
    slopes.push(await along(name, Y, dParameters[name], () => device.write(handle, Y)))
  }
  return slopes
}

/** The gradients that the layer computes are the slopes that it has. */
export const gradientsAgree: Claim = {
  name: 'gradients',
  statement: {
    en: 'the gradients of X and of every parameter agree with differences',
    fr: 'les gradients de X et de chaque paramètre sont ceux des différences',
  },
  async run(ground) {
    const { device, sizes, sentence, seed } = ground
    const X = new Random(seed, 'X').normals([2, sentence.length, sizes.dModel], device.dtype)
    const dC = new Random(seed, 'dC').normals([2, sentence.length, sizes.dValue], device.dtype)
    const slopes = await directions(ground, ground.layer(plainLayer(ground)), X, dC)
    const errors = slopes.map(
      ({ gradient, difference }) =>
        Math.abs(gradient - difference) / Math.max(1, Math.abs(gradient)),
    )
    const worst = Math.max(...errors)
    const names = slopes.map(({ name }) => name).join(', ')
    return {
      findings: [
        {
          holds:
            worst < (device.dtype === 'float64' ? 1e-7 : 1e-2) &&
            slopes.every(({ gradient }) => gradient !== 0),
          text: both(
            (n) => `along a random direction in each of ${names}: the worst error is ${n(worst)}`,
            (n) =>
              `selon une direction tirée au sort dans chacun de ${names} : la pire erreur est ${n(worst)}`,
          ),
          numbers: {
            worst,
            gradients: slopes.map(({ gradient }) => gradient),
            differences: slopes.map(({ difference }) => difference),
          },
        },
      ],
    }
  },
}
