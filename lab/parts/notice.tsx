import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { t } from '../words/words.ts'

/** One plain message that is read out as it appears. */
export function Notice({
  children,
  onClose,
}: {
  children: ComponentChildren
  onClose?: () => void
}) {
  return (
    <div class="notice" role="alert">
      <p>{children}</p>
      {onClose && (
        <button type="button" class="plain" onClick={onClose}>
          {t().page.close}
        </button>
      )}
    </div>
  )
}

/** What went wrong, if anything, until it is closed. */
export function Failure({ of: failure }: { of: Signal<string> }) {
  if (!failure.value) return null
  const forget = (): void => {
    failure.value = ''
  }
  return <Notice onClose={forget}>{failure.value}</Notice>
}
