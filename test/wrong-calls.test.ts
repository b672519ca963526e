import { describe, expect, test } from 'vitest'
import * as regard from '../src/doors/internal.ts'

/** The public surface without its types: these are the calls of someone who has no compiler. */
// biome-ignore lint/suspicious/noExplicitAny: wrong kinds are the point
const untyped: any = regard
const {
  additive,
  attend,
  claimNamed,
  claims,
  cosine,
  dot,
  Encoder,
  entmax,
  general,
  judge,
  masks,
  openDevice,
} = untyped
const { positions, Random, SelfAttention, sigmoid, softmax, Tensor, topK } = untyped

const sizes = { dModel: 5, dQuery: 3, dKey: 3, dValue: 2 }
const device = await openDevice({ device: 'reference' })
const other = await openDevice({ device: 'reference' })
const closed = await openDevice({ device: 'reference' })
const small = await openDevice({ device: 'reference', memoryLimit: 2000 })
const context = { device, seed: 7 }

const X = (...shape: number[]) => new Random(3, 'X').normals(shape)
const places = (...numbers: number[]) =>
  device.upload(new Tensor([numbers.length], Int32Array.from(numbers)))
const on = (...shape: number[]) => device.allocate(shape)
const layerOf = (options: object, where: unknown = context) =>
  new SelfAttention({ ...sizes, ...options }, where)
const layer = layerOf({})
const orphan = layerOf({}, { device: closed, seed: 7 })
const crowded = layerOf({}, { device: small, seed: 7 })
const positioned = layerOf({ position: positions.learned(2) })
const encoderOf = (options: object, where: unknown = context) =>
  new Encoder({ vocabulary: 7, dModel: 5, layers: [sizes], ...options }, where)
const encoder = encoderOf({})
const forward = (options: unknown) => layer.forward(X(2, 3, 5), options)
/** What stands behind the first two operands, with a 1 where a boolean belongs. */
const accumulating = (name: string) => [
  ...(name === 'copyRows' ? [] : [on(2, 2)]),
  { accumulate: 1 },
]
const freed = on(2, 5)
device.free(freed)
await closed.close()

const { RangeError: R, TypeError: T, Error: E } = globalThis
const STRANGER =
  'device: needs a handle of this device; upload the tensor first, or read it from the device that it belongs to'
const NESTED = 'use Tensor.from for nested arrays'
const UNEQUAL =
  'needs dQuery = dKey, got dQuery 3 and dKey 5; make them equal, or use an alignment that allows it, such as general() or additive({ hidden })'
const SEED = 'Random: seed must be an integer from 0 to 2^53 - 1, got'

/** What is wrong, the call, the class of its error and the whole message. */
type Wrong = [what: string, call: () => unknown, kind: ErrorConstructor, message: string]

const tensors: Wrong[] = [
  [
    'numbers that do not fill the shape',
    () => new Tensor([2, 3], new Float32Array(5)),
    R,
    'Tensor: shape (2, 3) needs 6 numbers, got 5',
  ],
  [
    'an axis of NaN',
    () => new Tensor([2, NaN], new Float32Array(2)),
    R,
    'Tensor: every axis must be an integer ≥ 0, got shape (2, NaN)',
  ],
  [
    'an axis below 0',
    () => Tensor.zeros([-1]),
    R,
    'Tensor.zeros: every axis must be an integer ≥ 0, got shape (-1,)',
  ],
  [
    'a number as shape',
    () => Tensor.zeros(3),
    T,
    'Tensor.zeros: shape must be an array such as [2, 3], got 3',
  ],
  [
    'an unknown type of numbers',
    () => Tensor.zeros([2], 'float16'),
    T,
    'Tensor.zeros: dtype must be one of float32, float64, int32, uint8, got "float16"',
  ],
  [
    'text in place of numbers',
    () => Tensor.from('abc'),
    T,
    'Tensor.from: needs numbers in nested arrays, got "abc"',
  ],
  [
    'rows of unequal length',
    () => Tensor.from([[1, 2], [3]]),
    R,
    'Tensor.from: every row along axis 1 must have 2 entries, got 1',
  ],
  [
    'a place between two numbers',
    () => X(2, 3).at(0, 0.5),
    R,
    'Tensor.at: [0, 0.5] lies outside of shape (2, 3)',
  ],
  [
    'an entry that there is not',
    () => X(2, 3).slice(2),
    R,
    'Tensor.slice: no entry 2 in shape (2, 3)',
  ],
  ['a seed below 0', () => new Random(-1), R, `${SEED} -1`],
  ['a fraction as seed', () => new Random(1.5), R, `${SEED} 1.5`],
  ['a word as seed', () => new Random('7'), T, `${SEED} "7"`],
]

