import { job } from '../../job.js'

export const prerender = true

/** The job on the server, while the page is built. */
export const load = async () => ({ server: JSON.stringify(await job('server.safetensors')) })
