export { BLOCK_NUMBERS } from './each'
export { FREE, help, KERNEL, OPERANDS, run } from './pool'
export { MOST_COLUMNS, MOST_DEPTH, PACKED_PANELS, PANEL_BYTES, THREAD_BYTES } from './product'
export { ASIDE_BYTES } from './tile'
