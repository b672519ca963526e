// What the host and the kernels agree on: read by TypeScript and by AssemblyScript.

// Kernels
export const PACK_PANELS = 0
export const PRODUCT_ROWS = 1