const mechanism: Wrong[] = [
  [
    'nested arrays',
    () => attend([[1]], [[1]], [[1]]),
    T,
    `attend: Q must be a Tensor, got an array; ${NESTED}`,
  ],
  [
    'ranks that differ',
    () => attend(X(2, 3), X(2, 3), X(2)),
    R,
    'attend: Q, K and V must all be (T, d), (N, T, d) or (N, h, T, d), got Q (2, 3), K (2, 3), V (2,)',
  ],
  ['unequal widths', () => attend(X(2, 3), X(2, 5), X(2, 3)), R, `attend: scaledDot ${UNEQUAL}`],
  [
    'an alignment by its name',
    () => attend(X(2, 3), X(2, 3), X(2, 3), { alignment: 'dot' }),
    T,
    'attend: alignment must be a value such as scaledDot or additive({ hidden }), got "dot"',
  ],
  [
    'a mask by its name',
    () => attend(X(2, 3), X(2, 3), X(2, 3), { mask: 'causal' }),
    T,
    'attend: mask must be a value such as causal() or lengths([…]), got "causal"',
  ],
  [
    'a mask of other sizes',
    () => attend(X(2, 3), X(2, 3), X(2, 3), { mask: masks.cells(Tensor.zeros([3, 3], 'uint8')) }),
    R,
    'cells: needs (2, 2) for text 0, head 0, got (3, 3)',
  ],
  [
    'a parameter that is missing',
    () => attend(X(2, 3), X(2, 3), X(2, 3), { alignment: general() }),
    R,
    'attend: alignmentParameters.W must be (1, 3, 3), got nothing',
  ],
  [
    'positions that act on embeddings',
    () => attend(X(2, 3), X(2, 3), X(2, 3), { position: positions.sinusoidal }),
    R,
    'attend: sinusoidal positions act on embeddings, which attend never sees; give them to SelfAttention, or use relative or rotary',
  ],
  [
    'a gradient of another shape',
    () => attend(X(2, 3), X(2, 3), X(2, 3)).backward(X(3, 3)),
    R,
    "attend: dContext must have the context's shape (2, 3), got (3, 3)",
  ],
  [
    'additive without a hidden width',
    () => additive(),
    T,
    'additive: needs options such as { hidden: 64 }, got undefined',
  ],
  [
    'a hidden width as text',
    () => additive({ hidden: '3' }),
    T,
    'additive: hidden must be an integer ≥ 1, got "3"',
  ],
  [
    'an unknown option of an operation',
    () => device.copyRows(on(2, 3), on(2, 3), { form: 1 }),
    T,
    'copyRows: unknown option form; did you mean from? known: from, to, count, accumulate',
  ],
  ...(['product', 'copyRows', 'gather'] as const).map(
    (name): Wrong => [
      `1 in place of true for ${name}`,
      () =>
        device[name](on(2, 2), name === 'gather' ? places(0, 1) : on(2, 2), ...accumulating(name)),
      T,
      `${name}: accumulate must be true or false, got 1`,
    ],
  ),
  [
    'an unknown activation',
    () => general({ activation: 'gelu' }),
    R,
    'general: activation must be one of tanh, sigmoid, relu, got "gelu"',
  ],
  [
    'an activation in place of options',
    () => general('tanh'),
    T,
    `general: needs options such as { activation: 'tanh' }, got "tanh"`,
  ],
  ['no best score at all', () => topK(0), R, 'topK: k must be an integer ≥ 1, got 0'],
  [
    'an α of softmax',
    () => entmax(1),
    R,
    "entmax: alpha must lie from 1.01 to 10, got 1; softmax is the limit at 1, 'learned' lets it be learned",
  ],
  [
    'an α misspelt',
    () => entmax('learnt'),
    T,
    `entmax: alpha must lie from 1.01 to 10, got "learnt"; softmax is the limit at 1, 'learned' lets it be learned`,
  ],
  [
    'one length without an array',
    () => masks.lengths(3),
    T,
    'lengths: needs one length for each text, such as [5, 3], got 3',
  ],
  [
    'a length below 0',
    () => masks.lengths([5, -1]),
    R,
    'lengths: every length must be an integer ≥ 0, got -1',
  ],
  [
    'a causal window without its name',
    () => masks.causal(3),
    T,
    'causal: needs options such as { window: 5 }, got 3',
  ],
  [
    'ends that there are not',
    () => masks.window(1, 1, { align: 'middle' }),
    R,
    `window: align must be start or end, got "middle"`,
  ],
  [
    'cells of floating numbers',
    () => masks.cells(X(2, 2)),
    T,
    'cells: needs a uint8 tensor of 0 and 1, got float32',
  ],
  [
    'a list of masks in place of masks',
    () => masks.and([masks.causal()]),
    T,
    'and: every mask must be a value such as causal() or lengths([…]), got an array',
  ],
  [
    'a clip of −1',
    () => positions.relative(-1),
    R,
    'relative: clip must be an integer ≥ 0, got -1',
  ],
  [
    'ends without their name',
    () => positions.relative(3, 'end'),
    T,
    `relative: needs options such as { align: 'end' }, got "end"`,
  ],
  [
    'a base without its name',
    () => positions.rotary(500),
    T,
    'rotary: needs options such as { base: 10000 }, got 500',
  ],
  [
    'a table for no word',
    () => positions.learned(0),
    R,
    'learned: longest must be an integer ≥ 1, got 0',
  ],
  [
    "a user's own alignment that returns too few scores",
    () =>
      attend(X(2, 3), X(2, 3), X(2, 3), {
        alignment: { ...dot, name: 'mine', scores: () => regard.matrices.matrix(1, 2) },
      }),
    R,
    'attention: mine.scores must be a matrix (2, 2), got (1, 2) of 2 numbers',
  ],
  [
    "a user's own distribution that returns too few weights",
    () =>
      attend(X(2, 3), X(2, 3), X(2, 3), {
        distribution: { ...softmax, name: 'mine', weights: () => new Float64Array(1) },
      }),
    R,
    'attention: mine.weights must be 2 numbers, got 1',
  ],
  [
    "a user's own alignment whose gradients forget the keys",
    () =>
      attend(X(2, 3), X(2, 3), X(2, 3), {
        alignment: { ...dot, name: 'mine', backward: () => ({ dQ: regard.matrices.matrix(2, 3) }) },
      }).backward(X(2, 3)),
    R,
    'attention: mine.backward: dK must be a matrix (2, 3), got undefined',
  ],
]

