import { layerModel } from './onnx-model.js'

/**
 * ONNX Runtime, forward alone: `package` is onnxruntime-web (WebAssembly) or onnxruntime-node
 * (native).
 */
export async function open({ shape, parameters, threads, load, settings }) {
  const { env, InferenceSession, Tensor } = await load(settings.package)
  const native = settings.package === 'onnxruntime-node'
  if (!native) env.wasm.numThreads = threads
  const session = await InferenceSession.create(layerModel(shape, parameters), {
    executionProviders: [native ? 'cpu' : 'wasm'],
    ...(native ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {}),
  })
  const [N, T, D] = shape
  return {
    threads: native ? threads : env.wasm.numThreads,
    async forward(X) {
      const { C } = await session.run({ X: new Tensor('float32', X, [N, T, D]) })
      return C.data
    },
    close: () => session.release(),
  }
}
