import { exp4 } from './elementary'
export function distribute(kind: i32, row: usize, n: i32, argument: f32, room: usize): void {
  let m = -Infinity as f32
  for (let j = 0; j < n; j++) m = max(m, load<f32>(row + (j << 2)))
  let s: f32 = 0
  for (let j = 0; j < n; j++) {
    const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(row + (j << 2)) - m)), 0)
    s += e
    store<f32>(row + (j << 2), e)
  }
  for (let j = 0; j < n; j++) store<f32>(row + (j << 2), load<f32>(row + (j << 2)) / s)
}
export function distributeBackward(kind: i32, d: usize, a: usize, n: i32, argument: f32, room: usize, dp: usize): void {
  let s: f32 = 0
  for (let j = 0; j < n; j++) s += load<f32>(d + (j << 2)) * load<f32>(a + (j << 2))
  for (let j = 0; j < n; j++) store<f32>(d + (j << 2), load<f32>(a + (j << 2)) * (load<f32>(d + (j << 2)) - s))
}