const layers: Wrong[] = [
  [
    'no options',
    () => new SelfAttention(),
    T,
    'SelfAttention: needs options such as { dModel: 16, dQuery: 8, dKey: 8, dValue: 4 }, got undefined',
  ],
  [
    'dQuery ≠ dKey under scaledDot',
    () => layerOf({ dKey: 5 }),
    R,
    `SelfAttention: scaledDot ${UNEQUAL}`,
  ],
  [
    'dQuery ≠ dKey under cosine',
    () => layerOf({ dKey: 5, alignment: cosine }),
    R,
    `SelfAttention: cosine ${UNEQUAL}`,
  ],
  [
    'a fraction as width',
    () => layerOf({ dQuery: 1.5 }),
    R,
    'SelfAttention: dQuery must be an integer ≥ 1, got 1.5',
  ],
  [
    'a width of 0',
    () => layerOf({ dKey: 0 }),
    R,
    'SelfAttention: dKey must be an integer ≥ 1, got 0',
  ],
  [
    'a width below 0',
    () => layerOf({ dModel: -2 }),
    R,
    'SelfAttention: dModel must be an integer ≥ 1, got -2',
  ],
  [
    'a width of NaN',
    () => layerOf({ dValue: NaN }),
    R,
    'SelfAttention: dValue must be an integer ≥ 1, got NaN',
  ],
  [
    'a width as text',
    () => layerOf({ dValue: '2' }),
    T,
    'SelfAttention: dValue must be an integer ≥ 1, got "2"',
  ],
  [
    'a width that is missing',
    () => layerOf({ dQuery: undefined }),
    T,
    'SelfAttention: dQuery must be an integer ≥ 1, got undefined',
  ],
  ['no head', () => layerOf({ heads: 0 }), R, 'SelfAttention: heads must be an integer ≥ 1, got 0'],
  [
    'an output of no columns',
    () => layerOf({ output: 0 }),
    R,
    'SelfAttention: output must be an integer ≥ 1, got 0',
  ],
  [
    'a distribution in the place of an alignment',
    () => layerOf({ alignment: 'softmax' }),
    T,
    'SelfAttention: alignment must be a value such as scaledDot or additive({ hidden }), got "softmax"',
  ],
  [
    'an alignment in the place of a distribution',
    () => layerOf({ distribution: dot }),
    T,
    'SelfAttention: distribution must be a value such as softmax or entmax(1.5), got an object without weights',
  ],
  [
    'a mask that was not called',
    () => layerOf({ mask: masks.causal }),
    T,
    'SelfAttention: mask must be a value such as causal() or lengths([…]), got the function causal',
  ],
  [
    'a position by its name',
    () => layerOf({ position: 'rotary' }),
    T,
    'SelfAttention: position must be a value such as none, sinusoidal or relative(12), got "rotary"',
  ],
  [
    'an initialiser by its name',
    () => layerOf({ initializer: 'zeros' }),
    T,
    'SelfAttention: initializer must be a value such as xavierUniform, got "zeros"',
  ],
  [
    'rotary positions under additive',
    () => layerOf({ position: positions.rotary(), alignment: additive({ hidden: 7 }) }),
    R,
    'SelfAttention: rotary positions turn the operands of a product, and additive:7 has none; use relative positions, or an alignment such as scaledDot',
  ],
  [
    'dropout of everything',
    () => layerOf({ dropout: 1 }),
    R,
    'SelfAttention: dropout must be a number in [0, 1), got 1',
  ],
  [
    'biases that are a word',
    () => layerOf({ biases: 'no' }),
    T,
    'SelfAttention: biases must be true or false, got "no"',
  ],
  [
    'no device',
    () => new SelfAttention(sizes),
    T,
    'SelfAttention: needs options such as { device, seed: 7 } beside its own, got undefined',
  ],
  [
    'a device that was not awaited',
    () => layerOf({}, { device: openDevice({ device: 'reference' }), seed: 7 }),
    T,
    'SelfAttention: device must be a value such as await openDevice(), got a promise; await it first',
  ],
  ['no seed', () => layerOf({}, { device }), T, `${SEED} undefined`],
  ['a seed below 0', () => layerOf({}, { device, seed: -1 }), R, `${SEED} -1`],
  [
    'a number as prefix',
    () => layerOf({}, { device, seed: 1, prefix: 3 }),
    T,
    "SelfAttention: prefix must be a text such as 'second.', got 3",
  ],
  [
    'null as prefix',
    () => encoderOf({}, { device, seed: 1, prefix: null }),
    T,
    "Encoder: prefix must be a text such as 'second.', got null",
  ],
  [
    'an encoder of numbers that lives nowhere',
    () => new Encoder({ vocabulary: 0, dModel: 5, layers: [sizes] }),
    T,
    'Encoder: needs options such as { device, seed: 7 } beside its own, got undefined',
  ],
  [
    'classes that live nowhere',
    () => new untyped.losses.Classes({ width: 3, count: 2 }),
    T,
    'Classes: needs options such as { device, seed: 7 } beside its own, got undefined',
  ],
  [
    'no classes',
    () => new untyped.losses.Classes({ width: 3, count: 0 }, context),
    R,
    'Classes: count must be an integer ≥ 1, got 0',
  ],
  [
    'X of another width',
    () => layer.forward(X(2, 4)),
    R,
    'SelfAttention.forward: the last axis of X must be dModel = 5, got (2, 4)',
  ],
  [
    'X of one axis',
    () => layer.forward(X(5)),
    R,
    'SelfAttention.forward: X must be (N, T, D), (T, D) or packed rows with starts, got (5,)',
  ],
  [
    'X of four axes',
    () => layer.forward(X(1, 2, 3, 5)),
    R,
    'SelfAttention.forward: X must be (N, T, D), (T, D) or packed rows with starts, got (1, 2, 3, 5)',
  ],
  [
    'X in nested arrays',
    () => layer.forward([[1, 2, 3, 4, 5]]),
    T,
    `SelfAttention.forward: X must be a Tensor or a handle, got an array; ${NESTED}`,
  ],
  [
    'X of integers',
    () => layer.forward(X(2, 5).as('int32')),
    T,
    "SelfAttention.forward: X must hold floating numbers, got int32; use Tensor.as('float32')",
  ],
  [
    'a length beyond T',
    () => forward({ lengths: [4, 1] }),
    R,
    'SelfAttention.forward: every length must be an integer from 0 to 3, got 4',
  ],
  [
    'a length below 0',
    () => forward({ lengths: [3, -1] }),
    R,
    'SelfAttention.forward: every length must be an integer from 0 to 3, got -1',
  ],
  [
    'more lengths than texts',
    () => forward({ lengths: [1, 1, 1] }),
    R,
    'SelfAttention.forward: lengths must have one number for each of 2 texts, got 3',
  ],
  [
    'null as lengths',
    () => forward({ lengths: null }),
    T,
    'SelfAttention.forward: lengths must be an array such as [5, 3], got null',
  ],
  [
    'null as starts',
    () => layer.forward(X(3, 5), { starts: null }),
    T,
    'SelfAttention.forward: starts must be an array such as [0, 5, 8], got null',
  ],
  [
    'null as source',
    () => forward({ source: null }),
    T,
    `SelfAttention.forward: source must be a Tensor or a handle, got null; ${NESTED}`,
  ],
  [
    '0 as wanted weights',
    () => forward({ want: { weights: 0 } }),
    T,
    'want.weights: must be true or { rows: [0, 5] }, got 0',
  ],
  [
    'one length for all',
    () => forward({ lengths: 3 }),
    T,
    'SelfAttention.forward: lengths must be an array such as [5, 3], got 3',
  ],
  [
    'starts that fall',
    () => layer.forward(X(6, 5), { starts: [0, 4, 2, 6] }),
    R,
    'SelfAttention.forward: starts must rise from 0 to the number of rows, 6, got [0, 4, 2, 6]',
  ],
  [
    'a start between two rows',
    () => layer.forward(X(6, 5), { starts: [0, 1.5, 6] }),
    R,
    'SelfAttention.forward: starts must rise from 0 to the number of rows, 6, got [0, 1.5, 6]',
  ],
  [
    'starts with lengths',
    () => layer.forward(X(6, 5), { starts: [0, 6], lengths: [6] }),
    R,
    'SelfAttention.forward: give lengths (for a padded batch) or starts (for packed rows), not both',
  ],
  [
    'starts of a batch',
    () => forward({ starts: [0, 6] }),
    R,
    'SelfAttention.forward: starts go with packed rows (R, D), got (2, 3, 5)',
  ],
  [
    'a mask of other sizes',
    () => forward({ mask: masks.cells(Tensor.zeros([2, 2], 'uint8')) }),
    R,
    'cells: needs (3, 3) for text 0, head 0, got (2, 2)',
  ],
  [
    'a mask by its name',
    () => forward({ mask: 'causal' }),
    T,
    'SelfAttention.forward: mask must be a value such as causal() or lengths([…]), got "causal"',
  ],
  [
    'a text longer than its learned positions',
    () => positioned.forward(X(2, 3, 5)),
    R,
    'SelfAttention.forward: learned:2 has positions for 2 words, got a text of 3; use a longer table, or relative or rotary positions',
  ],
  [
    'rows of weights beyond T',
    () => forward({ want: { weights: { rows: [3] } } }),
    R,
    'want.weights.rows: every row must be from 0 to 2, got 3',
  ],
  [
    'rows of weights as a word',
    () => forward({ want: { weights: 'all' } }),
    T,
    'want.weights: must be true or { rows: [0, 5] }, got "all"',
  ],
  [
    'two queries for one row',
    () => forward({ queries: { at: [1, 1], vectors: X(2, 3) } }),
    R,
    'SelfAttention.forward: queries.at must name each row once, got 1 twice',
  ],
  [
    'a query for a row that there is not',
    () => forward({ queries: { at: [6], vectors: X(1, 3) } }),
    R,
    "SelfAttention.forward: queries.at must name rows of the batch's texts, got 6",
  ],
  [
    'a query for a row beyond its text',
    () => forward({ lengths: [1, 3], queries: { at: [2], vectors: X(1, 3) } }),
    R,
    "SelfAttention.forward: queries.at must name rows of the batch's texts, got 2",
  ],
  [
    'more queries than places',
    () => forward({ queries: { at: [1], vectors: X(2, 3) } }),
    R,
    'SelfAttention.forward: queries.vectors must have one row for each of 1 rows, got (2, 3)',
  ],
  [
    'queries of another width',
    () => forward({ queries: { at: [1], vectors: X(1, 2) } }),
    R,
    'SelfAttention.forward: the last axis of queries.vectors must be heads · dQuery = 3, got (1, 2)',
  ],
  [
    'a source of other texts',
    () => forward({ source: X(3, 4, 5) }),
    R,
    'SelfAttention.forward: X and source must have the same number of texts, got 2 and 3',
  ],
  [
    'lengths of a source that there is not',
    () => forward({ sourceLengths: [1, 1] }),
    R,
    'SelfAttention.forward: sourceLengths, sourceStarts and sourceOffset describe the texts of a source; give source, or lengths, starts and offset for X',
  ],
  [
    'a step below 0',
    () => forward({ step: -1 }),
    R,
    'SelfAttention.forward: step must be an integer ≥ 0, got -1',
  ],
  ['X of another device', () => layer.forward(other.upload(X(2, 5))), T, STRANGER],
  [
    'X that was freed',
    () => layer.forward(freed),
    E,
    'device: the handle (2, 5) was freed already; return it from the scope, or call free() after the last use',
  ],
  [
    'a device that was closed',
    () => orphan.forward(X(2, 5)),
    E,
    'device: it was closed; open another one',
  ],
  [
    'more memory than there is',
    () => crowded.forward(X(7, 11, 5)),
    R,
    'device: (7, 11, 2) of float32 needs 0.000616 MB beside the 0.00170 MB in use, and the limit is 0.00200 MB; free what is not needed (passes with pass.free()), use shorter texts or smaller batches, or open the device with a higher memoryLimit',
  ],
  [
    'a gradient of another shape',
    () => layer.forward(X(2, 5)).backward(X(2, 3)),
    R,
    "Pass.backward: dContext must have the context's shape (2, 2), got (2, 3)",
  ],
  [
    'a gradient in nested arrays',
    () => layer.forward(X(2, 5)).backward([[1, 2]]),
    T,
    `Pass.backward: dContext must be a Tensor or a handle, got an array; ${NESTED}`,
  ],
  [
    'a gradient of integers',
    () => layer.forward(X(2, 5)).backward(X(2, 2).as('int32')),
    T,
    "Pass.backward: dContext must hold floating numbers, got int32; use Tensor.as('float32')",
  ],
  [
    'a gradient of another device',
    () => layer.forward(X(2, 5)).backward(other.upload(X(2, 2))),
    T,
    STRANGER,
  ],
  [
    'an estimate of half a text',
    () => layer.estimate({ N: 0.5, T: 3 }),
    R,
    'SelfAttention.estimate: N must be an integer ≥ 0, got 0.5',
  ],
  [
    'an estimate without T',
    () => layer.estimate({ N: 2 }),
    T,
    'SelfAttention.estimate: T must be an integer ≥ 0, got undefined',
  ],
]

