import { shapeText } from '../tensor.ts'
import { claim, thrownBy } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { largestDifference } from './numbers.ts'
import { inTurn } from './scores.ts'

/** Question 1: q^t = W_Qᵀ X^t, so W_Q has a row for each column of X. */
export const projectionShape = claim(
  'projection-shape',
  'W_Q has the shape (D, d_q)',
  'W_Q est de dimensions D × d_q',
  async (setup) => {
    const { device } = setup
    const { dModel, dQuery, dValue } = setup.sizes
    const layer = setup.layer()
    const { shape } = layer.parameters.W_Q
    const expected = [dModel, dQuery]
    const right = shape[0] === dModel && shape[1] === dQuery
    const X = setup.normals('X', [1, dModel])
    const { context } = await layer.forward(X).read()
    const q = device.allocate([1, dQuery])
    const errorWith = (W: number[]): string | undefined =>
      thrownBy(() => device.product(device.upload(X), device.allocate(W), q))
    const swapped = [dQuery, dModel]
    const clash = errorWith(swapped)
    return {
      findings: [
        finding(
          right && context.shape[1] === dValue,
          "the layer's own W_Q is {W_Q} with D = {dModel} and d_q = {dQuery}, and it runs",
          'la matrice W_Q de la couche est {W_Q} avec D = {dModel} et d_q = {dQuery}, et la couche tourne',
          { shape, dModel, dQuery },
          { W_Q: shapeText(shape) },
        ),
      ],
      options: optionsOf('a', [
        finding(
          right && errorWith(expected) === undefined,
          'W_Q {W_Q}: W_Qᵀ Xᵗ has {dQuery} numbers, a query',
          'W_Q {W_Q} : W_Qᵀ Xᵗ a {dQuery} nombres, c’est une requête',
          { shape: expected },
          { W_Q: shapeText(expected), dQuery },
        ),
        finding(
          clash === undefined,
          'W_Q {W_Q}: the matrices collide. {clash}',
          'W_Q {W_Q} : les matrices ne vont pas ensemble. {clash}',
          { shape: swapped },
          { W_Q: shapeText(swapped), clash: clash ?? '' },
        ),
      ]),
    }
  },
)

/** d_q, d_k and d_v. */
type Widths = readonly [number, number, number]

/** Question 2: of all sizes, exactly those with d_q = d_k work under the scaled dot product. */
export const equalWidths = claim(
  'equal-widths',
  'the scaled dot product needs d_q = d_k, and nothing of d_v',
  'le produit scalaire réduit par √d_k exige d_q = d_k, et rien de d_v',
  async (setup) => {
    const { dModel } = setup.sizes
    const X = setup.normals('X', [3, dModel])
    const each = [1, 2, 3, 5]
    const triples = each.flatMap((q) => each.flatMap((k) => each.map((v): Widths => [q, k, v])))
    const errors = triples.map(([dQuery, dKey, dValue]) =>
      thrownBy(() => setup.layer({ dModel, dQuery, dKey, dValue }).forward(X)),
    )
    const works = (n: number): boolean => errors[n] === undefined
    const exceptions = triples.filter(([q, k], n) => works(n) !== (q === k)).length
    const message = errors[triples.findLastIndex(([q, k]) => q === 3 && k === 5)] ?? ''
    const option = (rule: string, satisfied: (widths: Widths) => boolean) => {
      const fails = triples.find((widths, n) => satisfied(widths) && !works(n))
      const breaks = triples.find((widths, n) => !satisfied(widths) && works(n))
      const named = ([q, k, v]: Widths): string => `d_q ${q}, d_k ${k}, d_v ${v}`
      if (!fails && !breaks)
        return finding(
          true,
          `${rule}: all sizes that satisfy it work, none other does`,
          `${rule} : toutes les tailles qui la vérifient marchent, aucune autre`,
          {},
        )
      const [en, fr] = fails
        ? ['{fails} satisfies it and fails', '{fails} la vérifie et échoue']
        : ['no size that satisfies it fails', 'aucune taille qui la vérifie n’échoue']
      const [enBreaks, frBreaks] = breaks
        ? ['{breaks} breaks it and works', '{breaks} ne la vérifie pas et marche']
        : ['none that breaks it works', 'aucune qui ne la vérifie pas ne marche']
      return finding(
        false,
        `${rule}: ${en}; ${enBreaks}`,
        `${rule} : ${fr} ; ${frBreaks}`,
        {
          ...(fails ? { satisfiesAndFails: fails } : {}),
          ...(breaks ? { breaksAndWorks: breaks } : {}),
        },
        { ...(fails ? { fails: named(fails) } : {}), ...(breaks ? { breaks: named(breaks) } : {}) },
      )
    }
    const [en, fr] = exceptions
      ? ['with {exceptions} exceptions', 'à {exceptions} exceptions près']
      : ['without exception', 'sans exception']
    return {
      findings: [
        finding(
          exceptions === 0,
          `of {triples} triples of widths those with d_q = d_k work and no others, ${en}; d_q = 3 and d_k = 5 throw «{message}»`,
          `de {triples} triplets de tailles, ceux où d_q = d_k marchent et eux seuls, ${fr} ; avec d_q = 3 et d_k = 5 la couche répond « {message} »`,
          { triples: triples.length, exceptions, message },
        ),
      ],
      options: optionsOf('a', [
        option('d_q = d_k', ([q, k]) => q === k),
        option('d_v = d_k', ([, k, v]) => v === k),
        option('d_q = d_v', ([q, , v]) => q === v),
      ]),
    }
  },
)

/** Question 7: (N, T, D) becomes (N, T, d_v), text by text. */
export const batchShape = claim(
  'batch-shape',
  'a batch (N, T, D) becomes (N, T, d_v)',
  'un lot (N, T, D) devient (N, T, d_v)',
  async (setup) => {
    const { N, dModel, dQuery, dValue } = setup.sizes
    const T = setup.sentence.length
    const layer = setup.layer()
    const X = setup.normals('X', [N, T, dModel])
    const { context } = await layer.forward(X).read()
    const apart = await inTurn(Array.from({ length: N }).keys(), async (n) => {
      const alone = await layer.forward(X.slice(n)).read()
      return largestDifference(alone.context.data, context.slice(n).data)
    })
    const difference = Math.max(...apart)
    const found = shapeText(context.shape)
    const option = (symbols: string, shape: number[], en = '', fr = '') =>
      finding(
        found === shapeText(shape),
        `${symbols} would be {shape}; the layer gives {context}${en}`,
        `${symbols} donnerait {shape} ; la couche donne {context}${fr}`,
        { expected: shape, found: context.shape },
        { shape: shapeText(shape), context: found },
      )
    const options = optionsOf('b', [
      option('(N, T, d_q)', [N, T, dQuery]),
      option('(N, T, d_v)', [N, T, dValue]),
      option(
        '(N, d_k)',
        [N, dQuery],
        ': a vector for each word, nothing is pooled',
        ' : un vecteur par mot, rien n’est moyenné',
      ),
    ])
    return {
      findings: [
        finding(
          options[1].holds && difference === 0,
          '{batch} becomes {context} with d_q = {dQuery}, d_v = {dValue}; each text run by itself differs by {difference}',
          '{batch} devient {context} avec d_q = {dQuery}, d_v = {dValue} ; chaque texte seul diffère de {difference}',
          { input: X.shape, output: context.shape, difference },
          { batch: shapeText(X.shape), context: found, dQuery, dValue },
        ),
      ],
      options,
    }
  },
)
