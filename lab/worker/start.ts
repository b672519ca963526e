/** Starts the worker from its own script. */
export const start = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