const encoders: Wrong[] = [
  [
    'no layer',
    () => encoderOf({ layers: [] }),
    R,
    'Encoder: layers must hold one or more layers, such as [{ dQuery: 8, dKey: 8, dValue: 16 }]',
  ],
  [
    'no vocabulary',
    () => encoderOf({ vocabulary: -1 }),
    R,
    'Encoder: vocabulary must be an integer ≥ 0, got -1',
  ],
  [
    'a layer by its name',
    () => encoderOf({ layers: [sizes, 'rotary'] }),
    T,
    'Encoder: layers[1] must be an object, got "rotary"',
  ],
  [
    'positions where there are none',
    () => encoderOf({ positions: 'after' }),
    R,
    'Encoder: positions must be before or within, got "after"',
  ],
  [
    'a residual connection of unequal widths',
    () => encoderOf({ residual: true }),
    R,
    'Encoder: a residual connection needs layers as wide as dModel, got 2 and dModel 5; give the layer output: 5, or heads · dValue = 5',
  ],
  [
    'an unknown normalisation',
    () => encoderOf({ normalization: 'pre' }),
    R,
    `Encoder: normalization must be before or after, got "pre"`,
  ],
  [
    'positions of embeddings in the second layer',
    () => encoderOf({ layers: [sizes, { ...sizes, position: positions.sinusoidal }] }),
    R,
    'Encoder: sinusoidal positions act on embeddings and belong to the first layer, got them in layer 1',
  ],
  [
    'an unknown activation',
    () => encoderOf({ feedForward: { width: 3, activation: 'gel' } }),
    R,
    'FeedForward: activation must be one of relu, tanh, sigmoid, silu, gelu, geluErf, log, got "gel"',
  ],
  [
    'no device',
    () => new Encoder({ vocabulary: 7, dModel: 5, layers: [sizes] }),
    T,
    'Encoder: needs options such as { device, seed: 7 } beside its own, got undefined',
  ],
  [
    'a word outside of the vocabulary',
    () => encoder.forward([[3, 7]]),
    R,
    'Encoder.forward: every word must be an integer from 0 to 6, got 7',
  ],
  [
    'half a word',
    () => encoder.forward([[1.5]]),
    R,
    'Encoder.forward: every word must be an integer from 0 to 6, got 1.5',
  ],
  [
    'a word that is missing',
    () => encoder.forward([[undefined]]),
    T,
    'Encoder.forward: every word must be an integer from 0 to 6, got undefined',
  ],
  [
    'one text without its array',
    () => encoder.forward([3, 1]),
    T,
    'Encoder.forward: texts must be an array of arrays such as [[3, 1, 4], [1, 5]], got 3',
  ],
  [
    'a hole among the texts',
    () => encoder.forward(Object.assign(new Array(3), { 0: [1], 2: [2] })),
    T,
    'Encoder.forward: texts must be an array of arrays such as [[3, 1, 4], [1, 5]], got undefined',
  ],
  [
    'a gradient of another shape',
    () => encoder.forward([[3, 1]]).backward(X(3, 2)),
    R,
    "EncoderPass.backward: dContext must have the context's shape (2, 2), got (3, 2)",
  ],
]

