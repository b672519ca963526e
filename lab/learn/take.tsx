import { useSignal } from '@preact/signals'
import { modelsOfNovels, type ShippedModel, shipped } from '../shipped/shipped.ts'
import { model } from '../state/model.ts'
import { t } from '../words/words.ts'
import { run } from './run.ts'

/** What the files of those of novels are called. */
const FILES: Readonly<Partial<Record<ShippedModel, string>>> = {
  fr: 'fr.safetensors',
  en: 'en.safetensors',
}

/**
 * Buttons that take a small model that ships, while there is none.
 *
 * @param novels whether those of novels are offered too, which know no questions
 */
export function TakeShipped({ novels = false }: { novels?: boolean }) {
  const failure = useSignal('')
  if (model.value || run.state.value !== 'none') return null
  const take = async (name: ShippedModel): Promise<void> => {
    try {
      await run.load(await shipped(name), FILES[name])
      // it is told here, once
      failure.value = run.failure.value
      run.failure.value = ''
    } catch (error) {
      failure.value = (error as Error).message
    }
  }
  return (
    <>
      {(['model', ...(novels ? modelsOfNovels : [])] as const).map((name) => (
        <button key={name} type="button" class="button" onClick={() => void take(name)}>
          {t().learn.takeShipped[name]}
        </button>
      ))}
      {failure.value && <span role="alert">{failure.value}</span>}
    </>
  )
}
