import { openDevice, SelfAttention, Tensor } from '../../../dist/doors/internal.js'

/** regard by its public index. */
export async function open({ shape: [N, T, D, d], parameters, threads, settings }) {
  const device = await openDevice({
    ...settings,
    ...(settings.device === 'reference' ? {} : { threads }),
  })
  const layer = new SelfAttention({ dModel: D, dQuery: d, dKey: d, dValue: d }, { device, seed: 0 })
  for (const [name, numbers] of Object.entries(parameters))
    device.write(layer.parameters[name], new Tensor([D, d], numbers))

  /** The numbers of the handles that a body gives; all that it allocates is freed. */
  const numbersOf = async (body) => {
    const handles = device.scope(body)
    const tensors = await Promise.all(handles.map((handle) => device.read(handle)))
    for (const handle of handles) device.free(handle)
    return tensors.map(({ data }) => data)
  }
  return {
    threads: device.threads,
    async forward(X) {
      const [context] = await numbersOf(() => [layer.forward(new Tensor([N, T, D], X)).context])
      return context
    },
    async gradients(X, dC) {
      const [context, dX, dW_Q, dW_K, dW_V] = await numbersOf(() => {
        const pass = layer.forward(new Tensor([N, T, D], X))
        const { dX, dParameters } = pass.backward(new Tensor([N, T, d], dC))
        return [pass.context, dX, dParameters.W_Q, dParameters.W_K, dParameters.W_V]
      })
      return { context, dX, dW_Q, dW_K, dW_V }
    },
    close: () => device.close(),
  }
}
