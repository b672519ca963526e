import { bytesOf, numberAt } from './lanes'
import { power } from './power'
import { largest } from './softmax'
import { below, gather } from './sparsemax'

/**
 * α-entmax of one row where ε = α − 1 exceeds 1, in place, and its gradient: all in float64, one
 * number after the other.
 *
 * There p = 1/ε < 1, and [ε(s − m) + t]₊ᵖ is infinitely steep where a score's weight begins: the
 * digits of float32 would show. The scores with weight lie within 1/ε of the largest, so that they
 * are few.
 */

/** A = [ε(s − m) + t]₊ᵖ with Σ A = 1, with t in (0, 1] by halving. */
export function steepEntmax(row: usize, n: i32, epsilon: f32, room: usize): void {
  const m = largest(row, n)
  const count = gather(row, n, below(m, 1 / epsilon), room)
  let low: f64 = 0
  let high: f64 = 1
  while (high - low > 8.673617379884035e-19) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (total(room, count, m, epsilon, middle) >= 1) high = middle
    else low = middle
  }
  const sum = total(room, count, m, epsilon, high)
  for (let j = 0; j < n; j++) {
    const at = row + bytesOf(j)
    store<f32>(at, <f32>(weight(load<f32>(at), m, epsilon, high) / sum))
  }
}

/** [ε(s − m) + t]₊ᵖ. */
function weight(s: f32, m: f32, epsilon: f32, t: f64): f64 {
  return power(<f64>epsilon * (<f64>s - <f64>m) + t, 1 / <f64>epsilon)
}

function total(scores: usize, count: i32, m: f32, epsilon: f32, t: f64): f64 {
  let sum: f64 = 0
  for (let j = 0; j < count; j++) sum += weight(numberAt(scores, j), m, epsilon, t)
  return sum
}

/** dS = r ∘ (dA − ⟨r, dA⟩/Σr) with r = A^{1 − ε} on the support and 0 elsewhere, in place of dA. */
export function steepEntmaxBackward(dA: usize, A: usize, n: i32, epsilon: f32, room: usize): void {
  let products: f64 = 0
  let slopes: f64 = 0
  for (let j = 0; j < n; j++) {
    const at = bytesOf(j)
    const r = power(<f64>load<f32>(A + at), 1 - <f64>epsilon)
    store<f64>(room + 2 * at, r)
    products += r * <f64>load<f32>(dA + at)
    slopes += r
  }
  const mean = products / slopes
  for (let j = 0; j < n; j++) {
    const at = bytesOf(j)
    store<f32>(dA + at, <f32>(load<f64>(room + 2 * at) * (<f64>load<f32>(dA + at) - mean)))
  }
}
