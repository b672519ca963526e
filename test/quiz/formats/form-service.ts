import { runInNewContext } from 'node:vm'

// A double of Google's Forms service, as https://developers.google.com/apps-script/reference/forms
// documents it: it records what is called on it and refuses methods that are not there and
// arguments of another type. The real service cannot run here.

type Kind = 'string' | 'boolean' | 'integer' | 'Choice[]' | 'TextValidation' | 'QuizFeedback'

/**
 * Types of the arguments of each method, and what it returns: `self`, `string` or a new object of a
 * class.
 */
type Signature = readonly [kinds: readonly Kind[], returns: string, optional?: number]

const ITEM: Readonly<Record<string, Signature>> = {
  setTitle: [['string'], 'self'],
  setHelpText: [['string'], 'self'],
}
const QUESTION: typeof ITEM = {
  ...ITEM,
  setRequired: [['boolean'], 'self'],
  setPoints: [['integer'], 'self'],
}
const CHOICE_ITEM: typeof ITEM = {
  ...QUESTION,
  createChoice: [['string', 'boolean'], 'Choice', 1],
  setChoices: [['Choice[]'], 'self'],
  setFeedbackForCorrect: [['QuizFeedback'], 'self'],
  setFeedbackForIncorrect: [['QuizFeedback'], 'self'],
}

const CLASSES: Readonly<Record<string, typeof ITEM>> = {
  FormApp: {
    create: [['string'], 'Form'],
    createFeedback: [[], 'QuizFeedbackBuilder'],
    createTextValidation: [[], 'TextValidationBuilder'],
  },
  Form: {
    setTitle: [['string'], 'self'],
    setDescription: [['string'], 'self'],
    setIsQuiz: [['boolean'], 'self'],
    setShuffleQuestions: [['boolean'], 'self'],
    addTextItem: [[], 'TextItem'],
    addPageBreakItem: [[], 'PageBreakItem'],
    addMultipleChoiceItem: [[], 'MultipleChoiceItem'],
    addCheckboxItem: [[], 'CheckboxItem'],
    getEditUrl: [[], 'string'],
    getPublishedUrl: [[], 'string'],
  },
  TextItem: {
    ...QUESTION,
    setValidation: [['TextValidation'], 'self'],
    setGeneralFeedback: [['QuizFeedback'], 'self'],
  },
  PageBreakItem: ITEM,
  MultipleChoiceItem: CHOICE_ITEM,
  CheckboxItem: CHOICE_ITEM,
  Choice: {},
  QuizFeedbackBuilder: { setText: [['string'], 'self'], build: [[], 'QuizFeedback'] },
  QuizFeedback: {},
  TextValidationBuilder: { requireNumber: [[], 'self'], build: [[], 'TextValidation'] },
  TextValidation: {},
}

/** Something of the service, and what was set on it: arguments by method. */
export interface Recorded {
  readonly kind: string
  readonly set: Record<string, unknown>
  /** What was made by it, in order. */
  readonly made: Recorded[]
}

const RECORD = Symbol('record')

function objectOf(
  kind: string,
  set: Record<string, unknown> = {},
): { readonly object: object; readonly record: Recorded } {
  const record: Recorded = { kind, set, made: [] }
  const object: object = new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === RECORD) return record
        const signature = Object.hasOwn(CLASSES[kind], name)
          ? CLASSES[kind][String(name)]
          : undefined
        if (!signature) throw new TypeError(`${kind} has no method ${String(name)}`)
        return (...given: unknown[]) => called(record, object, String(name), signature, given)
      },
    },
  )
  return { object, record }
}

const recordOf = (value: unknown): Recorded | undefined =>
  (value as { [RECORD]?: Recorded } | null)?.[RECORD]

function called(
  record: Recorded,
  self: object,
  name: string,
  [kinds, returns, optional = 0]: Signature,
  given: readonly unknown[],
): unknown {
  const where = `${record.kind}.${name}`
  if (given.length > kinds.length || given.length < kinds.length - optional)
    throw new TypeError(`${where} takes ${kinds.length} arguments, got ${given.length}`)
  for (const [n, value] of given.entries())
    expectKind(value, kinds[n], `${where}: argument ${n + 1}`)
  if (returns === 'string') return `https://example.test/${name}`
  if (returns === 'self') {
    const plain = given.map((value) =>
      Array.isArray(value) ? choicesOf(value, record, where) : (recordOf(value)?.set ?? value),
    )
    record.set[name.replace(/^(set|require)/, '')] = plain.length > 0 ? plain[0] : true
    return self
  }
  const made = objectOf(
    returns,
    name === 'build'
      ? record.set
      : Object.fromEntries(given.map((value, n) => [['value', 'right'][n], value])),
  )
  record.made.push(made.record)
  return made.object
}

function expectKind(value: unknown, kind: Kind, where: string): void {
  const fits =
    kind === 'Choice[]'
      ? Array.isArray(value) && value.every((one) => recordOf(one)?.kind === 'Choice')
      : kind === 'integer'
        ? Number.isInteger(value)
        : kind === 'string' || kind === 'boolean'
          ? typeof value === kind
          : recordOf(value)?.kind === kind
  if (!fits) throw new TypeError(`${where} must be of type ${kind}, got ${String(value)}`)
}

/** Choices as the service takes them: at least one, of that item, none empty, no two the same. */
function choicesOf(choices: readonly unknown[], item: Recorded, where: string): object[] {
  const found = choices.map((choice) => recordOf(choice) as Recorded)
  const texts = found.map(({ set }) => set.value)
  if (found.length === 0 || found.some((choice) => !item.made.includes(choice)))
    throw new Error(`${where}: choices must be made by the item`)
  if (texts.includes('')) throw new Error(`${where}: a choice must have a text`)
  if (new Set(texts).size < texts.length)
    throw new Error(`${where}: Questions cannot have duplicate choice values`)
  return found.map(({ set }) => set)
}

/**
 * Runs a script as Google would: nothing is there but the language, the Forms service and the log.
 * Returns the form that it made.
 */
export function formMadeBy(script: string): {
  readonly form: Recorded
  readonly log: readonly string[]
} {
  const { object, record } = objectOf('FormApp')
  const log: string[] = []
  runInNewContext(
    `${script}\n;makeForm()`,
    { FormApp: object, Logger: { log: (line: string) => log.push(line) } },
    { timeout: 10_000 },
  )
  const forms = record.made.filter(({ kind }) => kind === 'Form')
  if (forms.length !== 1) throw new Error(`the script made ${forms.length} forms`)
  return { form: forms[0], log }
}
