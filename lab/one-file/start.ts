/** Starts the worker from the page's only script, which sees for itself where it runs. */
export function start(): Worker {
  const script = document.getElementById('script')?.textContent ?? ''
  return new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
}
