export function dropped4(a: u32, b: u32, c: u32, d: u32, e: u32, r: f64): i32 {
  return 0
}
