import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, describe, expect, test } from 'vitest'
import * as quizDoor from '../src/doors/quiz.ts'
import * as senses from '../src/doors/senses.ts'
import * as text from '../src/doors/text.ts'
import * as main from '../src/index.ts'
import { nearest } from '../src/kinds.ts'
import { openDevice as openWasm } from '../src/wasm.ts'

// Whatever public function takes an object of options refuses an unknown one with the nearest name,
// and another kind in words. The functions and their options are those of the types: a new one
// without a case here, or a new option without a check, fails.

const SRC = fileURLToPath(new URL('../src/', import.meta.url)).replaceAll('\\', '/')

const regard = { ...main, ...quizDoor, ...senses, ...text }

/** Types with optional properties that are values of their own, and no options. */
const VALUES: readonly string[] = [
  ...['Alignment', 'Claim', 'Distribution', 'Mask', 'Quiz', 'TensorFile', 'Verdict', 'ItemClaim'],
  ...['OptionRow', 'Rows', 'Texts', 'Trail', 'GradientHandles', 'BatchGradients', 'Error'],
  ...['ModelConfig', 'ModelRecord'],
  // attention's results, and a user's own alignment
  ...['Omit<AttentionResult, "context">', '{ readonly name: string; readonly widths: Widths'],
]

/** A function of a door and its parameter that takes options, with their names. */
interface Taker {
  readonly name: string
  readonly options: readonly string[]
}

/** All functions of a door that take options. */
function takersOf(program: ts.Program, file: string): Taker[] {
  const checker = program.getTypeChecker()
  const found: Taker[] = []
  const add = (name: string, signatures: readonly ts.Signature[]): void => {
    for (const signature of signatures) {
      for (const [n, parameter] of signature.parameters.entries()) {
        const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter))
        const options = type.isUnion() ? [] : type.getProperties().map((own) => own.name)
        const isOptional = type.getProperties().some(({ flags }) => flags & ts.SymbolFlags.Optional)
        const written = checker.typeToString(type)
        const isNamed = /^(options|context|settings|sizes|rules)$/.test(parameter.name)
        if (
          !(
            type.isIntersection() || type.flags & (ts.TypeFlags.Object | ts.TypeFlags.TypeParameter)
          )
        )
          continue
        if (type.getCallSignatures().length || !options.length || !(isOptional || isNamed)) continue
        if (
          VALUES.some(
            (value) =>
              written === value ||
              written.startsWith(`${value}<`) ||
              written.startsWith(`${value}; `),
          )
        )
          continue
        found.push({ name: `${name}(${n})`, options })
      }
    }
  }
  const walk = (prefix: string, module: ts.Symbol): void => {
    for (const alias of checker.getExportsOfModule(module)) {
      const own = alias.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias
      if (own.flags & ts.SymbolFlags.ValueModule) walk(`${prefix}${alias.name}.`, own)
      else if (own.flags & ts.SymbolFlags.Value) addValue(`${prefix}${alias.name}`, own)
    }
  }
  const addValue = (name: string, symbol: ts.Symbol): void => {
    const type = checker.getTypeOfSymbol(symbol)
    add(name, type.getCallSignatures())
    add(`new ${name}`, type.getConstructSignatures())
    if (!(symbol.flags & ts.SymbolFlags.Class)) return
    const methods = checker.getDeclaredTypeOfSymbol(symbol).getProperties()
    for (const method of methods)
      if (!method.name.startsWith('#'))
        add(`${name}#${method.name}`, checker.getTypeOfSymbol(method).getCallSignatures())
    for (const method of type.getProperties())
      add(`${name}.${method.name}`, checker.getTypeOfSymbol(method).getCallSignatures())
  }
  walk('', checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile) as ts.Symbol)
  return found
}

const doors = Object.entries(
  JSON.parse(readFileSync(`${SRC}../package.json`, 'utf8')).exports as Record<string, unknown>,
).flatMap(([name, door]) => {
  const { types = '' } = Object(door) as { readonly types?: string }
  const file = /^\.\/dist\/([\w/-]+)\.d\.ts$/.exec(types)?.[1]
  return file && !['./internal', './bundle'].includes(name) ? [`${SRC}${file}.ts`] : []
})
const program = ts.createProgram(doors, {
  ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, strict: true },
  ...{ moduleResolution: ts.ModuleResolutionKind.NodeNext, allowImportingTsExtensions: true },
  ...{ noEmit: true, types: ['node'] },
})
/** Types alone have no case: what is there to call? */
const takers = doors
  .flatMap((door) => takersOf(program, door))
  .filter(({ name }) => (/^(?:new )?(\w+)/.exec(name)?.[1] ?? '') in regard)