const devices: Wrong[] = [
  [
    'an unknown device',
    () => openDevice({ device: 'gpu' }),
    R,
    'openDevice: device must be one of auto, reference, wasm, got "gpu"',
  ],
  [
    'an unknown type of numbers',
    () => openDevice({ dtype: 'float16' }),
    R,
    'openDevice: dtype must be float32 or float64, got "float16"',
  ],
  [
    'a limit in words',
    () => openDevice({ memoryLimit: '2GB' }),
    T,
    'openDevice: memoryLimit must be above 0 bytes, got "2GB"',
  ],
  [
    'half a thread',
    () => openDevice({ threads: 1.5 }),
    R,
    'openDevice: threads must be an integer ≥ 1, got 1.5',
  ],
  [
    'an arithmetic that it has not',
    () => openDevice({ device: 'reference', arithmetic: 'fused' }),
    R,
    'openDevice: the reference device has the arithmetic plain, got "fused"; leave arithmetic out, or open another device',
  ],
  [
    'float64 in WebAssembly',
    () => openDevice({ device: 'wasm', dtype: 'float64' }),
    R,
    'openDevice: the wasm device computes in float32, got float64; use the reference device',
  ],
  [
    'a name in place of options',
    () => openDevice('wasm'),
    T,
    `openDevice: needs options such as { device: 'reference' }, got "wasm"`,
  ],
  [
    'an axis below 0',
    () => on(2, -1),
    R,
    'device.allocate: every axis must be an integer ≥ 0, got shape (2, -1)',
  ],
  [
    'a type in place of a kind',
    () => device.allocate([2], 'float64'),
    T,
    `device.allocate: the kind must be 'float' (float32 here) or 'int32', got "float64"`,
  ],
  [
    'an upload of nested arrays',
    () => device.upload([[1]]),
    T,
    `device.upload: what is uploaded must be a Tensor, got an array; ${NESTED}`,
  ],
  [
    'a write of another shape',
    () => device.write(on(2), X(3)),
    R,
    'device.write: the handle has shape (2,), got a tensor (3,)',
  ],
  [
    'floating numbers as places',
    () => device.write(places(1, 2), X(2)),
    T,
    "device.write: a handle of int32 takes indices, got a tensor of float32; use tensor.as('int32')",
  ],
  ['reading what is no handle', () => device.read(X(2)), T, STRANGER],
  ['reading a handle of another device', () => device.read(other.allocate([2])), T, STRANGER],
  [
    'freeing twice',
    () => device.free(freed),
    E,
    'device: the handle (2, 5) was freed already; return it from the scope, or call free() after the last use',
  ],
  [
    'a scope with a promise that no async function gave',
    () => device.scope(() => Promise.resolve(on(2))),
    T,
    'device.scope: the body gave a promise, and what it allocates after an await cannot be told; give an async function, async () => { … }, or in a browser one that takes the scope: async (within) => { …; await …; within(() => …) }',
  ],
  [
    'allocating on a closed device',
    () => closed.allocate([2]),
    E,
    'device: it was closed; open another one',
  ],
  [
    'a product of sizes that do not fit',
    () => device.product(on(2, 3), on(2, 3), on(2, 3)),
    R,
    'product: the columns of A must equal the rows of B, got A (2, 3) and B (2, 3)',
  ],
  [
    'a product of arrays',
    () => device.product([[1]], [[1]], on(1, 1)),
    T,
    'product: A must be a handle, got an array; use device.upload',
  ],
  [
    'a bias of another length',
    () => device.addBias(on(2, 3), on(2), on(2, 3)),
    R,
    'addBias: b must have shape (3,), got (2,)',
  ],
  [
    'an unknown activation',
    () => device.activate('swish', on(2, 3), on(2, 3)),
    R,
    'activate: name must be one of relu, tanh, sigmoid, silu, gelu, geluErf, log, got "swish"',
  ],
  [
    'a row that the table has not',
    () => device.gather(on(2, 3), places(2), on(1, 3)),
    R,
    'gather: indices[0] must be from -1 to 1, got 2',
  ],
  [
    'places that are no integers',
    () => device.gather(on(2, 3), on(1), on(1, 3)),
    T,
    'gather: indices must hold int32 numbers, got float32',
  ],
  [
    'dropout of everything',
    () => device.dropout(on(2), { rate: 1, seed: 1, stream: 1, step: 1 }, on(2)),
    R,
    'dropout: rate must lie in [0, 1), got 1',
  ],
  [
    'momentum without a velocity',
    () => device.sgd(on(2), on(2), undefined, { rate: 1, momentum: 0.9, decay: 0 }),
    R,
    'sgd: momentum other than 0 needs a velocity; allocate one like the parameter',
  ],
  [
    'a step of 0',
    () => device.adamW(on(2), on(2), [on(2), on(2)], { step: 0 }),
    R,
    'adamW: step must be an integer ≥ 1, got 0',
  ],
  [
    'clipping to 0',
    () => device.clip([on(2)], on(1), 0),
    R,
    'clip: largest must be above 0, got 0',
  ],
]

