import { Command, type Option } from 'commander'
import {
  type ClaimSettings,
  claims,
  type Device,
  type Finding,
  judge,
  type Language,
  nearest,
  type OptionFinding,
  openDevice,
  type Verdict,
} from '../doors/internal.ts'
import { plainJson } from './terminal/decimals.ts'
import { EXIT, inputError, usageError } from './terminal/errors.ts'
import {
  choice,
  type DeviceFlags,
  deviceOf,
  doing,
  integerFrom,
  quietly,
  type SpeechOptions,
} from './terminal/options.ts'
import { type Sink, type Terminal, terminalOf, wrapped } from './terminal/terminal.ts'

/** What `regard prove` was asked. */
export interface ProveOptions extends SpeechOptions, DeviceFlags {
  readonly all?: boolean
  readonly list?: boolean
  readonly slow?: boolean
  readonly seed: number
  readonly sentence?: string
  readonly language: Language
}

const EXAMPLES = `Examples:
  regard prove --list                every claim in one line
  regard prove order equal-rows      prove these two
  regard prove 3 --language fr       the claim of question 3, in French
  regard prove --all --json          all evidence as data
`

/** Whether the user's system speaks French. */
export const french = (): boolean =>
  /^fr/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '')

/** The option for the language of what is said, by itself the user's own. */
export const languageOption = (help: string): Option =>
  choice('--language <language>', help, ['en', 'fr'], french() ? 'fr' : 'en')

export function proveCommand(): Command {
  const command = quietly(new Command('prove'))
    .description('run the layer to prove a statement about it')
    .argument('[claim...]', 'names of claims, or numbers of questions of the quiz')
    .option('--all', 'prove every claim')
    .option('--list', 'name every claim')
    .option('--slow', 'more draws')
    .addOption(
      choice(
        '--device <device>',
        'where to compute; auto is reference, in float64',
        ['auto', 'reference', 'wasm'],
        'auto',
      ),
    )
    .option(
      '--threads <number>',
      'threads of the wasm device; as many as the machine runs at once',
      integerFrom(1, 256),
    )
    .option('--fused', 'multiply and add with one rounding on the wasm device')
    .option(
      '--sentence <text>',
      'words, separated by spaces, instead of «Tom a été entarté cet été»',
    )
    .addOption(languageOption('language of the evidence'))
    .option('--seed <number>', 'what random numbers are drawn from', integerFrom(0), 7)
    .option('--json', 'one JSON document on stdout and nothing else')
    .option('--quiet', 'verdicts alone')
    .option('--verbose', 'where an error happened, too')
    .addHelpText('before', EXAMPLES)
  return doing(command, (names: string[], options: ProveOptions) =>
    prove(names, options, process.stdout),
  )
}

/** A verdict, and how long it took. */
type TimedVerdict = Verdict & { readonly milliseconds: number }

const PHRASES = {
  en: {
    heading: (device: string, seed: number) =>
      `The layer, run on the device ${device}, seed ${seed}.`,
    proven: 'proven',
    refuted: 'NOT proven',
    holds: 'holds',
    wrong: 'refuted',
    unexpected: 'WRONGLY JUDGED',
    summary: (proven: number, count: number, time: string) =>
      `${proven} of ${count} claims proven in ${time}.`,
    question: (n: number) => `question ${n}`,
    listing:
      'regard prove CLAIM… runs some of these, regard prove --all every one; a number is a question of the quiz.',
  },
  fr: {
    heading: (device: string, seed: number) =>
      `La couche, exécutée par l’appareil ${device}, graine ${seed}.`,
    proven: 'prouvé',
    refuted: 'NON prouvé',
    holds: 'juste',
    wrong: 'réfuté',
    unexpected: 'MAL JUGÉ',
    summary: (proven: number, count: number, time: string) =>
      `${proven} énoncés sur ${count} prouvés en ${time}.`,
    question: (n: number) => `question ${n}`,
    listing:
      'regard prove ÉNONCÉ… en lance quelques-uns, regard prove --all les lance tous ; un nombre désigne une question du quiz.',
  },
} as const

