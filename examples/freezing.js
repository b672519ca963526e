// @ts-check
import {
  Encoder,
  heldOutLoss,
  losses,
  masks,
  openDevice,
  optimizers,
  positions,
  Random,
  Tensor,
  train,
} from 'regard'

/*
 * Freezing parameters and accumulating gradients.
 *
 * An encoder and a head learn to say of each word whether the word before it was an odd one. The
 * embeddings of words stay as they are, and each step takes the gradients of two batches: by the
 * options of `train`, and by a loop of your own that ends with the same numbers.
 */

const [VOCABULARY, D, STEPS, COUNT] = [12, 16, 100, 2]
const FROZEN = 'words.E'
const pace = () => ({ rate: 0.03 })

/** An encoder of words, and E and b of two classes. @param {Device} device */
export function begin(device) {
  const position = positions.relative(2)
  const layers = [{ dQuery: 4, dKey: 4, dValue: D, mask: masks.causal(), position }]
  const encoder = new Encoder({ vocabulary: VOCABULARY, dModel: D, layers }, { device, seed: 7 })
  return { encoder, head: new losses.Classes({ width: D, count: 2 }, { device, seed: 7 }) }
}

/** Texts, and for each word 1 where the word before it (the first: itself) is odd. @param {number} n */
export function batch(n) {
  const random = new Random(7, `batch.${n}`)
  const texts = Array.from({ length: 8 }, () =>
    Array.from({ length: 4 + random.integer(4) }, () => random.integer(VOCABULARY)),
  )
  const tags = texts.flatMap((text) => text.map((_, t) => text[Math.max(0, t - 1)] % 2))
  return { texts, tags }
}

/**
 * −log softmax(C Eᵀ + b) at the tags, and its gradients.
 *
 * @type {(head: Classes, C: Handle, tags: readonly number[]) => import('regard').Loss}
 */
export function tagLoss({ E, b, host: { device } }, C, tags) {
  const targets = device.upload(new Tensor([tags.length], Int32Array.from(tags)))
  const values = device.allocate([tags.length])
  device.crossEntropy(C, E, b, targets, values)
  return {
    losses: values,
    backward(factor) {
      const [dC, dE, db] = [C, E, b].map(({ shape }) => device.allocate(shape))
      device.crossEntropyBackward(factor, C, E, b, targets, { dC, dE, dOffsets: db })
      const rows = tags.map((_, row) => row)
      return { dC: [{ rows, gradient: dC }], dParameters: { 'class.E': dE, 'class.b': db } }
    },
  }
}

/**
 * What `train` learns: the loss of draw n.
 *
 * @type {(head: Classes) => import('regard').Objective}
 */
export const objectiveOf = (head) => ({
  name: 'tags',
  parameters: head.parameters,
  draw(n) {
    const { texts, tags } = batch(n)
    return { texts, loss: ({ C }) => tagLoss(head, C, tags) }
  },
})

/** By the options of `train`. @param {Learner} learner */
export async function byOptions({ encoder, head }, steps = STEPS) {
  const loop = train(encoder, [objectiveOf(head)], {
    ...{ steps, optimizer: optimizers.adamW(), pace },
    ...{ frozen: [FROZEN], accumulate: COUNT },
  })
  for await (const _ of loop);
}

/** By a loop of your own. @param {Learner} learner */
export function byLoop({ encoder, head }, steps = STEPS) {
  const { device } = encoder.host
  const { [FROZEN]: _, ...learning } = { ...encoder.parameters, ...head.parameters }
  const optimizer = optimizers.adamW()
  optimizer.begin(device, learning)
  for (let step = 1; step <= steps; step++)
    device.scope(() => {
      const gradients = [1, 0].flatMap((left) => {
        const { texts, tags } = batch(step * COUNT - left)
        const pass = encoder.forward(texts)
        const factor = 1 / (tags.length * COUNT) // the mean of two batches' means
        const { dC, dParameters } = tagLoss(head, pass.context, tags).backward(factor)
        return [pass.backward(dC[0].gradient), { dParameters }]
      })
      const sum = optimizers.sumGradients(device, gradients)
      optimizers.moveAll(device, learning, sum, { optimizer, pace }, step)
    })
  optimizer.free(device)
}

/** Every parameter, at this moment. @param {Learner} learner */
export const saved = async ({ encoder, head }) => ({
  ...(await encoder.save()),
  ...(await head.save()),
})

/** The loss on the way, and what moved. */
export async function show() {
  const device = await openDevice()
  const [learner, other] = [begin(device), begin(device)]
  const loss = () => heldOutLoss(learner.encoder, [objectiveOf(learner.head).draw(0)])
  const [before, first] = [await saved(learner), await loss()]
  await byOptions(learner)
  byLoop(other)
  const [after, own] = [await saved(learner), await saved(other)]
  const names = Object.keys(before)
  const same = (/** @type {typeof before} */ a, /** @type {typeof before} */ b) =>
    names.filter((name) => String(a[name].data) === String(b[name].data))
  const lines = [
    `loss ${first.toFixed(4)}, then ${(await loss()).toFixed(4)}`,
    `unmoved: ${same(before, after).join(', ')}`,
    `the same by options and by the loop: ${same(after, own).length} of ${names.length} parameters`,
  ]
  await device.close()
  return lines.join('\n')
}

/** @typedef {import('regard').Device} Device */
/** @typedef {import('regard').Handle} Handle */
/** @typedef {losses.Classes} Classes */
/** @typedef {ReturnType<begin>} Learner */

if (process.argv[1] === import.meta.filename) console.log(await show())
