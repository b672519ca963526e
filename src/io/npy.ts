import { type DType, expectTensor, shapeText, type Tensor } from '../tensor.ts'

const MAGIC = '\x93NUMPY\x01\x00'

const DESCRIPTIONS: Readonly<Record<DType, string>> = {
  float32: '<f4',
  float64: '<f8',
  int32: '<i4',
  uint8: '|u1',
}

/**
 * A tensor as a .npy file, format version 1.0: magic, 2 bytes of header length, a Python dictionary
 * padded with blanks so that the numbers begin at a multiple of 64, then the numbers,
 * little-endian, the last axis fastest.
 *
 * @see NumPy Enhancement Proposal 1, "Format Specification: Version 1.0"
 */
export function encodeNpy(tensor: Tensor): Uint8Array {
  expectTensor('encodeNpy', 'tensor', tensor)
  const dictionary = `{'descr': '${DESCRIPTIONS[tensor.dtype]}', 'fortran_order': False, 'shape': ${shapeText(tensor.shape)}, }`
  const start = Math.ceil((MAGIC.length + 2 + dictionary.length + 1) / 64) * 64
  const file = new Uint8Array(start + tensor.data.byteLength).fill(0x20, 0, start)
  const write = (text: string, at: number): void =>
    file.set(
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
      at,
    )
  write(MAGIC, 0)
  new DataView(file.buffer).setUint16(MAGIC.length, start - MAGIC.length - 2, true)
  write(dictionary, MAGIC.length + 2)
  write('\n', start - 1)
  file.set(
    new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
    start,
  )
  return file
}