const device = await regard.openDevice({ device: 'reference' })
const host = { device, seed: 7 }
const widths = { dModel: 4, dQuery: 2, dKey: 2, dValue: 4 }
const { dModel: _, ...layer } = widths
const stack = { dModel: 4, layers: [layer] }
const X = new regard.Random(3, 'X').normals([2, 3, 4])
const small = { width: 4, query: 2, key: 2, value: 4, heads: 1, asking: 2, steps: 1, minCount: 1 }
const model = await regard.learn('Tom dort ici', { ...small, device })
const { lexicon } = model.modules
const attention = new regard.SelfAttention(widths, host)
const encoder = new regard.Encoder({ ...stack, vocabulary: 5 }, host)
const quiz = await regard.builtInQuiz()
const classes = new regard.losses.Classes({ width: 4, count: 2 }, host)
const predicting = { counts: [1, 1, 1], candidates: 2 }
const training = { steps: 1, optimizer: regard.optimizers.sgd(), pace: () => ({ rate: 0.01 }) }
const objective = regard.losses.classes(classes, () => [])
const sitting = { quiz, name: 'A', language: 'en', mode: 'practice' as const, seed: 7, started: '' }
const xml = { name: 'quiz', children: [] } as never
afterAll(() => device.close())

const { Asking, Classes, WordPrediction, questions } = regard.losses
type Options = never

