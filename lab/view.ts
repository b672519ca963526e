import type { ComponentType, VNode } from 'preact'

/** Numbers as a table, for people and for a CSV file. */
export interface NumberTable {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** One view of the page. Its module is loaded when it is opened. */
export interface View {
  /** What stands on the page. */
  readonly Body: ComponentType
  /** The same as one SVG, as it is now; undefined where there is nothing to draw. */
  picture(): VNode | undefined
  /** Its numbers as they are now. */
  tables(): readonly NumberTable[]
}

/** The views by name, in the order of their doors. */
export const viewNames = ['look', 'needle', 'compute', 'order', 'learn', 'ask', 'quiz'] as const

export type ViewName = (typeof viewNames)[number]
