import { t } from '../words/words.ts'
import { reported } from './reporting.ts'

/** Whether the learning platform has the result; nothing where there is none. */
export function Told() {
  return <p role="status">{reported.value !== 'none' && t().reporting[reported.value]}</p>
}
