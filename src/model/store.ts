import type { Device, Handles } from '../device/device.ts'
import { fromFloat16, halvesOf } from '../io/float16.ts'
import type { TensorFile } from '../io/safetensors.ts'
import { Tensor } from '../tensor.ts'

/** Types of numbers that a model's file may hold; in memory they are float32. */
export const STORES = ['float32', 'float16'] as const
export type Store = (typeof STORES)[number]

/**
 * Number type of a file's tensors.
 *
 * @throws {RangeError} if they differ
 */
export function storeOf({ tensors, float16 }: TensorFile): Store {
  if (!float16) return 'float32'
  const other = Object.keys(tensors).find((name) => !float16.has(name))
  if (other !== undefined)
    throw new RangeError(
      `the tensor ${other} is of ${tensors[other].dtype}, where others are of float16`,
    )
  return 'float16'
}

/**
 * Rounds parameters to the file's number type, so that the model in memory equals the one read
 * back.
 */
export async function roundTo(store: Store, parameters: Handles, device: Device): Promise<void> {
  if (store === 'float32') return
  for (const [name, handle] of Object.entries(parameters)) {
    const { shape, data } = await device.read(handle)
    device.write(
      handle,
      new Tensor(shape, Float32Array.from(halvesOf(data, `learn: ${name}`), fromFloat16)),
    )
  }
}

/** Whether a parameter is needed only for questions: a file without learned questions lacks it. */
export const isAsking = (name: string): boolean => name.startsWith('question.')
