import { Random } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { type Claim, type ClaimSetup, type OptionFinding, plainLayer } from './claim.ts'
import { both, largestDifference, projected } from './words.ts'

/**
 * Question 8: what is trained is W_Q, W_K, W_V; queries, keys and values are computed anew from
 * every text.
 */
export const trainedParameters: Claim = {
  name: 'parameters',
  question: 8,
  statement: {
    en: 'the parameters are W_Q, W_K and W_V',
    fr: 'les paramètres sont W_Q, W_K et W_V',
  },
  async run(ground) {
    const { device, sizes, seed, sentence } = ground
    const layer = ground.layer(plainLayer(ground))
    const names = Object.keys(layer.parameters)
    const random = new Random(seed, 'texts')
    const texts = [sentence.length, sentence.length + 1].map((T) =>
      random.normals([T, sizes.dModel], device.dtype),
    )
    const W = await device.read(layer.parameters[names[0]])
    const before = layer.parameterCount
    const queries: Float64Array[][] = []
    for (const X of texts) {
      await layer.forward(X).read()
      queries.push(projected(X, W))
    }
    const same = largestDifference((await device.read(layer.parameters[names[0]])).data, W.data)
    const moved = await movedByStep(ground, texts[0])
    const differ = largestDifference(queries[0][0], queries[1][0])
    const perText = texts.map(({ shape: [T] }) => T * (2 * sizes.dQuery + sizes.dValue))
    const exactly = names.join() === 'W_Q,W_K,W_V'
    const constant = before === layer.parameterCount && same === 0
    const vectors = (option: string, symbols: string): OptionFinding => ({
      option,
      right: false,
      holds: !(exactly && constant && perText[0] !== perText[1]),
      text: both(
        (n) =>
          `${symbols}: a text of ${texts[0].shape[0]} words has ${perText[0]} such numbers and one of ${texts[1].shape[0]} has ${perText[1]}, another set for each text (they differ by ${n(differ)}); the layer's parameters stay ${before}`,
        (n) =>
          `${symbols} : un texte de ${texts[0].shape[0]} mots a ${perText[0]} nombres de cette sorte et un texte de ${texts[1].shape[0]} en a ${perText[1]}, d’autres pour chaque texte (ils diffèrent de ${n(differ)}) ; la couche garde ses ${before} paramètres`,
      ),
      numbers: { numbersOfTexts: perText, parameters: before },
    })
    return {
      findings: [
        {
          holds: exactly && constant && differ > 0 && moved.every((change) => change > 0),
          text: both(
            (n) =>
              `trained: ${names.join(', ')}; running two texts changes them by ${n(same)}, one step of learning by ${moved.map(n).join(', ')}`,
            (n) =>
              `appris : ${names.join(', ')} ; deux textes les changent de ${n(same)}, un pas d’apprentissage de ${moved.map(n).join(', ')}`,
          ),
          numbers: { names: names.join(', '), changedByTexts: same, changedByStep: moved },
        },
      ],
      options: [
        {
          option: 'a',
          right: true,
          holds: exactly,
          text: {
            en: `the layer's list of parameters: ${names.join(', ')}`,
            fr: `la liste des paramètres de la couche : ${names.join(', ')}`,
          },
          numbers: { names: names.join(', ') },
        },
        vectors('b', '{qᵗ, kᵗ, vᵗ}_(1≤t≤T)'),
        vectors('c', '{qᵢ, kᵢ, vᵢ}_(1≤i≤n)'),
      ],
    }
  },
}

/** How far one step of gradient descent moves each parameter. */
async function movedByStep(setup: ClaimSetup, X: Tensor): Promise<number[]> {
  const { device } = setup
  const layer = setup.layer(plainLayer(setup), 'step ')
  const pass = layer.forward(X)
  const { dParameters } = pass.backward(
    new Random(setup.seed, 'dC').normals(pass.context.shape, device.dtype),
  )
  const moved: number[] = []
  for (const [name, handle] of Object.entries(layer.parameters)) {
    const before = (await device.read(handle)).data
    device.sgd(handle, dParameters[name], undefined, { rate: 0.1, momentum: 0, decay: 0 })
    moved.push(largestDifference((await device.read(handle)).data, before))
  }
  return moved
}

/** Question 9: D(d_q + d_k + d_v) parameters, whatever the text. */
export const parameterCount: Claim = {
  name: 'parameter-count',
  question: 9,
  statement: {
    en: 'the layer has D(d_q + d_k + d_v) parameters',
    fr: 'la couche a D(d_q + d_k + d_v) paramètres',
  },
  async run(ground) {
    const random = new Random(ground.seed, 'sizes')
    const draws = Array.from({ length: ground.slow ? 300 : 50 }, () => {
      const [dModel, dQuery, dValue] = [
        2 + random.integer(16),
        1 + random.integer(9),
        1 + random.integer(9),
      ]
      const counted = ground.layer({ dModel, dQuery, dKey: dQuery, dValue }).parameterCount
      return {
        dModel,
        dQuery,
        dValue,
        counted,
        a: dModel * (2 * dQuery + dValue),
        b: 2 * dQuery + dValue,
      }
    })
    const first = (key: 'a' | 'b') => draws.find((draw) => draw.counted !== draw[key])
    const option = (key: 'a' | 'b', formula: string): OptionFinding => {
      const counter = first(key)
      return {
        option: key,
        right: key === 'a',
        holds: counter === undefined,
        text: counter
          ? {
              en: `${formula}: with D = ${counter.dModel}, d_q = d_k = ${counter.dQuery}, d_v = ${counter.dValue} it gives ${counter[key]}, and the layer has ${counter.counted}`,
              fr: `${formula} : avec D = ${counter.dModel}, d_q = d_k = ${counter.dQuery}, d_v = ${counter.dValue} cela donne ${counter[key]}, et la couche en a ${counter.counted}`,
            }
          : {
              en: `${formula}: right for all ${draws.length} sizes drawn`,
              fr: `${formula} : juste pour les ${draws.length} tailles tirées`,
            },
        numbers: counter ? { ...counter } : { draws: draws.length },
      }
    }
    const { dModel, dQuery, dValue, counted } = draws[0]
    return {
      findings: [
        {
          holds: first('a') === undefined,
          text: {
            en: `counted over ${draws.length} random sizes; D = ${dModel}, d_q = d_k = ${dQuery}, d_v = ${dValue} has ${counted}`,
            fr: `compté sur ${draws.length} tailles tirées au sort ; D = ${dModel}, d_q = d_k = ${dQuery}, d_v = ${dValue} en a ${counted}`,
          },
          numbers: { draws: draws.length, dModel, dQuery, dValue, counted },
        },
      ],
      options: [option('a', 'D(d_q + d_k + d_v)'), option('b', 'd_q + d_k + d_v')],
    }
  },
}
