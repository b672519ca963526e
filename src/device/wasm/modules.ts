import { valueText } from '../../kinds.ts'
import { base64, kernels, PART } from './kernels.generated.ts'

/** The two arithmetics that kernels are compiled for. */
export type KernelArithmetic = keyof typeof kernels

/** Kernels compiled by the host, from a file of this package. */
export interface GivenKernels {
  readonly module: WebAssembly.Module
  readonly arithmetic: KernelArithmetic
  /** Whether they are for a memory that threads share. */
  readonly shared: boolean
}

/**
 * What a compiled module says of itself, in a section that the build writes into the files
 * `regard/wasm/*.wasm`.
 *
 * @param wanted the arithmetic that was asked for, if any
 * @throws {TypeError} for anything but a module, {RangeError} for other kernels, another version or
 *   another arithmetic
 */
export function givenKernels(module: object, wanted?: KernelArithmetic): GivenKernels {
  if (Object.prototype.toString.call(module) !== '[object WebAssembly.Module]')
    throw new TypeError(
      `openDevice: kernels must be a WebAssembly.Module of a file regard/wasm/*.wasm, got ${valueText(module)}`,
    )
  const [section = new ArrayBuffer(0)] = WebAssembly.Module.customSections(module, 'regard')
  const [arithmetic, memory, hash] = new TextDecoder().decode(section).split(' ') as [
    KernelArithmetic,
    string,
    string,
  ]
  if (!Object.hasOwn(kernels, arithmetic) || kernels[arithmetic].hash !== hash)
    throw new RangeError(
      'openDevice: kernels must be of a file regard/wasm/*.wasm of this very version of regard, and this module is not; take the file anew',
    )
  if (wanted !== undefined && wanted !== arithmetic)
    throw new RangeError(
      `openDevice: the kernels given are ${arithmetic}, and the arithmetic is ${wanted}; leave arithmetic out, or give others`,
    )
  return { module, arithmetic, shared: memory === 'shared' }
}

/** The kernels' module as bytes, for a memory that is shared or not. */
export async function moduleBytes(
  arithmetic: KernelArithmetic,
  shared: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = atob(base64)
  const deflated = new Uint8Array(text.length)
  for (let n = 0; n < text.length; n++) deflated[n] = text.charCodeAt(n)
  const bytes = partsOf(arithmetic, await inflate(deflated))
  // bit 1 of the limits of memory says shared; all else is the same
  if (!shared) bytes[kernels[arithmetic].sharedFlag] = 1
  return bytes
}

/** One module, of which parts lie in turn with those of the other. */
function partsOf(wanted: KernelArithmetic, inTurn: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(kernels[wanted].length)
  for (let from = 0, at = 0; at < inTurn.length; from += PART) {
    for (const [arithmetic, { length }] of Object.entries(kernels)) {
      const part = Math.max(0, Math.min(PART, length - from))
      if (arithmetic === wanted && part > 0) bytes.set(inTurn.subarray(at, at + part), from)
      at += part
    }
  }
  return bytes
}

async function inflate(deflated: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // Node's streams take longer to load than all else here
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib')
  if (zlib) return zlib.inflateRawSync(deflated)
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
