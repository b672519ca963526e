/** All n! orders of n positions. */
export function allOrders(n: number): number[][] {
  if (n === 0) return [[]]
  return allOrders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  )
}
