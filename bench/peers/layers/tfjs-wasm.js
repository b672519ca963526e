/** TensorFlow.js on its WebAssembly backend. */
export async function open({ shape: [N, T, D, d], parameters, threads, load }) {
  const tf = await load('@tensorflow/tfjs')
  const { setThreadsCount, setWasmPaths } = await load('@tensorflow/tfjs-backend-wasm')
  if (load.folder) setWasmPaths(load.folder('@tensorflow/tfjs-backend-wasm'))
  setThreadsCount(threads)
  if (!(await tf.setBackend('wasm'))) throw new Error('its WebAssembly backend does not start')
  const [W_Q, W_K, W_V] = ['W_Q', 'W_K', 'W_V'].map((name) => tf.tensor(parameters[name], [D, d]))

  const attention = (X, W_Q, W_K, W_V) => {
    const rows = tf.reshape(X, [N * T, D])
    const [Q, K, V] = [W_Q, W_K, W_V].map((W) => tf.reshape(tf.matMul(rows, W), [N, T, d]))
    const S = tf.matMul(tf.mul(Q, 1 / Math.sqrt(d)), K, false, true)
    return tf.matMul(tf.softmax(S), V)
  }
  const differentiated = tf.valueAndGrads(attention)

  /** The numbers of the tensors that a body gives; all others are freed. */
  const numbersOf = async (body) => {
    const tensors = tf.tidy(body)
    const numbers = await Promise.all(tensors.map((tensor) => tensor.data()))
    for (const tensor of tensors) tensor.dispose()
    return numbers
  }
  const hasThreads = await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')
  return {
    ...(hasThreads || threads === 1 ? { threads } : { threads: 1, note: 'no threads in Node' }),
    async forward(X) {
      const [context] = await numbersOf(() => [attention(tf.tensor(X, [N, T, D]), W_Q, W_K, W_V)])
      return context
    },
    async gradients(X, dC) {
      const [context, dX, dW_Q, dW_K, dW_V] = await numbersOf(() => {
        const { value, grads } = differentiated(
          [tf.tensor(X, [N, T, D]), W_Q, W_K, W_V],
          tf.tensor(dC, [N, T, d]),
        )
        return [value, ...grads]
      })
      return { context, dX, dW_Q, dW_K, dW_V }
    },
    close() {},
  }
}
