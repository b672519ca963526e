// What the host and the kernels agree on: read by TypeScript and by AssemblyScript.

// Kernels
export const PACK_PANEL = 0
export const PRODUCT_ROWS = 1
export const ELEMENTARY = 2
export const DISTRIBUTE_ROWS = 3

// Functions of one number, for ELEMENTARY
export const FUNCTION_RELU = 0
export const FUNCTION_TANH = 1
export const FUNCTION_SIGMOID = 2
export const FUNCTION_SILU = 3
export const FUNCTION_GELU = 4
export const FUNCTION_LOG = 5
export const FUNCTION_EXP = 6

// Distribution functions
export const DISTRIBUTION_SOFTMAX = 0
export const DISTRIBUTION_SIGMOID = 1
export const DISTRIBUTION_SPARSEMAX = 2
export const DISTRIBUTION_ENTMAX15 = 3
export const DISTRIBUTION_ENTMAX = 4
export const DISTRIBUTION_ENTMAX_LEARNED = 5
export const DISTRIBUTION_TOP_K = 6
