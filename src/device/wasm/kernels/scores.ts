import { Job, Part, positionOf } from './attention-job'
import { sigmoid4, tanh4 } from './elementary'
import { bytesOf, numberAt, wordAt } from './lanes'
import {
  EPILOGUE_ADDITIVE,
  EPILOGUE_DISTANCE,
  EPILOGUE_PRODUCT,
  EPILOGUE_RELU,
  EPILOGUE_SIGMOID,
  EPILOGUE_TANH,
  PANEL_ROW,
} from './numbers'
import { panelBytes } from './panels'
import { segmentCount, segmentFrom, segmentTo } from './runs'
import { addProduct } from './tile'
import { madd } from './vector'

/** Whether the epilogue is a function of a product. */
export function isActivated(job: Job): bool {
  return job.epilogue >= EPILOGUE_TANH && job.epilogue <= EPILOGUE_RELU
}

/**
 * S = epilogue(L, R) for some rows of L, from `first` on, against the segments; row r begins at s +
 * r · stride.
 */
export function scoreRows(job: Job, part: Part, first: i32, rows: i32, s: usize): void {
  const l = part.l + <usize>first * job.lRow
  for (let n = 0; n < segmentCount(part); n++) {
    const from = segmentFrom(part, n)
    const to = segmentTo(part, n)
    if (job.epilogue === EPILOGUE_DISTANCE || job.epilogue === EPILOGUE_ADDITIVE) {
      for (let i = 0; i < rows; i++) {
        for (let panel = from; panel < to; panel++) {
          const keys = part.keyPanels + <usize>panel * panelBytes(job.dKey)
          const at = s + <usize>i * job.stride + <usize>panel * PANEL_ROW
          if (job.epilogue === EPILOGUE_DISTANCE)
            scoreDistances(l + <usize>i * job.lRow, keys, job.dKey, at)
          else scoreAdditive(l + <usize>i * job.lRow, keys, job.dKey, part.epilogueParameters, at)
        }
      }
    } else {
      const panels = part.keyPanels + <usize>from * panelBytes(job.dKey)
      const at = s + <usize>from * PANEL_ROW
      const columns = (to - from) << 3
      addProduct(
        l,
        job.lRow,
        4,
        panels,
        panelBytes(job.dKey),
        at,
        job.stride,
        rows,
        columns,
        job.dKey,
        true,
        true,
        part.aside,
      )
      if (job.epilogue !== EPILOGUE_PRODUCT) activateRows(job, part, at, rows, columns)
    }
  }
}

/** s_j = −½ Σ_c (l_c − r_jc)² for the 8 keys of a panel. */
function scoreDistances(l: usize, keys: usize, columns: i32, s: usize): void {
  let low = f32x4.splat(0)
  let high = low
  for (let c = 0; c < columns; c++) {
    const x = v128.load_splat<f32>(l)
    const d0 = f32x4.sub(x, v128.load(keys))
    const d1 = f32x4.sub(x, v128.load(keys, 16))
    low = madd(d0, d0, low)
    high = madd(d1, d1, high)
    l += 4
    keys += PANEL_ROW
  }
  v128.store(s, f32x4.mul(low, f32x4.splat(-0.5)))
  v128.store(s, f32x4.mul(high, f32x4.splat(-0.5)), 16)
}

/** s_j = Σ_c w_c tanh(l_c + r_jc) for the 8 keys of a panel. */
function scoreAdditive(l: usize, keys: usize, columns: i32, w: usize, s: usize): void {
  let low = f32x4.splat(0)
  let high = low
  for (let c = 0; c < columns; c++) {
    const x = v128.load_splat<f32>(l)
    const weight = v128.load_splat<f32>(w)
    low = madd(weight, tanh4(f32x4.add(x, v128.load(keys))), low)
    high = madd(weight, tanh4(f32x4.add(x, v128.load(keys, 16))), high)
    l += 4
    w += 4
    keys += PANEL_ROW
  }
  v128.store(s, low)
  v128.store(s, high, 16)
}

