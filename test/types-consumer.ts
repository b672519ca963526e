// What a consumer writes; the test of the types compiles it against the declarations that are
// built.
import {
  Encoder,
  type EncoderOptions,
  learn,
  load,
  masks,
  type NearOptions,
  openDevice,
  Random,
  SelfAttention,
  Tensor,
} from 'regard'
import { openDevice as openStatically } from 'regard/wasm'

export async function layerOf(): Promise<Tensor> {
  const device = await openDevice({ device: 'wasm', threads: 1 })
  const layer = new SelfAttention({ dModel: 5, dQuery: 3, dKey: 3, dValue: 2 }, { device, seed: 7 })
  const X = new Random(7, 'X').normals([2, 3, 5])
  const { context } = await layer.forward(X, { mask: masks.causal() }).read()
  return Tensor.from([Array.from(context.data)])
}

export const encoderOf = async (options: EncoderOptions): Promise<Encoder> =>
  new Encoder(options, { device: await openStatically({ kernels: {} }), seed: 7 })

export async function nearestOf(
  options: NearOptions,
  signal: { readonly aborted: boolean },
): Promise<readonly string[]> {
  const model = await learn('Tom sold the mill', { signal, steps: 3 })
  const again = await load(await model.bytes())
  await again.save('model.safetensors')
  const [words = []] = await again.embed('Tom')
  return [
    ...words.map(({ token }) => token),
    ...(await again.near({ text: 'the mill', at: 1 }, ['the mill'], options)).map(
      ({ token }) => token,
    ),
  ]
}
