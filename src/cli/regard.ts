#!/usr/bin/env node
import { main } from './main.ts'
import { EXIT } from './terminal/errors.ts'

// a reader that has seen enough, such as head, ends the command quietly
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(
    `regard: stdout: ${error.code === 'ENOSPC' ? 'the disk is full; free some space' : error.message}\n`,
  )
  process.exit(EXIT.input)
})

await main(process.argv.slice(2))
