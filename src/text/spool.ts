/** Append-only bytes with random-access reads, synchronous, for learning does not wait for them. */
export interface Spool {
  append(bytes: Uint8Array): void
  /** Fills `into` with the bytes from offset `at` on. */
  read(at: number, into: Uint8Array): void
  /** Releases its storage. */
  close(): void
}

/** A spool in memory, for hosts without a disk. */
export class MemorySpool implements Spool {
  #pieces: { readonly at: number; readonly bytes: Uint8Array }[] = []
  #size = 0

  append(bytes: Uint8Array): void {
    this.#pieces.push({ at: this.#size, bytes: bytes.slice() })
    this.#size += bytes.length
  }

  read(at: number, into: Uint8Array): void {
    const end = at + into.length
    for (const { at: from, bytes } of this.#pieces) {
      if (from >= end || from + bytes.length <= at) continue
      into.set(
        bytes.subarray(Math.max(0, at - from), Math.min(bytes.length, end - from)),
        Math.max(0, from - at),
      )
    }
  }

  close(): void {
    this.#pieces = []
  }
}
