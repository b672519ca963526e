import { describe, expect, test, vi } from 'vitest'
import type { AttentionCall, Handle } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { scaledDot } from '../../src/mechanism/alignments.ts'
import { softmax } from '../../src/mechanism/distributions.ts'
import { everything } from '../../src/mechanism/mask.ts'
import { none } from '../../src/mechanism/position.ts'
import { Tensor } from '../../src/tensor.ts'

const two = (): Tensor => Tensor.from([2, 3])

describe('handles', () => {
  test('of memory that another left are zeros, after an operation that was refused too', async () => {
    const device = await openDevice({ device: 'wasm', threads: 1 })
    try {
      device.free(device.upload(Tensor.from([7, 7, 7, 7])))
      const Y = device.allocate([2, 2])
      const [table, places] = [
        device.upload(Tensor.from([[1, 2]])),
        device.upload(Tensor.from([0, 3], 'int32')),
      ]
      expect(() => device.gather(table, places, Y)).toThrow('indices[1]')
      expect([...(await device.read(Y)).data]).toEqual([0, 0, 0, 0])
      device.free(device.upload(Tensor.from([9, 9, 9, 9])))
      expect([...(await device.read(device.allocate([4]))).data]).toEqual([0, 0, 0, 0])
    } finally {
      await device.close()
    }
  })

  test('begin as zeros', async () => {
    const device = new ReferenceDevice()
    expect([...(await device.read(device.allocate([2, 3]))).data]).toEqual([0, 0, 0, 0, 0, 0])
  })

  test.each(['float32', 'float64'] as const)('hold %s, the type of their device', async (dtype) => {
    const device = new ReferenceDevice({ dtype })
    expect((await device.read(device.upload(Tensor.from([0.1], 'float64')))).dtype).toBe(dtype)
  })

  test.each(['int32', 'uint8'] as const)('hold int32 for a tensor of %s', async (dtype) => {
    const device = new ReferenceDevice()
    expect((await device.read(device.upload(Tensor.from([2, 3], dtype)))).dtype).toBe('int32')
  })

  test('do not share numbers with what was uploaded', async () => {
    const device = new ReferenceDevice()
    const tensor = two()
    const handle = device.upload(tensor)
    tensor.data[0] = 7
    expect((await device.read(handle)).at(0)).toBe(2)
  })

  test('do not share numbers with what was read', async () => {
    const device = new ReferenceDevice()
    const handle = device.upload(two())
    ;(await device.read(handle)).data[0] = 7
    expect((await device.read(handle)).at(0)).toBe(2)
  })

  test('read late, in reverse and after more work, hold what was enqueued before', async () => {
    const device = new ReferenceDevice()
    const X = device.upload(two())
    const [first, second] = [device.allocate([2]), device.allocate([2])]
    device.combine(1, X, 1, X, first)
    device.combine(1, first, 1, X, second)
    const third = device.allocate([2])
    device.combine(1, second, 1, second, third)
    expect([[...(await device.read(second)).data], [...(await device.read(first)).data]]).toEqual([
      [6, 9],
      [4, 6],
    ])
  })

  test('refuse a tensor of another shape', () => {
    const device = new ReferenceDevice()
    expect(() => device.write(device.allocate([3]), two())).toThrow(
      new RangeError('device.write: the handle has shape (3,), got a tensor (2,)'),
    )
  })
})

describe('a handle that cannot be used says why', () => {
  test('once it was freed', async () => {
    const device = new ReferenceDevice()
    const handle = device.upload(two())
    device.free(handle)
    await expect(device.read(handle)).rejects.toThrow(
      new Error(
        'device: the handle (2,) was freed already; return it from the scope, or call free() after the last use',
      ),
    )
  })

  test('when it is freed twice', () => {
    const device = new ReferenceDevice()
    const handle = device.upload(two())
    device.free(handle)
    expect(() => device.free(handle)).toThrow('was freed')
  })

  test('in an operation, which throws at once', () => {
    const device = new ReferenceDevice()
    const [freed, other] = [device.upload(two()), device.upload(two())]
    device.free(freed)
    expect(() => device.combine(1, freed, 1, other, other)).toThrow('was freed')
  })

  test('on another device', async () => {
    const foreign = new ReferenceDevice().upload(two())
    await expect(new ReferenceDevice().read(foreign)).rejects.toThrow(
      new TypeError(
        'device: needs a handle of this device; upload the tensor first, or read it from the device that it belongs to',
      ),
    )
  })

  test('after the device was closed', async () => {
    const device = new ReferenceDevice()
    const handle = device.upload(two())
    await device.close()
    await expect(device.read(handle)).rejects.toThrow(
      new Error('device: it was closed; open another one'),
    )
  })

  test('and a closed device allocates nothing', async () => {
    const device = new ReferenceDevice()
    await device.close()
    expect(() => device.allocate([2])).toThrow('it was closed')
  })
})

