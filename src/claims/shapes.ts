import { Random } from '../random.ts'
import { shapeText } from '../tensor.ts'
import { type Claim, type OptionFinding, plainLayer, thrownBy } from './claim.ts'
import { both, largestDifference } from './words.ts'

/** Question 1: q^t = W_Qᵀ X^t, so W_Q has a row for each column of X. */
export const projectionShape: Claim = {
  name: 'projection-shape',
  question: 1,
  statement: { en: 'W_Q has the shape (D, d_q)', fr: 'W_Q est de dimensions D × d_q' },
  async run(ground) {
    const { device, sizes } = ground
    const layer = ground.layer(plainLayer(ground))
    const expected = [sizes.dModel, sizes.dQuery]
    const found = layer.parameters.W_Q.shape
    const right = found[0] === expected[0] && found[1] === expected[1]
    const X = new Random(ground.seed, 'X').normals([1, sizes.dModel], device.dtype)
    const pass = layer.forward(X)
    const W = { a: device.allocate(expected), b: device.allocate([...expected].reverse()) }
    const q = device.allocate([1, sizes.dQuery])
    const clash = thrownBy(() => device.product(device.upload(X), W.b, q))
    const fits = thrownBy(() => device.product(device.upload(X), W.a, q))
    const option = (
      name: string,
      shape: number[],
      holds: boolean,
      text: OptionFinding['text'],
    ): OptionFinding => ({
      option: name,
      right: name === 'a',
      holds,
      text,
      numbers: { shape },
    })
    return {
      findings: [
        {
          holds: right && (await pass.read()).context.shape[1] === sizes.dValue,
          text: both(
            () =>
              `the layer's own W_Q is ${shapeText(found)} with D = ${sizes.dModel} and d_q = ${sizes.dQuery}, and it runs`,
            () =>
              `la matrice W_Q de la couche est ${shapeText(found)} avec D = ${sizes.dModel} et d_q = ${sizes.dQuery}, et la couche tourne`,
          ),
          numbers: { shape: found, dModel: sizes.dModel, dQuery: sizes.dQuery },
        },
      ],
      options: [
        option('a', expected, right && fits === undefined, {
          en: `W_Q ${shapeText(expected)}: W_Qᵀ Xᵗ has ${sizes.dQuery} numbers, a query`,
          fr: `W_Q ${shapeText(expected)} : W_Qᵀ Xᵗ a ${sizes.dQuery} nombres, c’est une requête`,
        }),
        option('b', [...expected].reverse(), clash === undefined, {
          en: `W_Q ${shapeText([...expected].reverse())}: the matrices collide. ${clash ?? ''}`,
          fr: `W_Q ${shapeText([...expected].reverse())} : les matrices ne vont pas ensemble. ${clash ?? ''}`,
        }),
      ],
    }
  },
}

