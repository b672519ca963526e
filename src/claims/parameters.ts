import { Random } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { type ClaimSetup, claim } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { largestDifference, projected } from './numbers.ts'
import { inTurn } from './scores.ts'

/**
 * Question 8: what is trained is W_Q, W_K, W_V; queries, keys and values are computed anew from
 * every text.
 */
export const trainedParameters = claim(
  'parameters',
  'the parameters are W_Q, W_K and W_V',
  'les paramètres sont W_Q, W_K et W_V',
  async (setup) => {
    const { device, sizes } = setup
    const layer = setup.layer()
    const [first] = Object.keys(layer.parameters)
    const names = Object.keys(layer.parameters).join(', ')
    const random = new Random(setup.seed, 'texts')
    const lengths = [setup.sentence.length, setup.sentence.length + 1]
    const texts = lengths.map((T) => random.normals([T, sizes.dModel], device.dtype))
    const W = await device.read(layer.parameters[first])
    const parameters = layer.parameterCount
    const queries = await inTurn(texts, async (X) => {
      await layer.forward(X).read()
      return projected(X, W)[0]
    })
    const after = await device.read(layer.parameters[first])
    const changedByTexts = largestDifference(after.data, W.data)
    const changedByStep = await movedByStep(setup, texts[0])
    const differ = largestDifference(queries[0], queries[1])
    const exactly = names === 'W_Q, W_K, W_V'
    const constant = parameters === layer.parameterCount && changedByTexts === 0
    const vectors = (symbols: string) => {
      const [short, long] = lengths
      const numbersOfTexts = lengths.map((T) => T * (2 * sizes.dQuery + sizes.dValue))
      return finding(
        !(exactly && constant && numbersOfTexts[0] !== numbersOfTexts[1]),
        "{symbols}: a text of {short} words has {inShort} such numbers and one of {long} has {inLong}, another set for each text (they differ by {differ}); the layer's parameters stay {parameters}",
        '{symbols} : un texte de {short} mots a {inShort} nombres de cette sorte et un texte de {long} en a {inLong}, d’autres pour chaque texte (ils diffèrent de {differ}) ; la couche garde ses {parameters} paramètres',
        { numbersOfTexts, parameters },
        { symbols, short, long, differ, inShort: numbersOfTexts[0], inLong: numbersOfTexts[1] },
      )
    }
    return {
      findings: [
        finding(
          exactly && constant && differ > 0 && changedByStep.every((change) => change > 0),
          'trained: {names}; running two texts changes them by {changedByTexts}, one step of learning by {changedByStep}',
          'appris : {names} ; deux textes les changent de {changedByTexts}, un pas d’apprentissage de {changedByStep}',
          { names, changedByTexts, changedByStep },
        ),
      ],
      options: optionsOf('a', [
        finding(
          exactly,
          "the layer's list of parameters: {names}",
          'la liste des paramètres de la couche : {names}',
          { names },
        ),
        vectors('{qᵗ, kᵗ, vᵗ}_(1≤t≤T)'),
        vectors('{qᵢ, kᵢ, vᵢ}_(1≤i≤n)'),
      ]),
    }
  },
)

/** How far one step of gradient descent moves each parameter. */
async function movedByStep(setup: ClaimSetup, X: Tensor): Promise<number[]> {
  const { device } = setup
  const layer = setup.layer({}, 'step ')
  const pass = layer.forward(X)
  const { dParameters } = pass.backward(setup.normals('dC', pass.context.shape))
  return inTurn(Object.entries(layer.parameters), async ([name, handle]) => {
    const before = (await device.read(handle)).data
    device.sgd(handle, dParameters[name], undefined, { rate: 0.1, momentum: 0, decay: 0 })
    return largestDifference((await device.read(handle)).data, before)
  })
}

/** Question 9: D(d_q + d_k + d_v) parameters, whatever the text. */
export const parameterCount = claim(
  'parameter-count',
  'the layer has D(d_q + d_k + d_v) parameters',
  'la couche a D(d_q + d_k + d_v) paramètres',
  async (setup) => {
    const random = new Random(setup.seed, 'sizes')
    const all = Array.from({ length: setup.slow ? 300 : 50 }, () => {
      const [dModel, dQuery, dValue] = [16, 9, 9].map((n) => random.integer(n))
      return { dModel: 2 + dModel, dQuery: 1 + dQuery, dValue: 1 + dValue }
    }).map((sizes) => {
      const { dModel, dQuery, dValue } = sizes
      const { parameterCount: counted } = setup.layer({ ...sizes, dKey: dQuery })
      const perRow = 2 * dQuery + dValue
      return { ...sizes, counted, a: dModel * perRow, b: perRow }
    })
    const draws = all.length
    const option = (key: 'a' | 'b', formula: string) => {
      const counter = all.find((draw) => draw.counted !== draw[key])
      return counter
        ? finding(
            false,
            `${formula}: with D = {dModel}, d_q = d_k = {dQuery}, d_v = {dValue} it gives {${key}}, and the layer has {counted}`,
            `${formula} : avec D = {dModel}, d_q = d_k = {dQuery}, d_v = {dValue} cela donne {${key}}, et la couche en a {counted}`,
            counter,
          )
        : finding(
            true,
            `${formula}: right for all {draws} sizes drawn`,
            `${formula} : juste pour les {draws} tailles tirées`,
            { draws },
          )
    }
    const options = optionsOf('a', [
      option('a', 'D(d_q + d_k + d_v)'),
      option('b', 'd_q + d_k + d_v'),
    ])
    const { a: _, b: __, ...first } = all[0]
    return {
      findings: [
        finding(
          options[0].holds,
          'counted over {draws} random sizes; D = {dModel}, d_q = d_k = {dQuery}, d_v = {dValue} has {counted}',
          'compté sur {draws} tailles tirées au sort ; D = {dModel}, d_q = d_k = {dQuery}, d_v = {dValue} en a {counted}',
          { draws, ...first },
        ),
      ],
      options,
    }
  },
)
