import type { Mask } from '../../mechanism/mask.ts'
import type { Numbers } from '../../tensor.ts'
import type { AttentionCall, Handle } from '../calls.ts'
import type { AttentionSizes } from '../checks.ts'
import type { Look } from '../operations.ts'
import { longestText } from '../query-rows.ts'

/** A `queryRows` call as a full call with all other queries masked. */
export class WholeCall {
  readonly call: AttentionCall
  readonly sizes: AttentionSizes
  readonly #queryRows: Int32Array
  readonly #rows: number
  readonly #numbers = new Map<Handle, Numbers>()

  constructor(
    call: AttentionCall,
    queryRows: Int32Array,
    sizes: AttentionSizes,
    look: Look<Numbers>,
  ) {
    const { queryStarts, mask, Q } = call
    this.#queryRows = queryRows
    this.#rows = queryStarts[queryStarts.length - 1]
    const whole = this.spread(Q, look)
    this.call = {
      ...call,
      queryRows: undefined,
      Q: whole,
      mask: onlyChosen(mask, queryRows, queryStarts),
    }
    this.sizes = { ...sizes, longestQuery: longestText(queryStarts) }
  }

  /** Resolves its own handles too. */
  look(look: Look<Numbers>): Look<Numbers> {
    return (handle) => this.#numbers.get(handle) ?? look(handle)
  }

  /** A new handle with one row per query: the row of X if it was chosen, else zeros. */
  spread(X: Handle, look: Look<Numbers>): Handle {
    const from = look(X)
    const columns = X.shape[X.shape.length - 1]
    const numbers: Numbers =
      from instanceof Float32Array
        ? new Float32Array(this.#rows * columns)
        : new Float64Array(this.#rows * columns)
    this.#queryRows.forEach((row, n) => {
      numbers.set(from.subarray(n * columns, (n + 1) * columns), row * columns)
    })
    const handle = { shape: [this.#rows, columns], dtype: X.dtype }
    this.#numbers.set(handle, numbers)
    return handle
  }

  /** Copies the chosen query rows of one of its own handles to X. */
  collect(own: Handle, X: Handle, look: Look<Numbers>): void {
    const numbers = this.look(look)(own)
    const into = look(X)
    const columns = X.shape[X.shape.length - 1]
    this.#queryRows.forEach((row, n) => {
      into.set(numbers.subarray(row * columns, (row + 1) * columns), n * columns)
    })
  }
}

/** The mask for the chosen query rows; other queries may attend to no key. */
function onlyChosen(mask: Mask, queryRows: Int32Array, starts: Int32Array): Mask {
  const rows = new Set(queryRows)
  return {
    name: mask.name,
    allows: (i, j, sizes) => rows.has(starts[sizes.text] + i) && mask.allows(i, j, sizes),
    span: (first, last, sizes) => mask.span(first, last, sizes),
    check: (sizes) => mask.check?.(sizes),
  }
}
