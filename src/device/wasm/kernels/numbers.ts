// What the host and the kernels agree on: read by TypeScript and by AssemblyScript.

// Kernels
export const PACK_PANEL = 0
export const PRODUCT_ROWS = 1
export const ELEMENTARY = 2
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
