import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Checkpointing, Divergence, writeWhole } from '../../doors/internal.ts'
import { CommandError, EXIT } from '../terminal/errors.ts'
import { checkOutput } from '../terminal/output.ts'

/** How often a checkpoint is kept. */
interface Every {
  readonly steps?: number
  readonly seconds?: number
}

export interface CheckpointOptions {
  readonly checkpoint?: string
  readonly checkpointEvery: Every
  readonly resume?: string
}

const EVERY = new Option(
  '--checkpoint-every <often>',
  'so many steps, such as 500, or seconds, such as 30s',
)
  .argParser(often)
  .default({ seconds: 60 } satisfies Every, '60s')

export const withCheckpoints = (command: Command): Command =>
  command
    .option(
      '--checkpoint <file>',
      'keep here, again and again, all that is needed to go on after a failure',
    )
    .addOption(EVERY)
    .option(
      '--resume <file>',
      'go on from a checkpoint, with the same text and options, to the same bits',
    )

function often(text: string): Every {
  const [, number, unit] = text.match(/^(\d+)(s?)$/) ?? []
  if (!(Number(number) >= 1))
    throw new InvalidArgumentError(
      'It must be a number of steps, such as 500, or of seconds, such as 60s.',
    )
  return unit ? { seconds: Number(number) } : { steps: Number(number) }
}

/** The file that checkpoints go to, and the last step that one was kept of. */
export class Checkpoints implements Checkpointing {
  readonly path: string
  kept = false
  readonly #every: Every
  #last = performance.now()

  constructor(path: string, every: Every) {
    this.path = path
    this.#every = every
  }

  due(step: number): boolean {
    const { steps, seconds = 0 } = this.#every
    if (steps !== undefined) return step % steps === 0
    return performance.now() - this.#last >= 1000 * seconds
  }

  async write(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await writeWhole(this.path, pieces)
    this.kept = true
    this.#last = performance.now()
  }
}

/**
 * The file for checkpoints.
 *
 * @throws {CommandError} early, if it cannot be written; the one that is resumed may be replaced
 */
export async function checkpointsOf(
  options: CheckpointOptions & { readonly force?: boolean },
): Promise<Checkpoints | undefined> {
  const { checkpoint, checkpointEvery, resume, force = false } = options
  if (checkpoint === undefined) return undefined
  await checkOutput({ output: checkpoint, force: force || checkpoint === resume })
  return new Checkpoints(checkpoint, checkpointEvery)
}

/** A divergence as an error of the command, with the last checkpoint. */
export function toldDivergence(error: unknown, checkpoints: Checkpoints | undefined): unknown {
  if (!(error instanceof Divergence)) return error
  const { kept, path } = checkpoints ?? {}
  const left = kept
    ? `${path} has the last good parameters, for --from`
    : `nothing is saved${path === undefined ? '; --checkpoint FILE would keep the last good parameters' : ''}`
  return new CommandError(EXIT.failed, `${error.message}; ${left}`)
}