describe('the peak of attention over 2003 words holds what one block of 32 queries needs', () => {
  const [T, dKey, dValue] = [2003, 43, 47]
  const opened = () => {
    const device = new ReferenceDevice().rehearsal()
    const [Q, K, V, dContext] = [dKey, dKey, dValue, dValue].map((width) =>
      device.allocate([T, width]),
    )
    const [context, dQ, dK, dV] = [dContext, Q, K, V].map(({ shape }) => device.allocate(shape))
    const own = { alignmentParameters: {}, distributionParameters: {}, positionParameters: {} }
    const starts = Int32Array.of(0, T)
    const call: AttentionCall = {
      ...{ Q, K, V, heads: 1, queryStarts: starts, keyStarts: starts },
      ...{ alignment: scaledDot, distribution: softmax, mask: everything, position: none, ...own },
    }
    return {
      device,
      call,
      context,
      dContext,
      gradients: { dQ, dK, dV, dAlignment: {}, dDistribution: {}, dPosition: {} },
    }
  }
  // eight tensors of the device's float32 stay for the whole time
  const handles = 4 * T * (4 * dKey + 4 * dValue)

  test("forward: the block's scores, its rows' own and their weights, and Q, K, V and C of a head, all in float64", () => {
    const { device, call, context } = opened()
    device.attention(call, { context })
    expect(device.stats().peakBytes).toBeGreaterThanOrEqual(
      handles + 8 * (3 * 32 * T + T * (2 * dKey + 2 * dValue)),
    )
  })

  test('backward: scores, weights and gradients of scores of the block, and Q, K, V, dQ, dK, dV and dC of a head, all in float64', () => {
    const { device, call, dContext, gradients } = opened()
    device.attentionBackward(call, dContext, gradients)
    expect(device.stats().peakBytes).toBeGreaterThanOrEqual(
      handles + 8 * (3 * 32 * T + T * (4 * dKey + 3 * dValue)),
    )
  })
})

describe('scopes', () => {
  test('free all but what they return', () => {
    const device = new ReferenceDevice()
    device.scope(() => {
      device.upload(two())
      return device.upload(two())
    })
    expect(device.stats().handles).toBe(1)
  })

  test('find what they return in fields and arrays at any depth', async () => {
    const device = new ReferenceDevice()
    const { kept } = device.scope(() => ({ kept: [{ deep: device.upload(two()) }], count: 1 }))
    expect([...(await device.read(kept[0].deep)).data]).toEqual([2, 3])
  })

  test('leave alone what was there before', () => {
    const device = new ReferenceDevice()
    const before = device.upload(two())
    device.scope(() => device.combine(1, before, 1, before, before))
    expect(device.stats().handles).toBe(1)
  })

  test('hand what they return to the scope around them', () => {
    const device = new ReferenceDevice()
    device.scope(() => {
      device.scope(() => device.upload(two()))
    })
    expect(device.stats().handles).toBe(0)
  })

  test('allow what they hold to be freed earlier', () => {
    const device = new ReferenceDevice()
    device.scope(() => device.free(device.upload(two())))
    expect(device.stats().bytes).toBe(0)
  })

  test('free everything when the body throws', () => {
    const device = new ReferenceDevice()
    const fail = (): void =>
      device.scope(() => {
        device.upload(two())
        throw new Error('on purpose')
      })
    expect(fail).toThrow('on purpose')
    expect(device.stats().bytes).toBe(0)
  })

  test('free what an inner scope held when it throws, and keep what the outer one returns', () => {
    const device = new ReferenceDevice()
    const outer = device.scope(() => {
      const kept = device.upload(two())
      try {
        device.scope(() => device.product(kept, kept, device.upload(two())))
      } catch {}
      return kept
    })
    expect([device.stats().handles, outer.shape]).toEqual([1, [2]])
  })
})