/** Question 2: of all sizes, exactly those with d_q = d_k work under the scaled dot product. */
export const equalWidths: Claim = {
  name: 'equal-widths',
  question: 2,
  statement: {
    en: 'the scaled dot product needs d_q = d_k, and nothing of d_v',
    fr: 'le produit scalaire réduit par √d_k exige d_q = d_k, et rien de d_v',
  },
  async run(ground) {
    const widths = [1, 2, 3, 5]
    const X = new Random(ground.seed, 'X').normals([3, ground.sizes.dModel], ground.device.dtype)
    const works = new Map<string, boolean>()
    let message = ''
    for (const dQuery of widths) {
      for (const dKey of widths) {
        for (const dValue of widths) {
          const thrown = thrownBy(() =>
            ground.layer({ dModel: ground.sizes.dModel, dQuery, dKey, dValue }).forward(X),
          )
          works.set([dQuery, dKey, dValue].join(), thrown === undefined)
          if (dQuery === 3 && dKey === 5) message = thrown ?? ''
        }
      }
    }
    const all = [...works].map(([key, ok]) => [key.split(',').map(Number), ok] as const)
    const wrong = all.filter(([[dQuery, dKey], ok]) => ok !== (dQuery === dKey))
    const option = (
      name: string,
      satisfied: (sizes: number[]) => boolean,
      rule: string,
    ): OptionFinding => {
      const fails = all.find(([sizes, ok]) => satisfied(sizes) && !ok)?.[0]
      const breaks = all.find(([sizes, ok]) => !satisfied(sizes) && ok)?.[0]
      const named = (sizes: readonly number[] = []) =>
        `d_q ${sizes[0]}, d_k ${sizes[1]}, d_v ${sizes[2]}`
      return {
        option: name,
        right: name === 'a',
        holds: fails === undefined && breaks === undefined,
        text:
          fails || breaks
            ? {
                en: `${rule}: ${fails ? `${named(fails)} satisfies it and fails` : 'no size that satisfies it fails'}; ${breaks ? `${named(breaks)} breaks it and works` : 'none that breaks it works'}`,
                fr: `${rule} : ${fails ? `${named(fails)} la vérifie et échoue` : 'aucune taille qui la vérifie n’échoue'} ; ${breaks ? `${named(breaks)} ne la vérifie pas et marche` : 'aucune qui ne la vérifie pas ne marche'}`,
              }
            : {
                en: `${rule}: all sizes that satisfy it work, none other does`,
                fr: `${rule} : toutes les tailles qui la vérifient marchent, aucune autre`,
              },
        numbers: {
          ...(fails ? { satisfiesAndFails: fails } : {}),
          ...(breaks ? { breaksAndWorks: breaks } : {}),
        },
      }
    }
    return {
      findings: [
        {
          holds: wrong.length === 0,
          text: both(
            () =>
              `of ${all.length} triples of widths those with d_q = d_k work and no others, ${wrong.length ? `with ${wrong.length} exceptions` : 'without exception'}; d_q = 3 and d_k = 5 throw «${message}»`,
            () =>
              `de ${all.length} triplets de tailles, ceux où d_q = d_k marchent et eux seuls, ${wrong.length ? `à ${wrong.length} exceptions près` : 'sans exception'} ; avec d_q = 3 et d_k = 5 la couche répond « ${message} »`,
          ),
          numbers: { triples: all.length, exceptions: wrong.length, message },
        },
      ],
      options: [
        option('a', ([q, k]) => q === k, 'd_q = d_k'),
        option('b', ([, k, v]) => v === k, 'd_v = d_k'),
        option('c', ([q, , v]) => q === v, 'd_q = d_v'),
      ],
    }
  },
}

/** Question 7: (N, T, D) becomes (N, T, d_v), text by text. */
export const batchShape: Claim = {
  name: 'batch-shape',
  question: 7,
  statement: {
    en: 'a batch (N, T, D) becomes (N, T, d_v)',
    fr: 'un lot (N, T, D) devient (N, T, d_v)',
  },
  async run(ground) {
    const { sizes, device, sentence } = ground
    const [N, T] = [sizes.N, sentence.length]
    const layer = ground.layer(plainLayer(ground))
    const X = new Random(ground.seed, 'X').normals([N, T, sizes.dModel], device.dtype)
    const { context } = await layer.forward(X).read()
    let apart = 0
    for (let n = 0; n < N; n++) {
      const alone = await layer.forward(X.slice(n)).read()
      apart = Math.max(apart, largestDifference(alone.context.data, context.slice(n).data))
    }
    const is = (...shape: number[]): boolean => shapeText(context.shape) === shapeText(shape)
    const option = (
      name: string,
      shape: number[],
      symbols: string,
      why: { en: string; fr: string },
    ): OptionFinding => ({
      option: name,
      right: name === 'b',
      holds: is(...shape),
      text: {
        en: `${symbols} would be ${shapeText(shape)}${why.en}`,
        fr: `${symbols} donnerait ${shapeText(shape)}${why.fr}`,
      },
      numbers: { expected: shape, found: context.shape },
    })
    const found = {
      en: `; the layer gives ${shapeText(context.shape)}`,
      fr: ` ; la couche donne ${shapeText(context.shape)}`,
    }
    return {
      findings: [
        {
          holds: is(N, T, sizes.dValue) && apart === 0,
          text: both(
            (n) =>
              `${shapeText(X.shape)} becomes ${shapeText(context.shape)} with d_q = ${sizes.dQuery}, d_v = ${sizes.dValue}; each text run by itself differs by ${n(apart)}`,
            (n) =>
              `${shapeText(X.shape)} devient ${shapeText(context.shape)} avec d_q = ${sizes.dQuery}, d_v = ${sizes.dValue} ; chaque texte seul diffère de ${n(apart)}`,
          ),
          numbers: { input: X.shape, output: context.shape, difference: apart },
        },
      ],
      options: [
        option('a', [N, T, sizes.dQuery], '(N, T, d_q)', found),
        option('b', [N, T, sizes.dValue], '(N, T, d_v)', found),
        option('c', [N, sizes.dQuery], '(N, d_k)', {
          en: `${found.en}: a vector for each word, nothing is pooled`,
          fr: `${found.fr} : un vecteur par mot, rien n’est moyenné`,
        }),
      ],
    }
  },
}
