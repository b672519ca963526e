import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'

// Serves the page on this machine alone; builds it where it is not there yet.

const root = fileURLToPath(new URL('../lab', import.meta.url))
if (!existsSync(new URL('../dist/lab/index.html', import.meta.url))) await build({ root })
const server = await preview({ root, preview: { host: '127.0.0.1', port: Number(process.env.PORT ?? 4173) } })
server.printUrls()
