import type { AttentionCall, AttentionResult, Device, Handle, Handles } from '../device/device.ts'
import { shapeText, Tensor } from '../tensor.ts'
import { Held } from './held.ts'
import type { LayerConfig } from './options.ts'
import type { LayerHost } from './parameters.ts'
import { expectFloating } from './rows.ts'
import type { Tape } from './steps/tape.ts'
import { parameterGradients, type SublayerPass } from './sublayer.ts'
import type { Texts } from './texts.ts'

/** The fields of a layer that its passes read. */
export interface LayerParts {
  readonly config: LayerConfig
  readonly host: LayerHost
}

/** Inputs and intermediate results of a forward. */
export interface SavedTensors {
  readonly X: Handle
  /** X as packed rows, with positions added; X itself if it is a table. */
  readonly rows: Handle
  readonly texts: Texts
  /** The source of keys and values, if it was not X. */
  readonly source: Handle | undefined
  readonly keyTexts: Texts
  /** Vectors that replaced some queries. */
  readonly vectors: Handle | undefined
  readonly call: AttentionCall
  readonly tape: Tape
  /** Whether a cache was used: then there is no backward. */
  readonly cached: boolean
}

/** Gradients on the device. */
export interface GradientHandles {
  /** As X. */
  readonly dX: Handle
  /** Shaped as the source of keys and values, if there was one. */
  readonly dSource?: Handle
  /** Shaped as the replacement queries. */
  readonly dQueries?: Handle
  /** By the names of the parameters, with their prefix. */
  readonly dParameters: Handles
}

/** The numbers of a forward. */
export interface ForwardResult {
  /** (…, h·d_v), or (…, output) with an output matrix; axes before the last as in X. */
  readonly context: Tensor
  /** (N, h, T_q, T_k), or (N, h, rows, T_k); 0 beyond a text's end. */
  readonly weights?: Tensor
  /** Each (N, h, T_q): entropy in nats, largest weight, its key (−1 where there is none). */
  readonly statistics?: {
    readonly entropy: Tensor
    readonly maximum: Tensor
    readonly argmax: Tensor
  }
}

/** Gradients as tensors. */
export interface GradientResult {
  readonly dX: Tensor
  readonly dSource?: Tensor
  readonly dQueries?: Tensor
  readonly dParameters: Readonly<Record<string, Tensor>>
}

/**
 * What a forward returns: its context is a handle for the next operation; `read` gives its numbers,
 * `backward` its gradients.
 *
 * It holds memory of the device until it is freed, or its scope ends.
 */
export class Pass extends Held {
  /** Saved tensors, if there is a backward: a scope of the device looks for them here. */
  readonly forBackward: SavedTensors | undefined
  /** Contextual embeddings on the device. */
  readonly context: Handle
  readonly wanted: Omit<AttentionResult, 'context'>
  readonly #layer: LayerParts
  readonly #saved: SavedTensors

  constructor(layer: Pass['layer'], saved: Pass['saved'], context: Handle, wanted: Pass['wanted']) {
    super('Pass')
    this.#layer = layer
    this.#saved = saved
    this.forBackward = saved.cached ? undefined : saved
    this.context = context
    this.wanted = wanted
  }

  get layer(): LayerParts {
    return this.#layer
  }

  get saved(): SavedTensors {
    return this.#saved
  }

  /** Context, and the weights and statistics if wanted. */
  async read(): Promise<ForwardResult> {
    this.expectHeld('read')
    const { config, host } = this.layer
    const { device } = host
    const { texts, keyTexts } = this.saved
    const { weights, statistics } = this.wanted
    const rows = weights?.rows?.length ?? texts.longest
    const keys = keyTexts.longest
    const ofText = async (handle: Handle, beyond: number) =>
      byText(await device.read(handle), texts, config.heads, beyond)
    return {
      context: await device.read(this.context),
      ...(weights ? { weights: grown(await device.read(weights.into), rows, keys) } : {}),
      ...(statistics
        ? {
            statistics: {
              entropy: await ofText(statistics.entropy, 0),
              maximum: await ofText(statistics.maximum, 0),
              argmax: await ofText(statistics.argmax, -1),
            },
          }
        : {}),
    }
  }

