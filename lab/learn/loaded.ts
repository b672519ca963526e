import { signal } from '@preact/signals'

/** Name of the file that was loaded. */
export const loadedName = signal('')
