import { isAnswered, type Prover, type QuizItem, type Sitting } from '../../../doors/internal.ts'
import { inputError } from '../../terminal/errors.ts'
import type { Asker } from './asker.ts'
import { type Reply, replyTo } from './reply.ts'
import type { Show } from './show.ts'

/** What a quiz is taken with. */
export interface Desk {
  readonly sitting: Sitting
  readonly asker: Asker
  readonly show: Show
  readonly prover: Prover
  /** Keeps what was answered so far. */
  keep(): Promise<void>
  /** Forgets what was kept, once it is handed in. */
  forget(): Promise<void>
  /** Empties the screen, on a terminal that can. */
  clear(): void
}

/** What becomes of an item: another is shown, the quiz is handed in, or it stops here. */
type Turn = 'show' | 'stay' | 'handIn' | 'stop'

/**
 * Asks the items back and forth until they are handed in.
 *
 * @returns false where it was interrupted
 * @throws {CommandError} for a stream whose lines are no answers, or too few
 */
export async function play(desk: Desk): Promise<boolean> {
  const { sitting } = desk
  let notice = ''
  for (;;) {
    const turn =
      sitting.at < sitting.items.length ? await playItem(desk, notice) : await atTheEnd(desk)
    if (turn === 'stop') return false
    notice = turn === 'handIn' ? missingIn(desk) : ''
    if (turn === 'handIn' && !notice) return true
    await desk.keep()
  }
}

/** Shows an item and reads what is typed to it, until another is to be shown. */
async function playItem(desk: Desk, notice: string): Promise<Turn> {
  const { sitting, asker, show } = desk
  const item = sitting.items[sitting.at]
  desk.clear()
  show.section(item)
  show.item(item)
  const before = sitting.answerTo(item)
  if (isAnswered(before)) show.prose(show.say.answered(show.responseText(item, before)))
  if (notice) show.prose(notice)
  for (;;) {
    const typed = await asker.ask('> ')
    if (typed === undefined) return ended(desk, item)
    const turn = await turnOf(replyTo(item, typed, show.say), item, desk)
    if (turn !== 'stay') return turn
  }
}

/** The end of what is typed: an interruption of somebody, but a mistake of a stream. */
function ended({ asker, sitting, show }: Desk, { id }: QuizItem): Turn {
  if (asker.interactive) return 'stop'
  throw inputError(
    `stdin ended at ${show.say.position(sitting.at + 1, sitting.items.length)} (${id}); give a line for each, an empty one for no answer`,
  )
}

async function turnOf(reply: Reply, item: QuizItem, desk: Desk): Promise<Turn> {
  const { sitting, show } = desk
  switch (reply.kind) {
    case 'answer':
      return answered(reply.response, item, desk)
    case 'next':
      return moved(sitting.at + 1, desk)
    case 'back':
      return moved(Math.max(0, sitting.at - 1), desk)
    case 'go':
      return reply.to >= 1 && reply.to <= sitting.items.length
        ? moved(reply.to - 1, desk)
        : refused(show.say.noQuestion(sitting.items.length), desk)
    case 'why':
      await why(item, desk)
      return 'stay'
    case 'text':
      show.section(item, true)
      return 'stay'
    case 'help':
      show.help()
      return 'stay'
    case 'handIn':
      return 'handIn'
    case 'quit':
      return 'stop'
    default:
      return refused(reply.text, desk, `${item.id}: `)
  }
}

function moved(to: number, { sitting }: Desk): Turn {
  sitting.at = to
  return 'show'
}

/** Says what cannot be; a stream ends there: the lines after it would answer the wrong items. */
function refused(text: string, { asker, show }: Desk, where = ''): Turn {
  if (!asker.interactive) throw inputError(`stdin: line ${asker.line}: ${where}${text}`)
  show.prose(text)
  return 'stay'
}

/**
 * Takes an answer down. In practice it is judged at once, and whoever sits there may look at it
 * before going on.
 */
async function answered(
  response: Parameters<Sitting['answer']>[1],
  item: QuizItem,
  desk: Desk,
): Promise<Turn> {
  const { sitting, asker, show } = desk
  sitting.answer(item, response)
  await desk.keep()
  const practice = sitting.start.mode === 'practice'
  if (practice && isAnswered(response)) await showFinding(item, desk)
  if (practice && asker.interactive) {
    show.prose(show.say.more)
    return 'stay'
  }
  return moved(sitting.at + 1, desk)
}

async function showFinding(item: QuizItem, desk: Desk) {
  const { sitting, show } = desk
  const response = sitting.answerTo(item)
  show.finding(item, response)
  const verdict = await verdictOf(item, desk)
  if (verdict) show.proof(item, response, verdict)
  show.blank()
}

/** The whole run on request: in a test after it was handed in, in practice after an answer. */
async function why(item: QuizItem, desk: Desk) {
  const { sitting, show } = desk
  if (sitting.start.mode === 'test') show.prose(show.say.afterwards)
  else if (!isAnswered(sitting.answerTo(item))) show.prose(show.say.answerFirst)
  else await run(item, desk)
}

async function run(item: QuizItem, desk: Desk) {
  const verdict = await verdictOf(item, desk)
  if (verdict) desk.show.run(item, verdict)
  else desk.show.prose(desk.show.say.noClaim)
  desk.show.blank()
}

/**
 * Runs an item's claim on the layer; undefined where it has none, or one that cannot be run, which
 * is said.
 */
async function verdictOf(item: QuizItem, { prover, show }: Desk) {
  if (!item.claim) return undefined
  try {
    return await prover.verdictOf(item.claim)
  } catch (error) {
    show.prose((error as Error).message)
    return undefined
  }
}

/** After the last item: hand in, or go back. A stream hands in at once. */
async function atTheEnd({ sitting, asker, show, clear }: Desk): Promise<Turn> {
  if (!asker.interactive) return 'handIn'
  const { items } = sitting
  clear()
  for (;;) {
    show.prose(show.say.handIn(sitting.answeredCount, items.length))
    const typed = await asker.ask('> ')
    if (typed === undefined || /^(q|quit|quitter)$/i.test(typed.trim())) return 'stop'
    const word = typed.trim()
    const go = /^[#:]?\s*(\d{1,6})$/.exec(word)
    if (word === '' || word === '>' || word === '!') return 'handIn'
    if (go && Number(go[1]) >= 1 && Number(go[1]) <= items.length) sitting.at = Number(go[1]) - 1
    else if (word === '<') sitting.at--
    if (sitting.at < items.length) return 'show'
  }
}

/**
 * Says which items need an answer and have none, and goes to the first; empty where there is none.
 */
function missingIn({ sitting, asker, show }: Desk) {
  const { missing, items } = sitting
  if (missing.length === 0) return ''
  const text = show.say.missing(missing.map((position) => position + 1))
  if (!asker.interactive)
    throw inputError(`stdin: ${text}: ${missing.map((position) => items[position].id).join(', ')}`)
  sitting.at = missing[0]
  return text
}

/** After a test: shows on request what the layer does for an item, beside what was answered. */
export async function review(desk: Desk): Promise<void> {
  const { sitting, asker, show } = desk
  show.prose(show.say.review)
  for (;;) {
    const typed = await asker.ask('> ')
    const wanted = /^[#:?w]?\s*(\d{1,6})$/i.exec(typed?.trim() ?? '')
    if (!wanted) return
    const item = sitting.items[Number(wanted[1]) - 1]
    if (!item) show.prose(show.say.noQuestion(sitting.items.length))
    else {
      show.item(item)
      show.finding(item, sitting.answerTo(item))
      await run(item, desk)
    }
  }
}
