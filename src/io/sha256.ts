/** Bytes of a block. */
const BLOCK = 64

/**
 * The first 32 bits of the fractional parts of the roots of the first primes: square roots of 8,
 * cube roots of 64.
 */
const [INITIAL, ROUND] = constants()

function constants(): [Int32Array, Int32Array] {
  const primes: number[] = []
  for (let n = 2; primes.length < BLOCK; n++)
    if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  const bits = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0
  return [
    Int32Array.from(primes.slice(0, 8), (prime) => bits(Math.sqrt(prime))),
    Int32Array.from(primes, (prime) => bits(cubeRoot(prime))),
  ]
}

/** ∛x by Newton's method, the same in every engine. */
function cubeRoot(x: number): number {
  let root = x
  for (let n = 0; n < 60; n++) root = (2 * root + x / (root * root)) / 3
  return root
}

const turned = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** Incremental SHA-256, without a platform library. @see FIPS 180-4, §6.2 */
export class Sha256 {
  readonly #state = INITIAL.slice()
  readonly #block = new Uint8Array(BLOCK)
  readonly #view = new DataView(this.#block.buffer)
  readonly #schedule = new Int32Array(BLOCK)
  #length = 0

  update(bytes: Uint8Array): this {
    for (let from = 0; from < bytes.length; ) {
      const at = this.#length % BLOCK
      const count = Math.min(BLOCK - at, bytes.length - from)
      this.#block.set(bytes.subarray(from, from + count), at)
      this.#length += count
      from += count
      if (at + count === BLOCK) this.#compress()
    }
    return this
  }

  /** The hash in hexadecimal digits; call it last. */
  digest(): string {
    const bits = this.#length * 8
    const padding = new Uint8Array(((2 * BLOCK - 9 - (this.#length % BLOCK)) % BLOCK) + 9)
    padding[0] = 0x80
    const view = new DataView(padding.buffer)
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32))
    view.setUint32(padding.length - 4, bits >>> 0)
    this.update(padding)
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #compress(): void {
    const W = this.#schedule
    for (let t = 0; t < 16; t++) W[t] = this.#view.getInt32(4 * t)
    for (let t = 16; t < BLOCK; t++) {
      const [x, y] = [W[t - 15], W[t - 2]]
      const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)
      const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10)
      W[t] = W[t - 16] + s0 + W[t - 7] + s1
    }
    const state = this.#state
    let a = state[0]
    let b = state[1]
    let c = state[2]
    let d = state[3]
    let e = state[4]
    let f = state[5]
    let g = state[6]
    let h = state[7]
    for (let t = 0; t < BLOCK; t++) {
      const S1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
      const t1 = (h + S1 + ((e & f) ^ (~e & g)) + ROUND[t] + W[t]) | 0
      const S0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
      const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h
  }
}
