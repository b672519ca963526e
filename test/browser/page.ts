import { type Fingerprints, fingerprints } from './fingerprints.ts'

declare global {
  /** Set by this page, for the tests that drive it. */
  var compute: {
    onPage(threads: number): Promise<Fingerprints>
    inWorker(threads: number): Promise<Fingerprints>
  }
}

globalThis.compute = {
  onPage: fingerprints,
  inWorker: (threads) =>
    new Promise((resolve, reject) => {
      const worker = new Worker('/worker.js', { type: 'module' })
      worker.onmessage = ({ data }) =>
        typeof data === 'string' ? reject(new Error(data)) : resolve(data)
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(threads)
    }),
}
