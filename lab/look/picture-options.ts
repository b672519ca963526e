import type { ReadonlySignal } from '@preact/signals'
import type { Matrix } from 'regard/internal'

/** What a picture of attention is drawn from. */
export interface PictureOptions {
  readonly tokens: readonly string[]
  readonly weights: Matrix
  /** The words that ask, as they are at any moment. */
  readonly asking: ReadonlySignal<readonly number[]>
  readonly width: number
}
