import { sinusoidal } from '../mechanism/position.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import {
  type AnyLayer,
  type AnyOptions,
  type Claim,
  type ClaimSetup,
  found,
  type OptionFinding,
  plainLayer,
} from './claim.ts'
import { both, embeddings, largestDifference, scaleOf } from './words.ts'

/** All n! orders of n places. */
export function allOrders(n: number): number[][] {
  if (n === 0) return [[]]
  return allOrders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  )
}

/** Every order where there are few, else some drawn by seed. */
function ordersOf({ sentence, seed, slow }: ClaimSetup): number[][] {
  const T = sentence.length
  if (T <= (slow ? 8 : 6)) return allOrders(T)
  const random = new Random(seed, 'orders')
  return Array.from({ length: slow ? 5000 : 720 }, () =>
    random.shuffle(Array.from({ length: T }, (_, t) => t)),
  )
}

/** Rows in another order. */
function reordered(X: Tensor, order: readonly number[]): Tensor {
  const Y = Tensor.zeros(X.shape, X.dtype)
  order.forEach((from, to) => {
    Y.data.set(X.slice(from).data, to * X.shape[1])
  })
  return Y
}

/** Over all orders: the furthest of f(PX) from P f(X), and of f(PX) from f(X). */
async function overOrders(
  layer: AnyLayer,
  X: Tensor,
  orders: readonly number[][],
): Promise<{ equivariant: number; invariant: number }> {
  const batch = Tensor.zeros([orders.length, ...X.shape], X.dtype)
  orders.forEach((order, n) => {
    batch.data.set(reordered(X, order).data, n * X.size)
  })
  const plain = (await layer.forward(X).read()).context
  const { context } = await layer.forward(batch).read()
  const scale = scaleOf(plain.data)
  let [equivariant, invariant] = [0, 0]
  orders.forEach((order, n) => {
    const vectors = context.slice(n).data
    equivariant = Math.max(
      equivariant,
      largestDifference(vectors, reordered(plain, order).data) / scale,
    )
    invariant = Math.max(invariant, largestDifference(vectors, plain.data) / scale)
  })
  return { equivariant, invariant }
}

/** The layer with positions added: what ends the claims about order. */
const positioned = (setup: ClaimSetup): AnyOptions => ({
  ...plainLayer(setup),
  position: sinusoidal,
})

/** Question 10: f(PX) = P f(X) for every order P, until positions are added. */
export const wordOrder: Claim = {
  name: 'order',
  question: 10,
  statement: {
    en: 'the layer takes no account of order: f(PX) = P f(X)',
    fr: 'la couche ne tient pas compte de l’ordre : f(PX) = P f(X)',
  },
  async run(ground) {
    const X = embeddings(ground)
    const orders = ordersOf(ground)
    const without = await overOrders(ground.layer(plainLayer(ground)), X, orders)
    const withPositions = await overOrders(
      ground.layer(positioned(ground), 'positioned '),
      X,
      orders,
    )
    const blind = without.equivariant < ground.tolerance
    return {
      findings: [
        {
          holds: blind,
          text: both(
            (n) =>
              `${orders.length} orders of «${ground.sentence.join(' ')}»: the furthest of f(PX) from P f(X) is ${n(without.equivariant)}`,
            (n) =>
              `${orders.length} permutations de « ${ground.sentence.join(' ')} » : f(PX) s’écarte de P f(X) de ${n(without.equivariant)} au plus`,
          ),
          numbers: { orders: orders.length, worst: without.equivariant },
        },
        {
          holds: without.invariant > 1e-3,
          text: both(
            (n) =>
              `equivariant, not invariant: f(PX) differs from f(X) by up to ${n(without.invariant)}, for the rows move along`,
            (n) =>
              `équivariante, pas invariante : f(PX) diffère de f(X) jusqu’à ${n(without.invariant)}, car les lignes suivent`,
          ),
          numbers: { invariance: without.invariant },
        },
        {
          holds: withPositions.equivariant > 1e-3,
          text: both(
            (n) => `with positions added it ends, as it must: ${n(withPositions.equivariant)}`,
            (n) =>
              `avec des positions la propriété tombe, comme il se doit : ${n(withPositions.equivariant)}`,
          ),
          numbers: { withPositions: withPositions.equivariant },
        },
      ],
      options: [
        {
          option: 'a',
          right: false,
          holds: !blind,
          text: both(
            (n) =>
              `«yes»: no order of ${orders.length} changes any word's vector by more than ${n(without.equivariant)}`,
            (n) =>
              `« oui » : aucune des ${orders.length} permutations ne change le vecteur d’un mot de plus de ${n(without.equivariant)}`,
          ),
          numbers: { worst: without.equivariant },
        },
        {
          option: 'b',
          right: true,
          holds: blind,
          text: {
            en: blind
              ? '«no»: each word keeps its vector wherever it stands'
              : '«no»: yet words change with their place',
            fr: blind
              ? '« non » : chaque mot garde son vecteur où qu’il soit'
              : '« non » : pourtant les mots changent avec leur place',
          },
          numbers: { worst: without.equivariant },
        },
      ],
    }
  },
}

