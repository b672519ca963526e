import type { SaxesTagNS } from 'saxes'
import { type Line, tokenize } from '../../../doors/internal.ts'
import { type AnnotatedWord, merged, sentenceOf } from './sentence.ts'

/** Elements whose text is a line of its own, wherever they are. */
const BLOCKS = /^(?:head|p|ab|l|s|u)$/
/** Elements whose text is a line where no line is around them. */
const INNER =
  /^(?:said|seg|q|quote|cit|epigraph|argument|postscript|titlePart|byline|opener|closer|salute|signed|dateline|address|trailer|item|label|cell)$/
/** Elements within a line that part words. */
const PARTS =
  /^(?:list|item|table|row|cell|lg|sp|label|address|addrLine|opener|closer|salute|signed|dateline|byline|trailer)$/
/** What is no running text of the work, or was struck out, or is another reading. */
const NO_TEXT =
  /^(?:note|speaker|stage|castItem|docAuthor|docDate|docEdition|docImprint|desc|figDesc|fw|del|rdg|facsimile|sourceDoc)$/
/** What stands in a choice beside the reg, corr or expan that is read. */
const AS_WRITTEN = /^(?:orig|sic|abbr)$/
/** Ends of lines, columns and pages. */
const BREAKS = /^(?:lb|pb|cb|gb|milestone)$/
const WORD = /^(?:w|pc)$/
/** A hyphen and blanks before a break that is none of the word. */
const CUT = /[-\u2010\u00AD]?\s*$/

interface Element {
  readonly name: string
  readonly isBlock: boolean
  /** Whether one reading of a choice has been read. */
  hasReading: boolean
}

/** A word in the text of a line. */
interface Mark extends AnnotatedWord {
  readonly start: number
  readonly end: number
  /** Whether no blank comes before it. */
  readonly isJoined?: boolean
}

/** The text of TEI, as its elements come. */
export class TeiText {
  readonly #emit: (line: Line) => void
  readonly #leaveOut: (element: string, text: string) => void
  readonly #open: Element[] = []
  /** Of the line: its text, the line it begins in, and its words. */
  #text = ''
  #number = 0
  #marks: Mark[] = []
  /** Words that are open, such as du around de and le, and where the outermost begins. */
  #words: Omit<Mark, 'start' | 'end'>[] = []
  #parts: AnnotatedWord[] = []
  #start = 0
  /** Whether blanks that come next are none. */
  #isCut = false
  /** Whether the text has blanks between its words. */
  #isSpaced = false

  /**
   * @param emit takes each line
   * @param leaveOut takes text that is in no line, and the name of its element
   */
  constructor(emit: (line: Line) => void, leaveOut: (element: string, text: string) => void) {
    this.#emit = emit
    this.#leaveOut = leaveOut
  }

