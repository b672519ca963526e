import type { Numbers } from '../../tensor.ts'
import type { AttentionSizes } from '../checks.ts'
import type { AttentionCall, AttentionGradients, AttentionResult, Handle, Handles } from '../device.ts'
import type { Look, Operations } from '../operations.ts'
import * as plain from '../plain/attention.ts'
import { type AttentionForm, attentionForm } from './attention-form.ts'
import { type AttentionPlan, planOf } from './attention-plan.ts'
import { bitsOf, type Engine } from './engine.ts'
import {
  ATTEND_KEYS_BACKWARD,
  ATTEND_PACK,
  ATTEND_PACK_BACKWARD,
  ATTEND_PARTS,
  ATTEND_PARTS_BACKWARD,
  ATTEND_SEGMENTS,
  ATTEND_STRIPS,
  ATTEND_STRIPS_BACKWARD,
  KEYS_OF_BLOCK,
  STRIP_ROWS,
} from './kernels/numbers.ts'
import { mapOperand, mapOperandBackward, type Operand, type OperandGradients, placesOf, RotationTable, type Turning } from './operands.ts'

/** Below so many multiplications one thread is done before another has woken. */
const SMALL_CALL = 2 ** 18

type AttentionOperations = Pick<Operations, 'attention' | 'attentionBackward' | 'attentionScratch' | 'attentionBackwardScratch'>

/**
 * Attention by kernels.
 *
 * In plain TypeScript, over the same memory, go calls with a user's own alignment or distribution, and those with a number
 * that is not finite, where 0 times it would be NaN.
 */
export function attentionOperations(engine: Engine): AttentionOperations {
  const table = new RotationTable(engine)
  const scratch = (backward: boolean) => (call: AttentionCall, sizes: AttentionSizes) => {
    const form = attentionForm(call, sizes)
    return form
      ? planOf(call, sizes, form, engine.threads, engine.constants.ASIDE_BYTES, backward).bytes
      : plain.attentionScratch(call, sizes)
  }
  return {
    attention(call, sizes, result, look) {
      const form = formOf(call, sizes, result)
      if (!form || !attend(engine, table, call, sizes, form, result, look)) plain.attention(call, sizes, result, look)
    },
    attentionBackward(call, sizes, dContext, gradients, look) {
      const form = attentionForm(call, sizes)
      const done = form && attendBackward(engine, table, call, sizes, form, dContext, gradients, look)
      if (!done) plain.attentionBackward(call, sizes, dContext, gradients, look)
    },
    attentionScratch: scratch(false),
    attentionBackwardScratch: scratch(true),
  }
}

/** The list of rows whose weights are wanted has room for each row once. */
function formOf(call: AttentionCall, sizes: AttentionSizes, { weights }: AttentionResult): AttentionForm | undefined {
  const rows = call.queryStarts[sizes.nText]
  return weights?.rows && weights.rows.length > rows ? undefined : attentionForm(call, sizes)
}

/** Addresses of all handles of a call, taken before the memory may grow. */
function addressesOf(call: AttentionCall, look: Look) {
  const at = (handle: Handle): number => look(handle).byteOffset
  const all = (handles: Handles) => Object.fromEntries(Object.entries(handles).map(([name, handle]) => [name, at(handle)]))
  return {
    ...{ at, all, Q: at(call.Q), K: at(call.K), V: at(call.V) },
    alignment: all(call.alignmentParameters),
    distribution: all(call.distributionParameters),
    position: all(call.positionParameters),
  }
}

type Addresses = ReturnType<typeof addressesOf>

/** A call that is laid out in memory: its plan, where the room begins, its operands. */
interface Prepared {
  readonly engine: Engine
  readonly call: AttentionCall
  readonly sizes: AttentionSizes
  readonly form: AttentionForm
  readonly plan: AttentionPlan
  readonly room: number
  readonly addresses: Addresses
  readonly query: Operand
  readonly key: Operand
  readonly queryTurning: Turning | undefined
  readonly keyTurning: Turning | undefined
}

