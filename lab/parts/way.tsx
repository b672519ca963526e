import { settings } from '../state/settings.ts'
import type { ViewName } from '../view.ts'

/** A button that opens a view; what is on screen goes on there. */
export function Way({ to, name, plain = false }: { to: ViewName; name: string; plain?: boolean }) {
  const open = (): void => {
    settings.view.state.value = to
  }
  return (
    <button type="button" class={plain ? 'plain' : 'button'} onClick={open}>
      {name}
    </button>
  )
}
