// @ts-check
import {
  Encoder,
  layerOptions,
  losses,
  openDevice,
  optimizers,
  positions,
  Random,
  Tensor,
  train,
} from 'regard'
import { decodeTensors, encodeTensors } from 'regard/io'

/*
 * Classes of sequences of numbers, (N, T, D), with probabilities, saved and loaded.
 *
 * Three sensors; the first has a spike and a dip, and the class says which of them comes first.
 * `learnClasses` learns the same in one call, and gives no parameters to save.
 */

const [T, D, LABELS] = [7, 3, ['spike first', 'dip first']]

/** Sequences (N, T, D) with noise, and the number of each one's class. */
export function sequences(N = 128, seed = 7) {
  const random = new Random(seed, 'sequences')
  const X = random.normals([N, T, D]).data.map((x) => x / 10)
  const labels = Array.from({ length: N }, (_, n) => n % 2)
  labels.forEach((label, n) => {
    const at = n * T * D + random.integer(T - 1) * D
    X[at] = label === 0 ? 1 : -1
    X[at + D] = -X[at]
  })
  return { X: new Tensor([N, T, D], X), labels }
}

/** An encoder without words, and the scores of classes. @param {Device} device */
export function begin(device) {
  const layers = [{ dQuery: 4, dKey: 4, dValue: 8, heads: 2, position: positions.relative(3) }]
  const encoder = new Encoder({ vocabulary: 0, dModel: D, layers }, { device, seed: 7 })
  const sizes = { width: encoder.width, count: LABELS.length }
  return { encoder, classes: new losses.Classes(sizes, { device, seed: 7 }) }
}

/** Learns from 32 sequences a step. @param {Model} model */
export async function learn({ encoder, classes }, { X, labels } = sequences(), steps = 150) {
  const random = new Random(7, 'drawn')
  const objective = losses.classes(classes, () =>
    Array.from({ length: 32 }, () => {
      const n = random.integer(labels.length)
      return { text: X.slice(n), label: labels[n] }
    }),
  )
  const pace = () => ({ rate: 0.03, decay: 0.01 })
  const loop = train(encoder, [objective], { steps, optimizer: optimizers.adamW(), pace, clip: 1 })
  for await (const _ of loop);
}

/** (N, classes): each row sums to one. @type {(model: Model, X: Tensor) => Promise<Tensor>} */
export async function probabilities({ encoder, classes }, X) {
  const pass = encoder.forward(Array.from({ length: X.shape[0] }, (_, n) => X.slice(n)))
  const result = await classes.probabilities(pass)
  pass.free()
  return result
}

/** One safetensors file of both. @param {Model} model */
export async function save({ encoder, classes }) {
  const tensors = { ...(await encoder.save()), ...(await classes.save()) }
  const options = JSON.stringify({ encoder, classes })
  return encodeTensors({ tensors, metadata: { options, labels: LABELS.join('\n') } })
}

/** The model of a file. @type {(file: Uint8Array, device: Device) => Model} */
export function load(file, device) {
  const { tensors, metadata } = decodeTensors(file)
  const options = JSON.parse(metadata.options)
  const { 'class.E': E, 'class.b': b, ...rest } = tensors // a layer takes its own names alone
  const encoder = new Encoder(layerOptions(options.encoder), { device, parameters: rest })
  const parameters = { 'class.E': E, 'class.b': b }
  return { encoder, classes: new losses.Classes(options.classes, { device, parameters }) }
}

/**
 * The share of sequences whose likeliest class is theirs.
 *
 * @type {(model: Model, of: ReturnType<sequences>) => Promise<number>}
 */
export async function accuracy(model, { X, labels }) {
  const P = await probabilities(model, X)
  const right = labels.filter((label, n) => P.at(n, label) > 1 / 2)
  return right.length / labels.length
}

/** Accuracy on sequences never seen, and a few probabilities before and after a file. */
export async function show() {
  const device = await openDevice()
  const model = begin(device)
  await learn(model)
  const unseen = sequences(64, 8)
  const again = load(await save(model), device)
  const rows = [await probabilities(model, unseen.X), await probabilities(again, unseen.X)].map(
    (P) =>
      [0, 1].map((n) => Array.from(P.slice(n).data, (p) => p.toFixed(3)).join(' and ')).join(', '),
  )
  const lines = [
    `sequences never seen: ${Math.round(100 * (await accuracy(model, unseen)))} % right`,
    `${LABELS.join(' and ')}: ${rows[0]}`,
    `loaded from its file: ${rows[1]}`,
  ]
  await device.close()
  return lines.join('\n')
}

/** @typedef {import('regard').Device} Device */
/** @typedef {ReturnType<begin>} Model */

if (process.argv[1] === import.meta.filename) console.log(await show())
