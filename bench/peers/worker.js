import { answerTo } from './measure.js'

// The page's worker in which one peer is measured: gets the job as a message, and what to work on
// from the server.

const PACKAGES = '/bench/peers/node_modules/'
const ENTRIES = {
  '@jax-js/jax': 'dist/index.js',
  '@tensorflow/tfjs': 'dist/tf.min.js',
  '@tensorflow/tfjs-backend-wasm': 'dist/tf-backend-wasm.min.js',
  'onnxruntime-web': 'dist/ort.wasm.min.mjs',
}

/** A package's module; TensorFlow.js puts itself into the global `tf` instead. */
async function load(name) {
  const loaded = await import(`${PACKAGES}${name}/${ENTRIES[name]}`)
  return name.startsWith('@tensorflow/') ? namesOfTensorflow(name) : loaded
}
load.folder = (name) => `${PACKAGES}${name}/dist/`

const namesOfTensorflow = (name) =>
  name === '@tensorflow/tfjs' ? globalThis.tf : (globalThis.tf.wasm ?? globalThis.tf)

addEventListener('message', async ({ data: job }) => {
  const response = await fetch('/work')
  const work = new Uint8Array(await response.arrayBuffer())
  postMessage(await answerTo({ ...job, work }, load))
})
