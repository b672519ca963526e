import { dirname } from 'node:path'

const root = dirname(import.meta.dirname)

export default { output: 'export', turbopack: { root }, outputFileTracingRoot: root }
