import type { TextFormat } from '../format.ts'
import { conllu } from './conllu.ts'
import { tei } from './tei.ts'
import { treetagger } from './treetagger.ts'
import { vertical } from './vertical.ts'

/** Formats of annotated texts; a text is in the first that recognises it. */
export const FORMATS: readonly TextFormat[] = [conllu, tei, vertical, treetagger]
