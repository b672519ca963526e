#!/usr/bin/env node
import { main } from './main.ts'
import { endWithReader } from './terminal/errors.ts'

endWithReader()
await main(process.argv.slice(2))
