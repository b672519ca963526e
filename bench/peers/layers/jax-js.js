/**
 * jax-js in WebAssembly: traced and compiled once by `jit`, differentiated by `vjp`. Passing an
 * array on gives it away; `ref` keeps it.
 */
export async function open({ shape: [N, T, D, d], parameters, threads, load }) {
  limitWorkers(threads)
  const { init, jit, nn, numpy, vjp } = await load('@jax-js/jax')
  await init('wasm')
  const array = (numbers, shape) => numpy.array(numbers).reshape(shape)
  const [W_Q, W_K, W_V] = ['W_Q', 'W_K', 'W_V'].map((name) => array(parameters[name], [D, d]))

  const attention = (X, W_Q, W_K, W_V) => {
    const Q = numpy.matmul(X.ref, W_Q).mul(1 / Math.sqrt(d))
    const K = numpy.matmul(X.ref, W_K)
    const S = numpy.matmul(Q, numpy.matrixTranspose(K))
    return numpy.matmul(nn.softmax(S, -1), numpy.matmul(X, W_V))
  }
  const forward = jit(attention)
  const both = jit((X, W_Q, W_K, W_V, dC) => {
    const [context, backward] = vjp(attention, [X, W_Q, W_K, W_V])
    return [context, ...backward(dC)]
  })
  return {
    ...threadsOf(threads),
    forward: (X) => forward(array(X, [N, T, D]), W_Q.ref, W_K.ref, W_V.ref).data(),
    async gradients(X, dC) {
      const results = both(array(X, [N, T, D]), W_Q.ref, W_K.ref, W_V.ref, array(dC, [N, T, d]))
      const [context, dX, dW_Q, dW_K, dW_V] = await Promise.all(
        results.map((result) => result.data()),
      )
      return { context, dX, dW_Q, dW_K, dW_V }
    },
    close() {},
  }
}

const IN_BROWSER = typeof Worker !== 'undefined'

/** It starts as many workers as the browser says that the machine has threads. */
function limitWorkers(threads) {
  if (IN_BROWSER) Object.defineProperty(navigator, 'hardwareConcurrency', { value: threads })
}

const threadsOf = (threads) =>
  IN_BROWSER || threads === 1 ? { threads } : { threads: 1, note: 'no threads in Node' }