const statements: Wrong[] = [
  [
    'an unknown claim',
    () => claimNamed('ordr'),
    R,
    `prove: unknown claim "ordr"; known: ${regard.claims.map(({ name }) => name).join(', ')}`,
  ],
  [
    'a claim by its name',
    () => judge('order', { device }),
    T,
    `prove: the claim must be a value such as claimNamed('order'), got "order"`,
  ],
  [
    'no device',
    () => judge(claims[0], {}),
    T,
    'prove: device must be a value such as await openDevice(), got undefined',
  ],
  [
    'a width of 0',
    () => judge(claims[0], { device, sizes: { dQuery: 0 } }),
    R,
    'prove: dQuery must be an integer ≥ 1, got 0',
  ],
  [
    'an option of the layer that there is not',
    () =>
      new SelfAttention({ dModel: 7, dQuery: 3, dKey: 3, dValue: 2, head: 2 } as never, {
        device,
        seed: 7,
      }),
    T,
    'SelfAttention: unknown option head; did you mean heads? known: dModel, dSource, dQuery, dKey, dValue, heads, keyValueHeads, alignment, distribution, mask, position, output, biases, initializer, dropout',
  ],
  [
    'a wish that there is not',
    () => layer.forward(X(3, 5), { want: { weight: true } as never }),
    T,
    'want: unknown option weight; did you mean weights? known: weights, statistics',
  ],
  [
    'an option of openDevice that there is not',
    () => openDevice({ kind: 'wasm' } as never),
    T,
    'openDevice: unknown option kind; known: device, arithmetic, dtype, memoryLimit, threads, kernels',
  ],
  [
    'a sentence without words',
    () => judge(claims[0], { device, sentence: [] }),
    R,
    'prove: the sentence must have at least two different words, got []',
  ],
  [
    'a sentence in one piece',
    () => judge(claims[0], { device, sentence: 'le chat' }),
    T,
    'prove: the sentence must be an array of words, got "le chat"',
  ],
  ['a seed below 0', () => judge(claims[0], { device, seed: -1 }), R, `${SEED} -1`],
]

