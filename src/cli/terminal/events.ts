import type { LearnEvent, Model } from '../../doors/internal.ts'

/** Hands every event on, and gives the model at the end. */
export async function finished(
  events: AsyncGenerator<LearnEvent, Model>,
  each: (event: LearnEvent) => void | Promise<void>,
): Promise<Model> {
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    await each(next.value)
  }
}
