import { fingerprints } from './fingerprints.ts'

addEventListener('message', async ({ data }: MessageEvent<number>) => {
  postMessage(await fingerprints(data).catch((error) => String(error)))
})
