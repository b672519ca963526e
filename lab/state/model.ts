import { effect, signal } from '@preact/signals'
import type { ModelCard } from '../worker/learner.ts'
import { worker } from '../worker/page.ts'
import { learned, tokens } from './layer.ts'

/** The model in the worker, learned or loaded; undefined without one. */
export const model = signal<ModelCard | undefined>(undefined)

/** A model with its name, and what attention it pays to the words on the page. */
effect(() => {
  const [card, words] = [model.value, tokens.value]
  if (!card || !words.length) {
    learned.value = undefined
    return
  }
  worker.call('attend', words).then(
    (attended) => {
      if (model.peek() === card && tokens.peek() === words)
        learned.value = { tokens: words, ...attended }
    },
    () => {
      learned.value = undefined
    },
  )
})