function prepare(
  engine: Engine,
  table: RotationTable,
  call: AttentionCall,
  sizes: AttentionSizes,
  form: AttentionForm,
  addresses: Addresses,
  backward: boolean,
): Prepared {
  const { position, heads, queryStarts, keyStarts } = call
  const plan = planOf(call, sizes, form, engine.threads, engine.constants.ASIDE_BYTES, backward)
  const places = position.on === 'operands' ? placesOf(position, queryStarts, keyStarts) : undefined
  const turns = position.on === 'operands' && places ? table.of(position, form.width, places.count) : 0
  const room = engine.room(plan.bytes)
  const words = new Int32Array(engine.arena.memory.buffer)
  const write = (at: number, numbers: Int32Array): void => words.set(numbers, (room + at) / 4)
  write(plan.at.flag, Int32Array.of(0))
  write(plan.at.queryStarts, queryStarts)
  write(plan.at.keyStarts, keyStarts)
  write(plan.at.stripStarts, plan.strips)
  if (plan.runs) {
    write(plan.at.runStarts, plan.runs.starts)
    write(plan.at.runs, plan.runs.runs)
  }
  if (places) {
    write(plan.at.queryPlaces, places.queries)
    write(plan.at.keyPlaces, places.keys)
  }
  const turning = (at: number): Turning | undefined => (places ? { table: turns, places: room + at } : undefined)
  const operand = (map: AttentionForm['query'], X: number, rows: number, columns: number, Y: number): Operand => {
    const own = map.kind !== 'unchanged' || places !== undefined
    return { form: map, rows, heads, columns, width: form.width, X, Y: own ? room + Y : X, parameters: addresses.alignment }
  }
  const prepared = {
    ...{ engine, call, sizes, form, plan, room, addresses },
    query: operand(form.query, addresses.Q, plan.queryRows, sizes.dQuery, plan.at.L),
    key: operand(form.key, addresses.K, plan.keyRows, sizes.dKey, plan.at.R),
    queryTurning: turning(plan.at.queryPlaces),
    keyTurning: turning(plan.at.keyPlaces),
  }
  mapOperand(engine, prepared.query, prepared.queryTurning)
  mapOperand(engine, prepared.key, prepared.keyTurning)
  return prepared
}

/** What differs between forward and backward. */
interface Ends {
  readonly C: number
  readonly dL: number
  readonly dR: number
  readonly dV: number
  readonly wanted?: readonly number[]
}

/** The text and head at work, and its group of query rows, where threads share them. */
interface AtWork {
  readonly part: number
  readonly groupFirst: number
  readonly groupSize: number
}

const NOTHING_WANTED = [0, 0, 0, 0, 0, 0, 0]

/** Fields of the kernels' `Job`, in its order. */
function jobFields({ call, sizes, form, plan, room, addresses, query, key }: Prepared, ends: Ends, work: AtWork): number[] {
  const { heads, dValue } = { ...sizes, heads: call.heads }
  const { at, places, runs } = plan
  const row = 4 * heads * form.width
  const valueRow = 4 * heads * dValue
  const { position } = call
  const [name] = Object.keys(call.distribution.parameters ?? {})
  return [
    ...[heads, form.width, dValue, form.epilogue, form.distribution],
    ...[query.Y, row, key.Y, row, addresses.V, valueRow, ends.C, valueRow, ends.dL, ends.dR, ends.dV],
    ...[room + at.queryStarts, room + at.keyStarts],
    ...[form.epilogueParameter ? addresses.alignment[form.epilogueParameter] : 0, form.epilogueWidth],
    ...[name ? addresses.distribution[name] : 0, bitsOf(form.argument)],
    ...(position.on === 'scores' ? [addresses.position.bias, position.clip, position.align === 'end' ? 1 : 0] : [0, 0, 0]),
    ...(runs ? [room + at.runStarts, room + at.runs, runs.byHead ? 1 : 0] : [0, 0, 0]),
    ...dropoutFields(call),
    ...(ends.wanted ?? NOTHING_WANTED),
    ...[room + at.flag, room + at.partials, plan.partialBytes, room + at.stripStarts],
    ...[room + at.threads, plan.threadBytes],
    ...[plan.shares ? room + at.shared : 0, plan.shares && ends.dV ? room + at.shared : 0],
    ...[work.part, work.groupFirst, work.groupSize, plan.groupRows, plan.stride],
    ...[places.lineAt, places.roomAt, places.marksAt],
    ...[places.keyPanelsAt, places.keyRowsAt, places.valuePanelsAt, places.valueRowsAt],
    ...[places.segmentsAt, places.scoresAt, places.gradientsAt, places.alignedAt, places.groupLAt, places.groupCAt],
  ]
}