/** Runs the claims that were named and prints what was found. Returns the exit code. */
export async function prove(
  names: readonly string[],
  options: ProveOptions,
  out: Sink,
): Promise<number> {
  const { device: deviceName, language, seed, json } = options
  if (options.all && names.length > 0)
    throw usageError('prove: name claims or give --all, not both')
  for (const flag of ['threads', 'fused'] as const)
    if (options[flag] && deviceName !== 'wasm')
      throw usageError(`prove: --${flag} goes with --device wasm`)
  const terminal = terminalOf(out)
  if (options.list || (names.length === 0 && !options.all)) return list(options, terminal)
  const chosen = options.all ? claims : names.map(chosenClaim)
  const device = await openDevice(
    deviceName === 'wasm' ? deviceOf(options) : { device: 'reference', dtype: 'float64' },
  )
  const settings: ClaimSettings = {
    ...{ device, seed, slow: options.slow ?? false },
    ...(options.sentence === undefined ? {} : { sentence: wordsOf(options.sentence) }),
  }
  if (!json) terminal.print(PHRASES[language].heading(deviceText(device), seed))
  const verdicts: TimedVerdict[] = []
  for (const claim of chosen) {
    const start = performance.now()
    const found = await judge(claim, settings)
    const verdict = { ...found, milliseconds: performance.now() - start }
    verdicts.push(verdict)
    if (!json) printVerdict(verdict, options, terminal)
  }
  await device.close()
  const proven = verdicts.every((verdict) => verdict.proven)
  const { name, dtype, arithmetic } = device
  if (!json) printSummary(verdicts, language, terminal)
  else
    terminal.print(plainJson({ seed, device: name, dtype, arithmetic, proven, claims: verdicts }))
  return proven ? EXIT.done : EXIT.failed
}

const deviceText = ({ name, dtype, arithmetic }: Device) =>
  `${name} (${arithmetic === 'fused' ? `${dtype}, fused` : dtype})`

function wordsOf(sentence: string) {
  const words = sentence.split(/\s+/).filter(Boolean)
  if (new Set(words).size < 2)
    throw inputError('prove: --sentence needs at least two different words, separated by spaces')
  return words
}

/** A claim by its name or by the number of its question. */
function chosenClaim(name: string) {
  const found = claims.find((claim) => claim.name === name || String(claim.question) === name)
  if (found) return found
  const near = nearest(
    name,
    claims.map((claim) => claim.name),
  )
  throw usageError(
    `prove: unknown claim ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ';'} regard prove --list shows them all`,
  )
}

function list({ language, json }: ProveOptions, terminal: Terminal): number {
  if (json) {
    const found = claims.map(({ name, question, statement }) => ({ name, question, statement }))
    terminal.print(JSON.stringify(found))
    return EXIT.done
  }
  const widest = Math.max(...claims.map(({ name }) => name.length))
  for (const { name, question, statement } of claims) {
    const lead = `${String(question ?? '').padStart(2)}  ${name.padEnd(widest)}  `
    const line = wrapped(lead, statement[language], terminal.columns)
    terminal.print(line.replace(name, terminal.style('bold', name)))
  }
  terminal.print()
  terminal.print(wrapped('', PHRASES[language].listing, terminal.columns))
  return EXIT.done
}

function printVerdict(
  verdict: TimedVerdict,
  { language, quiet }: ProveOptions,
  terminal: Terminal,
) {
  const { proven, question, claim, milliseconds, statement, findings, options = [] } = verdict
  const { print, style, columns } = terminal
  const say = PHRASES[language]
  const mark = proven ? style('green', '✓') : style('red', '✗')
  if (!quiet) print()
  const about = [
    proven ? say.proven : say.refuted,
    ...(question ? [say.question(question)] : []),
    ...[claim, `${Math.round(milliseconds)} ms`],
  ]
  print(`${mark} ${style('bold', wrapped('  ', statement[language], columns).trimStart())}`)
  print(`  ${style('dim', about.join(' · '))}`)
  if (quiet && proven) return
  for (const finding of findings) print(findingLine(finding, language, terminal))
  for (const option of options) print(optionLine(option, language, terminal))
}

/** A finding as lines. */
export const findingLine = (
  { holds, text }: Finding,
  language: Language,
  terminal: Terminal,
): string => {
  const line = wrapped('  · ', text[language], terminal.columns)
  return holds ? line : terminal.style('red', line.replace('·', '✗'))
}

/** What was found about an option as lines. */
export function optionLine(
  { option, right, holds, text }: OptionFinding,
  language: Language,
  terminal: Terminal,
): string {
  const say = PHRASES[language]
  const verdict = holds !== right ? say.unexpected : holds ? say.holds : say.wrong
  const lead = `  (${option}) ${verdict.padEnd(Math.max(say.holds.length, say.wrong.length))}  `
  const line = wrapped(lead, text[language], terminal.columns)
  return holds !== right
    ? terminal.style('red', line)
    : line.replace(verdict, terminal.style(holds ? 'green' : 'dim', verdict))
}

function printSummary(
  verdicts: readonly TimedVerdict[],
  language: Language,
  { print, style }: Terminal,
) {
  const milliseconds = verdicts.reduce((sum, verdict) => sum + verdict.milliseconds, 0)
  const time = `${(milliseconds / 1000).toFixed(2).replace('.', language === 'fr' ? ',' : '.')} s`
  const proven = verdicts.filter((verdict) => verdict.proven).length
  print()
  const summary = PHRASES[language].summary(proven, verdicts.length, time)
  print(style(proven === verdicts.length ? 'green' : 'red', summary))
}
