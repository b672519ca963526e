/** Runs work of a scope: what it allocates, also after an await, belongs to the scope. */
export type Within = <Inner>(work: () => Inner) => Inner

/** An open scope, and what was allocated in it. */
export interface Scope<Item> {
  readonly owner: object
  readonly items: Set<Item>
  /** The scope of the same owner that it was opened in. */
  readonly outer: Scope<Item> | undefined
  /** The scope, of any owner, whose asynchronous work opened it. */
  readonly around: Scope<unknown> | undefined
  open: boolean
}

// what tells, after an await, whose work goes on: Node and Deno have it, browsers do not
const hooks =
  typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:async_hooks')
const across = hooks && new hooks.AsyncLocalStorage<Scope<unknown>>()

/** Whether the engine can follow the work of a function across its awaits. */
export const isFollowed = (body: unknown): boolean =>
  across !== undefined && Object.prototype.toString.call(body) === '[object AsyncFunction]'

/** The scopes of one owner, and which of them is open for the running work. */
export class Scopes<Item> {
  #current: Scope<Item> | undefined

  /** The innermost open scope of the running work. */
  get innermost(): Scope<Item> | undefined {
    if (this.#current) return openOf(this.#current)
    let store = across?.getStore()
    while (store && store.owner !== this) store = store.around
    return openOf(store as Scope<Item> | undefined)
  }

  begin(): Scope<Item> {
    return {
      owner: this,
      items: new Set(),
      outer: this.innermost,
      around: across?.getStore(),
      open: true,
    }
  }

  /**
   * Runs a body in a scope. If the engine can follow them, its later async steps belong to it too.
   */
  enter<Result>(scope: Scope<Item>, body: () => Result, followed = false): Result {
    const before = this.#current
    this.#current = scope
    try {
      return followed && across ? across.run(scope, body) : body()
    } finally {
      this.#current = before
    }
  }
}

/** A scope, or the nearest around it that has not ended. */
export function openOf<Item>(scope: Scope<Item> | undefined): Scope<Item> | undefined {
  let found = scope
  while (found && !found.open) found = found.outer
  return found
}
