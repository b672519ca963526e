import type { Handle, Handles } from '../device/device.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import type { Initializer } from '../random.ts'
import type { ForwardOptions } from './forward-options.ts'
import type { SelfAttentionOptions } from './options.ts'
import type { LayerContext } from './parameters.ts'
import { Pass } from './pass.ts'
import { SelfAttention } from './self-attention.ts'
import {
  FeedForward,
  type FeedForwardOptions,
  type Normalization,
  type Sublayer,
  type SublayerPass,
  Surrounded,
  SurroundedPass,
} from './sublayer.ts'

/** One layer of a stack; its dModel follows from what stands before it. */
export type StackLayer = Omit<SelfAttentionOptions<number, number, Alignment>, 'dModel'>

/** What a stack of layers is. */
export interface StackOptions {
  /** D, the width of the rows that it takes. */
  readonly dModel: number
  /** One or more layers; positions that act on embeddings belong to the first. */
  readonly layers: readonly StackLayer[]
  /** Y = X + F(X); false unless told. */
  readonly residual?: boolean
  /** Layer normalisation before or after each layer; none unless told. */
  readonly normalization?: Normalization
  /** After each layer f(XW_1 + b_1)W_2 + b_2; none unless told. */
  readonly feedForward?: FeedForwardOptions
  /** How the feed-forward layers begin; xavierUniform unless told. */
  readonly initializer?: Initializer
}

/** Rows to contextual rows, by one or more self-attention layers. */
export class Stack {
  readonly setting: LayerContext
  /** For each layer n, `layers.n.W_Q` and the rest of its names. */
  readonly parameters: Handles
  /** Width of the contextual embeddings. */
  readonly width: number
  readonly stages: readonly { readonly prefix: string; readonly attends: boolean; readonly sublayer: Sublayer }[]

  /** @throws {RangeError} for sizes that do not fit, {TypeError} for kinds */
  constructor(options: StackOptions, context: LayerContext) {
    if (!Array.isArray(options.layers) || options.layers.length === 0) {
      throw new RangeError('Encoder: layers must hold one or more layers, such as [{ dQuery: 8, dKey: 8, dValue: 16 }]')
    }
    if (options.normalization !== undefined && !['before', 'after'].includes(options.normalization)) {
      throw new RangeError(`Encoder: normalization must be 'before' or 'after', got ${JSON.stringify(options.normalization)}`)
    }
    this.setting = context
    this.stages = stagesOf(options, context)
    this.width = this.stages[this.stages.length - 1].sublayer.width
    this.parameters = prefixed(this.stages.map(({ prefix, sublayer }) => [prefix, sublayer.parameters]))
  }

  /** Contextual rows of X; enqueued. */
  forward(X: Handle, options: ForwardOptions): StackPass {
    return this.setting.device.scope(() => {
      const { places, queryRows, ...each } = options
      const last = this.stages.findLastIndex(({ attends }) => attends)
      const passes: SublayerPass[] = []
      this.stages.forEach(({ sublayer }, n) => {
        // a table is what the first stage takes, and after the last attention there are only the chosen query rows
        const own = { ...each, ...(n === 0 && places ? { places } : {}), ...(n === last && queryRows ? { queryRows } : {}) }
        passes.push(sublayer.forward(passes.at(-1)?.context ?? X, own))
      })
      return new StackPass(this, passes)
    })
  }
}

/** A stack's forward under way. */
export class StackPass {
  readonly stack: Stack
  readonly passes: readonly SublayerPass[]
  /** Contextual rows on the device. */
  readonly context: Handle

  constructor(stack: Stack, passes: readonly SublayerPass[]) {
    this.stack = stack
    this.passes = passes
    this.context = passes[passes.length - 1].context
  }

  /** The pass of each self-attention layer, in their order: what was wanted of them is read there. */
  get layers(): readonly Pass[] {
    return this.passes.flatMap((pass) => (pass instanceof SurroundedPass && pass.inner instanceof Pass ? [pass.inner] : []))
  }

  /** Gradients with respect to X and every parameter. */
  backward(dContext: Handle): { readonly dX: Handle; readonly dParameters: Handles } {
    const { setting, stages } = this.stack
    return setting.device.scope(() => {
      let dX = dContext
      const named: [string, Handles][] = []
      for (let n = this.passes.length - 1; n >= 0; n--) {
        const back = this.passes[n].backward(dX)
        named.unshift([stages[n].prefix, back.dParameters])
        dX = back.dX
      }
      return { dX, dParameters: prefixed(named) }
    })
  }
}

/** Names with the prefixes of their parts. */
const prefixed = (parts: readonly (readonly [string, Handles])[]): Record<string, Handle> =>
  Object.fromEntries(parts.flatMap(([prefix, handles]) => Object.entries(handles).map(([name, handle]) => [prefix + name, handle])))

function stagesOf({ dModel, layers, residual = false, normalization, feedForward, initializer }: StackOptions, context: LayerContext) {
  const surroundings = { residual, normalization }
  let width = dModel
  return layers.flatMap((layer, n) => {
    const around = (prefix: string, before: number, build: (own: LayerContext) => Sublayer) => {
      const own = { ...context, prefix: `${context.prefix ?? ''}${prefix}` }
      const inner = build(own)
      return { prefix, attends: inner instanceof SelfAttention, sublayer: new Surrounded(inner, before, surroundings, own) }
    }
    if (n > 0 && layer.position?.on === 'embeddings') {
      throw new RangeError(
        `Encoder: ${layer.position.name} positions act on embeddings and belong to the first layer, got them in layer ${n}`,
      )
    }
    const attention = around(`layers.${n}.`, width, (own) => new SelfAttention<number, number, Alignment>({ ...layer, dModel: width }, own))
    width = attention.sublayer.width
    if (!feedForward) return [attention]
    return [attention, around(`layers.${n}.feedForward.`, width, (own) => new FeedForward(width, feedForward, own, initializer))]
  })
}
