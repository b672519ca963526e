import { Fragment, h, type VNode } from 'preact'
import type { MathNode } from '../build/formulas.ts'

/** A formula that was made at build time; `slots` fill its places with live numbers. */
export const Formula = ({
  of: tree,
  slots = {},
  block = false,
}: {
  of: MathNode
  slots?: Readonly<Record<string, string>>
  block?: boolean
}) => {
  const [, attributes, children] = tree
  return h(
    'math',
    { ...attributes, ...(block ? { display: 'block' } : {}) },
    children.map(drawn(slots)),
  )
}

const drawn =
  (slots: Readonly<Record<string, string>>) =>
  (node: MathNode | string, n: number): VNode | string => {
    if (typeof node === 'string') return node
    const [name, attributes, children] = node
    const slot = attributes['data-slot']
    const live = slot === undefined ? undefined : slots[slot]
    // a number that is live stands in <mn>, whatever stood there
    if (live !== undefined)
      return h(Fragment, { key: n }, h('mn', { class: 'live', 'data-slot': slot }, live))
    return h(Fragment, { key: n }, h(name, { ...attributes }, children.map(drawn(slots))))
  }
