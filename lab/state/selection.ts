import { computed, signal } from '@preact/signals'
import { attention } from './layer.ts'
import { settings } from './settings.ts'

/** The word under the pointer or the focus; nothing is locked by it. */
export const previewed = signal<number | undefined>(undefined)

/** The words that are locked, those that there are. */
export const locked = computed(() => {
  const count = attention.value.value?.tokens.length ?? 0
  return settings.word.state.value.filter((place) => place < count)
})

/** The words that ask: the previewed one, or those that are locked. */
export const asking = computed<readonly number[]>(() => {
  const place = previewed.value
  if (place === undefined || locked.value.includes(place)) return locked.value
  return [place]
})

/** Locks a word, or frees it; two stand side by side, and a third takes the place of the older. */
export function toggle(place: number): void {
  const now = locked.value
  settings.word.state.value = now.includes(place)
    ? now.filter((other) => other !== place)
    : [...now, place].slice(-2)
}

/** Frees every word. */
export function free(): void {
  previewed.value = undefined
  settings.word.state.value = []
}
