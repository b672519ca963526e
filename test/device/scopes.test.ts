import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test, vi } from 'vitest'
import type { Device, Handle } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import type { Within } from '../../src/device/scopes.ts'
import { Tensor } from '../../src/tensor.ts'

const one = (device: Device): Handle => device.upload(Tensor.from([2, 3]))
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

/** A promise that is settled from outside. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('an async scope frees what it allocated before and after its awaits, but for what it returns', async () => {
  const device = new ReferenceDevice()
  const kept = await device.scope(async () => {
    one(device)
    await pause()
    one(device)
    await device.read(one(device))
    return { deep: [one(device)] }
  })
  expect([device.stats().handles, [...(await device.read(kept.deep[0])).data]]).toEqual([1, [2, 3]])
})

test('an async scope that rejects frees all, and its reason stays', async () => {
  const device = new ReferenceDevice()
  const failing = device.scope(async () => {
    one(device)
    await pause()
    one(device)
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  expect(device.stats().handles).toBe(0)
})

test('two async scopes under way at once free each its own, whichever ends first', async () => {
  const device = new ReferenceDevice()
  const [first, second] = [gate(), gate()]
  const held: Handle[] = []
  const scope = (ends: Promise<void>) =>
    device.scope(async () => {
      held.push(one(device))
      await pause()
      held.push(one(device))
      await ends
      return device.read(held[held.length - 1])
    })
  const scopes = [scope(first.opened), scope(second.opened)]
  await pause()
  await pause()
  expect(device.stats().handles).toBe(4)
  first.open()
  await scopes[0]
  expect(device.stats().handles).toBe(2)
  second.open()
  await scopes[1]
  expect(device.stats().handles).toBe(0)
})

test('what runs beside an async scope, in a scope of its own or in none, is not touched by its end', async () => {
  const device = new ReferenceDevice()
  const end = gate()
  const scope = device.scope(async () => {
    one(device)
    await end.opened
    one(device)
  })
  const beside = one(device)
  const returned = device.scope(() => one(device))
  end.open()
  await scope
  expect(device.stats().handles).toBe(2)
  expect([(await device.read(beside)).size, (await device.read(returned)).size]).toEqual([2, 2])
})

test('scopes nest, also over awaits: the inner one hands what it returns to the outer', async () => {
  const device = new ReferenceDevice()
  const seen: number[] = []
  await device.scope(async () => {
    await pause()
    const inner = await device.scope(async () => {
      one(device)
      await pause()
      device.scope(() => one(device))
      one(device)
      return one(device)
    })
    seen.push(device.stats().handles, inner.shape[0])
  })
  expect([seen, device.stats().handles]).toEqual([[1, 2], 0])
})

test('scopes of two devices nest in one another', async () => {
  const [a, b] = [new ReferenceDevice(), new ReferenceDevice()]
  await a.scope(async () => {
    await b.scope(async () => {
      await pause()
      one(a)
      one(b)
    })
    expect([a.stats().handles, b.stats().handles]).toEqual([1, 0])
  })
  expect(a.stats().handles).toBe(0)
})

test('a scope whose device was closed meanwhile ends in peace', async () => {
  const device = new ReferenceDevice()
  const end = gate()
  const scope = device.scope(async () => {
    one(device)
    await end.opened
    return 7
  })
  await device.close()
  end.open()
  expect(await scope).toBe(7)
})

test('a handle that is freed leaves its scope, which may stay open for long', async () => {
  const device = new ReferenceDevice()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const passing = (): WeakRef<Handle> => {
    const handle = one(device)
    device.free(handle)
    return new WeakRef(handle)
  }
  const left = await device.scope(async () => {
    const passed = passing()
    await pause()
    collect()
    return passed.deref()
  })
  expect(left).toBeUndefined()
})

test('what a scope kept can be freed at once, as often as one likes', () => {
  const device = new ReferenceDevice()
  const held: number[] = []
  device.scope(
    () => ({ deep: [one(device), one(device)], other: device.free(one(device)) }),
    (kept) => {
      held.push(device.stats().handles)
      kept.free()
      kept.free()
    },
  )
  expect([held, device.stats().handles]).toEqual([[2], 0])
})

test('work of a scope that has ended is refused', async () => {
  const device = new ReferenceDevice()
  const late = device.scope((within: Within) => [within])[0]
  expect(() => late(() => one(device))).toThrow(
    'device.scope: it has ended; await all work of a scope before its body ends',
  )
})

/**
 * The reference device in an engine that cannot tell whose work goes on after an await, as
 * browsers.
 */
async function inBrowser(): Promise<Device> {
  vi.resetModules()
  vi.stubGlobal('process', { ...process, getBuiltinModule: undefined })
  const { ReferenceDevice: Other } = await import('../../src/device/reference.ts')
  return new Other()
}

test('where the engine does not tell whose work goes on, a scope does: in its own function', async () => {
  const device = await inBrowser()
  const scope = async (): Promise<number> =>
    device.scope(async (within) => {
      device.allocate([2])
      await pause()
      return within(() => {
        device.allocate([2])
        return device.stats().handles
      })
    })
  const beside = device.allocate([2])
  expect(await Promise.all([scope(), scope()])).toEqual([4, 3])
  expect([device.stats().handles, (await device.read(beside)).size]).toEqual([1, 2])
})

test('and an async body that does not take it is refused, not leaked', async () => {
  const device = await inBrowser()
  expect(() => device.scope(async () => device.allocate([2]))).toThrow(
    'device.scope: the body gave a promise, and what it allocates after an await cannot be told',
  )
  expect(device.stats().handles).toBe(0)
})
