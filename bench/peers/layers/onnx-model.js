// The layer as an ONNX file: a graph of MatMul, Transpose, Mul and Softmax, written field by field.
// Numbers of fields and enumerations are those of onnx.proto; the encoding is that of protocol
// buffers.

const FLOAT = 1
const INTS = 7
const INT = 2
const IR_VERSION = 8
const OPERATORS_VERSION = 17

/** The layer with its parameters, X (N, T, D) → C (N, T, d). */
export function layerModel([N, T, D, d], { W_Q, W_K, W_V }) {
  const nodes = [
    node('MatMul', ['X', 'W_Q'], 'Q'),
    node('MatMul', ['X', 'W_K'], 'K'),
    node('MatMul', ['X', 'W_V'], 'V'),
    node('Transpose', ['K'], 'K_T', integers('perm', [0, 2, 1])),
    node('Mul', ['Q', 'scale'], 'scaled Q'),
    node('MatMul', ['scaled Q', 'K_T'], 'S'),
    node('Softmax', ['S'], 'A', integer('axis', -1)),
    node('MatMul', ['A', 'V'], 'C'),
  ]
  const constants = [
    ...Object.entries({ W_Q, W_K, W_V }).map(([name, numbers]) => constant(name, [D, d], numbers)),
    constant('scale', [], Float32Array.of(1 / Math.sqrt(d))),
  ]
  const graph = [
    ...nodes.map((bytes) => field(1, bytes)),
    text(2, 'self-attention'),
    ...constants.map((bytes) => field(5, bytes)),
    field(11, value('X', [N, T, D])),
    field(12, value('C', [N, T, d])),
  ]
  return Uint8Array.from([
    ...number(1, IR_VERSION),
    ...field(8, [...text(1, ''), ...number(2, OPERATORS_VERSION)]),
    ...field(7, graph.flat()),
  ])
}

/** Seven bits to a byte, the lowest first; negative numbers as 64 bits. */
function varint(n) {
  const bytes = []
  let rest = BigInt.asUintN(64, BigInt(n))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

const number = (id, n) => [...varint(id << 3), ...varint(n)]
const field = (id, bytes) => varint((id << 3) | 2).concat(varint(bytes.length), Array.from(bytes))
const text = (id, string) => field(id, new TextEncoder().encode(string))

const node = (operator, inputs, output, attribute) => [
  ...inputs.flatMap((name) => text(1, name)),
  ...text(2, output),
  ...text(4, operator),
  ...(attribute ? field(5, attribute) : []),
]
const integer = (name, n) => [...text(1, name), ...number(3, n), ...number(20, INT)]
const integers = (name, list) => [
  ...text(1, name),
  ...list.flatMap((n) => number(8, n)),
  ...number(20, INTS),
]

const constant = (name, shape, numbers) => [
  ...shape.flatMap((length) => number(1, length)),
  ...number(2, FLOAT),
  ...text(8, name),
  ...field(9, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)),
]

const value = (name, shape) => {
  const axes = shape.flatMap((length) => field(1, number(1, length)))
  return [...text(1, name), ...field(2, field(1, [...number(1, FLOAT), ...field(2, axes)]))]
}
