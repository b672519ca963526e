import type { View, ViewName } from './view.ts'

/** Every view's module, which the page alone loads. */
const loaders: Readonly<Record<ViewName, () => Promise<{ readonly view: View }>>> = {
  look: () => import('./look/look.tsx'),
  needle: () => import('./needle/needle.tsx'),
  compute: () => import('./compute/compute.tsx'),
  order: () => import('./order/order.tsx'),
  learn: () => import('./learn/learn.tsx'),
  ask: () => import('./ask/ask.tsx'),
  quiz: () => import('./quiz/quiz.tsx'),
}

const loaded = new Map<ViewName, Promise<View>>()

/** The view of a name. */
export function viewNamed(name: ViewName): Promise<View> {
  const found = loaded.get(name) ?? loaders[name]().then(({ view }) => view)
  loaded.set(name, found)
  // a script that did not arrive may arrive the next time
  found.catch(() => loaded.delete(name))
  return found
}
