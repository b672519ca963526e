import { type Mask, masks } from 'regard/internal'

/** The masks that the page offers, by their names. */
const offered: ReadonlyMap<string, Mask> = new Map(
  [masks.everything, masks.causal(), masks.window(1, 1), masks.window(2, 2)].map((mask) => [
    mask.name,
    mask,
  ]),
)

export const maskNames = [...offered.keys()]

export const maskNamed = (name: string): Mask => offered.get(name) ?? masks.everything
