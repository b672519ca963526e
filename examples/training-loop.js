// @ts-check
import { masks, openDevice, optimizers, positions, Random, SelfAttention, Tensor } from 'regard'

/*
 * A training loop of your own, with the loss on the host and with the loss on the device.
 *
 * A layer learns to give each word the vector of the word before it. A step is a forward, the
 * gradient of the loss with respect to the context, a backward, and a move of each parameter; where
 * the loss is computed changes nothing else, and both loops learn the same numbers.
 */

const [N, T, D] = [8, 6, 4]

/** A layer that sees each word and those before it, and its optimizer. @param {Device} device */
function begin(device) {
  const position = positions.relative(2)
  const options = { dModel: D, dQuery: 4, dKey: 4, dValue: D, position, mask: masks.causal() }
  const layer = new SelfAttention(options, { device, seed: 7 })
  const optimizer = optimizers.adamW()
  optimizer.begin(device, layer.parameters)
  return { layer, optimizer, pace: () => ({ rate: 0.03 }) }
}

/** X of a step, and Y: row t is row t − 1 of X, the first row its own. @param {number} step */
export function batch(step) {
  const X = new Random(7, `batch.${step}`).normals([N, T, D])
  const before = (/** @type {number} */ n) => (n % (T * D) < D ? n : n - D)
  return {
    X,
    Y: new Tensor(
      X.shape,
      Float32Array.from(X.data, (_, n) => X.data[before(n)]),
    ),
  }
}

/** L = Σ (C − Y)²/n on the host: the context comes here, and the gradient goes back as a tensor. */
export async function lossOnHost(/** @type {Device} */ device, steps = 300) {
  const { layer, ...moving } = begin(device)
  const losses = []
  for (let step = 1; step <= steps; step++) {
    const loss = await device.scope(async (within) => {
      const { X, Y } = batch(step)
      const pass = layer.forward(X)
      const { context: C } = await pass.read()
      const errors = Float64Array.from(C.data, (c, n) => c - Y.data[n])
      const dC = new Tensor(
        C.shape,
        Float64Array.from(errors, (error) => (2 / C.size) * error),
      )
      // after an await, `within` says whose memory this is, in browsers too
      const gradients = within(() => pass.backward(dC))
      optimizers.moveAll(device, layer.parameters, gradients, moving, step)
      return errors.reduce((sum, error) => sum + error * error, 0) / C.size
    })
    losses.push(loss)
  }
  moving.optimizer.free(device)
  return { layer, losses }
}

/** The same on the device: steps follow each other unawaited, and only the loss is read. */
export async function lossOnDevice(/** @type {Device} */ device, steps = 300) {
  const { layer, ...moving } = begin(device)
  const losses = []
  for (let step = 1; step <= steps; step++) {
    const L = device.scope(() => {
      const { X, Y } = batch(step)
      const pass = layer.forward(X)
      const [errors, squares, dC] = [0, 1, 2].map(() => device.allocate(X.shape))
      const loss = device.allocate([1])
      device.combine(1, pass.context, -1, device.upload(Y), errors)
      device.multiply(errors, errors, squares)
      device.mean('all', squares, loss)
      device.combine(2 / X.size, errors, 0, errors, dC)
      optimizers.moveAll(device, layer.parameters, pass.backward(dC), moving, step)
      return loss // all else of the step is freed here
    })
    losses.push((await device.read(L)).data[0])
    device.free(L)
  }
  moving.optimizer.free(device)
  return { layer, losses }
}

/** The loss on the way, by both. */
export async function show() {
  const device = await openDevice()
  const [host, own] = [await lossOnHost(device), await lossOnDevice(device)]
  const lines = [0, 99, 199, 299].map(
    (n) => `step ${n + 1}: ${host.losses[n].toFixed(4)} ${own.losses[n].toFixed(4)}`,
  )
  await device.close()
  return ['loss on the host, on the device', ...lines].join('\n')
}

/** @typedef {import('regard').Device} Device */

if (process.argv[1] === import.meta.filename) console.log(await show())
