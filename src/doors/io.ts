// Files: safetensors, NumPy arrays, whole or in pieces.

export type { Bytes } from '../io/bytes.ts'
export { type Pieces, readPieces, readWhole, writeWhole } from '../io/files.ts'
export { encodeNpy } from '../io/npy.ts'
export { openTensors, type StoredTensor, type TensorReader } from '../io/open-tensors.ts'
export { decodeTensors, encodeTensors, type TensorFile } from '../io/safetensors.ts'
export { openSpool } from '../io/spool.ts'
export type { Spool } from '../text/spool.ts'
