// What the host and the kernels agree on beside the kernels' own operands: read by TypeScript and
// by AssemblyScript.

// From two operands to scores
export const EPILOGUE_PRODUCT = 0
export const EPILOGUE_DISTANCE = 1
export const EPILOGUE_TANH = 2
export const EPILOGUE_SIGMOID = 3
export const EPILOGUE_RELU = 4
export const EPILOGUE_ADDITIVE = 5

/**
 * Query rows that are scored together: sums for parameters are of so many rows, then of strips in
 * their order.
 */
export const STRIP_ROWS = 48
/** Keys whose panels, or gradients, are one block of work. */
export const KEYS_OF_BLOCK = 64

// Maps of one operand, row by row of each head
export const MAP_SCALED = 0
export const MAP_DIVIDED = 1
export const MAP_UNIT = 2

/** Rows that are mapped in one block of work: sums for parameters are of so many rows. */
export const ROWS_OF_MAP = 64

// Distribution functions
export const DISTRIBUTION_SOFTMAX = 0
export const DISTRIBUTION_SIGMOID = 1
export const DISTRIBUTION_SPARSEMAX = 2
export const DISTRIBUTION_ENTMAX15 = 3
export const DISTRIBUTION_ENTMAX = 4
export const DISTRIBUTION_ENTMAX_LEARNED = 5
export const DISTRIBUTION_TOP_K = 6

// Functions of one number
export const FUNCTION_RELU = 0
export const FUNCTION_TANH = 1
export const FUNCTION_SIGMOID = 2
export const FUNCTION_SILU = 3
export const FUNCTION_GELU = 4
export const FUNCTION_LOG = 5
export const FUNCTION_EXP = 6
// log max(x, 10⁻³⁰)
export const FUNCTION_FLOORED_LOG = 7
export const FUNCTION_GELU_ERF = 8

/**
 * Dropout of the weight of query i and key j: number i · LONGEST_DROPPED + j of the stream of its
 * head, stream XOR (text · heads + head) · HEAD_STREAM. Keys beyond repeat the numbers of others.
 */
export const LONGEST_DROPPED = 131072
export const HEAD_STREAM = 0x9e3779b1

/** Columns of B in one panel: two vectors. */
export const PANEL_COLUMNS = 8
/** Bytes of one row of a panel. */
export const PANEL_ROW = 32
/** A word: rows of a tile from rows of A, 4 or 6. */
export const TILE_HEIGHT = 960
