import { type Numbers, sizeOf } from '../../tensor.ts'
import type {
  AttentionCall,
  AttentionGradients,
  AttentionResult,
  Handle,
  Handles,
} from '../calls.ts'
import type { AttentionSizes } from '../checks.ts'
import type { Look, PreparedAttention } from '../operations.ts'
import { prepare } from '../reference/attention.ts'
import { addressesOf, byName, jobOf, type LaidOut, layOut } from './attention-job.ts'
import { attentionKernel } from './attention-kernel.ts'
import { type AttentionPlan, type KernelCall, planOf } from './attention-plan.ts'
import { runTables } from './attention-runs.ts'
import type { Engine } from './engine.ts'
import { type Job, kernels } from './jobs.generated.ts'
import { KEYS_OF_BLOCK, STRIP_ROWS } from './kernels/numbers.ts'
import { foldHeads, mapOperandBackward, type OperandGradients, RotationTable } from './operands.ts'
import type { Kernel } from './pool.ts'

/**
 * Attention by kernels.
 *
 * In plain TypeScript, over the same memory, go calls with a user's own alignment or distribution,
 * and those with a number that is not finite, where 0 times it would be NaN.
 */
export function prepareAttention(engine: Engine) {
  const rotations = new RotationTable(engine)
  return (call: AttentionCall, sizes: AttentionSizes): PreparedAttention<Numbers> => {
    const kernel = attentionKernel(call, sizes)
    if (!kernel) return prepare(call, sizes)
    return new KernelAttention(engine, rotations, { call, sizes, kernel, runs: runTables(call) })
  }
}

class KernelAttention implements PreparedAttention<Numbers> {
  readonly #engine: Engine
  readonly #rotations: RotationTable
  readonly #kernelCall: KernelCall
  readonly #plans: { forward?: AttentionPlan; backward?: AttentionPlan } = {}

  constructor(engine: Engine, rotations: RotationTable, kernelCall: KernelCall) {
    this.#engine = engine
    this.#rotations = rotations
    this.#kernelCall = kernelCall
  }

  bytes(backward: boolean): number {
    return this.#planOf(backward).room.bytes
  }

  run(result: AttentionResult, look: Look<Numbers>): void {
    if (!this.#hasRoom(result) || !this.#attend(result, look)) this.#reference.run(result, look)
  }

  backward(dContext: Handle, gradients: AttentionGradients, look: Look<Numbers>): void {
    if (!this.#attendBackward(dContext, gradients, look))
      this.#reference.backward(dContext, gradients, look)
  }

  get #reference(): PreparedAttention<Numbers> {
    return prepare(this.#kernelCall.call, this.#kernelCall.sizes)
  }

  #planOf(backward: boolean): AttentionPlan {
    const direction = backward ? 'backward' : 'forward'
    this.#plans[direction] ??= planOf(this.#engine, this.#kernelCall, backward)
    return this.#plans[direction]
  }

  /** The list of rows whose weights are wanted has room for each row once. */
  #hasRoom({ weights }: AttentionResult): boolean {
    const { call, sizes } = this.#kernelCall
    return !weights?.rows || weights.rows.length <= call.queryStarts[sizes.nText]
  }

  #layOut(backward: boolean, look: Look<Numbers>): LaidOut {
    const addresses = addressesOf(this.#kernelCall.call, look)
    return layOut(
      this.#engine,
      this.#rotations,
      this.#kernelCall,
      this.#planOf(backward),
      addresses,
    )
  }

