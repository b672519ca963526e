import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Draws a picture as wide as there is room, in CSS pixels, so that its text keeps its size on a
 * phone.
 */
export function Measured({
  children,
  most = 720,
}: {
  children: (width: number) => VNode
  most?: number
}) {
  const box = useRef<HTMLDivElement>(null)
  const width = useSignal(0)
  useLayoutEffect(() => {
    const measure = () => {
      width.value = Math.min(most, Math.floor(box.current?.clientWidth ?? 0))
    }
    measure()
    const observer = new ResizeObserver(measure)
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [most])
  return (
    <div class="measured" ref={box}>
      {width.value > 0 && children(width.value)}
    </div>
  )
}
