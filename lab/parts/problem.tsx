import { cut, pass, tokens } from '../state/layer.ts'
import { MOST_WORDS } from '../state/settings.ts'
import { t } from '../words/words.ts'
import { Notice } from './notice.tsx'

/**
 * Why there is nothing to see, or not all: no words, too many, or what the library says of the
 * layer.
 */
export function Problem() {
  const { error } = pass.value
  if (!tokens.value.length) return <Notice>{t().page.noWords}</Notice>
  if (error) return <Notice>{error}</Notice>
  return cut.value ? <p class="quiet">{t().page.tooMany(MOST_WORDS)}</p> : null
}
