import type { Numbers } from '../../tensor.ts'
import type { AttentionSizes } from '../checks.ts'
import type { AttentionCall, AttentionGradients, AttentionResult, Handle, Handles } from '../device.ts'
import type { Look, Operations } from '../operations.ts'
import * as plain from '../reference/attention.ts'
import { addressesOf, allFinite, type Ends, isSmall, jobFields, LastCall, type Prepared, prepare } from './attention-call.ts'
import type { AttentionForm } from './attention-form.ts'
import type { Engine } from './engine.ts'
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
import { mapOperandBackward, type OperandGradients, RotationTable } from './operands.ts'

type AttentionOperations = Pick<Operations, 'attention' | 'attentionBackward' | 'attentionScratch' | 'attentionBackwardScratch'>

/**
 * Attention by kernels.
 *
 * In plain TypeScript, over the same memory, go calls with a user's own alignment or distribution, and those with a number
 * that is not finite, where 0 times it would be NaN.
 */
export function attentionOperations(engine: Engine): AttentionOperations {
  const table = new RotationTable(engine)
  const last = new LastCall(engine)
  const scratch = (backward: boolean) => (call: AttentionCall, sizes: AttentionSizes) => {
    const form = last.formOf(call, sizes)
    return form ? last.planOf(call, sizes, form, backward).bytes : plain.attentionScratch(call, sizes)
  }
  return {
    attention(call, sizes, result, look) {
      const form = hasRoom(call, sizes, result) ? last.formOf(call, sizes) : undefined
      if (!form || !attend(last, table, call, sizes, form, result, look)) plain.attention(call, sizes, result, look)
    },
    attentionBackward(call, sizes, dContext, gradients, look) {
      const form = last.formOf(call, sizes)
      const done = form && attendBackward(last, table, call, sizes, form, dContext, gradients, look)
      if (!done) plain.attentionBackward(call, sizes, dContext, gradients, look)
    },
    attentionScratch: scratch(false),
    attentionBackwardScratch: scratch(true),
  }
}

/** The list of rows whose weights are wanted has room for each row once. */
const hasRoom = (call: AttentionCall, sizes: AttentionSizes, { weights }: AttentionResult): boolean =>
  !weights?.rows || weights.rows.length <= call.queryStarts[sizes.nText]

/** @returns false where a number is not finite */
function attend(
  last: LastCall,
  table: RotationTable,
  call: AttentionCall,
  sizes: AttentionSizes,
  form: AttentionForm,
  result: AttentionResult,
  look: Look,
): boolean {
  const { engine } = last
  clearRecords(result, look)
  const addresses = addressesOf(call, look)
  const context = addresses.at(result.context)
  const records = [result.weights?.into, result.statistics?.entropy, result.statistics?.maximum, result.statistics?.place]
  const [weights, entropy, maximum, place] = records.map((handle) => (handle ? addresses.at(handle) : 0))
  const prepared = prepare(last, table, call, sizes, form, addresses, false)
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
      const { nQuery, nKey } = partSizes(prepared, part)
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

function partSizes({ call: { keyStarts, heads }, plan: { queryStarts } }: Prepared, part: number) {
  const text = Math.floor(part / heads)
  return { nQuery: queryStarts[text + 1] - queryStarts[text], nKey: keyStarts[text + 1] - keyStarts[text] }
}

/** @returns false where a number is not finite */
function attendBackward(
  last: LastCall,
  table: RotationTable,
  call: AttentionCall,
  sizes: AttentionSizes,
  form: AttentionForm,
  dContext: Handle,
  gradients: AttentionGradients,
  look: Look,
): boolean {
  const { engine } = last
  const addresses = addressesOf(call, look)
  const [dC, dQ, dK, dV] = [dContext, gradients.dQ, gradients.dK, gradients.dV].map(addresses.at)
  const dAlignment = addresses.all(gradients.dAlignment)
  const prepared = prepare(last, table, call, sizes, form, addresses, true)
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
  const { engine, sizes, plan } = prepared
  const parts = sizes.nText * sizes.heads
  const alone = isSmall(prepared)
  if (!plan.shares) {
    engine.run(ATTEND_PARTS_BACKWARD, jobFields(prepared, ends, { part: 0, groupFirst: 0, groupSize: 0 }), parts, alone)
    return
  }
  for (let part = 0; part < parts; part++) {
    const { nQuery, nKey } = partSizes(prepared, part)
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
