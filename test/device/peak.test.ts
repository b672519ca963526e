import { describe, expect, test } from 'vitest'
import { measurePeak } from '../../src/doors/internal.ts'

describe('measurePeak', () => {
  test('gives GFLOP/s of portable arithmetic', async () => {
    const { gigaflops, why } = await measurePeak('portable')
    expect(gigaflops).toBeGreaterThan(0.1)
    expect(why).toContain('f32x4.mul and f32x4.add')
  })

  test('says why where an arithmetic is not to be had', async () => {
    const { gigaflops, why } = await measurePeak('fused')
    if (gigaflops === undefined) expect(why).toMatch(/relaxed|fused/)
    else expect(why).toContain('relaxed_madd')
  })

  test('knows two arithmetics', async () => {
    await expect(measurePeak('plain' as 'fused')).rejects.toThrow(
      'measurePeak: the arithmetics of WebAssembly are portable and fused, got "plain"',
    )
  })
})
