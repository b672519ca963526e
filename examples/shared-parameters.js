// @ts-check
import { masks, openDevice, optimizers, positions, Random, SelfAttention, Tensor } from 'regard'

/*
 * Two layers that share their parameters.
 *
 * Each looks one word back at most, and one after the other they learn to give the word two before.
 * Both are one function, so four of them give the word four before, which none was trained for.
 */

const [N, T, D] = [8, 7, 4]
const OPTIONS = {
  ...{ dModel: D, dQuery: 4, dKey: 4, dValue: D },
  ...{ mask: masks.window(1, 0), position: positions.relative(1) },
}

/** Layers with the parameters of the first, which owns them. @param {Device} device */
export function sharedLayers(device, count = 2) {
  const first = new SelfAttention(OPTIONS, { device, seed: 7 })
  const { parameters } = first
  const others = Array.from(
    { length: count - 1 },
    () => new SelfAttention(OPTIONS, { device, parameters }),
  )
  return [first, ...others]
}

/** Row t of Y is row t − back of X, or its first. @param {number} step */
export function batch(step, back = 2) {
  const X = new Random(7, `batch.${step}`).normals([N, T, D])
  const from = (/** @type {number} */ n) => n - D * Math.min(back, Math.floor(n / D) % T)
  return {
    X,
    Y: new Tensor(
      X.shape,
      Float32Array.from(X.data, (_, n) => X.data[from(n)]),
    ),
  }
}

/**
 * The layers one after the other, with L = Σ (C − Y)²/n: the loss, and the gradients of each layer.
 *
 * @param {readonly SelfAttention[]} layers
 * @param {{ X: Tensor, Y: Tensor }} batch
 */
export function lossOf(layers, { X, Y }) {
  const { device } = layers[0]
  const passes = [layers[0].forward(X)]
  for (const layer of layers.slice(1)) passes.unshift(layer.forward(passes[0].context))
  const [errors, squares, dC] = [0, 1, 2].map(() => device.allocate(X.shape))
  const L = device.allocate([1])
  device.combine(1, passes[0].context, -1, device.upload(Y), errors)
  device.multiply(errors, errors, squares)
  device.mean('all', squares, L)
  device.combine(2 / X.size, errors, 0, errors, dC)
  let dY = dC
  const gradients = passes.map((pass) => {
    const gradient = pass.backward(dY)
    dY = gradient.dX
    return gradient
  })
  return { L, gradients }
}

/**
 * Gradients of one parameter are added, and it moves once.
 *
 * @param {readonly SelfAttention[]} layers
 */
export function learn(layers, steps = 300) {
  const [{ device, parameters }] = layers
  const [optimizer, pace] = [optimizers.adamW(), () => ({ rate: 0.03 })]
  optimizer.begin(device, parameters)
  for (let step = 1; step <= steps; step++)
    device.scope(() => {
      const { gradients } = lossOf(layers, batch(step))
      const sum = optimizers.sumGradients(device, gradients)
      optimizers.moveAll(device, parameters, sum, { optimizer, pace }, step)
    })
  optimizer.free(device)
}

/**
 * The loss of a batch that was not learned from.
 *
 * @type {(layers: readonly SelfAttention[], back: number) => Promise<number>}
 */
export async function heldOut(layers, back) {
  const { device } = layers[0]
  const L = device.scope(() => lossOf(layers, batch(0, back)).L)
  const [loss] = (await device.read(L)).data
  device.free(L)
  return loss
}

/** Losses before and after, and of four layers, two of which were not there. */
export async function show() {
  const device = await openDevice()
  const layers = sharedLayers(device, 4)
  const before = await heldOut(layers.slice(0, 2), 2)
  learn(layers.slice(0, 2))
  const after = await heldOut(layers.slice(0, 2), 2)
  const four = await heldOut(layers, 4)
  const handles = Object.keys(layers[0].parameters).length
  await device.close()
  return [
    `${handles} parameters for four layers`,
    `two layers, the word two before: loss ${before.toFixed(4)}, then ${after.toFixed(4)}`,
    `four layers, the word four before, never trained: ${four.toFixed(4)}`,
  ].join('\n')
}

/** @typedef {import('regard').Device} Device */

if (process.argv[1] === import.meta.filename) console.log(await show())
