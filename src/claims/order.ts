import { sinusoidal } from '../mechanism/position.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { type AnyLayer, type ClaimSetup, claim } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { embeddings, largestDifference, scaleOf } from './numbers.ts'
import { allOrders } from './orders.ts'
import { inTurn } from './scores.ts'

const upTo = (n: number): number[] => Array.from({ length: n }, (_, t) => t)

/** Every order where there are few, else some drawn by seed. */
function ordersOf({ sentence, seed, slow }: ClaimSetup): number[][] {
  const T = sentence.length
  if (T <= (slow ? 8 : 6)) return allOrders(T)
  const random = new Random(seed, 'orders')
  return Array.from({ length: slow ? 5000 : 720 }, () => random.shuffle(upTo(T)))
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
  const furthest = (expected: (order: readonly number[]) => Tensor): number =>
    Math.max(
      ...orders.map((order, n) => largestDifference(context.slice(n).data, expected(order).data)),
    ) / scale
  return {
    equivariant: furthest((order) => reordered(plain, order)),
    invariant: furthest(() => plain),
  }
}

/** The layer with positions added, for which the claims about order no longer hold. */
const positioned = (setup: ClaimSetup): AnyLayer =>
  setup.layer({ position: sinusoidal }, 'positioned ')

/** Question 10: f(PX) = P f(X) for every order P, until positions are added. */
export const wordOrder = claim(
  'order',
  'the layer takes no account of order: f(PX) = P f(X)',
  'la couche ne tient pas compte de l’ordre : f(PX) = P f(X)',
  async (setup) => {
    const X = embeddings(setup)
    const all = ordersOf(setup)
    const { equivariant: worst, invariant: invariance } = await overOrders(setup.layer(), X, all)
    const withPositions = (await overOrders(positioned(setup), X, all)).equivariant
    const blind = worst < setup.tolerance
    const orders = all.length
    return {
      findings: [
        finding(
          blind,
          '{orders} orders of «{sentence}»: the furthest of f(PX) from P f(X) is {worst}',
          '{orders} permutations de « {sentence} » : f(PX) s’écarte de P f(X) de {worst} au plus',
          { orders, worst },
          { sentence: setup.sentence.join(' ') },
        ),
        finding(
          invariance > 1e-3,
          'equivariant, not invariant: f(PX) differs from f(X) by up to {invariance}, for the rows move along',
          'équivariante, pas invariante : f(PX) diffère de f(X) jusqu’à {invariance}, car les lignes suivent',
          { invariance },
        ),
        finding(
          withPositions > 1e-3,
          'with positions added it ends, as it must: {withPositions}',
          'avec des positions la propriété tombe, comme il se doit : {withPositions}',
          { withPositions },
        ),
      ],
      options: optionsOf('b', [
        finding(
          !blind,
          "«yes»: no order of {orders} changes any word's vector by more than {worst}",
          '« oui » : aucune des {orders} permutations ne change le vecteur d’un mot de plus de {worst}',
          { worst },
          { orders },
        ),
        finding(
          blind,
          `«no»: ${blind ? 'each word keeps its vector wherever it stands' : 'yet words change with their position'}`,
          `« non » : ${blind ? 'chaque mot garde son vecteur où qu’il soit' : 'pourtant les mots changent avec leur place'}`,
          { worst },
        ),
      ]),
    }
  },
)

/** Pairs of positions with the same word. */
export const equalPositions = (sentence: readonly string[]): [number, number][] =>
  sentence.flatMap((word, i) =>
    sentence.flatMap((other, j): [number, number][] => (i < j && word === other ? [[i, j]] : [])),
  )

/** How far two rows of a layer's contextual embeddings lie from each other. */
async function apart(layer: AnyLayer, X: Tensor, [i, j]: readonly number[]): Promise<number> {
  const { context } = await layer.forward(X).read()
  return largestDifference(context.slice(i).data, context.slice(j).data)
}

/** Equal rows get contextual embeddings that are equal to the last bit, until positions part them. */
export const equalRows = claim(
  'equal-rows',
  'without positions, equal words get the same contextual embedding, to the last bit',
  'sans positions, deux mots égaux ont le même vecteur contextuel, au bit près',
  async (setup) => {
    const { seed, sentence, sizes } = setup
    const X = embeddings(setup)
    const pairs = equalPositions(sentence)
    const learned = await apartOnceLearned(setup)
    const without = await inTurn(pairs, (pair) => apart(setup.layer(), X, pair))
    const withSome = await inTurn(pairs, (pair) => apart(positioned(setup), X, pair))
    const draws = setup.slow ? 500 : 50
    const distances = await inTurn(upTo(draws), (n) => {
      const random = new Random(seed, `equal ${n}`)
      const T = 2 + random.integer(70)
      const [i, j] = random.shuffle(upTo(T))
      const rows = random.normals([T, sizes.dModel], setup.device.dtype)
      rows.slice(j).data.set(rows.slice(i).data)
      return apart(setup.layer({}, `${n} `), rows, [i, j])
    })
    const difference = Math.max(...distances)
    const together = Math.max(...without)
    const parted = Math.min(...withSome)
    const ofSentence = (exactly = together === 0) =>
      finding(
        exactly && parted > 1e-3,
        `«{sentence}», {pairs}: the difference is ${exactly ? 'exactly ' : ''}{withoutPositions}; with positions {withPositions}`,
        `« {sentence} », {pairs} : la différence est ${exactly ? 'exactement ' : ''}{withoutPositions} ; avec des positions {withPositions}`,
        { withoutPositions: together, withPositions: parted },
        {
          sentence: sentence.join(' '),
          pairs: pairs.map(([i, j]) => `${sentence[i]} (${i + 1}, ${j + 1})`).join(', '),
        },
      )
    return {
      findings: [
        finding(
          difference === 0,
          'two equal rows in {draws} texts of 2 to 71 rows, a layer each: difference {difference}',
          'deux lignes égales dans {draws} textes de 2 à 71 lignes, chacun sa couche : différence {difference}',
          { draws, difference },
        ),
        ...(pairs.length ? [ofSentence()] : []),
      ],
      options: optionsOf('a', [
        finding(
          difference === 0 && learned === 0,
          'the same to the last bit, whatever the parameters: the difference is {drawn}, and {learned} after learning',
          'le même au bit près, quels que soient les paramètres : la différence est {drawn}, et {learned} après apprentissage',
          { drawn: difference, learned },
        ),
        finding(
          learned > 0,
          '20 steps of learning that pull the two apart leave a difference of {learned}',
          '20 pas d’apprentissage qui les écartent laissent une différence de {learned}',
          { learned },
        ),
        finding(
          difference > 0,
          'rounding: the largest difference of all draws is {drawn}',
          'les arrondis : la plus grande différence de tous les tirages est {drawn}',
          { drawn: difference },
        ),
      ]),
    }
  },
)

/** How far two equal rows lie from each other after steps of learning that pull them apart. */
async function apartOnceLearned(setup: ClaimSetup): Promise<number> {
  const { device, sizes } = setup
  const layer = setup.layer({}, 'learning ')
  const X = setup.normals('learning', [6, sizes.dModel])
  X.slice(5).data.set(X.slice(2).data)
  const dC = setup.normals('dC', [6, sizes.dValue])
  for (let step = 0; step < 20; step++) {
    const { dParameters } = layer.forward(X).backward(dC)
    for (const [name, handle] of Object.entries(layer.parameters))
      device.sgd(handle, dParameters[name], undefined, { rate: 0.05, momentum: 0, decay: 0 })
  }
  return apart(layer, X, [2, 5])
}
