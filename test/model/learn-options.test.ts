import { expect, test } from 'vitest'
import { learnCommand } from '../../src/cli/learn/learn.ts'
import { CONFIG_OPTIONS } from '../../src/model/config.ts'
import { learnConfig } from '../../src/model/learn-config.ts'
import { LEARN_OPTIONS } from '../../src/model/learn-options.ts'
import { defaultText, type OptionRow } from '../../src/model/option-rows.ts'

// One table: the library's checks and defaults, the command's options and a page of docs follow.

const ROWS = Object.entries<OptionRow>(LEARN_OPTIONS)
const flags = learnCommand().options

const PAGE = `# The options of \`learn\`

\`npx vitest run test/model/learn-options.test.ts --update\` writes this page from
[src/model/learn-options.ts](../src/model/learn-options.ts) and [src/model/config.ts](../src/model/config.ts).
A model keeps its sizes and mechanisms in its file: whoever goes on from it leaves these out. A large
text has half a million words or more. Its defaults for sizes hold where no size is given, the others
where there are no questions.

`

/** A line of the page's table. */
function lineOf(name: string, row: OptionRow): string {
  const flag = flags.find((option) => option.attributeName() === name)
  const cells = [
    `\`${name}\``,
    flag && row.flag ? `\`${flag.flags}\`` : '',
    row.help.replaceAll('|', '\\|'),
    defaultText(row)
      .replace(/^default /, '')
      .replace(/^\S+$/, '`$&`'),
    name in CONFIG_OPTIONS ? 'yes' : '',
  ]
  return `| ${cells.join(' | ')} |`
}

test('docs/learn-options.md is the table', async () => {
  const head =
    '| library | command | what | default | the model keeps it |\n|---|---|---|---|---|\n'
  const lines = ROWS.map(([name, row]) => lineOf(name, row))
  await expect(`${PAGE}${head}${lines.join('\n')}\n`).toMatchFileSnapshot(
    '../../docs/learn-options.md',
  )
})

test.each(ROWS.filter(([, { flag }]) => flag))(
  'the help of the command says what %s is, and its default',
  (name, row) => {
    const option = flags.find((flag) => flag.attributeName() === name)
    expect(option?.description).toContain(row.help)
    expect(option?.description).toContain(defaultText(row))
    expect(option?.flags).toBe(
      `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^languages$/, 'language')} <${row.flag?.placeholder}>`,
    )
  },
)

test.each(ROWS.filter(([, row]) => row.default !== undefined))(
  'the library and the command have the default of %s that the table has',
  (name, row) => {
    const { model: form, ...own } = learnConfig({ objective: 'next' })
    expect({ ...own, ...form, objective: 'hidden' }).toHaveProperty(name, row.default)
    if (row.withQuestions !== undefined) {
      const plan = learnConfig({ questions: 'sentence\tquestion\tstart\tend' })
      expect({ ...plan, ...plan.model }).toHaveProperty(name, row.withQuestions)
    }
  },
)

test.each(ROWS.filter(([, { flag }]) => flag?.kind === 'integer'))(
  'the library and the command take the same smallest %s',
  (name, { flag }) => {
    const { from } = flag as { readonly from: number }
    const option = flags.find((each) => each.attributeName() === name)
    expect(() => learnConfig({ [name]: from - 1 })).toThrow(`learn: ${name} must be an integer`)
    expect(() => option?.parseArg?.(String(from - 1), undefined)).toThrow('It must be an integer')
    expect(option?.parseArg?.(String(from), undefined)).toBe(from)
  },
)

test.each(ROWS.filter(([, { flag }]) => flag?.kind === 'share'))(
  'the library and the command take %s from 0 to below 1',
  (name) => {
    const option = flags.find((each) => each.attributeName() === name)
    for (const value of [0, 0.999]) {
      expect(learnConfig({ [name]: value })).toHaveProperty(name, value)
      expect(option?.parseArg?.(String(value), undefined)).toBe(value)
    }
    expect(() => learnConfig({ [name]: 1 })).toThrow(
      `learn: ${name} must be a number in [0, 1), got 1`,
    )
    expect(() => option?.parseArg?.('1', undefined)).toThrow('from 0 to below 1')
  },
)

// what reads a checkpoint, or questions, judges them
test.each(ROWS.filter(([name]) => name !== 'resume' && name !== 'questions'))(
  'another kind of %s is refused in words',
  (name) => {
    expect(() => learnConfig({ [name]: Symbol('other') })).toThrow(`learn: ${name} must be `)
  },
)
