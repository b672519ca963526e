import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'

/** What stands above every view while a quiz leads; set by what loads it. */
export const strip = signal<ComponentType | undefined>(undefined)