  /**
   * Exact gradients with respect to X and every parameter, given ∂L/∂C; enqueued. They are freed
   * with this pass.
   *
   * @param dContext as the context
   */
  backward(dContext: Tensor | Handle): BackwardPass {
    const { host } = this.layer
    const { device } = host
    const { X, source, vectors, tape } = this.saved
    this.expectHeld('backward')
    if (!this.forBackward)
      throw new Error(
        'Pass.backward: a forward with a cache saves nothing for a backward; forward the whole text without one',
      )
    checkGradient('Pass.backward', dContext, this.context)
    return this.adopt(device, () => {
      const dC = dContext instanceof Tensor ? device.upload(dContext) : dContext
      const gradients = tape.backward(this.context, dC)
      return new BackwardPass(device, {
        dX: gradients.of(X),
        dParameters: parameterGradients(host, gradients),
        ...(source ? { dSource: gradients.of(source) } : {}),
        ...(vectors ? { dQueries: gradients.of(vectors) } : {}),
      })
    })
  }
}

/** A forward that is a list of steps from X to a context; its backward runs them in reverse. */
export class StepsPass extends Held implements SublayerPass {
  readonly X: Handle
  readonly tape: Tape
  readonly context: Handle
  readonly #host: LayerHost

  constructor(host: LayerHost, X: Handle, tape: Tape, context: Handle) {
    super('StepsPass')
    this.#host = host
    this.X = X
    this.tape = tape
    this.context = context
  }

  /** The context's numbers. */
  async read(): Promise<Tensor> {
    this.expectHeld('read')
    return this.#host.device.read(this.context)
  }

  /**
   * Gradients with respect to X and every parameter, by its full name, given ∂L/∂C; enqueued. They
   * are freed with this pass.
   */
  backward(dContext: Tensor | Handle): BackwardPass {
    const { tape, X, context } = this
    const host = this.#host
    this.expectHeld('backward')
    checkGradient('StepsPass.backward', dContext, context)
    return this.adopt(host.device, () => {
      const dC = dContext instanceof Tensor ? host.device.upload(dContext) : dContext
      const gradients = tape.backward(context, dC)
      const dParameters = parameterGradients(host, gradients)
      return new BackwardPass(host.device, { dX: gradients.of(X), dParameters })
    })
  }
}

/** @throws {TypeError} for wrong types, {RangeError} unless it has the context's shape */
export function checkGradient(where: string, dContext: Tensor | Handle, context: Handle): void {
  expectFloating(`${where}: dContext`, dContext)
  if (shapeText(dContext.shape) !== shapeText(context.shape)) {
    throw new RangeError(
      `${where}: dContext must have the context's shape ${shapeText(context.shape)}, got ${shapeText(dContext.shape)}`,
    )
  }
}

/** What a backward returns: freed by itself, or with its pass. */
export class BackwardPass extends Held implements GradientHandles {
  readonly dX: Handle
  readonly dSource?: Handle
  readonly dQueries?: Handle
  readonly dParameters: Handles
  readonly #device: Device

  constructor(device: Device, gradients: GradientHandles) {
    super('BackwardPass')
    this.#device = device
    this.dX = gradients.dX
    this.dParameters = gradients.dParameters
    if (gradients.dSource) this.dSource = gradients.dSource
    if (gradients.dQueries) this.dQueries = gradients.dQueries
  }

  get device(): Device {
    return this.#device
  }

  /** The numbers of every gradient. */
  async read(): Promise<GradientResult> {
    this.expectHeld('read')
    const { device, dX, dSource, dQueries, dParameters } = this
    const named: Record<string, Tensor> = {}
    for (const [name, handle] of Object.entries(dParameters))
      named[name] = await device.read(handle)
    return {
      dX: await device.read(dX),
      ...(dSource ? { dSource: await device.read(dSource) } : {}),
      ...(dQueries ? { dQueries: await device.read(dQueries) } : {}),
      dParameters: named,
    }
  }
}

/** (rows, h) of packed rows as (N, h, T), `beyond` where a text has ended. */
function byText(
  packed: Tensor,
  { starts, longest: T }: Texts,
  heads: number,
  beyond: number,
): Tensor {
  const N = starts.length - 1
  const tensor = Tensor.zeros([N, heads, T], packed.dtype)
  tensor.data.fill(beyond)
  for (let n = 0; n < N; n++) {
    for (let r = starts[n]; r < starts[n + 1]; r++) {
      for (let h = 0; h < heads; h++)
        tensor.data[(n * heads + h) * T + r - starts[n]] = packed.data[r * heads + h]
    }
  }
  return tensor
}

/** (N, h, r, c) with zeros up to (N, h, rows, columns). */
function grown(weights: Tensor, rows: number, columns: number): Tensor {
  const [N, heads, r, c] = weights.shape
  if (r === rows && c === columns) return weights
  const tensor = Tensor.zeros([N, heads, rows, columns], weights.dtype)
  for (let plane = 0; plane < N * heads; plane++) {
    for (let i = 0; i < r; i++) {
      const from = (plane * r + i) * c
      tensor.data.set(weights.data.subarray(from, from + c), (plane * rows + i) * columns)
    }
  }
  return tensor
}
