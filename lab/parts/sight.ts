import { batch, effect, type ReadonlySignal, type Signal, signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { spared } from '../state/spared.ts'

const sights = new WeakMap<Element, Signal<boolean>>()
let observer: IntersectionObserver | undefined

/** One observer for all. */
function observed(): IntersectionObserver {
  const told: IntersectionObserverCallback = (entries) =>
    batch(() => {
      for (const { target, isIntersecting } of entries)
        (sights.get(target) as Signal<boolean>).value = isIntersecting
    })
  observer ??= new IntersectionObserver(told)
  return observer
}

/** Whether an element is in sight; so it is until the browser says otherwise. */
export function useSight<Seen extends Element>(): {
  ref: RefObject<Seen | null>
  sight: ReadonlySignal<boolean>
} {
  const ref = useRef<Seen>(null)
  const sight = useSignal(true)
  useEffect(() => {
    const { current } = ref
    if (!current) return undefined
    sights.set(current, sight)
    observed().observe(current)
    return () => observed().unobserve(current)
  }, [])
  return { ref, sight }
}

/** Changes of a movement that are drawn out of sight too. */
const DRAWN = 2

/**
 * What moves, as it was when it last rested.
 *
 * What is out of sight follows this one, so that a phone has the time to draw what is seen; a
 * change by itself is no movement.
 */
export function restedOf<Value>(moving: ReadonlySignal<Value>): ReadonlySignal<Value> {
  const rested = signal(moving.peek())
  const written = spared(() => {
    rested.value = moving.peek()
  }, DRAWN)
  effect(() => {
    void moving.value
    written.soon()
  })
  return rested
}