describe('the account', () => {
  test('counts bytes of every type', () => {
    const device = new ReferenceDevice({ dtype: 'float64' })
    device.allocate([3, 5])
    device.allocate([7], 'int32')
    expect(device.stats()).toMatchObject({ bytes: 15 * 8 + 7 * 4, handles: 2 })
  })

  test('remembers the peak after freeing', () => {
    const device = new ReferenceDevice()
    device.free(device.allocate([101]))
    device.allocate([3])
    expect(device.stats()).toMatchObject({ bytes: 12, peakBytes: 404 })
  })

  test('holds the scratch of an operation in the peak, not in the bytes', () => {
    const device = new ReferenceDevice()
    const layer = new SelfAttention(
      { dModel: 3, dQuery: 2, dKey: 2, dValue: 5 },
      { device, seed: 7 },
    )
    const before = device.stats().bytes
    const T = 67
    layer.forward(device.allocate([T, 3]))
    // the input and the context stay; Q, K, V and C of one head in float64, twice, and four blocks
    // of 32 rows of scores were there
    const scratch = 8 * (2 * T * (2 + 5 + 2 + 5) + 4 * 32 * T)
    expect(device.stats().peakBytes - before).toBeGreaterThan(scratch)
    expect(device.stats().bytes - before).toBeLessThan(scratch)
  })

  test('counts operations', () => {
    const device = new ReferenceDevice()
    const X = device.upload(two())
    device.combine(1, X, 1, X, X)
    device.activate('relu', X, X)
    expect(device.stats().operations).toBe(2)
  })

  test('goes back to nothing on close', async () => {
    const device = new ReferenceDevice()
    device.allocate([7])
    await device.close()
    expect(device.stats()).toMatchObject({ bytes: 0, handles: 0 })
  })
})

describe('a memory limit', () => {
  const small = () => new ReferenceDevice({ memoryLimit: 1000 })

  test('is refused before anything is allocated, with the estimate and a remedy', () => {
    const device = small()
    device.allocate([100])
    expect(() => device.allocate([200])).toThrow(
      new RangeError(
        'device: (200,) of float32 needs 0.000800 MB beside the 0.000400 MB in use, and the limit is 0.00100 MB; free what is not needed (passes with pass.free()), use shorter texts or smaller batches, or open the device with a higher memoryLimit',
      ),
    )
    expect(device.stats()).toMatchObject({ bytes: 400, peakBytes: 400, handles: 1 })
  })

  test('may be reached exactly', () => {
    expect(small().allocate([250]).shape).toEqual([250])
  })

  test('leaves the device usable', async () => {
    const device = small()
    expect(() => device.allocate([1e9])).toThrow(RangeError)
    expect([...(await device.read(device.upload(two()))).data]).toEqual([2, 3])
  })

  test('refuses the scratch of attention too', () => {
    const device = new ReferenceDevice({ memoryLimit: 20_000 })
    const layer = new SelfAttention(
      { dModel: 3, dQuery: 2, dKey: 2, dValue: 5 },
      { device, seed: 7 },
    )
    expect(() => layer.forward(Tensor.zeros([67, 3]))).toThrow(
      /^device: the scratch of attention needs/,
    )
  })
})