/** The class and message of what a call throws or rejects with. */
async function thrownBy(call: () => unknown): Promise<{ kind: string; message: string }> {
  try {
    await call()
  } catch (error) {
    return error instanceof Error
      ? { kind: error.constructor.name, message: error.message }
      : { kind: typeof error, message: String(error) }
  }
  return { kind: 'nothing', message: 'the call was accepted' }
}

describe.each([
  ['tensors and random numbers', tensors],
  ['the mechanism', mechanism],
  ['the layer', layers],
  ['the encoder', encoders],
  ['devices', devices],
  ['claims', statements],
] as const)(
  'a wrong call of %s is refused in one line that says how to mend it',
  (_name, calls) => {
    test.each(calls)('%s', async (_what, call, kind, message) => {
      expect(await thrownBy(call)).toEqual({ kind: kind.name, message })
    })
  },
)

const W = { name: 'W', parameter: on(2, 2), gradient: on(2, 2) }
const moving = (name: 'adamW' | 'sgd', update: unknown, pace: unknown) => {
  const optimizer = untyped.optimizers[name]()
  optimizer.begin(device, { W: W.parameter })
  return optimizer.move(device, update, pace, 1)
}
const { losses } = untyped
const widths = { width: 4, query: 2, key: 2, value: 4, heads: 1, asking: 2 }
const model = await regard.learn('Tom dort ici', { ...widths, steps: 1, minCount: 1, device })
const read: typeof untyped = model
const encoded = () => encoder.forward([[3, 1]])
const QUERY = "Model.near: the query: needs options such as { text: 'the river bank', at: 2 }, got"
const STREAM = 'texts must be an array or a stream of texts, got'
const ALPHA = "softmax is the limit at 1, 'learned' lets it be learned"
const step1 = { rate: 1, decay: 0, beta1: 0, beta2: 0, epsilon: 1, step: 1 }