/** Pairs of places with the same word. */
export const equalPlaces = (sentence: readonly string[]): [number, number][] =>
  sentence.flatMap((word, i) =>
    sentence.flatMap((other, j): [number, number][] => (i < j && word === other ? [[i, j]] : [])),
  )

/**
 * Equal rows get contextual embeddings that are equal to the last bit, until positions part them.
 */
export const equalRows: Claim = {
  name: 'equal-rows',
  statement: {
    en: 'without positions, equal words get the same contextual embedding, to the last bit',
    fr: 'sans positions, deux mots égaux ont le même vecteur contextuel, au bit près',
  },
  async run(ground) {
    const { seed, sentence, sizes, device } = ground
    const X = embeddings(ground)
    const pairs = equalPlaces(sentence)
    const draws = ground.slow ? 500 : 50
    const apart = async (
      layer: AnyLayer,
      rows: Tensor,
      [i, j]: readonly [number, number],
    ): Promise<number> => {
      const { context } = await layer.forward(rows).read()
      return largestDifference(context.slice(i).data, context.slice(j).data)
    }
    const learned = await apartOnceLearned(ground)
    let together = 0
    let parted = Infinity
    for (const pair of pairs)
      together = Math.max(together, await apart(ground.layer(plainLayer(ground)), X, pair))
    for (const pair of pairs)
      parted = Math.min(
        parted,
        await apart(ground.layer(positioned(ground), 'positioned '), X, pair),
      )
    let drawn = 0
    for (let n = 0; n < draws; n++) {
      const random = new Random(seed, `equal ${n}`)
      const T = 2 + random.integer(70)
      const [i, j] = random.shuffle(Array.from({ length: T }, (_, t) => t))
      const rows = random.normals([T, sizes.dModel], device.dtype)
      rows.slice(j).data.set(rows.slice(i).data)
      drawn = Math.max(drawn, await apart(ground.layer(plainLayer(ground), `${n} `), rows, [i, j]))
    }
    const named = pairs.map(([i, j]) => `${sentence[i]} (${i + 1}, ${j + 1})`).join(', ')
    return {
      findings: [
        {
          holds: drawn === 0,
          text: both(
            (n) =>
              `two equal rows in ${draws} texts of 2 to 71 rows, a layer each: difference ${n(drawn)}`,
            (n) =>
              `deux lignes égales dans ${draws} textes de 2 à 71 lignes, chacun sa couche : différence ${n(drawn)}`,
          ),
          numbers: { draws, difference: drawn },
        },
        ...(pairs.length
          ? [
              {
                holds: together === 0 && parted > 1e-3,
                text: both(
                  (n) =>
                    `«${sentence.join(' ')}», ${named}: the difference is ${together === 0 ? 'exactly ' : ''}${n(together)}; with positions ${n(parted)}`,
                  (n) =>
                    `« ${sentence.join(' ')} », ${named} : la différence est ${together === 0 ? 'exactement ' : ''}${n(together)} ; avec des positions ${n(parted)}`,
                ),
                numbers: { withoutPositions: together, withPositions: parted },
              },
            ]
          : []),
      ],
      options: equalOptions(drawn, learned),
    }
  },
}

/**
 * How far two equal rows lie from each other after steps of learning that ask them for different
 * vectors.
 */
async function apartOnceLearned(setup: ClaimSetup): Promise<number> {
  const { device, seed, sizes } = setup
  const layer = setup.layer(plainLayer(setup), 'learning ')
  const X = new Random(seed, 'learning').normals([6, sizes.dModel], device.dtype)
  X.slice(5).data.set(X.slice(2).data)
  const dC = new Random(seed, 'dC').normals([6, sizes.dValue], device.dtype)
  for (let step = 0; step < 20; step++) {
    const { dParameters } = layer.forward(X).backward(dC)
    for (const [name, handle] of Object.entries(layer.parameters))
      device.sgd(handle, dParameters[name], undefined, { rate: 0.05, momentum: 0, decay: 0 })
  }
  const { context } = await layer.forward(X).read()
  return largestDifference(context.slice(2).data, context.slice(5).data)
}

/** Equal whatever the parameters, parted by learning, or equal but for rounding. */
function equalOptions(drawn: number, learned: number): OptionFinding[] {
  return [
    found(
      'a',
      true,
      drawn === 0 && learned === 0,
      both(
        (n) =>
          `the same to the last bit, whatever the parameters: the difference is ${n(drawn)}, and ${n(learned)} after learning`,
        (n) =>
          `le même au bit près, quels que soient les paramètres : la différence est ${n(drawn)}, et ${n(learned)} après apprentissage`,
      ),
      { drawn, learned },
    ),
    found(
      'b',
      false,
      learned > 0,
      both(
        (n) => `20 steps of learning that pull the two apart leave a difference of ${n(learned)}`,
        (n) => `20 pas d’apprentissage qui les écartent laissent une différence de ${n(learned)}`,
      ),
      { learned },
    ),
    found(
      'c',
      false,
      drawn > 0,
      both(
        (n) => `rounding: the largest difference of all draws is ${n(drawn)}`,
        (n) => `les arrondis : la plus grande différence de tous les tirages est ${n(drawn)}`,
      ),
      { drawn },
    ),
  ]
}