const rate = new Float64Array(1)
const rateWords = new Uint32Array(rate.buffer)

function dropoutFields({ dropout }: AttentionCall): number[] {
  if (!dropout) return [0, 0, 0, 0, 0, 0, 0]
  rate[0] = dropout.rate
  const { seed, stream, step } = dropout
  return [bitsOf(1 / (1 - dropout.rate)), rateWords[0], rateWords[1], seed % 2 ** 32, Math.floor(seed / 2 ** 32), stream, step]
}

/** @returns false where a number is not finite */
function attend(
  engine: Engine,
  table: RotationTable,
  call: AttentionCall,
  sizes: AttentionSizes,
  form: AttentionForm,
  result: AttentionResult,
  look: Look,
): boolean {
  clearRecords(result, look)
  const addresses = addressesOf(call, look)
  const context = addresses.at(result.context)
  const records = [result.weights?.into, result.statistics?.entropy, result.statistics?.maximum, result.statistics?.place]
  const [weights, entropy, maximum, place] = records.map((handle) => (handle ? addresses.at(handle) : 0))
  const prepared = prepare(engine, table, call, sizes, form, addresses, false)
  const { plan, room } = prepared
  const rows = result.weights?.rows
  if (rows) new Int32Array(engine.arena.memory.buffer, room + plan.at.weightRows, rows.length).set(rows)
  const count = rows?.length ?? sizes.longestQuery
  const wanted = [weights, rows ? room + plan.at.weightRows : 0, count, sizes.longestKey, entropy, maximum, place]
  const ends = { C: context, dL: 0, dR: 0, dV: 0, wanted }
  const alone = isSmall(prepared)
  const parts = sizes.nText * sizes.heads
  if (!plan.shares) engine.run(ATTEND_PARTS, jobFields(prepared, ends, { part: 0, groupFirst: 0, groupSize: 0 }), parts, alone)
  else {
    for (let part = 0; part < parts; part++) {
      const { nQuery, nKey } = partSizes(call, part)
      const fields = jobFields(prepared, ends, { part, groupFirst: 0, groupSize: 0 })
      engine.run(ATTEND_PACK, fields, Math.ceil(nKey / KEYS_OF_BLOCK), alone)
      engine.run(ATTEND_STRIPS, fields, Math.ceil(nQuery / STRIP_ROWS), alone)
    }
  }
  return allFinite(prepared)
}

/** Rows and keys that are not looked at are written too. */
function clearRecords({ weights, statistics }: AttentionResult, look: Look): void {
  if (weights) look(weights.into).fill(0)
  if (!statistics) return
  look(statistics.entropy).fill(0)
  look(statistics.maximum).fill(0)
  look(statistics.place).fill(-1)
}

function partSizes({ queryStarts, keyStarts, heads }: AttentionCall, part: number) {
  const text = Math.floor(part / heads)
  return { nQuery: queryStarts[text + 1] - queryStarts[text], nKey: keyStarts[text + 1] - keyStarts[text] }
}

function isSmall({ plan, sizes, form }: Prepared): boolean {
  return plan.queryRows * sizes.longestKey * sizes.heads * (form.width + sizes.dValue) < SMALL_CALL
}

const allFinite = ({ engine, plan, room }: Prepared): boolean => new Int32Array(engine.arena.memory.buffer, room + plan.at.flag, 1)[0] === 0