/** For each function: options that are right, and the call with some. */
const CASES: Readonly<Record<string, readonly [right: object, call: (given: Options) => unknown]>> =
  {
    'judge(1)': [{ device }, (given) => regard.judge(regard.claims[0], given)],
    'openDevice(0)': [
      { device: 'reference' },
      async (given) => {
        await expect(openWasm(given)).rejects.toThrow(/^openDevice: /)
        return regard.openDevice(given)
      },
    ],
    'new Encoder(0)': [{ ...stack, vocabulary: 5 }, (given) => new regard.Encoder(given, host)],
    'new Encoder(1)': [host, (given) => new regard.Encoder({ ...stack, vocabulary: 5 }, given)],
    'Encoder#forward(1)': [{}, (given) => encoder.forward([[1, 2]], given)],
    'new SelfAttention(0)': [widths, (given) => new regard.SelfAttention(given, host)],
    'new SelfAttention(1)': [host, (given) => new regard.SelfAttention(widths, given)],
    'SelfAttention#forward(1)': [{}, (given) => attention.forward(X, given)],
    'SelfAttention#cache(0)': [{ capacity: 2 }, (given) => attention.cache(given)],
    'SelfAttention#estimate(0)': [{ N: 1, T: 2 }, (given) => attention.estimate(given)],
    'new Stack(0)': [stack, (given) => new regard.Stack(given, host)],
    'new Stack(1)': [host, (given) => new regard.Stack(stack, given)],
    'Stack#forward(1)': [{}, (given) => new regard.Stack(stack, host).forward(X, given)],
    'new FeedForward(1)': [{ width: 3 }, (given) => new regard.FeedForward(4, given, host)],
    'new FeedForward(2)': [host, (given) => new regard.FeedForward(4, { width: 3 }, given)],
    'new Linear(0)': [{ dIn: 4, dOut: 3 }, (given) => new regard.Linear(given, host)],
    'new Norm(0)': [{ dModel: 4 }, (given) => new regard.Norm(given, host)],
    'new Norm(1)': [host, (given) => new regard.Norm({ dModel: 4 }, given)],
    'new Linear(1)': [host, (given) => new regard.Linear({ dIn: 4, dOut: 3 }, given)],
    'new losses.Asking(0)': [{ width: 4, dModel: 4, dKey: 2 }, (given) => new Asking(given, host)],
    'new losses.Asking(1)': [host, (given) => new Asking({ width: 4, dModel: 4, dKey: 2 }, given)],
    'new losses.Classes(0)': [{ width: 4, count: 2 }, (given) => new Classes(given, host)],
    'new losses.Classes(1)': [host, (given) => new Classes({ width: 4, count: 2 }, given)],
    'losses.questions(2)': [
      { sample: () => [], counts: [1] },
      (given) => questions(model.modules.asking, lexicon, given),
    ],
    'new losses.WordPrediction(0)': [
      { width: 4, dModel: 4 },
      (given) => new WordPrediction(given, lexicon, predicting, host),
    ],
    'new losses.WordPrediction(2)': [
      predicting,
      (given) => new WordPrediction({ width: 4, dModel: 4 }, lexicon, given, host),
    ],
    'new losses.WordPrediction(3)': [
      host,
      (given) => new WordPrediction({ width: 4, dModel: 4 }, lexicon, predicting, given),
    ],
    'train(2)': [training, (given) => regard.train(encoder, [objective], given).next()],
    'attend(3)': [{}, (given) => regard.attend(X, X, X, given)],
    'masks.window(2)': [{}, (given) => regard.masks.window(1, 1, given)],
    'masks.causal(0)': [{}, regard.masks.causal],
    'positions.relative(1)': [{}, (given) => regard.positions.relative(3, given)],
    'positions.rotary(0)': [{}, regard.positions.rotary],
    'learnClasses(1)': [{ device }, (given) => regard.learnClasses([], given)],
    'learn(1)': [{ ...small, device }, (given) => regard.learn('Tom dort', given)],
    'learning(1)': [{ ...small, device }, (given) => regard.learning('Tom dort', given).next()],
    'load(1)': [{ on: device }, async (given) => regard.load(await model.bytes(), given)],
    'Model#embed(1)': [{}, (given) => model.embed('Tom dort', given)],
    'Model#ask(2)': [{}, (given) => model.ask('Tom dort', 'Tom', given)],
    'Model#near(2)': [{}, (given) => model.near({ text: 'Tom', at: 0 }, ['Tom'], given)],
    'findSenses(3)': [{}, (given) => regard.findSenses(model, 'Tom', ['Tom'], given)],
    'readGift(1)': [{ name: 'bank' }, (given) => regard.readGift('', given)],
    'readMoodle(1)': [{ name: 'bank' }, (given) => regard.readMoodle(xml, given)],
    'writeSheet(1)': [{ math: String }, (given) => regard.writeSheet(quiz, given)],
    'new Prover(0)': [{ device }, (given) => new regard.Prover(given)],
    'shuffled(2)': [{}, (given) => regard.shuffled(quiz, 7, given)],
    'new Sitting(0)': [sitting, (given) => new regard.Sitting(given)],
    'Corpus.read(1)': [{}, (given) => regard.Corpus.read([], given)],
    'optimizers.adamW(0)': [{}, regard.optimizers.adamW],
    'optimizers.sgd(0)': [{}, regard.optimizers.sgd],
    'optimizers.moveAll(3)': [
      { optimizer: training.optimizer, pace: training.pace },
      (given) => regard.optimizers.moveAll(device, {}, { dParameters: {} }, given, 1),
    ],
    'schedules.warmupThenLinear(0)': [{ warmup: 1, steps: 2 }, regard.schedules.warmupThenLinear],
    'general(0)': [{}, regard.general],
    'additive(0)': [{ hidden: 3 }, regard.additive],
  }

/** What a call throws, of whatever kind it is. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return undefined
}

test('every public function that takes options has a case, and every case a function', () => {
  expect(Object.keys(CASES).sort()).toEqual([...new Set(takers.map(({ name }) => name))].sort())
})

describe.each(takers.filter(({ name }) => name in CASES))('$name', ({ name, options }) => {
  const [right, call] = CASES[name]

  test('takes an object alone', async () => {
    for (const other of [7, 'text', [], null]) {
      const error = await thrownBy(() => call(other as Options))
      expect(error, String(other)).toBeInstanceOf(TypeError)
      expect((error as Error).message).toMatch(/needs options such as .*, got /)
    }
  })

  test('refuses an unknown option, with the nearest name', async () => {
    for (const own of options) {
      const given = { ...right, [`${own}z`]: 1 }
      const error = await thrownBy(() => call(given as Options))
      expect(error, own).toBeInstanceOf(TypeError)
      const { message } = error as Error
      expect(message).toMatch(new RegExp(`^[\\w.]+: unknown option ${own}z[;]`))
      const near = nearest(`${own}z`, options)
      if (near) expect(message).toContain(`did you mean ${near}?`)
    }
  })

  test.each(options)('refuses %s of another kind in words', async (own) => {
    const given = { ...right, [own]: Symbol('wrong') }
    const error = await thrownBy(() => call(given as Options))
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toMatch(
      /^[\w.]+: .*(must|needs|unknown) .*got Symbol\(wrong\)/s,
    )
  })
})
