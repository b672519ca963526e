import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'

// Builds the page and serves it on this machine alone; PORT names a port, else the first free one from 4173 on.

const root = fileURLToPath(new URL('../lab', import.meta.url))
await build({ root })
const server = await preview({ root, preview: { host: '127.0.0.1', port: Number(process.env.PORT ?? 4173) } })
console.log(`lab: ${server.resolvedUrls.local[0]}`)
