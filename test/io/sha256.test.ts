import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Sha256 } from '../../src/io/sha256.ts'

const other = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test('is that of the platform at every length around two blocks', () => {
  for (let length = 0; length <= 150; length++) {
    const bytes = Uint8Array.from({ length }, (_, n) => (37 * n + length) % 256)
    expect(new Sha256().update(bytes).digest()).toBe(other(bytes))
  }
})

test('does not depend on the pieces that the bytes come in', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (pieces) => {
      const hash = new Sha256()
      for (const piece of pieces) hash.update(piece)
      expect(hash.digest()).toBe(other(Buffer.concat(pieces)))
    }),
    { seed: 7 },
  )
})
