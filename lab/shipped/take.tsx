import { useSignal } from '@preact/signals'
import { loadModel, failure as ofLearning, state } from '../learn/run.ts'
import { model } from '../state/model.ts'
import { t } from '../words/words.ts'
import { shippedModel } from './shipped.ts'

/** A button that takes the small model that ships, while there is none. */
export function TakeShipped() {
  const failure = useSignal('')
  if (model.value || state.value !== 'none') return null
  const take = async (): Promise<void> => {
    try {
      await loadModel(await shippedModel())
      // it is told here, once
      failure.value = ofLearning.value
      ofLearning.value = ''
    } catch (error) {
      failure.value = (error as Error).message
    }
  }
  return (
    <>
      <button type="button" class="button" onClick={() => void take()}>
        {t().learn.takeShipped}
      </button>
      {failure.value && <span role="alert">{failure.value}</span>}
    </>
  )
}
