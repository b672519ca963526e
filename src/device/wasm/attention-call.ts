import type { AttentionSizes } from '../checks.ts'
import type { AttentionCall, Handle, Handles } from '../device.ts'
import type { Look } from '../operations.ts'
import { queryRowPositions } from '../query-rows.ts'
import { type AttentionForm, attentionForm } from './attention-form.ts'
import { type AttentionPlan, planOf } from './attention-plan.ts'
import { bitsOf, type Engine } from './engine.ts'
import { mapOperand, type Operand, placesOf, type RotationTable, type Turning } from './operands.ts'

/** Below so many multiplications one thread is done before another has woken. */
const SMALL_CALL = 2 ** 20

/** Addresses of all handles of a call, taken before the memory may grow. */
export function addressesOf(call: AttentionCall, look: Look) {
  const at = (handle: Handle): number => look(handle).byteOffset
  const all = (handles: Handles): Record<string, number> => {
    const found: Record<string, number> = {}
    for (const name of Object.keys(handles)) found[name] = at(handles[name])
    return found
  }
  return {
    ...{ at, all, Q: at(call.Q), K: at(call.K), V: at(call.V) },
    alignment: all(call.alignmentParameters),
    distribution: all(call.distributionParameters),
    position: all(call.positionParameters),
  }
}

type Addresses = ReturnType<typeof addressesOf>

/** A call that is laid out in memory: its plan, where the room begins, its operands. */
export interface Prepared {
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

/** Forms and plans of the last call: its scratch is asked for just before it runs, and its backward may follow. */
export class LastCall {
  readonly engine: Engine
  #call: AttentionCall | undefined
  #form: AttentionForm | undefined
  #plans: { forward?: AttentionPlan; backward?: AttentionPlan } = {}

  constructor(engine: Engine) {
    this.engine = engine
  }

  formOf(call: AttentionCall, sizes: AttentionSizes): AttentionForm | undefined {
    if (call !== this.#call) {
      this.#form = attentionForm(call, sizes)
      this.#plans = {}
      this.#call = call
    }
    return this.#form
  }

  planOf(call: AttentionCall, sizes: AttentionSizes, form: AttentionForm, backward: boolean): AttentionPlan {
    const { threads, constants } = this.engine
    const make = () => planOf(call, sizes, form, threads, constants.ASIDE_BYTES, backward)
    if (call !== this.#call) return make()
    const which = backward ? 'backward' : 'forward'
    this.#plans[which] ??= make()
    return this.#plans[which]
  }
}

export function prepare(
  last: LastCall,
  table: RotationTable,
  call: AttentionCall,
  sizes: AttentionSizes,
  form: AttentionForm,
  addresses: Addresses,
  backward: boolean,
): Prepared {
  const { position, heads, queryStarts, keyStarts } = call
  const { engine } = last
  const plan = last.planOf(call, sizes, form, backward)
  const places = position.on === 'operands' ? placesOf(call, position) : undefined
  const turns = position.on === 'operands' && places ? table.of(position, form.width, places.count) : 0
  const room = engine.room(plan.bytes)
  const words = new Int32Array(engine.arena.memory.buffer)
  const write = (at: number, numbers: Int32Array): void => words.set(numbers, (room + at) / 4)
  words[(room + plan.at.flag) / 4] = 0
  write(plan.at.queryStarts, plan.queryStarts)
  if (call.queryRows) {
    write(plan.at.textStarts, queryStarts)
    write(plan.at.queryPositions, queryRowPositions(call))
  }
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
export interface Ends {
  readonly C: number
  readonly dL: number
  readonly dR: number
  readonly dV: number
  readonly wanted?: readonly number[]
}

/** The text and head at work, and its group of query rows, where threads share them. */
export interface AtWork {
  readonly part: number
  readonly groupFirst: number
  readonly groupSize: number
}

const NOTHING_WANTED = [0, 0, 0, 0, 0, 0, 0]

/** Fields of the kernels' `Job`, in its order. */
export function jobFields({ call, sizes, form, plan, room, addresses, query, key }: Prepared, ends: Ends, work: AtWork): number[] {
  const { heads, dValue } = sizes
  const { at, places, runs } = plan
  const row = 4 * heads * form.width
  const valueRow = 4 * heads * dValue
  const { position, queryRows } = call
  const name = call.distribution.parameters && Object.keys(call.distribution.parameters)[0]
  const fields = [heads, form.width, dValue, form.epilogue, form.distribution]
  fields.push(query.Y, row, key.Y, row, addresses.V, valueRow, ends.C, valueRow, ends.dL, ends.dR, ends.dV)
  fields.push(room + at.queryStarts, room + at.keyStarts)
  if (queryRows) fields.push(room + at.textStarts, room + at.queryPositions)
  else fields.push(room + at.queryStarts, 0)
  fields.push(form.epilogueParameter ? addresses.alignment[form.epilogueParameter] : 0, form.epilogueWidth)
  fields.push(name ? addresses.distribution[name] : 0, bitsOf(form.argument))
  if (position.on === 'scores') fields.push(addresses.position.bias, position.clip, position.align === 'end' ? 1 : 0)
  else fields.push(0, 0, 0)
  if (runs) fields.push(room + at.runStarts, room + at.runs, runs.byHead ? 1 : 0)
  else fields.push(0, 0, 0)
  fields.push(...dropoutFields(call), ...(ends.wanted ?? NOTHING_WANTED))
  fields.push(room + at.flag, room + at.partials, plan.partialBytes, room + at.stripStarts)
  fields.push(room + at.threads, plan.threadBytes)
  fields.push(plan.shares ? room + at.shared : 0, plan.shares && ends.dV ? room + at.shared : 0)
  fields.push(work.part, work.groupFirst, work.groupSize, plan.groupRows, plan.stride)
  fields.push(places.lineAt, places.roomAt, places.marksAt)
  fields.push(places.keyPanelsAt, places.keyRowsAt, places.valuePanelsAt, places.valueRowsAt)
  fields.push(places.segmentsAt, places.scoresAt, places.gradientsAt, places.alignedAt, places.groupLAt, places.groupCAt)
  return fields
}

const rate = new Float64Array(1)
const rateWords = new Uint32Array(rate.buffer)

function dropoutFields({ dropout }: AttentionCall): number[] {
  if (!dropout) return [0, 0, 0, 0, 0, 0, 0]
  rate[0] = dropout.rate
  const { seed, stream, step } = dropout
  return [bitsOf(1 / (1 - dropout.rate)), rateWords[0], rateWords[1], seed % 2 ** 32, Math.floor(seed / 2 ** 32), stream, step]
}

/** Whether one thread is done before another has woken. */
export function isSmall({ plan, sizes, form }: Prepared): boolean {
  return plan.queryRows * sizes.longestKey * sizes.heads * (form.width + sizes.dValue) < SMALL_CALL
}

/** Whether no kernel found a number that is not. */
export const allFinite = ({ engine, plan, room }: Prepared): boolean =>
  new Int32Array(engine.arena.memory.buffer, room + plan.at.flag, 1)[0] === 0
