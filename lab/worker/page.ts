import { Caller } from './calls.ts'
import type { handlers } from './handlers.ts'
import { start } from './start.ts'

/** The page's own worker: it learns, asks and proves, so that the page stays free. */
export const worker = new Caller<typeof handlers>(start)
