import { batch, effect, signal } from '@preact/signals'
import type { Setting } from './setting.ts'
import { settings } from './settings.ts'
import { spared } from './spared.ts'

const all = Object.values(settings) as unknown as readonly Setting<unknown>[]

/** Invalid values in the address, one sentence each; the rest was applied. */
export const refused = signal<readonly string[]>([])

/** The state as the end of an address, without # or ?: empty where everything is as it began. */
export function addressOf(changed: Readonly<Record<string, unknown>> = {}): string {
  const parts = all.flatMap((one) => {
    const value = one.name in changed ? changed[one.name] : one.state.value
    const [written, initial] = [one.write(value), one.write(one.initial)]
    if (written === initial && value === one.initial) return []
    if (one.control?.kind === 'flag') return value ? [one.name] : []
    return written === initial ? [] : [`${one.name}=${encode(written)}`]
  })
  return parts.join('&')
}

/** Percent-encoding that leaves readable what may stand in a fragment. */
const encode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/%(2C|3A|3B)/g, (code) => decodeURIComponent(code))

/** Reads the state from `?…` and `#…`, the latter last; everything else gets its default. */
export function readAddress(search: string, hash: string): void {
  const given = new Map([
    ...new URLSearchParams(search),
    ...new URLSearchParams(hash.replace(/^#/, '')),
  ])
  const sentences: string[] = []
  batch(() => {
    for (const one of all) {
      const text = given.get(one.name)
      one.state.value = text === undefined ? one.initial : taken(one, text, sentences)
    }
    refused.value = sentences
  })
}

function taken(one: Setting<unknown>, text: string, sentences: string[]): unknown {
  try {
    return one.read(text)
  } catch (error) {
    sentences.push((error as Error).message)
    return one.initial
  }
}

/** Resets everything except the reader's view, language and colours. */
export function beginAgain(): void {
  batch(() => {
    const kept = ['view', 'lang', 'theme', 'hide', 'bare']
    for (const one of all) if (!kept.includes(one.name)) one.state.value = one.initial
  })
}

/** Keeps state and address the same from now on; a new view is a step that Back takes back. */
export function followAddress(): void {
  readAddress(location.search, location.hash)
  let shown = addressOf()
  let view = settings.view.state.value
  let going = false
  // what stood in the query part is in the fragment now
  const written = spared(() => history.replaceState(null, '', `${location.pathname}#${shown}`))
  addEventListener('popstate', () => {
    written.drop()
    going = true
    readAddress(location.search, location.hash)
    going = false
  })
  addEventListener('pagehide', written.now)
  effect(() => {
    const now = addressOf()
    const step = settings.view.state.value !== view
    view = settings.view.state.value
    if (now === shown) return
    if (step) written.now()
    shown = now
    // the reader goes back or forward: the address is what it should be
    if (going) return
    if (step) history.pushState(null, '', `${location.pathname}#${now}`)
    else written.soon()
  })
}
