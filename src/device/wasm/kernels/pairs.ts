import { Job, Part } from './attention-job'
import { tanh4 } from './elementary'
import { bytesOf, numberAt } from './lanes'
import { segmentCount, segmentFrom, segmentTo } from './runs'
import { addTo, sumOf } from './scores'
import { madd } from './vector'

// Gradients of scores that are no product: each pair of a query and a key is computed again. Sums
// over keys, and over queries, have their order.

/** dl_i = Σ_j dS_ij (r_j − l_i), for s = −½‖l − r‖². */
export function distanceRows(job: Job, part: Part, d: usize, rows: i32, l: usize, dL: usize): void {
  for (let i = 0; i < rows; i++) {
    memory.fill(dL, 0, bytesOf(job.dKey))
    for (let n = 0; n < segmentCount(part); n++) {
      const end = min(segmentTo(part, n) << 3, part.nKey)
      for (let j = segmentFrom(part, n) << 3; j < end; j++) {
        addDifference(numberAt(d, j), part.r + <usize>j * job.rRow, l, job.dKey, dL)
      }
    }
    d += job.stride
    l += job.lRow
    dL += job.lRow
  }
}

/** dr_j += Σ_i dS_ij (l_i − r_j), for `keys` keys from `first` on. */
export function addDistanceKeys(
  job: Job,
  part: Part,
  first: i32,
  keys: i32,
  group: i32,
  size: i32,
  dR: usize,
): void {
  for (let j = first; j < first + keys; j++) {
    const r = part.r + <usize>j * job.rRow
    for (let i = 0; i < size; i++) {
      const d = load<f32>(part.gradients + <usize>i * job.stride + bytesOf(j))
      addDifference(d, part.l + <usize>(group + i) * job.lRow, r, job.dKey, dR)
    }
    dR += job.rRow
  }
}

/** y += d (a − b). */
function addDifference(d: f32, a: usize, b: usize, columns: i32, y: usize): void {
  const factor = f32x4.splat(d)
  let c = 0
  for (; c + 4 <= columns; c += 4) {
    const at = bytesOf(c)
    v128.store(
      y + at,
      madd(factor, f32x4.sub(v128.load(a + at), v128.load(b + at)), v128.load(y + at)),
    )
  }
  for (; c < columns; c++) {
    const at = bytesOf(c)
    const difference = f32x4.splat(load<f32>(a + at) - load<f32>(b + at))
    store<f32>(
      y + at,
      f32x4.extract_lane(madd(factor, difference, v128.load_splat<f32>(y + at)), 0),
    )
  }
}

/**
 * dl_ic = Σ_j dS_ij w_c (1 − h²) and dw_c += Σ_j dS_ij h, with h = tanh(l_ic + r_jc), for s = Σ_c
 * w_c h.
 */
export function additiveRows(
  job: Job,
  part: Part,
  d: usize,
  rows: i32,
  l: usize,
  dL: usize,
  dw: usize,
): void {
  const one = f32x4.splat(1)
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < job.dKey; c++) {
      const at = bytesOf(c)
      const x = v128.load_splat<f32>(l + at)
      let slopes = f32x4.splat(0)
      let values = slopes
      for (let n = 0; n < segmentCount(part); n++) {
        for (let four = segmentFrom(part, n) << 1; four < segmentTo(part, n) << 1; four++) {
          // panel four >> 1 has column c in 8 numbers, of which this is one half
          const keys =
            part.keyPanels +
            ((<usize>((four >> 1) * job.dKey + c)) << 5) +
            ((<usize>(four & 1)) << 4)
          const h = tanh4(f32x4.add(x, v128.load(keys)))
          const dS = v128.load(d + ((<usize>four) << 4))
          values = madd(dS, h, values)
          slopes = madd(dS, f32x4.sub(one, f32x4.mul(h, h)), slopes)
        }
      }
      store<f32>(dL + at, sumOf(slopes) * load<f32>(part.epilogueParameters + at))
      addTo(dw + at, sumOf(values))
    }
    d += job.stride
    l += job.lRow
    dL += job.lRow
  }
}

/** dr_jc += Σ_i dS_ij w_c (1 − h²), for `keys` keys from `first` on. */
export function addAdditiveKeys(
  job: Job,
  part: Part,
  first: i32,
  keys: i32,
  group: i32,
  size: i32,
  dR: usize,
): void {
  const one = f32x4.splat(1)
  for (let j = first; j < first + keys; j++) {
    const r = part.r + <usize>j * job.rRow
    for (let c = 0; c < job.dKey; c += 4) {
      const at = bytesOf(c)
      const x = v128.load(r + at)
      const w = v128.load(part.epilogueParameters + at)
      let sum = f32x4.splat(0)
      for (let i = 0; i < size; i++) {
        const h = tanh4(f32x4.add(v128.load(part.l + <usize>(group + i) * job.lRow + at), x))
        const dS = v128.load_splat<f32>(part.gradients + <usize>i * job.stride + bytesOf(j))
        sum = madd(dS, f32x4.mul(w, f32x4.sub(one, f32x4.mul(h, h))), sum)
      }
      addLanes(dR + at, sum, job.dKey - c)
    }
    dR += job.rRow
  }
}

/** Adds as many lanes as there are columns left. */
function addLanes(to: usize, x: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, f32x4.add(v128.load(to), x))
    return
  }
  addTo(to, f32x4.extract_lane(x, 0))
  if (count > 1) addTo(to + 4, f32x4.extract_lane(x, 1))
  if (count > 2) addTo(to + 8, f32x4.extract_lane(x, 2))
}
