import type { Handle, Handles } from '../device/device.ts'
import {
  ARRAY,
  BOOLEAN,
  COUNT,
  checkOptions,
  expectNumber,
  having,
  NOT_NEGATIVE,
  OBJECT,
  oneOf,
  valueText,
} from '../kinds.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import { none } from '../mechanism/position.ts'
import type { Initializer } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { FeedForward, type FeedForwardOptions } from './feed-forward.ts'
import { checkForwardOptions, type ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { jsonOf, type LayerJSON } from './json.ts'
import { Layer } from './layer.ts'
import { Norm, type Normalization, ResidualNorm, ResidualNormPass } from './norm.ts'
import type { SelfAttentionOptions } from './options.ts'
import { hostOf, type LayerHost } from './parameters.ts'
import { BackwardPass, checkGradient, Pass } from './pass.ts'
import { Positions } from './positions.ts'
import { SelfAttention } from './self-attention.ts'
import type { Sublayer, SublayerPass } from './sublayer.ts'
import { packRows, type Texts, textsOf, unpackRows } from './texts.ts'

/** One layer of a stack; its dModel is the width of the layer before. */
export type StackLayer = Omit<SelfAttentionOptions<number, number, Alignment>, 'dModel'>

/** Options of a stack of layers. */
export interface StackOptions {
  /** D, the width of the input. */
  readonly dModel: number
  /**
   * One or more layers; positions that act on embeddings belong to the first, and are added to X,
   * not to a source.
   */
  readonly layers: readonly StackLayer[]
  /**
   * Where these are added: `before` all layers, Y = X + P + F(X + P) with a residual connection, or
   * `within` the first, Y = X + F(X + P), as model files of format 1 have it; default `before`.
   */
  readonly positions?: 'before' | 'within'
  /** Y = X + F(X); default false. */
  readonly residual?: boolean
  /** Layer normalisation before or after each layer; default neither. */
  readonly normalization?: Normalization
  /** Layer normalisation of what the last layer gives; default false. */
  readonly finalNorm?: boolean
  /** ε of layer normalisation, ≥ 0; default 10⁻⁵. */
  readonly epsilon?: number
  /** After each layer f(XW_1 + b_1)W_2 + b_2; default none. */
  readonly feedForward?: FeedForwardOptions
  /** How the feed-forward layers begin; default xavierUniform. */
  readonly initializer?: Initializer
}

/** A check for each option of a stack. */
export const STACK_OPTIONS = {
  dModel: COUNT,
  layers: ARRAY,
  positions: oneOf('before', 'within'),
  residual: BOOLEAN,
  normalization: oneOf('before', 'after'),
  finalNorm: BOOLEAN,
  epsilon: NOT_NEGATIVE,
  feedForward: OBJECT,
  initializer: having(['draw'], 'xavierUniform'),
}

/** Rows to contextual rows, by one or more self-attention layers. */
export class Stack extends Layer {
  readonly options: StackOptions
  /** For each layer n, `layers.n.W_Q` and the rest of its names; after its prefix. */
  readonly parameters: Handles
  /** Width of the contextual embeddings. */
  readonly width: number
  readonly stages: readonly { readonly attends: boolean; readonly sublayer: Sublayer }[]

  /**
   * @param owner its name in errors
   * @throws {RangeError} for sizes that do not fit, {TypeError} for wrong kinds
   */
  constructor(options: StackOptions, host: LayerHost, owner = 'Stack') {
    checkOptions(
      owner,
      options,
      STACK_OPTIONS,
      '{ dModel: 16, layers: [{ dQuery: 8, dKey: 8, dValue: 16 }] }',
    )
    expectNumber('Encoder', 'dModel', options.dModel, COUNT)
    if (!Array.isArray(options.layers) || options.layers.length === 0) {
      throw new RangeError(
        `${owner}: layers must hold one or more layers, such as [{ dQuery: 8, dKey: 8, dValue: 16 }]`,
      )
    }
    for (const [n, layer] of options.layers.entries()) OBJECT(owner, `layers[${n}]`, layer)
    super('Stack', host)
    this.options = options
    this.stages = this.build(() => stagesOf(owner, options, host))
    for (const { sublayer } of this.stages) this.attach(sublayer)
    this.width = this.stages[this.stages.length - 1].sublayer.width
    this.parameters = Object.assign({}, ...this.stages.map(({ sublayer }) => sublayer.parameters))
  }

  /** Its options, with names in place of values: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    return jsonOf(this.options)
  }

  /**
   * Contextual rows of X; enqueued.
   *
   * With `lengths` the layers read packed rows, so that rows beyond a text enter no sum: their
   * contexts and gradients are 0.
   */
  forward(X: Tensor | Handle, options: ForwardOptions): StackPass {
    const { device } = this.host
    this.expectHeld('forward')
    checkForwardOptions(options, 'Stack.forward')
    if (options.cache)
      throw new RangeError(
        'Stack.forward: a cache belongs to one layer; use SelfAttention, with a cache for each',
      )
    const read = () => {
      const batch = X instanceof Tensor ? device.upload(X) : X
      const texts = options.lengths && textsOf('Stack.forward', X.shape, options, device)
      const { indices, queryRows, ...each } = texts ? packedOptions(options, texts) : options
      const last = this.stages.findLastIndex(({ attends }) => attends)
      const passes: SublayerPass[] = []
      let rows = texts ? packRows(device, texts, batch) : batch
      this.stages.forEach(({ sublayer }, n) => {
        // only the first stage reads a table, and after the last attention there are only the chosen query rows
        const own = {
          ...each,
          ...(n === 0 && indices ? { indices } : {}),
          ...(n === last && queryRows ? { queryRows } : {}),
        }
        passes.push(sublayer.forward(rows, own))
        rows = passes[n].context
      })
      return new StackPass(this, passes, texts, texts ? unpackRows(device, texts, rows) : rows)
    }
    return Held.made(device, read, ({ passes }) => passes)
  }
}

/** Options of a padded batch for its packed rows. */
function packedOptions(
  { lengths: _, queries, ...rest }: ForwardOptions,
  { starts, padding }: Texts,
): ForwardOptions {
  const at = (row: number): number => padding?.rows[row] ?? row
  return {
    ...rest,
    starts,
    ...(queries ? { queries: { ...queries, at: Array.from(queries.at, at) } } : {}),
  }
}

/** The pass of a stack's forward; it holds memory of the device until it is freed. */
export class StackPass extends Held {
  /** Contextual rows on the device. */
  readonly context: Handle
  /** The texts of X, if it came with lengths. */
  readonly texts: Texts | undefined
  readonly passes: readonly SublayerPass[]
  readonly #stack: Stack

  constructor(
    stack: Stack,
    passes: readonly SublayerPass[],
    texts: Texts | undefined,
    context: Handle,
  ) {
    super('StackPass')
    this.#stack = stack
    this.passes = passes
    this.texts = texts
    this.context = context
  }

  get stack(): Stack {
    return this.#stack
  }

  /**
   * The pass of each self-attention layer, in order, with its weights and statistics if wanted; of
   * packed rows if there were lengths.
   */
  get layers(): readonly Pass[] {
    return this.passes.flatMap((pass) =>
      pass instanceof ResidualNormPass && pass.inner instanceof Pass ? [pass.inner] : [],
    )
  }

  /** Gradients with respect to X and every parameter. They are freed with this pass. */
  backward(dContext: Tensor | Handle): BackwardPass {
    const { device } = this.stack.host
    this.expectHeld('backward')
    checkGradient('StackPass.backward', dContext, this.context)
    return this.adopt(device, () => {
      const dC = dContext instanceof Tensor ? device.upload(dContext) : dContext
      let dX = this.texts ? packRows(device, this.texts, dC) : dC
      const named: Handles[] = []
      for (const pass of this.passes.toReversed()) {
        const back = pass.backward(dX)
        named.unshift(back.dParameters)
        dX = back.dX
      }
      const dParameters: Handles = Object.assign({}, ...named)
      return new BackwardPass(device, {
        dX: this.texts ? unpackRows(device, this.texts, dX) : dX,
        dParameters,
      })
    })
  }
}

function stagesOf(
  owner: string,
  options: StackOptions,
  host: LayerHost,
): { readonly attends: boolean; readonly sublayer: Sublayer }[] {
  const { dModel, layers, residual = false, normalization, epsilon = 1e-5 } = options
  const { feedForward, initializer } = options
  const norm = { residual, normalization, epsilon }
  const [first] = layers
  const before =
    options.positions !== 'within' && first.position?.on === 'embeddings'
      ? new Positions(first.position, dModel, hostOf(host, 'layers.0.'), first.initializer)
      : undefined
  let width = dModel
  const stages = layers.flatMap(({ position = none, ...layer }, n) => {
    const around = (part: string, before: number, build: (own: LayerHost) => Sublayer) => {
      const own = hostOf(host, part)
      const inner = build(own)
      if (residual && inner.width !== before)
        throw new RangeError(
          `${owner}: a residual connection needs layers as wide as dModel, got ${inner.width} and dModel ${before}; give the layer output: ${before}, or heads · dValue = ${before}`,
        )
      return {
        attends: inner instanceof SelfAttention,
        sublayer: new ResidualNorm(inner, before, norm, own),
      }
    }
    if (n > 0 && position?.on === 'embeddings') {
      throw new RangeError(
        `${owner}: ${position.name} positions act on embeddings and belong to the first layer, got them in layer ${n}`,
      )
    }
    const { dModel: own = width } = layer as { readonly dModel?: number }
    if (own !== width)
      throw new RangeError(
        `Encoder: dModel of layer ${n} follows from what stands before it and is ${width}, got ${valueText(own)}; leave it out`,
      )
    const attention = around(
      `layers.${n}.`,
      width,
      (own) =>
        new SelfAttention<number, number, Alignment>(
          { ...layer, position: n === 0 && before ? none : position, dModel: width },
          own,
        ),
    )
    width = attention.sublayer.width
    if (!feedForward) return [attention]
    return [
      attention,
      around(
        `layers.${n}.feedForward.`,
        width,
        (own) => new FeedForward(width, feedForward, own, initializer),
      ),
    ]
  })
  const plain = (sublayer: Sublayer) => ({ attends: false, sublayer })
  const last = options.finalNorm
    ? [new Norm({ dModel: width, epsilon }, hostOf(host, 'finalNorm.'))]
    : []
  return [...(before ? [before] : []).map(plain), ...stages, ...last.map(plain)]
}
