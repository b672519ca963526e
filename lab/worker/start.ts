import address from './worker.ts?address'

/**
 * Starts the worker from its own script or, where the page is one file, from the page's only
 * script, which sees for itself where it runs.
 */
export function start(): Worker {
  const script = document.querySelector('script#script')?.textContent
  if (script)
    return new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
  return new Worker(address, { type: 'module' })
}