/** Kinds that only a caller without a compiler gives: the call, and its whole message. */
const kinds = [
  ...(['adamW', 'sgd'] as const).flatMap((name): [() => unknown, string][] => [
    [
      () => moving(name, { ...W, rws: [0] }, { rate: 1 }),
      `${name}.move: the update: unknown option rws; did you mean rows? known: name, parameter, gradient, rows`,
    ],
    [
      () => moving(name, W, { rate: 1, deacy: 1 }),
      `${name}.move: the pace: unknown option deacy; did you mean decay? known: rate, decay`,
    ],
    [
      () => moving(name, undefined, { rate: 1 }),
      `${name}.move: the update: needs options such as { name, parameter, gradient }, got undefined`,
    ],
    [
      () => moving(name, W, 0.1),
      `${name}.move: the pace: needs options such as { rate: 0.01 }, got 0.1`,
    ],
  ]),
  [
    () =>
      untyped.optimizers.moveAll(
        device,
        { W: W.parameter },
        { dParameters: { W: W.gradient } },
        { optimizer: untyped.optimizers.sgd(), pace: () => ({ rate: 1, deacy: 1 }) },
        1,
      ),
    'moveAll: pace("W", 1): unknown option deacy; did you mean decay? known: rate, decay',
  ],
  [
    () => encoded().backward(X(2, 2), { dXX: [] }),
    'EncoderPass.backward: unknown option dXX; did you mean dX? known: dX, dVectors',
  ],
  [
    () => encoded().backward(X(2, 2), null),
    'EncoderPass.backward: needs options such as { dX: [{ rows, gradient }] }, got null',
  ],
  [
    () => read.near({ wrd: 'x' }, []),
    'Model.near: the query: unknown option wrd; known: text, at, vector',
  ],
  [() => read.near('Tom', ['Tom dort']), `${QUERY} "Tom"`],
  [() => read.near({ vector: null }, []), 'Model.near: vector must be numbers, got null'],
  [() => read.near({ text: 'Tom', at: 0 }, 3), `Model.near: ${STREAM} 3`],
  [() => read.embed(3), 'Model.embed: texts must be an array, got 3'],
  [() => untyped.learnClasses('x'), 'learnClasses: examples must be an array, got "x"'],
  [
    () => untyped.learnClasses([null]),
    "learnClasses: examples[0]: needs options such as { text: 'a mat', label: 'a' }, got null",
  ],
  [
    () => untyped.learnClasses([{ text: 'a mat' }]),
    'learnClasses: examples[0].label must be a text, got undefined',
  ],
  [
    () => untyped.heldOutLoss(),
    'heldOutLoss: encoder must be a value such as new Encoder(…), got undefined',
  ],
  [() => untyped.heldOutLoss(encoder), 'heldOutLoss: batches must be an array, got undefined'],
  ...(['hiddenWords', 'nextWords'] as const).flatMap((name): [() => unknown, string][] => [
    [
      () => losses[name]({}),
      `${name}: prediction must be a value such as new WordPrediction(…), got an object without batch`,
    ],
    [() => losses[name](model.modules.prediction, 3), `${name}: sample must be a function, got 3`],
  ]),
  [
    () => losses.classes({}),
    'classes: own must be a value such as new Classes(…), got an object without means',
  ],
  [
    () => losses.questions({}),
    'questions: asking must be a value such as new Asking(…), got an object without forward',
  ],
  [() => positions.relative('3'), 'relative: clip must be an integer ≥ 0, got "3"'],
  [() => positions.relative(), 'relative: clip must be an integer ≥ 0, got undefined'],
  [() => positions.learned('x'), 'learned: longest must be an integer ≥ 1, got "x"'],
  [() => topK('3'), 'topK: k must be an integer ≥ 1, got "3"'],
  [() => topK(), 'topK: k must be an integer ≥ 1, got undefined'],
  [() => entmax(), `entmax: alpha must lie from 1.01 to 10, got undefined; ${ALPHA}`],
  [() => entmax('2'), `entmax: alpha must lie from 1.01 to 10, got "2"; ${ALPHA}`],
  [
    () => encoder.forward([['a']]),
    'Encoder.forward: every word must be an integer from 0 to 6, got "a"',
  ],
  [() => device.scope(3), 'device.scope: body must be a function, got 3'],
  [() => device.attention(undefined), 'attention: call must be an object, got undefined'],
  [
    () => device.adamW(undefined, on(2), [on(2), on(2)], step1),
    'adamW: parameter must be a handle, got undefined; use device.upload',
  ],
  [() => device.adamW(), 'adamW: settings must be an object, got undefined'],
  [() => device.sgd(), 'sgd: settings must be an object, got undefined'],
  [() => device.squaredNorm(), 'squaredNorm: handles must be an array, got undefined'],
  [() => new untyped.Vocabulary({}), 'Vocabulary: words must be an array, got an object'],
  [
    () => untyped.readQuestions('x'),
    `readQuestions: needs options such as { name: 'questions.tsv', stream }, got "x"`,
  ],
  [() => untyped.encodeNpy([1]), `encodeNpy: tensor must be a Tensor, got an array; ${NESTED}`],
  [
    () => untyped.findSenses(model, 3, ['Tom dort']),
    'findSenses: needs a word, or an array of its forms, got 3',
  ],
  [() => untyped.findSenses(model, 'Tom', 3), `findSenses: ${STREAM} 3`],
] as [() => unknown, string][]

test.each(kinds)('$1', async (call, message) => {
  expect(await thrownBy(call)).toEqual({ kind: 'TypeError', message })
})

test('no message takes more than a line', () => {
  const all = [tensors, mechanism, layers, encoders, devices, statements].flat()
  expect(all.filter(([, , , message]) => message.includes('\n'))).toEqual([])
})

test('a call that was refused leaves nothing on the device', async () => {
  const before = device.stats()
  for (const options of [
    { lengths: [4, 1] },
    { source: X(3, 4, 5) },
    { queries: { at: [6], vectors: X(1, 3) } },
    { want: { weights: { rows: [3] } } },
  ]) {
    await thrownBy(() => forward(options))
  }
  expect(device.stats()).toMatchObject({ bytes: before.bytes, handles: before.handles })
})

test('a wrong call leaves the layer usable', async () => {
  const before = (await layerOf({ distribution: sigmoid }).forward(X(2, 5)).read()).context
  const again = layerOf({ distribution: sigmoid })
  await thrownBy(() => again.forward(X(2, 4)))
  expect((await again.forward(X(2, 5)).read()).context).toEqual(before)
})
