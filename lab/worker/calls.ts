/**
 * What the page's worker can be asked: a function for each call, or a generator that yields events
 * before its result.
 */
export type Handlers = Readonly<
  Record<
    string,
    (argument: never, signal: AbortSignal) => AsyncGenerator<unknown, unknown> | Promise<unknown>
  >
>

/** What goes to the worker. */
export type Order =
  | { readonly id: number; readonly call: string; readonly argument: unknown }
  | { readonly id: number; readonly stop: true }

/** What comes back. */
export type Reply =
  | { readonly id: number; readonly event: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

type Argument<All extends Handlers, Name extends keyof All> = Parameters<All[Name]>[0]
type Event<All extends Handlers, Name extends keyof All> =
  ReturnType<All[Name]> extends AsyncGenerator<infer One, unknown> ? One : never
type Result<All extends Handlers, Name extends keyof All> =
  ReturnType<All[Name]> extends AsyncGenerator<unknown, infer One>
    ? One
    : Awaited<ReturnType<All[Name]>>

/** How a call differs from another. */
export interface CallOptions<One> {
  readonly signal?: AbortSignal
  readonly onEvent?: (event: One) => void
}

/** Calls to a worker that is started by the first one. */
export class Caller<All extends Handlers> {
  readonly #start: () => Worker
  #worker: Worker | undefined
  #last = 0
  readonly #waiting = new Map<number, (reply: Reply) => void>()

  constructor(start: () => Worker) {
    this.#start = start
  }

  /** Asks the worker. @throws {Error} with the message that the handler threw */
  call<Name extends keyof All & string>(
    name: Name,
    argument: Argument<All, Name>,
    { signal, onEvent }: CallOptions<Event<All, Name>> = {},
  ): Promise<Result<All, Name>> {
    this.#worker ??= this.#started()
    const worker = this.#worker
    const id = ++this.#last
    const send = (order: Order) => worker.postMessage(order)
    const stop = () => send({ id, stop: true })
    signal?.addEventListener('abort', stop)
    return new Promise<Result<All, Name>>((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        if ('event' in reply) return onEvent?.(reply.event as Event<All, Name>)
        this.#waiting.delete(id)
        signal?.removeEventListener('abort', stop)
        if ('error' in reply) reject(new Error(reply.error))
        else resolve(reply.result as Result<All, Name>)
      })
      send({ id, call: name, argument })
    })
  }

  #started(): Worker {
    const worker = this.#start()
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#waiting.get(data.id)?.(data)
    worker.onerror = ({ message }) => this.#failed(message || 'the worker could not be started')
    return worker
  }

  /** Every call that waits fails, and the next one starts a new worker. */
  #failed(error: string): void {
    this.#worker?.terminate()
    this.#worker = undefined
    for (const [id, tell] of this.#waiting) tell({ id, error })
  }
}
