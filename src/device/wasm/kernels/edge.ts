/** What is left of a row whose length is no multiple of four: its last 1 to 3 numbers. */

/** Writes the first `count` lanes, of 1 to 3. */
export function storeEdge(to: usize, x: v128, count: i32): void {
  if (count & 2) {
    v128.store64_lane(to, x, 0)
    if (count & 1) v128.store32_lane(to, x, 2, 8)
  } else {
    v128.store32_lane(to, x, 0)
  }
}

/** Ones in the first `count` lanes, zeros in the others. */
export function edgeMask(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3))
}

/** The next four numbers of a row, or the `left` that it still has with zeros behind them. */
export function loadRow(from: usize, left: i32): v128 {
  return left >= 4 ? v128.load(from) : v128.and(v128.load(from), edgeMask(left))
}

/** Writes the next four numbers of a row, or the `left` that it still has. */
export function storeRow(to: usize, x: v128, left: i32): void {
  if (left >= 4) v128.store(to, x)
  else storeEdge(to, x, left)
}
