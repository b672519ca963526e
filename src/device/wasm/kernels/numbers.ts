// What the host and the kernels agree on: read by TypeScript and by AssemblyScript.

// Kernels
export const PACK_PANELS = 0
export const PRODUCT_ROWS = 1
export const ATTEND_PACK = 40
export const ATTEND_SEGMENTS = 41
export const ATTEND_STRIPS = 42
export const ATTEND_PARTS = 43
export const ATTEND_PACK_BACKWARD = 44
export const ATTEND_STRIPS_BACKWARD = 45
export const ATTEND_KEYS_BACKWARD = 46
export const ATTEND_PARTS_BACKWARD = 47

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

export const MAP_ROWS = 48
export const MAP_ROWS_BACKWARD = 49
export const ROTATE_ROWS = 50

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
export const ELEMENTARY = 2
export const DISTRIBUTE_ROWS = 3
export const COMBINE = 20
export const ADD_BIAS = 21
export const SUM_COLUMNS = 22
export const NORMALIZE = 23
export const NORMALIZE_BACKWARD = 24
export const DROPOUT = 25
export const GATHER = 26
export const SUM_ROWS = 27
export const SUM_SQUARES = 28
export const SCALE = 29
export const ADAM_W = 30
export const SGD = 31
export const SLOPES = 32
export const LOSS_ROWS = 33
export const LOSS_ROWS_BACKWARD = 34

/** Sums of products for the clock alone. */
export const PEAK = 63

// Functions of one number, for ELEMENTARY
export const FUNCTION_RELU = 0
export const FUNCTION_TANH = 1
export const FUNCTION_SIGMOID = 2
export const FUNCTION_SILU = 3
export const FUNCTION_GELU = 4
export const FUNCTION_LOG = 5
export const FUNCTION_EXP = 6
// log max(x, 10⁻³⁰)
export const FUNCTION_FLOORED_LOG = 7

/** Columns of B in one panel: two vectors. */
export const PANEL_COLUMNS = 8
/** Bytes of one row of a panel. */
export const PANEL_ROW = 32
/** A word: rows of a tile from rows of A, 4 or 6. */
export const TILE_HEIGHT = 960
