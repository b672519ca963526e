// @ts-check
import {
  Encoder,
  losses,
  masks,
  openDevice,
  optimizers,
  positions,
  Random,
  SelfAttention,
  Tensor,
} from 'regard'

/*
 * An encoder and a decoder that reverse a sequence of symbols.
 *
 * The decoder reads what it has written so far by causal self-attention, and the encoder's contexts
 * by cross-attention: its rows are the queries, those of the source the keys and values. It learns
 * from whole answers at once, and then writes one symbol after the other.
 */

const [SYMBOLS, T, D] = [10, 6, 32]
const START = SYMBOLS // what the decoder reads before its first symbol

/** Encoder, decoder, cross-attention, and a score for each symbol. @param {Device} device */
export function begin(device) {
  const layer = { dQuery: 16, dKey: 16, dValue: D, position: positions.relative(2) }
  const options = { dModel: D, residual: true, normalization: /** @type {const} */ ('before') }
  const [seed, position] = [7, positions.learned(T)]
  const encoder = new Encoder(
    { ...options, vocabulary: SYMBOLS, layers: [layer] },
    { device, seed, prefix: 'encoder.' },
  )
  const decoder = new Encoder(
    { ...options, vocabulary: SYMBOLS + 1, layers: [{ ...layer, mask: masks.causal() }] },
    { device, seed, prefix: 'decoder.' },
  )
  const cross = new SelfAttention(
    { dModel: D, dQuery: 16, dKey: 16, dValue: D, position },
    { device, seed, prefix: 'cross.' },
  )
  const head = new losses.Classes({ width: D, count: SYMBOLS }, { device, seed })
  return { device, encoder, decoder, cross, head }
}

/** Sequences of T symbols. @type {(name: string, count?: number) => number[][]} */
export function sequences(name, count = 32) {
  const random = new Random(7, name)
  return Array.from({ length: count }, () =>
    Array.from({ length: T }, () => random.integer(SYMBOLS)),
  )
}

/**
 * H = Y + A(Y, source): a row for each symbol that the decoder read.
 *
 * @param {Model} model
 * @param {number[][]} sources
 * @param {number[][]} written
 */
export function forward({ device, encoder, decoder, cross }, sources, written) {
  const [source, own] = [encoder.forward(sources), decoder.forward(written)]
  const texts = { starts: own.starts, source: source.context, sourceStarts: source.starts }
  const crossed = cross.forward(own.context, texts)
  const H = device.allocate(own.context.shape)
  device.combine(1, own.context, 1, crossed.context, H)
  /** The gradients of all three, given that of H. @param {Handle} dH */
  const backward = (dH) => {
    const back = crossed.backward(dH)
    const dY = device.allocate(dH.shape)
    device.combine(1, dH, 1, back.dX, dY)
    return [back, own.backward(dY), source.backward(/** @type {Handle} */ (back.dSource))]
  }
  return { H, backward }
}

/** Learns to answer each sequence by its reverse. @param {Model} model */
export function learn(model, steps = 250) {
  const { device, encoder, decoder, cross, head } = model
  /** @type {readonly { parameters: Handles }[]} */
  const modules = [encoder, decoder, cross, head]
  const parameters = Object.assign({}, ...modules.map((module) => module.parameters))
  const [optimizer, pace] = [optimizers.adamW(), () => ({ rate: 0.01 })]
  optimizer.begin(device, parameters)
  for (let step = 1; step <= steps; step++)
    device.scope(() => {
      const sources = sequences(`batch.${step}`)
      const answers = sources.map((source) => source.toReversed())
      // what the decoder should have written before each symbol
      const written = answers.map((answer) => [START, ...answer.slice(0, -1)])
      const { H, backward } = forward(model, sources, written)
      const targets = device.upload(new Tensor([H.shape[0]], Int32Array.from(answers.flat())))
      const [dC, dE, dOffsets] = [H, head.E, head.b].map(({ shape }) => device.allocate(shape))
      device.crossEntropyBackward(1 / H.shape[0], H, head.E, head.b, targets, { dC, dE, dOffsets })
      const own = { dParameters: { 'class.E': dE, 'class.b': dOffsets } }
      const sum = optimizers.sumGradients(device, [...backward(dC), own])
      optimizers.moveAll(device, parameters, sum, { optimizer, pace, clip: 1 }, step)
    })
  optimizer.free(device)
}

/**
 * The answers, one symbol after the other: the likeliest each time.
 *
 * @type {(model: Model, sources: number[][]) => Promise<number[][]>}
 */
export async function answer(model, sources) {
  const { device, head } = model
  let written = sources.map(() => [START])
  for (let t = 0; t < T; t++) {
    const L = device.scope(() => {
      const { H } = forward(model, sources, written)
      const logits = device.allocate([H.shape[0], SYMBOLS])
      device.product(H, head.E, logits, { transposeB: true })
      device.addBias(logits, head.b, logits)
      return logits
    })
    const logits = await device.read(L)
    device.free(L)
    written = written.map((symbols, n) => {
      const { data } = logits.slice(n * (t + 1) + t)
      return [...symbols, data.indexOf(Math.max(...data))]
    })
  }
  return written.map((symbols) => symbols.slice(1))
}

/** The share of sequences never seen that are reversed without a mistake. @param {Model} model */
export async function accuracy(model) {
  const sources = sequences('never seen', 64)
  const answers = await answer(model, sources)
  const right = answers.filter((symbols, n) => String(symbols) === String(sources[n].toReversed()))
  return right.length / answers.length
}

/** Accuracy before and after, and an answer. */
export async function show() {
  const device = await openDevice()
  const model = begin(device)
  const before = await accuracy(model)
  learn(model)
  const lines = [before, await accuracy(model)].map((share) => `${Math.round(100 * share)} % right`)
  const [answered] = await answer(model, [[3, 1, 4, 1, 5, 9]])
  await device.close()
  return [
    `reversed, never seen: ${lines.join(', then ')}`,
    `3 1 4 1 5 9 → ${answered.join(' ')}`,
  ].join('\n')
}

/** @typedef {import('regard').Device} Device */
/** @typedef {import('regard').Handle} Handle */
/** @typedef {import('regard').Handles} Handles */
/** @typedef {ReturnType<begin>} Model */

if (process.argv[1] === import.meta.filename) console.log(await show())
