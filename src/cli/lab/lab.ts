import { once } from 'node:events'
import type { Command } from 'commander'
import { megabytes } from '../inspect.ts'
import { plainJson } from '../terminal/decimals.ts'
import { usageError } from '../terminal/errors.ts'
import { commandOf, doing, integerFrom, type SpeechOptions } from '../terminal/options.ts'
import { reporterOf } from '../terminal/progress.ts'
import { writePage } from './out.ts'
import { pageFiles } from './page.ts'
import { DEFAULT_PORT, serve } from './server.ts'

interface LabOptions extends SpeechOptions {
  readonly port?: number
  readonly out?: string
  readonly force?: boolean
}

const EXAMPLES = `  regard lab                     the page, served to this machine alone; Ctrl-C ends it
  regard lab --port 9000
  regard lab --out page.html     the page as one file, with a small model in it: open it from anywhere, without a network
  regard lab --out site/         a folder for any web host
  regard lab --out course.zip    a SCORM 1.2 package for Moodle and the like: name and score are reported to it
`

export function labCommand(): Command {
  const command = commandOf('lab', 'the page: see the layer, train it, take the quiz', EXAMPLES)
    .option(
      '--port <number>',
      `port on 127.0.0.1; by default the first free one from ${DEFAULT_PORT} on`,
      integerFrom(1, 65_535),
    )
    .option(
      '-o, --out <file>',
      'write the page, as its end says: one .html file, a folder/, or a .zip for a learning platform',
    )
    .option('--force', 'overwrite')
    .addHelpText(
      'after',
      '\nThe page needs no network and sends nothing anywhere; docs/page.md says how to host it.',
    )
  return doing(command, lab)
}

async function lab({ port, out, force = false, ...speech }: LabOptions): Promise<undefined> {
  if (out !== undefined && port !== undefined)
    throw usageError('--out writes the page and --port serves it; give one of them')
  const files = await pageFiles()
  const { note } = reporterOf('lab', speech)
  const tell = (line: string): void => void process.stdout.write(`${line}\n`)
  if (out !== undefined) {
    const written = await writePage(files, { out, force })
    const count = written.form === 'folder' ? `${written.files} files, ` : ''
    if (speech.json) tell(plainJson(written))
    else note(`${out}: ${count}${megabytes(written.bytes)}`)
    return
  }
  const { address, close } = await serve(files, port)
  tell(speech.json ? JSON.stringify({ address }) : address)
  if (!speech.json) note('open this address in a browser; Ctrl-C ends it')
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await close()
}