  /** @returns false where a number is not finite */
  #attend(result: AttentionResult, look: Look<Numbers>): boolean {
    const { weights, statistics } = result
    clearRecords(result, look)
    const c = look(result.context).byteOffset
    const addressOf = (handle: Handle | undefined): number => (handle ? look(handle).byteOffset : 0)
    const [into, entropy, maximum, largestKey] = [
      weights?.into,
      statistics?.entropy,
      statistics?.maximum,
      statistics?.argmax,
    ].map(addressOf)
    const laid = this.#layOut(false, look)
    const { engine, plan, room, kernelCall } = laid
    const rows = weights?.rows
    const weightRows = rows ? room + plan.room.at.weightRows : 0
    if (rows) engine.words().set(rows, weightRows >>> 2)
    const { longestQuery, longestKey } = kernelCall.sizes
    const wanted = {
      weights: into,
      weightRows,
      weightRowCount: rows?.length ?? longestQuery,
      longestKey,
      entropy,
      maximum,
      largestKey,
    }
    const job = jobOf(laid, { c, dL: 0, dR: 0, dV: 0 }, wanted)
    runForward(laid, job)
    return allFinite(laid)
  }

  /** @returns false where a number is not finite */
  #attendBackward(dContext: Handle, gradients: AttentionGradients, look: Look<Numbers>): boolean {
    const at = (handle: Handle): number => look(handle).byteOffset
    const [c, dQ, dK, dV] = [dContext, gradients.dQ, gradients.dK, gradients.dV].map(at)
    const dParameters = byName(gradients.dAlignment, at)
    const laid = this.#layOut(true, look)
    const { engine, room } = laid
    const { call, kernel } = laid.kernelCall
    const { at: own } = laid.plan.room
    const dL = kernel.query.kind === 'linear' ? room + own.dL : dQ
    const copies = laid.key.heads / laid.kernelCall.sizes.keyValueHeads
    const dKeys = copies > 1 ? room + own.dK : dK
    const dR = kernel.key.kind === 'linear' ? room + own.dR : dKeys
    runBackward(laid, jobOf(laid, { c, dL, dR, dV }))
    if (!allFinite(laid)) return false
    const sums = parameterSums(call)
    const into = (dX: number, from: number): OperandGradients => ({
      dX,
      sums: room + from,
      dParameters,
      add(name, n, d) {
        sums.alignment[name][n] += d
      },
    })
    mapOperandBackward(engine, laid.query, laid.queryTurning, dL, into(dQ, own.querySums))
    mapOperandBackward(engine, laid.key, laid.keyTurning, dR, into(dKeys, own.keySums))
    if (copies > 1) foldHeads(engine, laid.key, copies, dKeys, dK)
    addPartials(laid, sums)
    const written = [kernel.query, kernel.key].flatMap((map) =>
      map.kind === 'linear' ? [map.W] : [],
    )
    writeSums(sums.alignment, gradients.dAlignment, look, written)
    writeSums(sums.distribution, gradients.dDistribution, look)
    writeSums(sums.position, gradients.dPosition, look)
    return true
  }
}

/** Rows and keys that are not looked at are written too. */
function clearRecords({ weights, statistics }: AttentionResult, look: Look<Numbers>): void {
  if (weights) look(weights.into).fill(0)
  if (!statistics) return
  look(statistics.entropy).fill(0)
  look(statistics.maximum).fill(0)
  look(statistics.argmax).fill(-1)
}

/** With fewer multiplications one thread is done before another has woken. */
const SMALL_CALL = 2 ** 20

const isSmall = ({ plan, kernelCall: { sizes, kernel } }: LaidOut): boolean =>
  plan.room.queryRows * sizes.longestKey * sizes.heads * (kernel.width + sizes.dValue) < SMALL_CALL

/** Whether no kernel found a number that is not finite. */
const allFinite = ({ engine, plan, room }: LaidOut): boolean =>
  engine.words()[(room + plan.room.at.flag) >>> 2] === 0

/** Starts kernels for a text and head, with its sizes. */
type PartRun = (
  run: (kernel: Kernel<Job>, blocks: number, alone?: boolean) => void,
  nQuery: number,
  nKey: number,
) => void

/**
 * One text and head of so many for each thread, by `kernel`; where threads share them, one after the other, by
 * `ofPart`.
 */