  /** Name of the innermost element whose text is a line. */
  get #block(): string | undefined {
    return this.#open.findLast(({ isBlock }) => isBlock)?.name
  }

  /** Takes an element that opens; false where what is in it is no text. */
  open({ local: name, attributes }: SaxesTagNS, metadata: NonNullable<Line['metadata']>): boolean {
    const parent = this.#open.at(-1)
    if (NO_TEXT.test(name)) return false
    if (parent?.name === 'choice') {
      if (parent.hasReading || AS_WRITTEN.test(name)) return false
      parent.hasReading = true
    }
    const block = this.#block
    const isOwn = !block || (block === name && name === 'item') || (block === 'u' && name === 'seg')
    const isBlock = BLOCKS.test(name) || (INNER.test(name) && isOwn)
    if (isBlock) this.#end(metadata, block)
    this.#open.push({ name, isBlock, hasReading: false })
    if (BREAKS.test(name)) this.#break(name, attributes.break?.value)
    if (PARTS.test(name)) this.#text += '\n'
    if (WORD.test(name)) {
      if (!this.#words.length) this.#start = this.#text.length
      this.#words.push(wordOf(attributes))
    }
    return true
  }

  /** Takes text that begins in a line. */
  add(text: string, number: number): void {
    if (!this.#block) {
      this.#leaveOut(this.#open.at(-1)?.name ?? '', text)
      return
    }
    const piece = this.#isCut ? text.trimStart() : text
    if (piece) this.#isCut = false
    if (!this.#text.trim()) {
      const blank = text.slice(0, text.length - text.trimStart().length)
      this.#number = number + blank.split('\n').length - 1
    }
    this.#text += piece
  }

  /** Takes the end of the element that is open. */
  close(metadata: NonNullable<Line['metadata']>): void {
    const element = this.#open.pop()
    if (!element) return
    if (element.isBlock) this.#end(metadata, element.name)
    if (PARTS.test(element.name)) this.#text += '\n'
    if (!WORD.test(element.name)) return
    const word = this.#words.pop()
    if (word && this.#words.length) this.#parts.push(word)
    else if (word) this.#mark(merged(word, this.#parts.splice(0)))
  }

  /** Marks the text since the start of a word as that word. */
  #mark(word: Omit<Mark, 'start' | 'end'>): void {
    const all = this.#text.slice(this.#start)
    const surface = folded(all)
    if (!surface) return
    const start = this.#start + all.length - all.trimStart().length
    this.#marks.push({ ...word, surface, start, end: start + all.trim().length })
  }

  /** A line, column or page ends; a word may go on. */
  #break(name: string, goesOn: string | undefined): void {
    if (goesOn === 'no') {
      const cut = this.#text.replace(CUT, '')
      const end = this.#marks.at(-1)?.end ?? 0
      this.#text = cut.length < end ? this.#text.trimEnd() : cut
      this.#isCut = true
    } else if (name === 'lb') this.#text += '\n'
  }

  /** Ends the line of an element: a paragraph, but for verses and sentences. */
  #end(metadata: NonNullable<Line['metadata']>, block: string | undefined): void {
    const text = folded(this.#text)
    const isAnnotated = this.#marks.some(({ lemma, pos }) => lemma ?? pos)
    if (text)
      this.#emit({
        ...(isAnnotated ? sentenceOf(this.#wordsIn(), this.#number, {}) : { text }),
        number: this.#number,
        ...(block !== 'l' && block !== 's' && { paragraph: true }),
        ...(Object.keys(metadata).length > 0 && { metadata }),
      })
    this.#text = ''
    this.#marks = []
    this.#isCut = false
  }

  /** The words of the line: those marked, and those of the text between them. */
  #wordsIn(): AnnotatedWord[] {
    const all: Mark[] = []
    let at = 0
    const between = (end: number) => {
      for (const { start, end: to } of tokenize(this.#text.slice(at, end)))
        all.push({
          surface: folded(this.#text.slice(at + start, at + to)),
          start: at + start,
          end: at + to,
        })
    }
    for (const mark of this.#marks) {
      between(mark.start)
      all.push(mark)
      at = mark.end
    }
    between(this.#text.length)
    const isNext = (n: number) => all[n].end === all[n + 1]?.start
    this.#isSpaced ||= all.some((_, n) => n + 1 < all.length && !isNext(n))
    return all.map((word, n) => ({
      ...word,
      joined: word.joined || all[n + 1]?.isJoined || (this.#isSpaced && isNext(n)),
    }))
  }
}

/** Without soft hyphens and the blanks behind them, and with one blank for several. */
const folded = (text: string) =>
  text
    .replace(/\u00AD\s*/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** What a w or pc says: lemma and pos, or those of msd and ana, and where it has no blank beside it. */
function wordOf(attributes: SaxesTagNS['attributes']): Omit<Mark, 'start' | 'end'> {
  const value = (name: string) => attributes[name]?.value.trim() || undefined
  const tag = /(?:^|\|)UPosTag=([^|]+)/.exec(value('msd') ?? '')?.[1]
  const join = value('join')
  return {
    surface: '',
    lemma: value('lemma') ?? value('hw'),
    pos: value('pos') ?? tag ?? value('msd') ?? value('ana')?.replace(/^[^\s#:]*[#:]/, ''),
    joined: join === 'right' || join === 'both',
    isJoined: join === 'left' || join === 'both',
  }
}