/** S = f(S + b), b one number for each head, or 0. */
function activateRows(job: Job, part: Part, s: usize, rows: i32, columns: i32): void {
  const b = job.epilogueWidth ? v128.load_splat<f32>(part.epilogueParameters) : f32x4.splat(0)
  for (let i = 0; i < rows; i++) {
    const end = s + bytesOf(columns)
    for (let at = s; at < end; at += 16) {
      const z = f32x4.add(v128.load(at), b)
      if (job.epilogue === EPILOGUE_TANH) v128.store(at, tanh4(z))
      else if (job.epilogue === EPILOGUE_SIGMOID) v128.store(at, sigmoid4(z))
      else v128.store(at, f32x4.max(z, f32x4.splat(0)))
    }
    s += job.stride
  }
}

/**
 * dZ = dS ∘ f′ in place, f′ from the values y = f(z): 1 − y², y(1 − y), or whether y > 0.
 *
 * @returns Σ dZ of the row, in the order of its keys
 */
export function activateRowBackward(job: Job, part: Part, y: usize, d: usize): f32 {
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  let sums = zero
  for (let n = 0; n < segmentCount(part); n++) {
    const end = <usize>segmentTo(part, n) * PANEL_ROW
    for (let at = <usize>segmentFrom(part, n) * PANEL_ROW; at < end; at += 16) {
      const value = v128.load(y + at)
      let slope = f32x4.mul(value, f32x4.sub(one, value))
      if (job.epilogue === EPILOGUE_TANH) slope = f32x4.sub(one, f32x4.mul(value, value))
      if (job.epilogue === EPILOGUE_RELU) slope = v128.and(f32x4.gt(value, zero), one)
      const dZ = f32x4.mul(v128.load(d + at), slope)
      sums = f32x4.add(sums, dZ)
      v128.store(d + at, dZ)
    }
  }
  return sumOf(sums)
}

/** (x₀ + x₂) + (x₁ + x₃). */
export function sumOf(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

/** S += bias of each offset j − i − shift, clipped to ±clip, for the keys of the runs of query i. */
export function addBias(job: Job, part: Part, i: i32, s: usize, runs: usize, limits: i32): void {
  const at = positionOf(part, i) + part.shift
  // the bias of key j is number j − i − shift + clip
  const bias = part.bias + bytesOf(job.clip) - bytesOf(at)
  for (let n = 0; n < limits; n += 2) {
    const from = wordAt(runs, n)
    const to = wordAt(runs, n + 1)
    const first = min(max(at - job.clip, from), to)
    const last = min(max(at + job.clip + 1, first), to)
    addConstant(s, from, first, v128.load_splat<f32>(part.bias))
    for (let j = first; j < last; j++) addTo(s + bytesOf(j), numberAt(bias, j))
    addConstant(s, last, to, v128.load_splat<f32>(part.bias + bytesOf(2 * job.clip)))
  }
}

function addConstant(s: usize, from: i32, to: i32, x: v128): void {
  let j = from
  for (; j + 4 <= to; j += 4) {
    const at = s + bytesOf(j)
    v128.store(at, f32x4.add(v128.load(at), x))
  }
  for (; j < to; j++) {
    addTo(s + bytesOf(j), f32x4.extract_lane(x, 0))
  }
}

/** Forward was: every score of an offset had the same bias added. */
export function addBiasBackward(
  job: Job,
  part: Part,
  i: i32,
  dS: usize,
  runs: usize,
  limits: i32,
  dBias: usize,
): void {
  const at = positionOf(part, i) + part.shift
  const sums = dBias + bytesOf(job.clip) - bytesOf(at)
  for (let n = 0; n < limits; n += 2) {
    const from = wordAt(runs, n)
    const to = wordAt(runs, n + 1)
    const first = min(max(at - job.clip, from), to)
    const last = min(max(at + job.clip + 1, first), to)
    addTo(dBias, sumRun(dS, from, first))
    for (let j = first; j < last; j++) addTo(sums + bytesOf(j), numberAt(dS, j))
    addTo(dBias + bytesOf(2 * job.clip), sumRun(dS, last, to))
  }
}

export function addTo(at: usize, x: f32): void {
  store<f32>(at, load<f32>(at) + x)
}

/** Sum of numbers from … to − 1: four sums side by side, then the rest. */
function sumRun(x: usize, from: i32, to: i32): f32 {
  let sums = f32x4.splat(0)
  let j = from
  for (; j + 4 <= to; j += 4) sums = f32x4.add(sums, v128.load(x + bytesOf(j)))
  let sum = sumOf(sums)
  for (; j < to; j++) sum += numberAt(x, j)
  return sum
}
