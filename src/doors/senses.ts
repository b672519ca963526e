// Senses: the occurrences of a word in groups, and how well two groupings agree.

export type { SearchResult } from '../model/occurrences.ts'
export { type Agreement, agreement } from '../senses/agreement.ts'
export type { Descriptor } from '../senses/describing.ts'
export type { Occurrence, SenseView } from '../senses/occurrences.ts'
export { regroup, type SenseEdit, type SenseReference } from '../senses/regrouping.ts'
export {
  findSenses,
  type SenseGroup,
  type SenseLine,
  type Senses,
  type SensesOptions,
  UNCERTAIN,
} from '../senses/senses.ts'
export type { Parting } from '../senses/silhouette.ts'
