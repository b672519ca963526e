import type { ComponentType, VNode } from 'preact'

/** Numbers as a table, for people and for a CSV file. */
export interface NumberTable {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** One view of the page. Its module is loaded when it is opened. */
export interface View {
  /** What stands on the page. */
  readonly Body: ComponentType
  /** The same as one SVG, as it is now; undefined where there is nothing to draw. */
  picture(): VNode | undefined
  /** Its numbers as they are now. */
  tables(): readonly NumberTable[]
}

/** Every view: a row here and its words are all that a new one needs. The order is that of the doors. */
const loaders = {
  look: () => import('./look/look.tsx'),
  needle: () => import('./needle/needle.tsx'),
  compute: () => import('./compute/compute.tsx'),
  order: () => import('./order/order.tsx'),
  learn: () => import('./learn/learn.tsx'),
  ask: () => import('./ask/ask.tsx'),
  quiz: () => import('./quiz/quiz.tsx'),
} satisfies Record<string, () => Promise<{ readonly view: View }>>

export type ViewName = keyof typeof loaders

export const viewNames = Object.keys(loaders) as readonly ViewName[]

const loaded = new Map<ViewName, Promise<View>>()

/** The view of a name. */
export function viewNamed(name: ViewName): Promise<View> {
  const found = loaded.get(name) ?? loaders[name]().then(({ view }) => view)
  loaded.set(name, found)
  // a script that did not arrive may arrive the next time
  found.catch(() => loaded.delete(name))
  return found
}
