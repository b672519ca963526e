import {
  type Alignment,
  type Device,
  learn,
  load,
  type Model,
  masks,
  openDevice,
  SelfAttention,
  scaledDot,
  sparsemax,
  Tensor,
} from 'regard'

/** Half of the scaled dot product. */
const half: Alignment = { ...scaledDot, name: 'half' }

/** The layer forward and backward. */
export async function attended(device: Device): Promise<Tensor> {
  const layer = new SelfAttention(
    { dModel: 3, dQuery: 2, dKey: 2, dValue: 2, alignment: half, distribution: sparsemax },
    { device, seed: 1 },
  )
  const X = Tensor.from([
    [
      [1, 0, 0],
      [0, 0.5, 1],
    ],
  ])
  const pass = layer.forward(X, { mask: masks.causal(), want: { weights: true } })
  const { context, weights } = await pass.read()
  const { dX, dParameters } = await pass.backward(context).read()
  return weights ?? dParameters.W_Q ?? dX
}

/** A model learned, asked, written and read. */
export async function learned(text: string): Promise<Float32Array | undefined> {
  const device = await openDevice({ device: 'auto', threads: 2 })
  const model: Model = await learn(text, { width: 12, steps: 20, device })
  const again = await load(await model.bytes(), { on: device })
  const [words] = await again.embed(text)
  return words?.[0]?.vector
}
