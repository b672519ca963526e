/** What the job of `projects/shared/job.js` answers. */
export interface Answer {
  /**
   * SHA-256 of a layer's context and gradients, of embeddings, and of the model's file before and
   * after it was read.
   */
  readonly bits: Readonly<Record<'layer' | 'embeddings' | 'model' | 'loaded', string>>
  readonly arithmetic: string
  readonly threads: number
  readonly why: readonly string[]
  /** SHA-256 of the model that was saved, or why it was not. */
  readonly saved: string
}