/** @returns false where a number is not finite */
function attendBackward(
  engine: Engine,
  table: RotationTable,
  call: AttentionCall,
  sizes: AttentionSizes,
  form: AttentionForm,
  dContext: Handle,
  gradients: AttentionGradients,
  look: Look,
): boolean {
  const addresses = addressesOf(call, look)
  const [dC, dQ, dK, dV] = [dContext, gradients.dQ, gradients.dK, gradients.dV].map(addresses.at)
  const dAlignment = addresses.all(gradients.dAlignment)
  const prepared = prepare(engine, table, call, sizes, form, addresses, true)
  const { plan, room } = prepared
  const dL = form.query.kind === 'linear' ? room + plan.at.dL : dQ
  const dR = form.key.kind === 'linear' ? room + plan.at.dR : dK
  runBackward(prepared, { C: dC, dL, dR, dV })
  if (!allFinite(prepared)) return false
  const sums = parameterSums(call)
  const into = (dX: number, at: number): OperandGradients => ({
    ...{ dX, sums: room + at, dParameters: dAlignment },
    add: (name, n, d) => {
      sums.alignment[name][n] += d
    },
  })
  mapOperandBackward(engine, prepared.query, prepared.queryTurning, dL, into(dQ, plan.at.querySums))
  mapOperandBackward(engine, prepared.key, prepared.keyTurning, dR, into(dK, plan.at.keySums))
  addPartials(prepared, sums)
  const written = [form.query, form.key].flatMap((map) => (map.kind === 'linear' ? [map.W] : []))
  for (const [name, sum] of Object.entries(sums.alignment)) if (!written.includes(name)) look(gradients.dAlignment[name]).set(sum)
  for (const [name, sum] of Object.entries(sums.distribution)) look(gradients.dDistribution[name]).set(sum)
  for (const [name, sum] of Object.entries(sums.position)) look(gradients.dPosition[name]).set(sum)
  return true
}

function runBackward(prepared: Prepared, ends: Ends): void {
  const { engine, call, sizes, plan } = prepared
  const parts = sizes.nText * sizes.heads
  const alone = isSmall(prepared)
  if (!plan.shares) {
    engine.run(ATTEND_PARTS_BACKWARD, jobFields(prepared, ends, { part: 0, groupFirst: 0, groupSize: 0 }), parts, alone)
    return
  }
  for (let part = 0; part < parts; part++) {
    const { nQuery, nKey } = partSizes(call, part)
    const keyBlocks = Math.ceil(nKey / KEYS_OF_BLOCK)
    engine.run(ATTEND_PACK_BACKWARD, jobFields(prepared, ends, { part, groupFirst: 0, groupSize: 0 }), keyBlocks, alone)
    for (let groupFirst = 0; groupFirst < nQuery; groupFirst += plan.groupRows) {
      const groupSize = Math.min(plan.groupRows, nQuery - groupFirst)
      const fields = jobFields(prepared, ends, { part, groupFirst, groupSize })
      engine.run(ATTEND_SEGMENTS, fields, 1, true)
      engine.run(ATTEND_STRIPS_BACKWARD, fields, Math.ceil(groupSize / STRIP_ROWS), alone)
      engine.run(ATTEND_KEYS_BACKWARD, fields, keyBlocks, alone)
    }
  }
}

type Sums = Readonly<Record<'alignment' | 'distribution' | 'position', Readonly<Record<string, Float64Array>>>>

function parameterSums({ alignmentParameters, distributionParameters, positionParameters }: AttentionCall): Sums {
  const zeros = (handles: Handles) =>
    Object.fromEntries(Object.entries(handles).map(([name, { shape }]) => [name, new Float64Array(shape.reduce((a, b) => a * b, 1))]))
  return { alignment: zeros(alignmentParameters), distribution: zeros(distributionParameters), position: zeros(positionParameters) }
}

/** Adds what each strip summed for parameters, strip by strip: bias of offsets, epilogue, distribution. */
function addPartials({ engine, call, form, plan, room, sizes }: Prepared, sums: Sums): void {
  const numbers = plan.partialBytes / 4
  if (numbers === 0) return
  const found: Numbers = new Float32Array(
    engine.arena.memory.buffer,
    room + plan.at.partials,
    numbers * plan.strips[sizes.nText] * call.heads,
  )
  const [name] = Object.keys(call.distribution.parameters ?? {})
  const epilogue = form.epilogueParameter ? sums.alignment[form.epilogueParameter] : undefined
  const bias = call.position.on === 'scores' ? sums.position.bias : undefined
  const targets = [bias, epilogue, name ? sums.distribution[name] : undefined].filter((target) => target !== undefined)
  let n = 0
  for (let text = 0; text < sizes.nText; text++) {
    for (let head = 0; head < call.heads; head++) {
      for (let strip = plan.strips[text]; strip < plan.strips[text + 1]; strip++) {
        for (const target of targets) {
          const width = target.length / call.heads
          for (let c = 0; c < width; c++) target[head * width + c] += found[n++]
        }
      }
    }
  }
}