function runParts(
  laid: LaidOut,
  job: Job,
  { kernel, heads }: { readonly kernel: Kernel<Job>; readonly heads: number },
  ofPart: PartRun,
): void {
  const { engine, plan } = laid
  const { call, sizes } = laid.kernelCall
  const parts = sizes.nText * sizes.heads
  const small = isSmall(laid)
  if (!plan.shares) {
    engine.run(kernel, job, sizes.nText * heads, small)
    return
  }
  for (job.part = 0; job.part < parts; job.part++) {
    const text = Math.floor(job.part / sizes.heads)
    const [nQuery, nKey] = [plan.room.queryStarts, call.keyStarts].map(
      (starts) => starts[text + 1] - starts[text],
    )
    ofPart((shared, blocks, alone = small) => engine.run(shared, job, blocks, alone), nQuery, nKey)
  }
}

function runForward(laid: LaidOut, job: Job): void {
  const { heads } = laid.kernelCall.sizes
  runParts(laid, job, { kernel: kernels.attendPart, heads }, (run, nQuery, nKey) => {
    run(kernels.attendPack, Math.ceil(nKey / KEYS_OF_BLOCK))
    run(kernels.attendStrip, Math.ceil(nQuery / STRIP_ROWS))
  })
}

function runBackward(laid: LaidOut, job: Job): void {
  // heads that share keys add to one gradient, in one thread
  const { keyValueHeads: heads } = laid.kernelCall.sizes
  runParts(laid, job, { kernel: kernels.attendPartBackward, heads }, (run, nQuery, nKey) => {
    const keyBlocks = Math.ceil(nKey / KEYS_OF_BLOCK)
    run(kernels.attendPackBackward, keyBlocks)
    for (job.groupFirst = 0; job.groupFirst < nQuery; job.groupFirst += job.groupRows) {
      job.groupSize = Math.min(job.groupRows, nQuery - job.groupFirst)
      run(kernels.attendSegments, 1, true)
      run(kernels.attendStripBackward, Math.ceil(job.groupSize / STRIP_ROWS))
      run(kernels.attendKeysBackward, keyBlocks)
    }
  })
}

type SumsByName = Readonly<Record<string, Float64Array>>
type Sums = Readonly<Record<'alignment' | 'distribution' | 'position', SumsByName>>

function parameterSums({
  alignmentParameters,
  distributionParameters,
  positionParameters,
}: AttentionCall): Sums {
  return {
    alignment: zerosOf(alignmentParameters),
    distribution: zerosOf(distributionParameters),
    position: zerosOf(positionParameters),
  }
}

function zerosOf(handles: Handles): SumsByName {
  const zeros: Record<string, Float64Array> = {}
  for (const name of Object.keys(handles))
    zeros[name] = new Float64Array(sizeOf(handles[name].shape))
  return zeros
}

/** Writes the outputs that no kernel has written. */
function writeSums(
  sums: SumsByName,
  into: Handles,
  look: Look<Numbers>,
  written: readonly string[] = [],
): void {
  for (const name of Object.keys(sums))
    if (!written.includes(name)) look(into[name]).set(sums[name])
}

/**
 * Adds what each strip summed for parameters, strip by strip: bias of offsets, epilogue,
 * distribution.
 */
function addPartials({ engine, kernelCall, plan, room }: LaidOut, sums: Sums): void {
  const { call, kernel, sizes } = kernelCall
  const { at, strips, partialBytes } = plan.room
  const numbers = partialBytes / 4
  if (numbers === 0) return
  const { heads, nText } = sizes
  const count = numbers * strips[nText] * heads
  const found = new Float32Array(engine.arena.memory.buffer, room + at.partials, count)
  const { epilogueParameter, distributionParameter } = kernel
  const targets: Float64Array[] = []
  if (call.position.on === 'scores') targets.push(sums.position.bias)
  if (epilogueParameter) targets.push(sums.alignment[epilogueParameter])
  if (distributionParameter) targets.push(sums.distribution[distributionParameter])
  let n = 0
  for (let text = 0; text < nText; text++) {
    for (let head = 0; head < heads; head++) {
      for (let strip = strips[text]; strip < strips[text + 1]; strip++) {
        for (const target of targets) {
          const width = target.length / heads
          for (let c = 0; c < width; c++) target[head * width + c] += found[n++]
        }
      }
    }
  }
}
