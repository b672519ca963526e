import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openDevice as openByImport } from '../../src/device/open.ts'
import { openDevice } from '../../src/device/static.ts'
import { openEngine } from '../../src/device/wasm/engine.ts'
import { moduleBytes } from '../../src/device/wasm/modules.ts'
import { kernelFingerprints } from '../browser/kernel-fingerprints.ts'

// fused arithmetic, which newer engines have by themselves
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../dist/wasm/${name}.wasm`, import.meta.url)))
const moduleOf = (name: string): WebAssembly.Module => new WebAssembly.Module(bytesOf(name))

const FILES = [
  { name: 'portable', arithmetic: 'portable', shared: true },
  { name: 'portable-unshared', arithmetic: 'portable', shared: false },
  { name: 'fused', arithmetic: 'fused', shared: true },
  { name: 'fused-unshared', arithmetic: 'fused', shared: false },
] as const

describe.each(FILES)('regard/wasm/$name.wasm', ({ name, arithmetic, shared }) => {
  test('holds the very kernels that the device compiles by itself', async () => {
    const own = await moduleBytes(arithmetic, shared)
    expect(Buffer.compare(bytesOf(name).subarray(0, own.length), own)).toBe(0)
  })

  test('opens a device of its arithmetic, with helpers where its memory is shared', async () => {
    const device = await openDevice({ kernels: moduleOf(name), threads: 2 })
    expect(device).toMatchObject({ name: 'wasm', arithmetic, threads: shared ? 2 : 1 })
    expect(device.why.join('\n').includes('give regard/wasm/')).toBe(!shared)
    await device.close()
  })
})

test('given kernels, compiled ones, static and lazy code give the same bits', async () => {
  const devices = [
    await openByImport({ device: 'wasm', threads: 1 }),
    await openDevice({ device: 'wasm', threads: 1 }),
    await openDevice({ kernels: moduleOf('portable-unshared') }),
    await openByImport({ kernels: moduleOf('portable'), threads: 1 }),
  ]
  const [first, ...others] = await Promise.all(devices.map(kernelFingerprints))
  for (const found of others) expect(found).toEqual(first)
  await Promise.all(devices.map((device) => device.close()))
})

describe('kernels that cannot be are refused, with what to give', () => {
  const another = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  /** A file of another version: its hash ends in another digit. */
  const stale = (): WebAssembly.Module => {
    const bytes = bytesOf('portable')
    bytes[bytes.length - 1] ^= 1
    return new WebAssembly.Module(bytes)
  }

  test.each([
    [
      'bytes',
      () => ({ kernels: bytesOf('portable') }),
      'kernels must be a WebAssembly.Module of a file regard/wasm/*.wasm, got',
    ],
    [
      'nothing',
      () => ({ kernels: null as never }),
      'kernels must be a WebAssembly.Module of a file regard/wasm/*.wasm, got null',
    ],
    [
      'a module of something else',
      () => ({ kernels: another }),
      'this module is not; take the file anew',
    ],
    [
      'kernels of another version',
      () => ({ kernels: stale() }),
      'this module is not; take the file anew',
    ],
    [
      'kernels of another arithmetic',
      () => ({ kernels: moduleOf('fused'), arithmetic: 'portable' as const }),
      'the kernels given are fused, and the arithmetic is portable; leave arithmetic out, or give others',
    ],
  ])('%s', async (_name, options, message) => {
    await expect(openDevice(options())).rejects.toThrow(message)
  })

  test('the reference device says that it has no use for them', async () => {
    const device = await openDevice({ device: 'reference', kernels: moduleOf('portable') })
    expect(device.why).toContain('kernels have no effect: the reference device has none')
  })
})

describe('where a host', () => {
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  test.each([
    [
      'has a content security policy',
      'Refused to compile WebAssembly: … Content Security Policy directive',
      "allow script-src 'wasm-unsafe-eval'",
    ],
    [
      'compiles nothing at run time',
      'Wasm code generation disallowed by embedder',
      '{ kernels }, from regard/wasm/portable-unshared.wasm',
    ],
  ])('%s, why tells the cause and the way out', async (_what, cause, remedy) => {
    vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError(cause))
    const { name, why } = await openDevice()
    expect(name).toBe('reference')
    expect(why.join('\n')).toContain(cause)
    expect(why.join('\n')).toContain(remedy)
  })

  test.each(['portable', 'portable-unshared'])(
    'has no workers, why says so, with the kernels %s',
    async (name) => {
      vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
      vi.stubGlobal('Worker', undefined)
      const { threads, why } = await openDevice({ kernels: moduleOf(name), threads: 2 })
      expect(threads).toBe(1)
      expect(why).toHaveLength(4)
      expect(why).toContain(
        'no other thread can be started here: there are no workers, as in a service worker',
      )
    },
  )

  test('stops the clock while it computes, a device opens nevertheless', async () => {
    vi.resetModules()
    const { calibrateTile } = await import('../../src/device/wasm/calibrate.ts')
    const engine = await openEngine('portable', 1, 2 ** 24)
    vi.spyOn(performance, 'now').mockReturnValue(1)
    expect(calibrateTile(engine, 'portable')).toBe(4)
    await engine.close()
  })
})