describe('a rehearsal', () => {
  const work = (device: ReturnType<ReferenceDevice['rehearsal']>): Handle => {
    const layer = new SelfAttention(
      { dModel: 7, dQuery: 3, dKey: 3, dValue: 5, heads: 2, output: 11 },
      { device, seed: 7 },
    )
    const pass = layer.forward(Tensor.zeros([3, 37, 7]), {
      lengths: [37, 11, 0],
      want: { statistics: true },
    })
    pass.backward(Tensor.zeros([3, 37, 11]))
    return pass.context
  }

  test.each(['float32', 'float64'] as const)(
    'takes the same bytes as the work itself, in %s',
    (dtype) => {
      const device = new ReferenceDevice({ dtype })
      const rehearsal = device.rehearsal()
      work(device)
      work(rehearsal)
      expect(rehearsal.stats()).toMatchObject({
        bytes: device.stats().bytes,
        peakBytes: device.stats().peakBytes,
        handles: device.stats().handles,
      })
    },
  )

  test('makes the same checks', () => {
    const rehearsal = new ReferenceDevice().rehearsal()
    expect(() =>
      rehearsal.product(
        rehearsal.allocate([2, 3]),
        rehearsal.allocate([5, 7]),
        rehearsal.allocate([2, 7]),
      ),
    ).toThrow(RangeError)
  })

  test('has no limit', () => {
    const rehearsal = new ReferenceDevice({ memoryLimit: 10 }).rehearsal()
    rehearsal.allocate([1_000_003])
    expect(rehearsal.stats().peakBytes).toBe(4_000_012)
  })

  test('computes nothing that could be read', async () => {
    const rehearsal = new ReferenceDevice().rehearsal()
    await expect(rehearsal.read(work(rehearsal))).rejects.toThrow('a rehearsal computes nothing')
  })

  test('leaves its device as it was', () => {
    const device = new ReferenceDevice()
    work(device.rehearsal())
    expect(device.stats()).toMatchObject({ bytes: 0, handles: 0, operations: 0 })
  })
})

describe('opening', () => {
  test('the reference device on request, in float64', async () => {
    const device = await openDevice({ device: 'reference', dtype: 'float64', memoryLimit: 1009 })
    expect([device.name, device.dtype, device.arithmetic, device.stats().limitBytes]).toEqual([
      'reference',
      'float64',
      'plain',
      1009,
    ])
  })

  test.each([
    [{ threads: 1 }, 'wasm', 'portable', /^one thread$/m],
    [{ arithmetic: 'portable', threads: 1 }, 'wasm', 'portable', /multiply, then add/],
    [
      { dtype: 'float64' },
      'reference',
      'plain',
      /^the wasm device was not taken, for it computes in float32$/m,
    ],
    [
      { arithmetic: 'plain' },
      'reference',
      'plain',
      /^the wasm device was not taken, for its arithmetic is not plain$/m,
    ],
    [
      { memoryLimit: 2 ** 33 },
      'reference',
      'plain',
      /^the wasm device was not taken, for it reaches 4294967296 bytes at most$/m,
    ],
  ] as const)('what %j chooses', async (options, name, arithmetic, why) => {
    const device = await openDevice(options)
    expect(device).toMatchObject({ name, arithmetic })
    expect(device.why.join('\n')).toMatch(why)
    await device.close()
  })

  test('the reference device where there is no WebAssembly, unless an arithmetic of the wasm device is asked for', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    try {
      const device = await openDevice({ threads: 2 })
      expect(device.name).toBe('reference')
      expect(device.why).toContain(
        "the wasm device was not to be had: openDevice: this engine has no WebAssembly; use device: 'reference'",
      )
      await expect(openDevice({ arithmetic: 'fused' })).rejects.toThrow(
        'this engine has no WebAssembly',
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('says in sentences why it is this device', async () => {
    const device = await openDevice({ device: 'reference' })
    expect(device.why.every((sentence) => sentence.length > 10)).toBe(true)
  })

  test.each([
    [{ device: 'gpu' }, /^openDevice: device must be one of auto, reference, wasm, got "gpu"/],
    [{ dtype: 'float16' }, /^openDevice: dtype must be float32 or float64, got "float16"/],
    [{ memoryLimit: 0 }, /^openDevice: memoryLimit must be above 0 bytes, got 0/],
    [
      { device: 'reference', arithmetic: 'fused' },
      /^openDevice: the reference device has the arithmetic plain, got "fused"/,
    ],
  ])('refuses %j', async (options, message) => {
    await expect(openDevice(options as object)).rejects.toThrow(message)
  })
})
