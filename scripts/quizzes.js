import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

// The quizzes of quiz/ and their schema to modules in src/quiz, so that they can be had wherever
// the library runs.

const folder = new URL('../quiz/', import.meta.url)
const SCHEMA = 'schema.json'

/** Names and texts of what is to be written into src/quiz. */
export function quizModules() {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== SCHEMA)
  const jsonOf = (name) => JSON.stringify(JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
  const head = '// from quiz/*.json by scripts/quizzes.js\n'
  const module = (name) => name.replace('.json', '.generated.ts')
  return [
    [module(SCHEMA), `${head}export const schema: unknown = ${jsonOf(SCHEMA)}\n`],
    ...names.map((name) => [
      module(name),
      `${head}import type { Quiz } from './quiz.ts'\n\nexport const quiz: Quiz = ${jsonOf(name)}\n`,
    ]),
    [
      'quizzes.generated.ts',
      `${head}import type { Quiz } from './quiz.ts'

/** Name of a quiz that ships with the package. */
export type BuiltInQuiz = ${names.map((name) => `'${name.replace('.json', '')}'`).join(' | ')}

export const quizzes: Readonly<Record<BuiltInQuiz, () => Promise<{ readonly quiz: Quiz }>>> = {\n${names.map((name) => `  '${name.replace('.json', '')}': () => import('./${module(name)}'),\n`).join('')}}\n`,
    ],
  ]
}

export function writeQuizzes() {
  for (const [name, text] of quizModules())
    writeFileSync(new URL(`../src/quiz/${name}`, import.meta.url), text)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeQuizzes()
  console.log(`quizzes: written into ${fileURLToPath(new URL('../src/quiz', import.meta.url))}`)
}
