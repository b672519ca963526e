import { causal, cells } from '../mechanism/mask.ts'
import { inner } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { type AnyLayer, type ClaimSetup, claim } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { largestDifference, projected } from './numbers.ts'
import { sumOf } from './scores.ts'

/** The largest |a|. */
const largestOf = (values: ArrayLike<number> = [Infinity]): number =>
  largestDifference(values, new Float64Array(values.length))

/** A query that may attend to no key gets the zero vector, zero weights and zero gradients. */
export const emptyRow = claim(
  'empty-row',
  'a query that may attend to nothing gets zeros, in value and in gradient',
  'une requête qui ne peut rien regarder reçoit des zéros, en valeur comme en gradient',
  async (setup) => {
    const { device, sizes } = setup
    const T = setup.sentence.length
    const layer = setup.layer()
    const X = setup.normals('X', [T, sizes.dModel])
    const blind = 1
    const open = Uint8Array.from({ length: T * T }, (_, n) => Number(Math.floor(n / T) !== blind))
    const pass = layer.forward(X, {
      mask: cells(new Tensor([T, T], open)),
      want: { weights: true },
    })
    const { context, weights } = await pass.read()
    const rows = weights?.slice(0).slice(0)
    // a gradient at the blind row alone reaches nothing
    const onBlind = Tensor.zeros([T, sizes.dValue], device.dtype)
    onBlind.slice(blind).data.fill(1)
    const { dX, dParameters } = await pass.backward(onBlind).read()
    const vector = context.slice(blind).data
    const zeros = {
      weights: largestOf(rows?.slice(blind).data),
      context: largestOf(vector),
      gradients: Math.max(
        ...[dX, ...Object.values(dParameters)].map(({ data }) => largestOf(data)),
      ),
    }
    const others = [largestOf(rows?.slice(0).data), largestOf(context.slice(0).data)]
    const zero = Object.values(zeros).every((value) => value === 0)
    const values = projected(X, await device.read(layer.parameters.W_V))
    const mean = values[0].map((_, c) => sumOf(values.map((value) => value[c])) / T)
    const apart = largestDifference(vector, mean)
    const notNumbers = Array.from(vector).filter(Number.isNaN).length
    return {
      findings: [
        finding(
          zero && others.every((value) => value > 0 && Number.isFinite(value)),
          'word {blind} may look at nothing: its largest weight is {weights}, its context {context}, the gradients of X and of every parameter from it {gradients}; word 1 beside it sees: {others}',
          'le mot {blind} ne peut rien regarder : son plus grand poids est {weights}, son contexte {context}, les gradients de X et de chaque paramètre qui en viennent {gradients} ; le mot 1, à côté, voit : {others}',
          { ...zeros, others },
          { blind: blind + 1 },
        ),
      ],
      options: optionsOf('a', [
        finding(
          zero,
          'zeros, in value and in gradient',
          'des zéros, en valeur comme en gradient',
          {},
        ),
        finding(
          apart < setup.tolerance,
          "the mean of all values: the layer's vector lies {apart} from it",
          'la moyenne de toutes les valeurs : le vecteur de la couche en est à {apart}',
          { apart },
        ),
        finding(
          notNumbers > 0,
          'NaN: {notNumbers} of {length} numbers are, for nothing is divided by the sum of no weights',
          'NaN : {notNumbers} nombres sur {length} le sont, car rien n’est divisé par la somme d’aucun poids',
          { notNumbers },
          { length: vector.length },
        ),
      ]),
    }
  },
)

/**
 * Under a causal mask nothing that comes later changes what came before, not even numbers that are
 * not finite.
 */
export const causalPast = claim(
  'causal-past',
  'under a causal mask the future never changes the past',
  'sous un masque causal, le futur ne change jamais le passé',
  async (setup) => {
    const T = Math.max(2, setup.sentence.length)
    const layer = setup.layer()
    const X = setup.normals('X', [T, setup.sizes.dModel])
    const contextOf = async (rows: Tensor): Promise<Tensor> =>
      (await layer.forward(rows, { mask: causal() }).read()).context
    const before = await contextOf(X)
    let past = 0
    let present = Infinity
    for (let t = 1; t < T; t++) {
      for (const intruder of [new Random(setup.seed, `${t}`).normal(0, 10), Number.NaN, Infinity]) {
        const changed = X.as(X.dtype)
        changed.slice(t).data.fill(intruder)
        const after = await contextOf(changed)
        const moved = (i: number): number =>
          largestDifference(after.slice(i).data, before.slice(i).data)
        for (let i = 0; i < t; i++) past = Math.max(past, moved(i))
        present = Math.min(present, moved(t))
      }
    }
    return {
      findings: [
        finding(
          past === 0 && present > 0,
          'each word replaced by another, by NaN and by ∞: the words before it change by {past}, the word itself by at least {present}',
          'chaque mot remplacé par un autre, par NaN et par ∞ : les mots d’avant changent de {past}, le mot lui-même d’au moins {present}',
          { past, present },
        ),
      ],
    }
  },
)

/** ⟨dY, U⟩ and (L(Y + hU) − L(Y − hU))/2h along a random direction U, for X and every parameter. */
async function directions(
  { device, seed }: ClaimSetup,
  layer: AnyLayer,
  X: Tensor,
  dC: Tensor,
): Promise<{ name: string; gradient: number; difference: number }[]> {
  const step = device.dtype === 'float64' ? 1e-5 : 1e-2
  const { dX, dParameters } = await layer.forward(X).backward(dC).read()
  const along = async (name: string, Y: Tensor, gradient: Tensor, put: () => void) => {
    const start = Y.data.slice()
    const random = new Random(seed, `direction ${name}`)
    const U = Float64Array.from(start, () => random.normal())
    const lossAt = async (t: number): Promise<number> => {
      Y.data.set(start.map((y, n) => y + t * U[n]))
      put()
      return inner((await layer.forward(X).read()).context.data, dC.data)
    }
    const difference = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step)
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
export const gradientsAgree = claim(
  'gradients',
  'the gradients of X and of every parameter agree with differences',
  'les gradients de X et de chaque paramètre sont ceux des différences',
  async (setup) => {
    const { dModel, dValue } = setup.sizes
    const T = setup.sentence.length
    const X = setup.normals('X', [2, T, dModel])
    const dC = setup.normals('dC', [2, T, dValue])
    const slopes = await directions(setup, setup.layer(), X, dC)
    const gradients = slopes.map(({ gradient }) => gradient)
    const differences = slopes.map(({ difference }) => difference)
    const errors = gradients.map(
      (gradient, n) => Math.abs(gradient - differences[n]) / Math.max(1, Math.abs(gradient)),
    )
    const worst = Math.max(...errors)
    return {
      findings: [
        finding(
          worst < (setup.device.dtype === 'float64' ? 1e-7 : 1e-2) && !gradients.includes(0),
          'along a random direction in each of {names}: the worst error is {worst}',
          'selon une direction tirée au sort dans chacun de {names} : la pire erreur est {worst}',
          { worst, gradients, differences },
          { names: slopes.map(({ name }) => name).join(', ') },
        ),
      ],
    }
  },
)
